"""What people decide about events: it holds for every later run, shows in the history and can be undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from articles.errors import RefusedError
from articles.events import database
from articles.events.judging import (
    join_events,
    move_article,
    rename_event,
    set_event_status,
    split_event,
    undo,
)
from articles.events.placing import place_articles
from articles.models import Article, Constraint, Event, Membership
from entities.models import Change
from tests.articles.events.told import (
    BRIDGE,
    BRIDGE_AGAIN,
    ELECTION_AGAIN,
    STREAM,
    VACCINE_AGAIN,
    Told,
    revise,
    store_article,
)


@pytest.fixture(autouse=True)
def _new_process(db: None) -> None:
    database._held.clear()


@pytest.fixture
def articles(db: None) -> list[Article]:
    """Bridge 0 2 3, vaccine 1 5 7, election 4 6; placed."""
    stored = [store_article(told) for told in STREAM[:8]]
    place_articles(article.pk for article in stored)
    return stored


def _event_of(article: Article) -> int:
    return Membership.objects.values_list("event_id", flat=True).get(article=article)


def _everything() -> list[object]:
    return [
        list(
            Membership.objects.order_by("article_id").values_list(
                "article_id", "event_id", "score", "decided_by"
            )
        ),
        list(
            Event.objects.order_by("id").values_list("id", "title", "status", "merged_into", "article_count")
        ),
        list(Constraint.objects.filter(withdrawn_at=None).order_by("id").values_list("kind", "a_id", "b_id")),
    ]


def test_a_moved_article_stays_where_it_was_put_when_it_is_revised(articles: list[Article]) -> None:
    target = _event_of(articles[4])
    move_article(articles[2].pk, target, "ed", "it is about the vote")
    revise(articles[2], "Bridge again", BRIDGE)
    place_articles([articles[2].pk])
    row = Membership.objects.get(article=articles[2])
    assert (row.event_id, row.decided_by) == (target, "ed")
    assert row.why[0]["words"] == "ed moved it here: it is about the vote"
    assert Event.objects.get(pk=target).article_count == 3


def test_a_moved_article_is_kept_apart_even_when_its_place_is_lost(articles: list[Article]) -> None:
    old = _event_of(articles[2])
    judged = move_article(articles[2].pk, None, "ed")
    Membership.objects.filter(article=articles[2]).delete()
    place_articles([articles[2].pk])
    assert _event_of(articles[2]) != old
    assert judged.event_id != old
    assert Event.objects.get(pk=old).article_count == 2


def test_a_moved_article_goes_where_a_person_put_it_even_when_its_place_is_lost(
    articles: list[Article],
) -> None:
    target = _event_of(articles[1])
    move_article(articles[2].pk, target, "ed")
    Membership.objects.filter(article=articles[2]).delete()
    place_articles([articles[2].pk])
    assert _event_of(articles[2]) == target
    assert Membership.objects.get(article=articles[2]).why[0]["code"] == "must"


def test_a_copy_that_comes_later_follows_the_moved_article(articles: list[Article]) -> None:
    judged = move_article(articles[2].pk, None, "ed")
    copy = store_article(
        Told("bridge", "harbour-news", 10, "Cables cracked", BRIDGE_AGAIN + " Harbour News.")
    )
    place_articles([copy.pk])
    assert _event_of(copy) == judged.event_id


def test_a_like_article_that_comes_later_compares_with_the_events_as_people_left_them(
    articles: list[Article],
) -> None:
    vaccine, election = _event_of(articles[1]), _event_of(articles[4])
    judged = join_events(vaccine, election, "ed", "one story")
    late = store_article(
        Told(
            "election",
            "uvda-echo",
            11,
            "Ferrant loses Castellane to Quint",
            ELECTION_AGAIN.replace("lift", "end"),
        )
    )
    later = store_article(Told("vaccine", "health-desk", 12, "Vaccine for river fever", VACCINE_AGAIN[60:]))
    place_articles([late.pk, later.pk])
    assert _event_of(late) == _event_of(later) == judged.event_id == vaccine


def test_a_joined_event_leads_to_the_kept_one_and_gets_nothing_more(articles: list[Article]) -> None:
    vaccine, election = _event_of(articles[1]), _event_of(articles[4])
    join_events(vaccine, election, "ed")
    event = Event.objects.get(pk=election)
    assert (event.merged_into_id, event.article_count) == (vaccine, 0)
    assert Event.objects.get(pk=vaccine).article_count == 5
    for article in articles:
        revise(article, article.title, article.revision.text + " Corrected." if article.revision else "")
    place_articles(article.pk for article in articles)
    assert not Membership.objects.filter(event_id=election).exists()
    assert _event_of(articles[4]) == _event_of(articles[6]) == vaccine


def test_an_address_of_a_joined_event_may_be_used_in_later_decisions(articles: list[Article]) -> None:
    vaccine, election = _event_of(articles[1]), _event_of(articles[4])
    join_events(vaccine, election, "ed")
    assert move_article(articles[2].pk, election, "ed").event_id == vaccine


def test_a_split_event_stays_split(articles: list[Article]) -> None:
    bridge = _event_of(articles[0])
    judged = split_event(bridge, [articles[2].pk, articles[3].pk], "ed")
    assert _event_of(articles[2]) == _event_of(articles[3]) == judged.event_id != bridge
    Membership.objects.filter(article=articles[3]).delete()
    place_articles([articles[3].pk])
    assert _event_of(articles[3]) == judged.event_id


@pytest.mark.parametrize("how", ["move", "move to a new one", "join", "split"])
def test_undo_brings_all_back(articles: list[Article], how: str) -> None:
    bridge, vaccine = _event_of(articles[0]), _event_of(articles[1])
    before = _everything()
    if how == "move":
        judged = move_article(articles[2].pk, vaccine, "ed")
    elif how == "move to a new one":
        judged = move_article(articles[2].pk, None, "ed")
    elif how == "join":
        judged = join_events(vaccine, bridge, "ed")
    else:
        judged = split_event(bridge, [articles[2].pk], "ed")
    done = _everything()
    assert done != before
    undone = undo(judged.change_id, "ed")
    after = _everything()
    assert after[0] == before[0]
    assert after[1][: len(before[1])] == before[1]  # type: ignore[index,arg-type]  # lists in both
    assert all(row[3] and not row[4] for row in after[1][len(before[1]) :])  # type: ignore[index,arg-type]  # as above
    assert after[2] == before[2]
    undo(undone.change_id, "ed")
    assert _everything()[:2] == done[:2]
    late = store_article(Told("bridge", "late-news", 12, "Halvard Bridge cables", BRIDGE_AGAIN))
    place_articles([late.pk])
    assert _event_of(late) == _event_of(articles[2])


def test_the_machine_obeys_an_undo_too(articles: list[Article]) -> None:
    bridge = _event_of(articles[0])
    judged = move_article(articles[2].pk, None, "ed")
    undo(judged.change_id, "ed")
    Membership.objects.filter(article=articles[2]).delete()
    place_articles([articles[2].pk])
    assert _event_of(articles[2]) == bridge


def test_the_later_of_two_contrary_words_counts(articles: list[Article]) -> None:
    bridge, vaccine = _event_of(articles[0]), _event_of(articles[1])
    move_article(articles[2].pk, vaccine, "ed")
    move_article(articles[2].pk, bridge, "eve")
    Membership.objects.filter(article=articles[2]).delete()
    place_articles([articles[2].pk])
    assert _event_of(articles[2]) == bridge
    pairs = Constraint.objects.filter(withdrawn_at=None).values_list("a_id", "b_id")
    assert len(set(pairs)) == len(pairs)


def test_undo_refuses_what_a_later_decision_stands_on(articles: list[Article]) -> None:
    first = move_article(articles[2].pk, _event_of(articles[1]), "ed")
    second = move_article(articles[2].pk, _event_of(articles[4]), "ed")
    with pytest.raises(RefusedError, match="later change first"):
        undo(first.change_id, "ed")
    undo(second.change_id, "ed")
    undo(first.change_id, "ed")
    with pytest.raises(RefusedError, match="undone already"):
        undo(first.change_id, "ed")


def test_a_title_and_a_status_given_by_a_person_are_kept_and_undone(articles: list[Article]) -> None:
    event_id = _event_of(articles[0])
    machine = Event.objects.get(pk=event_id).title
    renamed = rename_event(event_id, "  Halvard   Bridge damage ", "ed")
    closed = set_event_status(event_id, "closed", "ed", "repaired")
    late = store_article(Told("bridge", "late-news", 12, "Halvard Bridge: cracked cables", BRIDGE_AGAIN))
    place_articles([late.pk])
    event = Event.objects.get(pk=event_id)
    assert (event.title, event.titled_by, event.status) == ("Halvard Bridge damage", "ed", "closed")
    undo(closed.change_id, "ed")
    undo(renamed.change_id, "ed")
    event.refresh_from_db()
    assert (event.titled_by, event.status) == ("", "open")
    assert event.title == machine or "Halvard" in event.title


def test_the_history_of_both_events_and_of_the_article_tell_of_a_move(articles: list[Article]) -> None:
    old, new = _event_of(articles[2]), _event_of(articles[4])
    judged = move_article(articles[2].pk, new, "ed", "why not")
    assert Change.objects.get(subject_kind="article", subject_id=articles[2].pk).pk == judged.change_id
    left = Change.objects.get(subject_kind="event", subject_id=old)
    came = Change.objects.get(subject_kind="event", subject_id=new)
    assert (left.act, came.act, came.by, came.why) == ("article_left", "article_came", "ed", "why not")
    undo(left.pk, "ed")
    assert _event_of(articles[2]) == old


def test_what_makes_no_sense_is_refused_in_words(articles: list[Article]) -> None:
    bridge, election = _event_of(articles[0]), _event_of(articles[4])
    alone = store_article(Told("alone", "alone-news", 13, "Alone", "Nothing like it was ever told anywhere."))
    with pytest.raises(RefusedError, match="no event yet"):
        move_article(alone.pk, bridge, "ed")
    place_articles([alone.pk])
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: move_article(articles[0].pk, bridge, "ed"), "already"),
        (lambda: move_article(alone.pk, None, "ed"), "alone"),
        (lambda: move_article(alone.pk, 999_999, "ed"), "no event 999999"),
        (lambda: join_events(bridge, bridge, "ed"), "same event"),
        (lambda: split_event(election, [articles[4].pk, articles[6].pk], "ed"), "at least one"),
        (lambda: split_event(election, [articles[0].pk], "ed"), "not in the event"),
        (lambda: split_event(election, [], "ed"), "not in the event"),
        (lambda: set_event_status(bridge, "great", "ed"), "no status"),
        (lambda: set_event_status(bridge, "open", "ed"), "already"),
        (lambda: rename_event(bridge, "x" * 301, "ed"), "shorten"),
        (lambda: undo(999_999, "ed"), "no decision"),
    ]
    for act, words in refused:
        with pytest.raises(RefusedError, match=words):
            act()
    assert not Change.objects.exists()
    assert not Constraint.objects.exists()


def test_an_event_that_loses_its_last_article_leads_to_where_it_went(articles: list[Article]) -> None:
    alone = store_article(Told("alone", "alone-news", 13, "Alone", "Nothing like it was ever told anywhere."))
    place_articles([alone.pk])
    old = _event_of(alone)
    judged = move_article(alone.pk, _event_of(articles[0]), "ed")
    assert Event.objects.get(pk=old).merged_into_id == judged.event_id
    undo(judged.change_id, "ed")
    assert Event.objects.get(pk=old).merged_into_id is None
    assert _event_of(alone) == old
