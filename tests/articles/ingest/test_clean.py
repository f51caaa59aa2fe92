"""Residue goes from the edges of a text, by rules with a name, and nothing from its middle."""

from __future__ import annotations

import time

import pytest

from articles.ingest.blocks import Block
from articles.ingest.clean import clean_edges, edge_lines, line_key

BODY = [
    Block(
        "paragraph", f"Sentence number {number} of this text is long enough to be told from a line of links."
    )
    for number in range(20)
]


def _texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks]


def _p(*texts: str) -> list[Block]:
    return [Block("paragraph", text) for text in texts]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Source link", "source-link"),
        ("This article originally appeared on The Post.", "source-link"),
        ("Back to top button", "back-to-top"),
        ("Share this article", "share"),
        ("Facebook Twitter WhatsApp Email", "social-buttons"),
        ("ADVERTISEMENT", "advertisement"),
        ("Story continues below advertisement", "advertisement"),
        ("Sign up for our daily newsletter", "newsletter"),
        ("© 2026 The Post. All rights reserved.", "copyright"),
        ("Copyright 2026 The Post", "copyright"),
        ("Tags: chips, trade", "tags"),
        ("Leave a comment", "comments"),
        ("12 Comments", "comments"),
        ("Print this article", "page-tools"),
        ("Previous post: Rates rise", "previous-next"),
        ("3 min read", "reading-time"),
        ("Follow us on Twitter", "follow"),
        ("Please enable JavaScript to view this page", "cookies"),
        ("Photo: Agency", "credit-line"),
        ("1,234 views", "views"),
        ("Subscribe to continue reading", "paywall-line"),
        ("Subscribe now to read the full story.", "paywall-line"),
        ("Already a subscriber? Log in", "subscribe"),
        ("This article is for subscribers only.", "paywall-line"),
        ("Jetzt weiterlesen mit HT Plus", "paywall-line"),
        ("Sie sind bereits Abonnent? Anmelden", "paywall-line"),
        ("Dieser Artikel ist nur für Abonnenten lesbar.", "paywall-line"),
        ("Abonnez-vous pour lire la suite", "paywall-line"),
        ("Déjà abonné ? Connectez-vous", "paywall-line"),
        ("Cet article est réservé aux abonnés.", "paywall-line"),
        ("Suscríbete para seguir leyendo", "paywall-line"),
        ("¿Ya eres suscriptor? Inicia sesión", "paywall-line"),
        ("Abbonati per continuare a leggere", "paywall-line"),
        ("Sei già abbonato? Accedi", "paywall-line"),
        ("Já é assinante? Faça login", "paywall-line"),
        ("Log in om verder te lezen", "paywall-line"),
        ("続きを読むには登録してください。", "paywall-line"),
    ],
)
def test_a_line_of_residue_goes_from_the_end(line: str, rule: str) -> None:
    kept, removed = clean_edges([*BODY, *_p(line)])
    assert kept == BODY
    assert removed == [(rule, line)]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("By Ann Li and Bo Chen", "byline"),
        ("12 March 2026, 10:30 GMT", "dateline"),
        ("March 12, 2026", "dateline"),
        ("2 hours ago", "dateline"),
        ("Home > World > Asia", "breadcrumb"),
        ("Home", "breadcrumb"),
        ("Startseite", "breadcrumb"),
    ],
)
def test_a_line_above_the_text_goes_and_the_same_line_below_stays(line: str, rule: str) -> None:
    assert clean_edges([*_p(line), *BODY]) == (BODY, [(rule, line)])
    assert clean_edges([*BODY, *_p(line)])[0][-1].text == line


@pytest.mark.parametrize(
    "line",
    [
        "Share prices rose.",
        "“Share this information, please?”",
        "Sources said the deal was close.",
        "Advertisement spending fell 5% in the quarter.",
        "By nightfall the square was empty again, and nobody spoke.",
        "<The Palace: Tale of Jang Noksu>",
        "«Я — Самуэль»",
        "More than 20 people were hurt.",
        "Print media lost readers.",
        "Comments by the governor moved the market.",
        "Follow the money, he said.",
    ],
)
def test_a_line_of_the_text_stays_wherever_it_is(line: str) -> None:
    for blocks in ([*BODY, *_p(line)], [*_p(line), *BODY]):
        assert clean_edges(blocks) == (blocks, [])


def test_nothing_goes_from_the_middle() -> None:
    blocks = [*BODY[:10], *_p("Source link", "Advertisement"), *BODY[10:]]
    assert clean_edges(blocks) == (blocks, [])


def test_everything_below_related_links_goes_when_only_lines_follow() -> None:
    kept, removed = clean_edges(
        [*BODY, *_p("Most Related Links :\npen Governmental News", "Another headline?", "One more")]
    )
    assert kept == BODY
    assert [rule for rule, _ in removed] == ["related-links"] + ["below-related-links"] * 3


def test_links_on_the_line_of_their_heading_go_too() -> None:
    assert clean_edges([*BODY, *_p("Related links : Governmental News Finance News")])[0] == BODY


def test_a_sentence_below_related_links_keeps_all() -> None:
    blocks = [*BODY, *_p("Related stories"), BODY[0]]
    assert clean_edges(blocks)[0] == blocks


def test_the_title_goes_from_the_head_only() -> None:
    kept, removed = clean_edges(
        [*_p("Chips:  are HERE"), *BODY, *_p("Chips are here")], title="Chips Are Here!"
    )
    assert _texts(kept) == [*_texts(BODY), "Chips are here"]
    assert removed == [("title", "Chips:  are HERE")]


