"""Searching the slim table: words, names, filters, pages, facets."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from articles.search.facets import count_facets
from articles.search.find import Cursor, count_each, read_cursor, understand
from articles.search.language import read_query
from tests.copies_world import make_copies
from tests.factories import NOON, make_article, make_entity, make_event, make_listing, make_publisher, name_in
from tests.search_rows import rows_of

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    """Titles that a query finds, newest first."""
    return [row.title for row in rows_of(understand(read_query([text]), NOON, UTC), limit=50)]


def test_it_finds_stems_and_names_as_they_are_written() -> None:
    make_article("Engineers repair the bridge", "The cables were repaired. Ses said so.")
    assert found("repairing") == ["Engineers repair the bridge"]
    assert found("ses") == ["Engineers repair the bridge"]
    assert found("ferry") == []


def test_it_takes_phrases_and_words_that_must_not_stand_there() -> None:
    make_article("One", "the working group met")
    make_article("Two", "the group was working")
    assert found('"working group"') == ["One"]
    assert set(found("group")) == {"One", "Two"}
    assert found("group -met") == ["Two"]


def test_it_finds_words_of_languages_that_are_not_stemmed() -> None:
    make_article("Most zamknięty", "Most na rzece został zamknięty.", language="pl")
    assert found("zamknięty") == ["Most zamknięty"]


@pytest.mark.parametrize("text", ["'", "a & | !", ")(", "\\", "%", '"', "-", "a:b:c", "' OR 1=1 --"])
def test_it_never_breaks_on_odd_words(text: str) -> None:
    make_article()
    assert isinstance(found(text), list)


def test_it_filters_by_entity_alias_and_ticker() -> None:
    company = make_entity("Orne Shipping", aliases=["Orne Lines"])
    make_listing(company, "0707")
    name_in(make_article("About Orne"), "Orne Shipping", company)
    make_article("About nobody")
    for query in ("entity:orne-shipping", 'entity:"orne lines"', "ticker:0707", "ticker:0707.XHKG"):
        assert found(query) == ["About Orne"], query
    assert found("ticker:0707.XNAS") == []


def test_it_narrows_with_a_second_entity() -> None:
    one, two = make_entity("Orne Shipping"), make_entity("Mara Quint", kind="person")
    both = make_article("Both")
    name_in(both, "Orne Shipping", one)
    name_in(both, "Mara Quint", two)
    name_in(make_article("Only one"), "Orne Shipping", one)
    assert found("entity:orne-shipping entity:mara-quint") == ["Both"]


def test_it_filters_by_publisher_language_time_and_event() -> None:
    mine = make_article(
        "Mine", publisher=make_publisher("Coast Daily"), published_at=NOON - timedelta(days=2)
    )
    make_article("German", language="de", published_at=NOON - timedelta(hours=1))
    event = make_event("Something", [mine])
    assert found('source:"coast daily"') == ["Mine"]
    assert found("source:coast-daily") == ["Mine"]
    assert found("lang:de") == ["German"]
    assert found("since:24h") == ["German"]
    assert found("until:2026-03-09") == ["Mine"]
    assert found("day:2026-03-09") == ["Mine"]
    assert found(f"event:{event.pk}") == ["Mine"]


def test_it_names_what_it_does_not_know_and_then_finds_nothing() -> None:
    make_article()
    meaning = understand(read_query(["entity:nobody"]), NOON, UTC)
    assert meaning.labels[0].problem == "No entity is called “nobody”."
    assert rows_of(meaning, limit=5) == []


def test_its_pages_meet_without_gap_or_overlap() -> None:
    same = NOON - timedelta(hours=3)
    for number in range(7):
        make_article(f"Story {number}", published_at=same if number < 5 else NOON - timedelta(hours=number))
    meaning, after, seen = understand(read_query([""]), NOON, UTC), None, []
    for _ in range(10):
        rows = rows_of(meaning, limit=2, after=after)
        if not rows:
            break
        seen += [row.id for row in rows]
        after = read_cursor(str(Cursor(rows[-1].published_at, rows[-1].id)), UTC)
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize("text", ["", "x", "1-", "-1", "1-2-3", "9" * 30 + "-1", "٣-٣"])
def test_it_reads_a_broken_cursor_as_none(text: str) -> None:
    assert read_cursor(text, UTC) is None


def test_it_counts_facets_of_what_matches() -> None:
    company = make_entity("Orne Shipping")
    for number in range(3):
        article = make_article(
            f"Story {number}", publisher=make_publisher("Coast Daily" if number else "Tessin Times")
        )
        name_in(article, "Orne Shipping", company)
    make_article("Other", "nothing about it")
    facets = count_facets(understand(read_query(["ferries"]), NOON, UTC), UTC)
    assert facets.total == 3
    assert [(value.words, value.n) for value in facets.source] == [("Coast Daily", 2), ("Tessin Times", 1)]
    assert [(value.value, value.n) for value in facets.entity] == [("orne-shipping", 3)]


def test_it_counts_several_queries_at_once() -> None:
    make_article("One", "alpha")
    make_article("Two", "alpha beta")
    meanings = [understand(read_query([text]), NOON, UTC) for text in ("alpha", "beta", "gamma")]
    assert count_each(meanings) == [2, 1, 0]


def test_it_tells_copies_from_originals() -> None:
    alone, origin = make_article("Alone"), make_article("Origin")
    copies = [make_article(f"Copy {place}") for place in range(2)]
    make_copies(origin, [(copies[0], "verbatim"), (copies[1], "abridged")])
    assert set(found("is:copy")) == {"Copy 0", "Copy 1"}
    assert set(found("is:original")) == {"Alone", "Origin"}
    assert found("is:copy is:original") == []
    assert set(found(f"copies:{copies[0].pk}")) == {"Origin", "Copy 0", "Copy 1"}
    assert found(f"copies:{alone.pk}") == ["Alone"]
    assert found("copies:999999") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("is:green", "is: knows copy, original, changed, deleted."),
        ("copies:many", "copies: wants the number of an article"),
    ],
)
def test_it_says_what_is_and_copies_take(text: str, words: str) -> None:
    (label,) = understand(read_query([text]), NOON, UTC).labels
    assert label.problem.startswith(words)


def test_it_finds_what_changed_after_publication_and_what_was_deleted() -> None:
    make_article("Quiet")
    make_article("New headline", headline_changed_at=NOON)
    make_article("New number", number_changed_at=NOON, corrected_at=NOON)
    make_article("New words", corrected_at=NOON)
    make_article("Gone", gone_at=NOON)
    assert set(found("is:changed")) == {"New headline", "New number"}
    assert found("is:deleted") == ["Gone"]
    assert found("is:changed is:deleted") == []
    assert found("is:changed has:corrections") == ["New number"]
