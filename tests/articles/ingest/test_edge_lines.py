"""Lines that publishers repeat are learnt in bulk, counted, switched by people and forgotten when they are gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from articles.ingest.clean import LEARNT, line_key
from articles.ingest.edge_lines import FORGOTTEN_AFTER, PAGES_COMPARED, learn_lines, lines_on
from articles.ingest.taking import REREAD, take_page
from articles.models import EdgeLine, PageRules, Revision
from articles.types import ExtractedPage
from tests.edges_world import CALL, make_pages
from tests.factories import NOON, make_article, make_event, make_publisher

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=3)


def _row(line: str = CALL) -> dict[str, Any]:
    columns = ("articles", "removed", "is_on", "decided_by", "line")
    return dict(EdgeLine.objects.filter(key=line_key(line)).values(*columns).get())


def test_it_learns_what_one_publisher_repeats_and_nothing_of_another() -> None:
    post, wire = make_publisher("Post"), make_publisher("Wire")
    make_pages(post, 3, CALL)
    make_pages(wire, 2, CALL)
    learn_lines([wire.pk, post.pk, post.pk], LATER)
    assert lines_on([post.pk, wire.pk]) == {post.pk: {line_key(CALL)}, wire.pk: frozenset()}
    assert _row() == {"articles": 3, "removed": 0, "is_on": True, "decided_by": "", "line": CALL}


def test_doing_it_twice_changes_nothing() -> None:
    post = make_publisher("Post")
    make_pages(post, 4, CALL)
    learn_lines([post.pk], LATER)
    before = list(EdgeLine.objects.order_by("pk").values())
    learn_lines([post.pk], LATER + timedelta(days=1))
    assert list(EdgeLine.objects.order_by("pk").values()) == before


def test_a_line_stays_learnt_once_all_stored_texts_are_clean() -> None:
    post = make_publisher("Post")
    make_pages(post, 4, CALL)
    learn_lines([post.pk], LATER)
    make_pages(post, PAGES_COMPARED, first=4, removed=[(LEARNT, CALL)])
    learn_lines([post.pk], LATER)
    assert lines_on([post.pk])[post.pk] == {line_key(CALL)}
    assert (_row()["articles"], _row()["removed"]) == (PAGES_COMPARED, PAGES_COMPARED)


def test_a_line_that_stopped_appearing_fades_and_comes_back_when_it_repeats() -> None:
    post = make_publisher("Post")
    make_pages(post, 4, CALL)
    learn_lines([post.pk], LATER)
    make_pages(post, PAGES_COMPARED - 1, first=4)
    learn_lines([post.pk], LATER)
    assert _row()["articles"] == 1
    assert lines_on([post.pk])[post.pk], "one of the newest pages has it still"
    make_pages(post, 1, first=4 + PAGES_COMPARED)
    learn_lines([post.pk], LATER)
    assert (_row()["articles"], _row()["is_on"], lines_on([post.pk])[post.pk]) == (0, False, frozenset())
    make_pages(post, 2, CALL, first=50)
    learn_lines([post.pk], LATER)
    assert (_row()["articles"], _row()["is_on"]) == (2, False)
    make_pages(post, 1, CALL, first=60)
    learn_lines([post.pk], LATER)
    assert (_row()["articles"], _row()["is_on"]) == (3, True)


def test_a_faded_line_is_forgotten_after_its_time_and_a_decided_one_never() -> None:
    post = make_publisher("Post")
    make_pages(post, 3, CALL, "Harbour Post weather desk")
    learn_lines([post.pk], LATER)
    EdgeLine.objects.filter(key=line_key(CALL)).update(decided_by="ada")
    Revision.objects.update(text=F("title"))
    learn_lines([post.pk], NOON + FORGOTTEN_AFTER - timedelta(days=1))
    assert EdgeLine.objects.count() == 2
    learn_lines([post.pk], NOON + FORGOTTEN_AFTER + timedelta(days=1))
    assert [row.key for row in EdgeLine.objects.all()] == [line_key(CALL)]


@pytest.mark.parametrize("is_on", [True, False])
def test_the_machine_counts_what_a_person_switched_and_leaves_the_switch(is_on: bool) -> None:
    post = make_publisher("Post")
    make_pages(post, 3, CALL)
    learn_lines([post.pk], LATER)
    EdgeLine.objects.update(is_on=is_on, decided_by="ada")
    make_pages(post, 2, CALL, first=3)
    learn_lines([post.pk], LATER)
    assert (_row()["articles"], _row()["is_on"], _row()["decided_by"]) == (5, is_on, "ada")
    Revision.objects.update(text=F("title"))
    learn_lines([post.pk], LATER)
    assert (_row()["articles"], _row()["is_on"], _row()["decided_by"]) == (0, is_on, "ada")


def test_a_switch_that_falls_between_reading_and_writing_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    post = make_publisher("Post")
    make_pages(post, 3, CALL)
    learn_lines([post.pk], LATER)
    make_pages(post, 1, CALL, first=3)

    def switch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("INSERT INTO articles_edgeline"):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE articles_edgeline SET is_on = false, decided_by = 'ada'")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(switch):
        learn_lines([post.pk], LATER)
    assert (_row()["articles"], _row()["is_on"], _row()["decided_by"]) == (4, False, "ada")


def test_a_line_that_a_switched_off_rule_would_take_is_not_learnt_and_fades() -> None:
    post = make_publisher("Post")
    make_pages(post, 3, "Follow us on Facebook", CALL)
    learn_lines([post.pk], LATER)
    assert len(lines_on([post.pk])[post.pk]) == 2
    PageRules.objects.create(publisher=post, rules_off=["follow"])
    learn_lines([post.pk], LATER)
    assert lines_on([post.pk])[post.pk] == {line_key(CALL)}


def test_the_background_of_one_event_is_not_learnt() -> None:
    post = make_publisher("Post")
    line = "What we know of the crane strike"
    make_event("Crane strike", make_pages(post, 6, line))
    learn_lines([post.pk], LATER)
    assert lines_on([post.pk])[post.pk] == frozenset()
    make_pages(post, 2, line, first=6)
    learn_lines([post.pk], LATER)
    assert lines_on([post.pk])[post.pk] == {line_key(line)}, "three stories: the event and two others"


def test_texts_of_feeds_are_learnt_from_like_pages_and_stay_clean() -> None:
    post = make_publisher("Post")
    make_pages(post, 5, CALL)
    Revision.objects.update(origin=Revision.Origin.FEED)
    learn_lines([post.pk], LATER)
    assert lines_on([post.pk]) == {post.pk: {line_key(CALL)}}
    make_pages(post, PAGES_COMPARED, first=5, removed=[(LEARNT, CALL)])
    Revision.objects.update(origin=Revision.Origin.FEED)
    learn_lines([post.pk], LATER)
    assert lines_on([post.pk]) == {post.pk: {line_key(CALL)}}


def test_it_asks_as_much_of_the_database_for_many_as_for_one() -> None:
    publishers = [make_publisher(f"Post {number}") for number in range(6)]
    for publisher in publishers:
        make_pages(publisher, 3, CALL)
    counts = []
    for portion in (publishers[:1], publishers):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            learn_lines([one.pk for one in portion], LATER)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
    with CaptureQueriesContext(connection) as queries:
        assert all(lines_on([one.pk for one in publishers]).values())
    assert len(queries) == 1
    learn_lines([], LATER)


def test_hostile_lines_are_stored_as_they_are_or_passed_over() -> None:
    post = make_publisher("Post")
    odd = "<b>Post</b> 'quoted' \\ %s {0} ✨"
    make_pages(post, 3, odd, "ﬃ" * 290)
    learn_lines([post.pk], LATER)
    assert [row.line for row in EdgeLine.objects.all()] == [odd]
    assert make_article("One more", publisher=post).publisher_id == post.pk


def test_reading_again_takes_learnt_lines_off_and_a_passing_look_makes_no_version_of_it() -> None:
    article = make_pages(make_publisher("Post"), 1, CALL)[0]
    revision = article.revision
    assert revision is not None
    text = revision.text.removesuffix(f"\n\n{CALL}")
    clean = ExtractedPage(title=article.title, text=text, html="", removed=((LEARNT, CALL),))
    looked = take_page(article, revision, clean, LATER)
    assert (looked.is_new, looked.revision) == (False, revision)
    asked = take_page(article, revision, clean, LATER, is_asked=True)
    assert (asked.is_new, asked.revision.text, asked.revision.removed) == (True, text, [[LEARNT, CALL]])
    assert asked.revision.problems == [REREAD]
    assert (asked.revision.changes, article.corrected_at) == ([], None), "the publisher corrected nothing"
    again = take_page(article, asked.revision, clean, LATER, is_asked=True)
    assert not again.is_new
    assert Revision.objects.get(pk=revision.pk).text.endswith(CALL), "what it said stays"
