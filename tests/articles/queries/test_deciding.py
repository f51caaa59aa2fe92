"""What pages of decisions read: both sides of a preview with titles and publishers, and no more for large events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.events.judging import link_events
from articles.models import Event, Membership, StorylineLink
from articles.queries.deciding import (
    chain_of,
    developments_of,
    preview_join,
    preview_move,
    preview_split,
    texts_of,
)
from articles.queries.review import forget_left, questions_left, queue_page
from articles.queries.review_items import review_item
from articles.queries.review_kinds import Question, read_question
from articles.queries.review_placements import PlacementItem, placement_question
from tests.doubts_world import Doubts, doubt, make_doubts
from tests.stories_world import make_article, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubts(db: None) -> Doubts:
    forget_left()
    return make_doubts(timezone.now())


def cost(read: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        read()
    return len(seen)


def test_a_split_shows_both_parts_with_the_copies_that_follow(doubts: Doubts) -> None:
    first, second, third, _, *_ = doubts.articles
    preview = preview_split(doubts.here.pk, [first.pk])
    assert preview is not None
    assert preview.followers == 1
    stays, goes = preview.sides
    assert (stays.articles, stays.articles_after, goes.articles_after) == (4, 2, 2)
    assert goes.names == ("Harbour Post", "Lion City Business")
    assert goes.title_after == first.title, "a copy gives no event its name"
    assert stays.title_after in {second.title, third.title}, (
        "the event is named anew when its best article leaves"
    )
    assert preview_split(doubts.here.pk, []) is None
    assert preview_split(doubts.here.pk, [one.pk for one in doubts.articles[:3]]) is None, (
        "nothing would stay"
    )
    assert preview_split(doubts.here.pk, [doubts.articles[4].pk]) is None, "it is not in the event"
    assert preview_split(999_999, [first.pk]) is None


def test_texts_to_choose_from_have_their_copies_below_them(doubts: Doubts) -> None:
    texts = texts_of(doubts.here.pk, [doubts.articles[1].pk])
    assert [text.line.id for text in texts] == [doubts.articles[n].pk for n in (2, 1, 0)]
    assert [[copy.id for copy in text.copies] for text in texts] == [[], [], [doubts.articles[3].pk]]
    assert [text.chosen for text in texts] == [False, True, False]


def test_a_move_and_a_join_show_what_both_would_be(doubts: Doubts) -> None:
    moved = preview_move(doubts.articles[0].pk, doubts.there.pk)
    assert moved is not None
    assert [(side.articles, side.articles_after) for side in moved.sides] == [(4, 2), (2, 4)]
    assert [(side.publishers, side.publishers_after) for side in moved.sides] == [(4, 2), (2, 3)]
    alone = preview_move(doubts.articles[1].pk, None)
    assert alone is not None
    assert (alone.sides[1].id, alone.sides[1].title_after) == (None, doubts.articles[1].title)
    joined = preview_join(doubts.here.pk, doubts.there.pk)
    assert joined is not None
    assert [(side.articles, side.articles_after) for side in joined.sides] == [(4, 6), (2, 0)]
    Event.objects.filter(pk=doubts.here.pk).update(titled_by="ed")
    kept = preview_join(doubts.here.pk, doubts.there.pk)
    assert kept is not None
    assert kept.sides[0].title_after == doubts.here.title, "a person's title is kept"
    assert (
        preview_join(doubts.here.pk, doubts.here.pk) is preview_move(doubts.articles[0].pk, 999_999) is None
    )


def test_links_and_the_whole_chain_of_a_story(doubts: Doubts) -> None:
    now = timezone.now()
    last = make_event("Bridge open again", [make_article("Bridge open again", "Text.", now)])
    for event, days in ((doubts.here, 60), (doubts.there, 30)):
        at = now - timedelta(days=days)
        Event.objects.filter(pk=event.pk).update(first_at=at, last_at=at)
    assert chain_of(last.pk) == []
    link_events(doubts.here.pk, doubts.there.pk, "ed")
    link_events(last.pk, doubts.there.pk, "ed", "the same cables")
    StorylineLink.objects.create(earlier=doubts.here, later=last, score=0.6)
    assert [link.id for link in chain_of(doubts.here.pk)] == [doubts.here.pk, doubts.there.pk, last.pk]
    assert chain_of(last.pk) == chain_of(doubts.there.pk) == chain_of(doubts.here.pk)
    found = developments_of(last.pk)
    assert [(one.event_id, one.is_earlier, one.status) for one in found] == [
        (doubts.here.pk, True, "suggested"),
        (doubts.there.pk, True, "confirmed"),
    ]
    assert found[1].why[-1]["words"] == "ed linked them: the same cables"


def test_articles_between_the_same_two_events_are_one_question(doubts: Doubts) -> None:
    (line,) = queue_page("placement").lines
    assert (line.name, line.asks, line.figure) == (doubts.here.title, f"or {doubts.there.title}?", "2")
    assert line.question == placement_question(doubts.here.pk, doubts.there.pk) == read_question(line.key)
    assert queue_page("").lines[-1] == line
    assert questions_left().by_kind["placement"] == 1
    item = review_item(line.question)
    assert isinstance(item, PlacementItem)
    assert {one.article_id for one in item.articles} == {one.pk for one in doubts.articles[1:3]}
    assert item.there is not None
    assert (item.here.others, item.there.others, item.is_own, item.to_there_first) == (2, 2, False, True)
    assert item.articles[0].why[0]["words"] == "shares Skagen Steel AB (.16)"
    assert [chip.name for chip in item.here.names][:1] == ["Skagen Steel AB"]
    shown = item.articles[0].title
    assert item.here.words
    assert all(word in shown for word in (*item.here.words, *item.there.words)), "as its headline has them"


def test_what_is_old_checked_or_decided_is_not_asked(doubts: Doubts) -> None:
    def asked() -> int:
        assert len(queue_page("placement").lines) == questions_left().by_kind["placement"]
        return len(queue_page("placement").lines)

    rows = Membership.objects.filter(article__in=doubts.articles[1:3])
    assert asked() == 1
    for change, back in (
        ({"checked_by": "ed"}, {"checked_by": ""}),
        ({"decided_by": "ed"}, {"decided_by": ""}),
        ({"placed_at": timezone.now() - timedelta(days=15)}, {"placed_at": timezone.now()}),
        ({"unsure": ""}, {"unsure": "threshold"}),
    ):
        rows.update(**change)
        assert asked() == 0, change
        rows.update(**back)
        assert asked() == 1
    Event.objects.filter(pk=doubts.there.pk).update(merged_into=doubts.here)
    assert asked() == 0, "the two are one by now"
    assert review_item(Question("placement", 999_999)) is None


def test_an_article_that_nearly_joined_may_be_an_event_of_its_own(doubts: Doubts) -> None:
    alone = make_article("Bridge in Uvda cracks", "Text.", timezone.now())
    event = make_event(alone.title, [alone])
    doubt(alone, doubts.here, "threshold", 0.24)
    item = review_item(placement_question(event.pk, doubts.here.pk))
    assert isinstance(item, PlacementItem)
    assert (item.is_own, item.articles[0].joined, item.to_there_first) == (True, False, True)


def test_the_newest_hour_comes_first_and_in_it_the_most_doubtful(doubts: Doubts) -> None:
    events = []
    for n, (hours, score) in enumerate(((0, 0.5), (0, 0.305), (30, 0.301))):
        article = make_article(f"Doubt {n}", "Text.", timezone.now())
        events.append(make_event(article.title, [article]).pk)
        doubt(article, doubts.there, score=score)
        at = timezone.now().replace(minute=0) + timedelta(hours=5 - hours)
        Membership.objects.filter(article=article).update(placed_at=at)
    lines = [line.question.number for line in queue_page("placement").lines]
    assert [number for number in lines if number in events] == [events[1], events[0], events[2]]


def test_it_reads_no_more_of_ten_times_as_much(doubts: Doubts) -> None:
    question = placement_question(doubts.here.pk, doubts.there.pk)
    link_events(doubts.here.pk, doubts.there.pk, "ed")
    reads: tuple[Callable[[], object], ...] = (
        lambda: preview_split(doubts.here.pk, [doubts.articles[0].pk]),
        lambda: preview_move(doubts.articles[0].pk, doubts.there.pk),
        lambda: preview_join(doubts.here.pk, doubts.there.pk),
        lambda: texts_of(doubts.here.pk),
        lambda: developments_of(doubts.here.pk),
        lambda: chain_of(doubts.here.pk),
        lambda: queue_page("placement"),
        lambda: review_item(question),
    )
    before = [cost(read) for read in reads]
    assert before[-1] <= 6
    assert max(before) <= 6
    for n in range(15):
        article = make_article(f"More {n}", "Text.", timezone.now(), entities=doubts.crew)
        Membership.objects.create(article=article, event=doubts.here, rule_version="t")
        doubt(article, doubts.there)
        other = make_event(f"Event {n}", [make_article(f"Other {n}", "Text.", timezone.now())])
        StorylineLink.objects.create(earlier=doubts.here, later=other, status="confirmed")
    assert [cost(read) for read in reads] == before
