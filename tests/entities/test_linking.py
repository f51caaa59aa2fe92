"""Names in a text become entities, with reasons; short names follow full ones, and what people decided is obeyed."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import pytest
from django.conf import settings

from entities.compiled import build_lexicon
from entities.linking import LINK_RULES, link_text
from entities.names import fold
from entities.types import Decision, FoundMention, LexiconAlias, LexiconEntity, LinkedText
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()

# Our own telling of the running example: other words, the same traps.
TWIN = """A group that speaks for China\u2019s chip makers says it will sit down with its American counterpart.

The China Semiconductor Industry Association announced on its website on Thursday that a joint panel would be set up with \
Washington-based Semiconductor Industry Association. Half a year of talks came before, the CSIA said.

In Hong Kong trading, Semiconductor Manufacturing International Corp. added as much as 12%, while Hua Hong Semiconductor Ltd. \
and Shanghai Fudan Microelectronics Group Co. climbed. Intel Corp. and Qualcomm Inc. are members of the U.S. body.

Washington has put limits on Huawei Technologies Co. and on SMIC, the largest foundry in China. Premier Li Keqiang has promised \
more money for chips. U.S. President Joe Biden wants the same at home; Biden said so in March.

\u201cRules are what both sides need,\u201d said Stewart Randall, head of electronics at consultancy Intralink in Shanghai. \
Randall advises chip firms.

