"""The page of one article: its text with names, reasons, notes, provenance and history, and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.annotations import NoteDraft, attach_note
from articles.models import Article, Revision
from entities.scoring import THRESHOLD
from newsdesk.accounts.models import User
from tests.factories import (
    TEXT,
    make_article,
    make_entity,
    make_event,
    make_listing,
    make_revision,
    name_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(analyst: User) -> Client:
    client = Client()
    client.force_login(analyst)
    return client


def page_of(browser: Client, article: Article, query: str = "") -> str:
    answer = browser.get(f"/articles/{article.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def prose_of(page: str) -> str:
    """The words of the text as a reader without styles gets them, without what the page adds."""
    paragraphs = re.findall(r'<p data-start="\d+"[^>]*>(.*?)</p>', page, re.DOTALL)
    plain = [re.sub(r"<(span|a)[^>]* data-extra[^>]*>.*?</\1>", "", part) for part in paragraphs]
    return "\n\n".join(re.sub(r"<[^>]+>", "", part) for part in plain)


def test_it_shows_the_text_whole_with_names_at_their_places(browser: Client) -> None:
    company = make_entity("Orne Shipping")
    make_listing(company, "0707")
    article = make_article()
    (first, second) = name_in(article, "Orne Shipping", company)
    attach_note(article.pk, "ed", NoteDraft("small 🌊 and the repair", "Small?"))
    page = page_of(browser, article)
    assert prose_of(page) == TEXT
    assert f'id="m{first.pk}"' in page
    assert f'href="?why={second.pk}#m{second.pk}"' in page
    assert page.count("data-extra> 0707 XHKG") == 1


def test_it_escapes_what_others_wrote(browser: Client) -> None:
    article = make_article("<i>Title</i>", 'a <script>alert("x")</script> & <b>b</b>', authors=["<u>me</u>"])
    article.url = "javascript:alert(1)"
    article.save(update_fields=["url"])
    page = page_of(browser, article)
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &lt;b&gt;b&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert "<u>me" not in page
    assert 'href="javascript' not in page


def test_it_says_why_a_name_is_linked_with_the_next_best(browser: Client) -> None:
    company, other = make_entity("Orne Shipping"), make_entity("Orne Ferries")
    article = make_article()
    why = [
        {"code": "name", "words": "its full name", "weight": 0.7},
        {"code": "near", "words": "ships", "weight": 0.2},
    ]
    candidates = [
        {"entity": company.pk, "score": 0.9, "why": why},
        {"entity": other.pk, "score": 0.4, "why": []},
    ]
    (first, _) = name_in(article, "Orne Shipping", company, why=why, candidates=candidates)
    page = page_of(browser, article, f"?why={first.pk}")
    for words in ("Why linked?", "+0.70", "its full name", "+0.20", "Orne Ferries", "0.40"):
        assert words in page, words
    assert "Wrong, no link" not in page, "analysts only read"
    assert page.index('id="slot-1"') < page.index('id="why"') < page.index('id="p2"')


def test_it_shows_candidates_of_a_name_it_is_not_sure_about(browser: Client) -> None:
    one, two = make_entity("Quint, Mara", kind="person"), make_entity("Quint, Max", kind="person")
    article = make_article()
    speaks = {"code": "cue", "words": "repair, harbour", "weight": 0.5}
    candidates = [
        {"entity": one.pk, "score": 0.5, "why": [speaks]},
        {"entity": two.pk, "score": 0.48, "why": [{"code": "role", "words": "captain", "weight": 0.48}]},
    ]
    why = [{"code": "close", "words": "both fit almost equally well"}, speaks]
    (name,) = name_in(article, "Mara Quint", None, status="ambiguous", candidates=candidates, why=why)
    bare = page_of(browser, article)
    assert 'class="ent company ambiguous"' in bare
    beside = bare[bare.index('id="who-h"') :]
    assert f'Not sure whom it means: <a href="?why={name.pk}#m{name.pk}" data-why>Mara Quint</a>' in beside
    page = page_of(browser, article, f"?why={name.pk}")
    for words in ("Whom does it mean?", "Quint, Mara", "Quint, Max", "both fit almost equally well", "+0.48"):
        assert words in page, words
    assert page.count("repair, harbour") == 1, "what speaks for a candidate stands with it alone"
    assert page.index("Quint, Mara") < page.index("repair, harbour") < page.index("Quint, Max")
    assert page.index("Quint, Max") < page.index("captain")


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([0.9, 0.85], "Two are too near each other, so nothing is linked."),
        ([0.4, 0.38], f"Too little speaks for any of them: the score is below the {THRESHOLD:.2f} that"),
        ([0.4], f"Too little speaks for it: the score is below the {THRESHOLD:.2f} that a link needs"),
        ([0.5], "Something speaks against it, so nothing is linked."),
    ],
)
def test_it_says_why_nothing_is_linked(browser: Client, scores: list[float], words: str) -> None:
    article = make_article()
    candidates = [
        {"entity": make_entity(f"Quint {n}", kind="person").pk, "score": score, "why": []}
        for n, score in enumerate(scores)
    ]
    (name,) = name_in(article, "Mara Quint", None, status="ambiguous", candidates=candidates)
    assert words in page_of(browser, article, f"?why={name.pk}")


def test_a_name_that_nobody_has_claims_no_more_than_it_knows(browser: Client) -> None:
    article = make_article()
    (name,) = name_in(article, "Mara Quint", None, status="proposed")
    page = page_of(browser, article, f"?why={name.pk}")
    assert "Nothing that we know fits here." in page
    assert f'Not known: <a href="?why={name.pk}#m{name.pk}" data-why>Mara Quint</a>' in page


def test_a_panel_comes_alone_to_htmx(browser: Client) -> None:
    article = make_article()
    (first, _) = name_in(article, "Orne Shipping", make_entity("Orne Shipping"))
    headers = {"HX-Request": "true", "HX-Target": "slot-1"}
    with CaptureQueriesContext(connection) as caught:
        answer = browser.get(f"/articles/{article.pk}/?why={first.pk}", headers=headers)
    assert answer.content.lstrip().startswith(b"<section")
    assert len(caught) <= 6
    assert browser.get(f"/articles/{article.pk}/?why=999999", headers=headers).status_code == 404


def test_it_hangs_a_note_right_after_its_passage(browser: Client) -> None:
    article = make_article()
    attach_note(article.pk, "ed", NoteDraft("Fishermen", "Which ones?", "claim"))
    attach_note(article.pk, "ed", NoteDraft("ferries to run", "Which ferries?"))
    page = page_of(browser, article)
    assert page.index('id="p2"') < page.index('id="n1"') < page.index('id="p3"') < page.index('id="n2"')
    assert page.index("Which ferries?") < page.index("Which ones?")


def test_it_carries_notes_to_a_new_text_and_keeps_those_that_lost_theirs(browser: Client) -> None:
    article = make_article()
    attach_note(article.pk, "ed", NoteDraft("ferries to run", "This one moves"))
    attach_note(article.pk, "ed", NoteDraft("Fishermen at Tessin", "This one is lost"))
    make_revision(article, "Harbour open", "Corrected.\n\n" + TEXT.replace("Fishermen at Tessin", "Others"))
    page = page_of(browser, article)
    assert "Notes on an earlier text" in page
    assert page.index('id="lost-h"') < page.index("This one is lost")
    assert page.index('id="p3"') < page.index("This one moves") < page.index('id="p4"')


def test_a_note_stays_with_a_passage_that_changed_a_little_and_tells_what_it_was(browser: Client) -> None:
    article = make_article()
    attach_note(article.pk, "ed", NoteDraft("ferries to run again within a week", "When exactly?"))
    make_revision(article, article.title, TEXT.replace("within a week", "within two weeks"))
    page = page_of(browser, article)
    assert "Notes on an earlier text" not in page
    assert page.index('id="p2"') < page.index("When exactly?") < page.index('id="p3"')
    assert "The passage changed since version 1. It read:" in page
    assert "“ferries to run again within a week”" in page
    assert "<mark>ferries to run again within two weeks" in page


def test_a_note_on_a_passage_that_only_moved_is_not_said_to_have_changed(browser: Client) -> None:
    article = make_article()
    attach_note(article.pk, "ed", NoteDraft("ferries to run again", "When exactly?"))
    make_revision(article, article.title, "New first paragraph.\n\n" + TEXT)
    assert "The passage changed" not in page_of(browser, article)


def test_notes_on_earlier_texts_cost_the_same_for_few_and_many(browser: Client) -> None:
    costs = []
    for number in (10, 20):
        names = [f"Firm{place:02} Ltd" for place in range(number)]
        article = make_article(f"{number} lost", "\n\n".join(f"{name} did this on Monday." for name in names))
        for name in names:
            attach_note(article.pk, "ed", NoteDraft(f"{name} did this on Monday", "Who?"))
        text = "\n\n".join(f"{name} did this on Friday." for name in names)
        make_revision(article, article.title, text)
        with CaptureQueriesContext(connection) as caught:
            assert page_of(browser, article).count("The passage changed since") == number
        costs.append(len(caught))
    assert costs[0] == costs[1] <= 20


def test_it_tells_where_the_article_came_from(browser: Client) -> None:
    event_mate = make_article("Another")
    article = make_article(sample=True, published_raw="Wed, 11 Mar 2026", source_name="Coastwire")
    make_event("The harbour", [article, event_mate])
    Revision.objects.filter(article=article).update(removed=[["residue", "Read more on our site"]])
    page = page_of(browser, article)
    for words in (
        "The harbour", "the same lead words", "2 articles", "Coastwire", "Wed, 11 Mar 2026", "says the feed",
        "1 line taken off", "Read more on our site", "The article&#x27;s page", "invented, part of the sample",
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"stage": "new"}, "The text is being read"),
        ({"stage": "failed", "message": "The page answered 403."}, "The page answered 403."),
        ({"stage": "done"}, "There is no text"),
    ],
)
def test_it_says_why_there_is_no_text(browser: Client, columns: dict[str, str], words: str) -> None:
    article = make_article()
    Article.objects.filter(pk=article.pk).update(revision=None, **columns)
    assert words in page_of(browser, article)


@pytest.mark.parametrize(
    "query",
    [
        "?why=1",
        "?why=x",
        "?note=1",
        "?note=99",
        "?link=0",
        "?edit=7",
        "?note=1&from=9&to=3",
        "?why=" + "9" * 30,
    ],
)
def test_it_answers_whatever_the_address_asks(
    client: Client, analyst: User, editor: User, query: str
) -> None:
    article = make_article()
    for user in (analyst, editor):
        client.force_login(user)
        assert client.get(f"/articles/{article.pk}/{query}").status_code == 200
    assert client.get(f"/articles/999999/{query}").status_code == 404


def test_it_costs_the_same_for_few_and_many_names_and_notes(browser: Client) -> None:
    def build(number: int) -> Article:
        names = [f"Firm{place:02} Ltd" for place in range(number)]
        article = make_article(f"{number} names", "\n\n".join(f"{name} did this." for name in names))
        for name in names:
            name_in(article, name, make_entity(f"{name} {number}"))
            attach_note(article.pk, "ed", NoteDraft(name, "Who?"))
        make_event("All", [article])
        return article

    costs = []
    for article in (build(10), build(20)):
        with CaptureQueriesContext(connection) as caught:
            page_of(browser, article)
        costs.append(len(caught))
    assert costs[0] == costs[1] <= 20


def test_it_offers_tools_to_editors_only(client: Client, analyst: User, editor: User, admin: User) -> None:
    article = make_article()
    for user, offered in ((analyst, False), (editor, True), (admin, True)):
        client.force_login(user)
        page = client.get(f"/articles/{article.pk}/").content.decode()
        assert ("Note this passage" in page) is offered
        assert (f"/articles/{article.pk}/status/" in page) is offered


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("consent", "A question about cookies"),
        ("challenge", "A check for robots"),
        ("index", "A list of articles"),
        ("paywall", "Only the beginning can be read without paying"),
    ],
)
def test_it_says_that_its_page_was_no_article(browser: Client, kind: str, words: str) -> None:
    article = make_article()
    assert words not in page_of(browser, article)
    Article.objects.filter(pk=article.pk).update(page_kind=kind)
    page = page_of(browser, article)
    assert words in page
    assert prose_of(page) == TEXT


def test_it_says_when_its_publisher_deleted_it_and_keeps_the_text(browser: Client) -> None:
    article = make_article()
    Article.objects.filter(pk=article.pk).update(gone_at=timezone.now() - timedelta(hours=3))
    page = page_of(browser, article)
    assert "Deleted by its publisher" in page
    assert prose_of(page) == TEXT


def test_headings_lists_and_quotations_are_read_as_such(browser: Client) -> None:
    article = make_article()
    html = (
        "<h2>What closed</h2><ul><li>Quay one</li><li>Quay two</li></ul><blockquote>We waited.</blockquote>"
    )
    text = "What closed\n\nQuay one\n\nQuay two\n\nWe waited."
    revision = make_revision(article, article.title, text)
    Revision.objects.filter(pk=revision.pk).update(html=html)
    page = page_of(browser, article)
    assert re.search(r"<h2 data-start[^>]*>What closed</h2>", page)
    assert len(re.findall(r'role="listitem"', page)) == 2
    assert len(re.findall(r'<div role="list">', page)) == 1
    assert re.search(r"<blockquote data-start[^>]*>We waited\.</blockquote>", page)