def test_lines_that_the_publisher_repeats_go() -> None:
    line = "The Post is Harbour City's oldest paper."
    kept, removed = clean_edges([*BODY, *_p(line)], repeated_lines={line_key(line)})
    assert kept == BODY
    assert removed == [("repeated", line)]


def test_one_line_of_a_block_can_go() -> None:
    kept, _ = clean_edges([*BODY, *_p("The last word stays here.\nSource link")])
    assert kept[-1].text == "The last word stays here."


def test_a_text_is_never_cleaned_away() -> None:
    blocks = _p("Source link", "Advertisement")
    assert clean_edges(blocks) == (blocks, [])


def test_a_heading_without_text_below_goes() -> None:
    kept, removed = clean_edges([*BODY, Block("heading", "Tell us"), *_p("Leave a comment")])
    assert kept == BODY
    assert ("empty-heading", "Tell us") in removed


def test_it_counts_the_lines_at_both_edges_once() -> None:
    text = "\n\n".join(
        ["Top line", "Same", *(f"Middle {number}" for number in range(20)), "Same", "End line"]
    )
    lines = edge_lines(text)
    assert lines.count("Same") == 1
    assert {"Top line", "End line"} < set(lines)
    assert "Middle 10" not in lines


@pytest.mark.parametrize(
    "line",
    [
        *("by " + "a" * 290 + "!", "by " + "a " * 140 + "!", "x " * 149, "> " * 149, "home" + " > a" * 70),
        *("0-" * 440, "1/2 " * 200, "12.12.12 " * 90, "jan 1 " * 140, "@a " * 290, "a@b.c " * 140 + "!"),
        *(
            "write to " + "a. " * 280 + "@bb",
            "sign up " * 100 + "!",
            "(reporting by " + "x " * 400,
            "相关 " * 290,
        ),
    ],
)
def test_no_line_makes_a_rule_hang(line: str) -> None:
    started = time.process_time()
    for _ in range(20):
        clean_edges([*_p(line), *BODY, *_p(line)])
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "blocks",
    [
        _p(*["Share this"] * 50_000),
        _p(*["\n".join(["Read more"] * 50_000)] * 6),
        _p("x", *["\n".join(["Related links:"] * 50_000) + "\nThis is a statement of the text."] * 3),
        _p("a " * 2_500_000, "(" * 5_000_000),
    ],
    ids=["blocks", "lines", "openers", "one line"],
)
def test_a_hostile_page_is_cleaned_in_time(blocks: list[Block]) -> None:
    started = time.process_time()
    clean_edges(blocks, title="Chips", repeated_lines={"the post"})
    assert time.process_time() - started < 3


def test_residue_does_not_shelter_the_residue_before_it() -> None:
    stack = ["Source link", "Share this article", "Advertisement", "12 Comments", "Back to top", "3 min read"]
    kept, removed = clean_edges([*_p(*stack, *stack), *BODY, *_p(*stack, *stack)])
    assert kept == BODY
    assert len(removed) == 4 * len(stack)


def test_a_switched_off_rule_leaves_its_lines_and_no_other_takes_them_for_it() -> None:
    blocks = [*BODY, *_p("Share this article")]
    assert clean_edges(blocks, rules_off=["share"]) == (blocks, [])
    links = [*BODY, *_p("Related links:", "Another headline")]
    assert clean_edges(links, rules_off=["related-links"]) == (links, [])
    titled = [*_p("Chips are here"), *BODY]
    assert clean_edges(titled, title="Chips are here", rules_off=["title"]) == (titled, [])
    learnt = [*BODY, *_p("The Post, since 1881")]
    assert clean_edges(learnt, repeated_lines=["the post since 1881"], rules_off=["repeated"]) == (learnt, [])


def test_the_heading_of_labelled_links_goes_with_them() -> None:
    labelled = _p("Don't miss", "Harbour master resigns [VIDEO]", "Ferries are late again [PHOTOS]")
    kept, removed = clean_edges([*BODY, *labelled, BODY[3]])
    assert kept == [*BODY, BODY[3]]
    assert ("related-links", "Don't miss") in removed


def test_a_headline_of_many_words_does_not_begin_the_text() -> None:
    headline = Block(
        "heading", "The harbour of Halvard is closed after a storm. Why the town should not worry."
    )
    kept, removed = clean_edges([headline, *_p("March 12, 2026", "https://post.example/storm"), *BODY])
    assert kept == [headline, *BODY]
    assert [rule for rule, _ in removed] == ["dateline", "page-address"]


def test_the_title_within_the_head_goes_even_below_a_sentence() -> None:
    assert clean_edges([BODY[0], *_p("Chips are here"), *BODY[1:]], title="Chips are here")[0] == BODY


def test_the_pages_own_headline_above_the_text_goes_when_it_is_like_the_title() -> None:
    other = Block("heading", "Storm closes the northern pier: live updates", 2)
    title = "Northern pier closed by a storm"
    kept, removed = clean_edges([other, *BODY], title=title, headline=other.text)
    assert (kept, removed) == (BODY, [("title", other.text)])
    assert clean_edges([other, *BODY], title=title)[0][0] == other
    assert clean_edges([other, *BODY], title="Chips are dear", headline=other.text)[0][0] == other
    later = [BODY[0], other, *BODY[1:]]
    assert clean_edges(later, title=title, headline=other.text)[0] == later