The association\u2019s head is Zhou Zixue, chairman of Hong Kong-listed SMIC. Xu Zhijun, deputy chairman on Huawei\u2019s board, and \
Zhao Weiguo, chairman of Tsinghua Unigroup, sit on it, too."""


def link(text: str, title: str = "", decisions: tuple[Decision, ...] = ()) -> LinkedText:
    return link_text(title, text, LEXICON, language="en", decisions=decisions)


def linked(text: str, title: str = "") -> list[tuple[str, int | None]]:
    return [(m.text, m.entity_id) for m in link(text, title).mentions if m.status == "linked"]


def words_of(mention: FoundMention) -> str:
    return "; ".join(part.words for part in mention.why)


def test_the_twin_of_the_example_is_linked_whole() -> None:
    result = link(TWIN)
    for mention in result.mentions:
        assert TWIN[mention.start : mention.end] == mention.text
    by_entity: dict[int | None, list[str]] = {}
    for mention in result.mentions:
        if mention.status == "linked":
            by_entity.setdefault(mention.entity_id, []).append(mention.text)
    assert by_entity[kb.SMIC] == ["Semiconductor Manufacturing International Corp.", "SMIC", "SMIC"]
    assert by_entity[kb.HUA_HONG] == ["Hua Hong Semiconductor Ltd."]
    assert by_entity[kb.FUDAN] == ["Shanghai Fudan Microelectronics Group Co."]
    assert by_entity[kb.INTEL] == ["Intel Corp."]
    assert by_entity[kb.QUALCOMM] == ["Qualcomm Inc."]
    assert by_entity[kb.CSIA] == ["China Semiconductor Industry Association", "CSIA"]
    assert by_entity[kb.SIA] == ["Semiconductor Industry Association"]
    assert by_entity[kb.HUAWEI] == ["Huawei Technologies Co.", "Huawei"]
    assert by_entity[kb.UNIGROUP] == ["Tsinghua Unigroup"]
    assert by_entity[kb.INTRALINK] == ["Intralink"]
    assert by_entity[kb.BIDEN] == ["Joe Biden", "Biden"]
    assert by_entity[kb.HONG_KONG] == ["Hong Kong", "Hong Kong"]
    assert by_entity[kb.SHANGHAI] == ["Shanghai"]
    assert kb.SHENMA not in by_entity
    people = {m.text for m in result.mentions if m.kind == "person"}
    assert people >= {"Li Keqiang", "Joe Biden", "Stewart Randall", "Zhou Zixue", "Xu Zhijun", "Zhao Weiguo"}
    roles = {(r.person, r.title, r.organization) for r in result.roles}
    assert roles >= {
        ("Li Keqiang", "Premier", ""),
        ("Joe Biden", "President", ""),
        ("Stewart Randall", "head of electronics", "Intralink"),
        ("Zhou Zixue", "chairman", "Semiconductor Manufacturing International Corporation"),
        ("Zhou Zixue", "head", "China Semiconductor Industry Association"),
        ("Xu Zhijun", "deputy chairman", "Huawei"),
        ("Zhao Weiguo", "chairman", "Tsinghua Unigroup"),
    }
    assert len(result.roles) == 7


def test_each_reason_is_said_in_words() -> None:
    result = {m.text: m for m in link(TWIN).mentions}
    full = words_of(result["Semiconductor Manufacturing International Corp."])
    assert "named in full: Semiconductor Manufacturing International Corp." in full
    assert "Hong Kong trading" not in words_of(result["Qualcomm Inc."])
    assert (
        "short for Semiconductor Manufacturing International Corp., named in full in this text"
        in words_of(result["SMIC"])
    )


def test_one_short_name_means_the_company_that_is_named_in_full() -> None:
    lexicon = build_lexicon(
        [
            LexiconEntity(id=1, slug="a", name="Sample Metals Industrial Corp.", kind="company"),
            LexiconEntity(id=2, slug="b", name="Sun Mining Ltd.", kind="company", prominence=0.9),
        ],
        [
            LexiconAlias(entity_id=1, text="SMIX", kind="acronym"),
            LexiconAlias(entity_id=2, text="SMIX", kind="acronym"),
        ],
    )
    alone = link_text("", "A plant of SMIX burnt.", lexicon).mentions
    anchored = link_text(
        "", "A plant of Sample Metals Industrial Corp. burnt. SMIX is insured.", lexicon
    ).mentions
    assert [m.entity_id for m in alone] == [2]
    assert [m.entity_id for m in anchored] == [1, 1]


def test_two_that_fit_equally_stay_open() -> None:
    (mention,) = link("Analysts spoke of Zentrix for hours.").mentions
    assert mention.status == "ambiguous"
    assert mention.entity_id is None
    assert {c.entity_id for c in mention.candidates} == {kb.ALPHA_ONE, kb.ALPHA_TWO}
    assert "fit almost equally well" in words_of(mention)


def test_a_ticker_beside_a_name_settles_it() -> None:
    (mention,) = link("Zentrix (NASDAQ: ZTX) fell.").mentions
    assert (mention.text, mention.entity_id) == ("Zentrix", kb.ALPHA_TWO)
    assert "ticker beside the name" in words_of(mention)


@pytest.mark.parametrize(
    ("text", "span", "entity", "reason"),
    [
        ("Traders of 0981.HK cheered.", "0981.HK", kb.SMIC, "ticker 0981 on XHKG"),
        ("The Star market line 688981.SH fell.", "688981.SH", kb.SMIC, "ticker 688981 on XSHG"),
        ("Shares of the chip maker (NASDAQ: QCOM) rose.", "QCOM", kb.QUALCOMM, "ticker QCOM on XNAS"),
        ("Everyone buys $AAPL now.", "$AAPL", kb.APPLE, "ticker AAPL on XNAS"),
    ],
)
def test_a_ticker_alone_is_a_mention(text: str, span: str, entity: int, reason: str) -> None:
    (mention,) = link(text).mentions
    assert (mention.text, mention.entity_id) == (span, entity)
    assert words_of(mention) == reason


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("Apple Inc. opened a store", kb.APPLE),
        ("Analysts cut their targets for Apple after the call.", kb.APPLE),
        ("Target shares fell 3%.", kb.TARGET),
        ("Shares of Target fell.", kb.TARGET),
        ("BANK OF AMERICA TO CUT JOBS IN CHINA", kb.BANK_OF_AMERICA),
        ("General Motors said it would hire.", kb.GENERAL_MOTORS),
        ("Tencent\u2019s revenue rose.", kb.TENCENT),
        ("\u817e\u8baf\u63a7\u80a1\u5ba3\u5e03", kb.TENCENT),
        ("eBay sold a unit.", kb.EBAY),
    ],
)
def test_it_links(text: str, entity: int) -> None:
    assert entity in {m.entity_id for m in link(text).mentions if m.status == "linked"}


@pytest.mark.parametrize(
    "text",
    [
        "Target the poor first, he said.",
        "An apple a day, and intel on it.",
        "Harrison Ford was there. Ford left early.",
        "President Ford pardoned him.",
        "Mr. Ford went home.",
        "The Apple Valley Association met.",
        "The Intel Foundation gave money.",
        "They met at Tencent Music in May.",
        "Write to us on Apple: @applenews",
        "How To Target Your Best Customers With Great New Ideas",
        "Visit https://www.intel.com/Intel or mail press@Intel.com",
        "Police are detaining Wang on Friday.",
        "Aw Computer Target Inc Q2 result widens, it said.",
        "The plant belongs to Intel of South Carolina Ltd, a shop.",
        "Juan Soler Ford died at 79. Ford was a writer.",
        "The Kurdistan Semiconductor Industry Association was founded.",
    ],
)
def test_it_links_no_company_where_none_is_meant(text: str) -> None:
    companies = {
        m.text for m in link(text).mentions if m.status == "linked" and m.kind in ("company", "organization")
    }
    assert companies == set()


def test_a_place_inside_a_company_is_no_place() -> None:
    assert linked("He left Shanghai Widget Works Ltd. for Beijing.") == [("Beijing", kb.BEIJING)]
    assert linked("The Washington Post wrote it.") == []


def test_the_inner_association_is_not_meant_even_when_the_outer_is_unknown() -> None:
    lexicon = build_lexicon(
        [
            LexiconEntity(
                id=1,
                slug="sia",
                name="Semiconductor Industry Association",
                kind="organization",
                country="US",
                prominence=0.8,
            )
        ],
        [],
    )
    text = "The China Semiconductor Industry Association met the U.S. Semiconductor Industry Association."
    mentions = link_text("", text, lexicon).mentions
    assert [(m.text, m.status) for m in mentions] == [
        ("China Semiconductor Industry Association", "proposed"),
        ("Semiconductor Industry Association", "linked"),
    ]


def test_the_title_counts_and_takes_its_anchor_from_the_text() -> None:
    result = link(
        "Apple Inc. fell in New York.", title="Apple Falls After Great New Phones Disappoint Most Buyers"
    )
    first = result.mentions[0]
    assert (first.field, first.text, first.entity_id) == ("title", "Apple", kb.APPLE)
    alone = link("", title="Apple Falls After Great New Phones Disappoint Most Buyers")
    assert [m for m in alone.mentions if m.status == "linked"] == []


def test_an_acronym_in_brackets_is_followed() -> None:
    text = "Tsinghua Unigroup (THU) defaulted. THU has debts."
    assert linked(text) == [("Tsinghua Unigroup", kb.UNIGROUP), ("THU", kb.UNIGROUP), ("THU", kb.UNIGROUP)]


def test_a_surname_follows_its_full_name_and_no_other() -> None:
    text = "Musk scent is rare. Elon Musk spoke. Later Musk left with Maye Musk."
    assert [(m.text, m.start) for m in link(text).mentions if m.entity_id == kb.MUSK] == [
        ("Elon Musk", text.index("Elon")),
        ("Musk", text.index("Musk left")),
    ]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("She runs Acme Widget Works Ltd. in Leeds, a town.", "Acme Widget Works Ltd.", "company"),
        ("said Jane Roe, an analyst at Quillbrook Securities in Leeds.", "Jane Roe", "person"),
        (
            "said Jane Roe, an analyst at Quillbrook Securities in Leeds.",
            "Quillbrook Securities",
            "organization",
        ),
        ("It hired the consultancy Quillbrook in May.", "Quillbrook", "company"),
        ("Quillbrook analyst Jane Roe said so.", "Quillbrook", "organization"),
        (
            "They study at the Leeds Institute of Widgets every year.",
            "Leeds Institute of Widgets",
            "organization",
        ),
    ],
)
def test_an_evident_new_name_is_proposed(text: str, name: str, kind: str) -> None:
    proposed = {(m.text, m.kind) for m in link(text).mentions if m.status == "proposed"}
    assert (name, kind) in proposed


def test_a_decision_of_a_person_is_obeyed_everywhere_it_was_meant_for() -> None:
    text = "Zentrix fell. Then Zentrix rose."
    result = link(text, decisions=(Decision(surface="Zentrix", entity_id=kb.ALPHA_ONE, by="ada"),))
    assert [(m.entity_id, m.decided_by, m.status) for m in result.mentions] == [
        (kb.ALPHA_ONE, "ada", "linked")
    ] * 2
    assert words_of(result.mentions[0]) == "decided by ada"


def test_a_decision_for_one_place_holds_there_only() -> None:
    text = "Intel fell. Then Intel rose."
    at = text.index("Intel rose")
    decision = Decision(surface="Intel", entity_id=None, by="ada", field="text", start=at, end=at + 5)
    assert [(m.start, m.entity_id) for m in link(text, decisions=(decision,)).mentions] == [(0, kb.INTEL)]


def test_a_decision_can_name_what_the_lexicon_did_not_find() -> None:
    text = "The big foundry gained."
    decision = Decision(surface="big foundry", entity_id=kb.SMIC, by="ada", field="text", start=4, end=15)
    (mention,) = link(text, decisions=(decision,)).mentions
    assert (mention.text, mention.entity_id, mention.kind) == ("big foundry", kb.SMIC, "company")


def test_a_decision_about_words_that_have_gone_does_nothing() -> None:
    decision = Decision(surface="foundry", entity_id=kb.SMIC, by="ada", field="text", start=0, end=7)
    assert link("A plant gained.", decisions=(decision,)).mentions == ()


def test_a_later_decision_stands_over_an_earlier_one() -> None:
    decisions = (
        Decision(surface="Intel", entity_id=None, by="ada"),
        Decision(surface="Intel", entity_id=kb.QUALCOMM, by="bob"),
    )
    (mention,) = link("Intel fell.", decisions=decisions).mentions
    assert (mention.entity_id, mention.decided_by) == (kb.QUALCOMM, "bob")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "   ",
        "\u0000",
        "\ud800",
        "a" * 200000,
        "A" * 200000,
        "John Smith, chairman of " * 2000,
        "Intel " * 8000,
        "\u534e\u4e3a" * 500,
    ],
)
def test_odd_texts_are_read(text: str) -> None:
    for mention in link(text, title=text[:200]).mentions:
        source = text[:200] if mention.field == "title" else text
        assert source[mention.start : mention.end] == mention.text


def test_an_empty_lexicon_links_nothing() -> None:
    assert link_text("Intel", "Intel Corp. fell", build_lexicon([], [])).mentions[0].status == "proposed"


def test_mentions_never_overlap_and_come_in_order() -> None:
    mentions = link(TWIN, title="China Chip Group").mentions
    for field in ("title", "text"):
        spans = [(m.start, m.end) for m in mentions if m.field == field]
        assert spans == sorted(spans)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_the_rules_have_a_version() -> None:
    assert LINK_RULES.startswith("link-")


def example() -> Path:
    shared = os.environ.get("NEWSDESK_SHARED") or str(Path(settings.BASE_DIR).parent / "shared")
    folder = Path(shared) / "data" / "example"
    if not folder.is_dir():
        pytest.skip(f"the example is not there: {folder}")
    return folder


def test_the_example_is_linked_as_expected() -> None:
    folder = example()
    text = (folder / "csia-sia.txt").read_text("utf-8")
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    result = link(text)
    spans = {(m.start, m.end): m for m in result.mentions if m.status != "ambiguous"}
    for name, places in expected["mentions"].items():
        for start, end in places:
            assert (start, end) in spans or (start, end - 1) in spans, f"{name} at {start}"
    for name in expected["not_entities"]:
        assert all(name not in m.text for m in result.mentions)
    companies = {
        (ticker, mic)
        for m in result.mentions
        if m.entity_id
        for ticker, mic in LEXICON.entities[m.entity_id].tickers
    }
    assert {(c["ticker"], c["mic"]) for c in expected["listed_companies"]} <= companies
    assert kb.SHENMA not in {m.entity_id for m in result.mentions}
    stated = {(fold(r.person), fold(r.title)) for r in result.roles}
    for person in expected["people"]:
        assert (fold(person["name"]), fold(person["role"])) in stated
