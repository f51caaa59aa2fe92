"""What people decide about events: it holds for every later run, shows in the history and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from articles.errors import RefusedError
from articles.events import database
from articles.events.decisions import Decisions, decisions_of
from articles.events.judging import (
    confirm_placement,
    confirm_placements,
    decide_storyline,
    join_events,
    link_events,
    move_article,
    move_articles,
    not_in_event,
    not_same_event,
    rename_event,
    set_event_status,
    set_event_type,
    split_event,
    undo,
)
from articles.events.placing import place_articles
from articles.models import Article, Constraint, Event, Job, Membership, StorylineLink
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
from tests.workers import wait_until


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


def _place_anew(*articles: Article) -> None:
    """Lose the articles' places and have the machine find them again."""
    Membership.objects.filter(article__in=articles).delete()
    place_articles(article.pk for article in articles)


def _doubt(article: Article, runner_up: int | None = None, unsure: str = "threshold") -> Membership:
    row = Membership.objects.get(article=article)
    row.unsure, row.runner_up_id = unsure, runner_up
    row.save(update_fields=["unsure", "runner_up"])
    return row


def test_copies_go_where_their_text_goes(articles: list[Article]) -> None:
    bridge = _event_of(articles[0])
    judged = split_event(bridge, [articles[0].pk], "ed")
    assert _event_of(articles[3]) == judged.event_id, "the copy of the first article"
    assert _event_of(articles[2]) == bridge
    undo(judged.change_id, "ed")
    moved = move_article(articles[0].pk, None, "ed")
    assert _event_of(articles[3]) == moved.event_id != bridge
    _place_anew(articles[3])
    assert _event_of(articles[3]) == moved.event_id


def test_a_copy_that_a_person_put_somewhere_follows_nobody(articles: list[Article]) -> None:
    election = _event_of(articles[4])
    move_article(articles[3].pk, election, "ed")
    move_article(articles[3].pk, _event_of(articles[0]), "ed")
    judged = move_article(articles[0].pk, election, "eve")
    assert _event_of(articles[0]) == judged.event_id == election
    assert _event_of(articles[3]) == _event_of(articles[2]) != election


def test_several_articles_of_one_event_move_at_once_and_back(articles: list[Article]) -> None:
    bridge, election = _event_of(articles[0]), _event_of(articles[4])
    before = _everything()
    judged = move_articles([articles[2].pk, articles[0].pk], election, "ed", "all of it")
    assert {_event_of(articles[n]) for n in (0, 2, 3, 4, 6)} == {election}
    assert Event.objects.get(pk=bridge).merged_into_id == election
    undo(judged.change_id, "ed")
    assert _everything() == before
    with pytest.raises(RefusedError, match="several events"):
        move_articles([articles[0].pk, articles[1].pk], election, "ed")
    with pytest.raises(RefusedError, match="tick at least one"):
        move_articles([], election, "ed")


def test_two_events_that_are_not_the_same_stay_apart_when_all_is_placed_anew(articles: list[Article]) -> None:
    split = split_event(_event_of(articles[0]), [articles[2].pk], "ed")
    undo(split.change_id, "ed")
    _place_anew(articles[2])
    assert _event_of(articles[0]) == _event_of(articles[2]), "by themselves they are one"
    moved = move_article(articles[2].pk, None, "ed")
    undo(moved.change_id, "ed")
    # Placed apart by chance, then told apart: the machine never brings them together again.
    other = Event.objects.create(
        title="Another", shard="en", first_at=articles[2].published_at, last_at=articles[2].published_at
    )
    Membership.objects.filter(article=articles[2]).update(event=other)
    judged = not_same_event(_event_of(articles[0]), other.pk, "ed", "an older crack")
    _place_anew(articles[2])
    assert _event_of(articles[2]) != _event_of(articles[0])
    with pytest.raises(RefusedError, match="said already"):
        not_same_event(_event_of(articles[0]), _event_of(articles[2]), "eve")
    undo(judged.change_id, "ed")
    assert not Constraint.objects.filter(withdrawn_at=None).exists()


def test_joining_takes_back_that_two_events_are_not_the_same(articles: list[Article]) -> None:
    bridge, vaccine = _event_of(articles[0]), _event_of(articles[1])
    not_same_event(bridge, vaccine, "ed")
    joined = join_events(bridge, vaccine, "eve")
    kinds = Constraint.objects.filter(withdrawn_at=None).values_list("kind", flat=True)
    assert set(kinds) == {"must"}
    undo(joined.change_id, "eve")
    kinds = Constraint.objects.filter(withdrawn_at=None).values_list("kind", flat=True)
    assert set(kinds) == {"cannot"}


def test_an_article_that_does_not_belong_leaves_and_never_comes_back(articles: list[Article]) -> None:
    bridge, vaccine = _event_of(articles[0]), _event_of(articles[1])
    judged = not_in_event(articles[2].pk, bridge, "ed")
    assert _event_of(articles[2]) == judged.event_id != bridge
    _place_anew(articles[2])
    assert _event_of(articles[2]) != bridge
    # Of an event that it is not in, it is kept out.
    kept = not_in_event(articles[0].pk, vaccine, "ed")
    assert kept.event_id == bridge
    with pytest.raises(RefusedError, match="said already"):
        not_in_event(articles[0].pk, vaccine, "eve")


def test_a_confirmed_placement_is_in_doubt_no_more_and_holds(articles: list[Article]) -> None:
    bridge, vaccine = _event_of(articles[0]), _event_of(articles[1])
    _doubt(articles[2], vaccine)
    judged = confirm_placement(articles[2].pk, "ed")
    row = Membership.objects.get(article=articles[2])
    assert (row.event_id, row.unsure, row.checked_by, row.decided_by) == (bridge, "", "ed", "")
    with pytest.raises(RefusedError, match="decided this already"):
        confirm_placement(articles[2].pk, "eve")
    # Even when it reads like another story by now.
    revise(articles[2], "Vaccine works", VACCINE_AGAIN)
    place_articles([articles[2].pk])
    row.refresh_from_db()
    assert (row.event_id, row.unsure, row.checked_by) == (bridge, "", "ed")
    undo(judged.change_id, "ed")
    place_articles([articles[2].pk])
    revise(articles[2], "Vaccine works", VACCINE_AGAIN + " Once more.")
    place_articles([articles[2].pk])
    assert _event_of(articles[2]) == vaccine


def test_an_undone_confirmation_is_in_doubt_again(articles: list[Article]) -> None:
    _doubt(articles[2], _event_of(articles[1]), "runner_up")
    judged = confirm_placement(articles[2].pk, "ed")
    undo(judged.change_id, "ed")
    row = Membership.objects.get(article=articles[2])
    assert (row.unsure, row.checked_by) == ("runner_up", "")
    assert not Constraint.objects.filter(withdrawn_at=None).exists()


def test_an_event_of_its_own_is_confirmed_against_the_next_best_one(articles: list[Article]) -> None:
    bridge = _event_of(articles[0])
    alone = store_article(Told("alone", "alone-news", 13, "Alone", "Nothing like it was ever told anywhere."))
    place_articles([alone.pk])
    _doubt(alone, bridge)
    confirm_placements([alone.pk], "ed")
    revise(alone, "Halvard Bridge: cracked cables", BRIDGE_AGAIN)
    place_articles([alone.pk])
    assert _event_of(alone) != bridge


def test_an_event_of_its_own_is_confirmed_where_there_is_no_next_best_one(articles: list[Article]) -> None:
    alone = store_article(Told("alone", "alone-news", 13, "Alone", "Nothing like it was ever told anywhere."))
    place_articles([alone.pk])
    own = _event_of(alone)
    Membership.objects.filter(article=alone).update(runner_up=None)
    confirm_placement(alone.pk, "ed")
    revise(alone, "Halvard Bridge: cracked cables", BRIDGE_AGAIN)
    place_articles([alone.pk])
    row = Membership.objects.get(article=alone)
    assert (row.event_id, row.checked_by) == (own, "ed")


def test_a_type_given_by_a_person_is_kept_and_its_undo_gives_the_machines_back(
    articles: list[Article],
) -> None:
    event_id = _event_of(articles[0])
    why = [{"code": "trigger", "words": "cracks", "weight": 0.4}]
    Event.objects.filter(pk=event_id).update(type="accident", type_why=why)
    judged = set_event_type(event_id, "legal", "ed", "it is before the court")
    event = Event.objects.get(pk=event_id)
    assert (event.type, event.typed_by) == ("legal", "ed")
    assert event.type_why[0]["words"] == "ed said so: it is before the court"
    undo(judged.change_id, "ed")
    event.refresh_from_db()
    assert (event.type, event.typed_by, event.type_why) == ("accident", "", why)
    for kind, words in (("great", "no type"), ("", "itself chooses")):
        with pytest.raises(RefusedError, match=words):
            set_event_type(event_id, kind, "ed")
    set_event_type(event_id, "deal", "ed")
    with pytest.raises(RefusedError, match="this type already"):
        set_event_type(event_id, "deal", "ed")
    set_event_type(event_id, "", "ed")
    event.refresh_from_db()
    assert (event.type, event.typed_by) == ("", "")


def test_every_decision_has_its_events_summed_up_anew(articles: list[Article]) -> None:
    bridge, vaccine = _event_of(articles[0]), _event_of(articles[1])
    Job.objects.filter(kind=Job.Kind.DIGEST).delete()
    move_article(articles[2].pk, vaccine, "ed")
    asked = Job.objects.filter(kind=Job.Kind.DIGEST, state=Job.State.WAITING)
    assert set(asked.values_list("subject_id", flat=True)) == {bridge, vaccine}


def _link(earlier: int, later: int, status: str = "suggested") -> StorylineLink:
    by = "" if status == "suggested" else "ed"
    why = [{"code": "names", "words": "both speak of Halvard", "weight": 0.6}]
    return StorylineLink.objects.create(
        earlier_id=earlier, later_id=later, status=status, decided_by=by, score=0.6, why=why
    )


def _links() -> set[tuple[int, int, str, str]]:
    return set(StorylineLink.objects.values_list("earlier_id", "later_id", "status", "decided_by"))


def test_a_storyline_is_confirmed_or_refused_and_taken_back(articles: list[Article]) -> None:
    bridge, vaccine, election = (_event_of(articles[n]) for n in (0, 1, 4))
    link = _link(bridge, election)
    judged = decide_storyline(link.pk, "confirmed", "ed", "the same bridge")
    assert _links() == {(bridge, election, "confirmed", "ed")}
    acts = set(Change.objects.filter(act="confirm_storyline").values_list("subject_id", flat=True))
    assert acts == {bridge, election}, "the history of both tells it"
    with pytest.raises(RefusedError, match="said already"):
        decide_storyline(link.pk, "confirmed", "eve")
    refused = decide_storyline(link.pk, "refused", "eve")
    with pytest.raises(RefusedError, match="later change first"):
        undo(judged.change_id, "ed")
    undo(refused.change_id, "eve")
    undo(judged.change_id, "ed")
    assert _links() == {(bridge, election, "suggested", "")}
    linked = link_events(vaccine, bridge, "ed")
    assert (bridge, vaccine, "confirmed", "ed") in _links(), "the earlier one first"
    undo(linked.change_id, "ed")
    assert _links() == {(bridge, election, "suggested", "")}
    refusals: list[tuple[Callable[[], object], str]] = [
        (lambda: decide_storyline(link.pk, "perhaps", "ed"), "no answer"),
        (lambda: decide_storyline(999_999, "refused", "ed"), "gone"),
        (lambda: link_events(bridge, bridge, "ed"), "same event"),
    ]
    for act, words in refusals:
        with pytest.raises(RefusedError, match=words):
            act()


def test_a_joined_event_hands_its_storylines_on_and_gets_them_back(articles: list[Article]) -> None:
    bridge, vaccine, election = (_event_of(articles[n]) for n in (0, 1, 4))
    _link(bridge, election, "refused")
    _link(vaccine, election)
    _link(bridge, vaccine, "confirmed")
    before = _links()
    judged = join_events(vaccine, bridge, "ed")
    assert _links() == {(vaccine, election, "refused", "ed")}, "a person's word stands over a suggestion"
    undo(judged.change_id, "ed")
    assert _links() == before


def test_a_part_that_is_split_off_keeps_what_was_refused_and_asks_what_was_confirmed(
    articles: list[Article],
) -> None:
    bridge, vaccine, election = (_event_of(articles[n]) for n in (0, 1, 4))
    _link(bridge, vaccine, "refused")
    _link(bridge, election, "confirmed")
    before = _links()
    judged = split_event(bridge, [articles[2].pk], "ed")
    part = judged.event_id
    assert _links() == before | {(part, vaccine, "refused", "ed"), (part, election, "suggested", "")}
    undo(judged.change_id, "ed")
    assert _links() == before


def test_it_is_undone_though_events_that_it_names_are_gone_since(articles: list[Article]) -> None:
    bridge, vaccine, election = (_event_of(articles[n]) for n in (0, 1, 4))
    _doubt(articles[2], election)
    _link(bridge, election)
    moved = move_article(articles[2].pk, vaccine, "ed")
    joined = join_events(vaccine, bridge, "ed")
    assert _links() == {(vaccine, election, "suggested", "")}
    Event.objects.filter(pk=election).delete()
    undo(joined.change_id, "ed")
    undo(moved.change_id, "ed")
    row = Membership.objects.get(article=articles[2])
    assert (row.event_id, row.runner_up_id) == (bridge, None)
    assert _links() == set()
    connection.check_constraints()


@pytest.mark.parametrize("how", ["move", "place"])
@pytest.mark.django_db(transaction=True)
def test_events_are_locked_by_their_numbers_so_that_nobody_waits_in_a_circle(how: str) -> None:
    first = store_article(STREAM[0])
    place_articles([first.pk])
    others = [store_article(told) for told in (STREAM[1], STREAM[2])]
    place_articles([article.pk for article in others])
    low, high = sorted({_event_of(first), _event_of(others[0])})
    # Both acts leave the event with the lower number; the stranger holds it, and then asks for the other.
    assert _event_of(others[1]) == low
    stranger = connections.create_connection("default")
    stranger.settings_dict = connections["default"].settings_dict

    def act() -> None:
        try:
            if how == "move":
                # The event that it goes to is written first there.
                move_article(others[0].pk, low, "ed")
            else:
                place_articles([others[1].pk])
        finally:
            connections.close_all()

    revise(others[1], "Vaccine works", VACCINE_AGAIN)
    ask = "SELECT 1 FROM articles_event WHERE id = %s FOR NO KEY UPDATE NOWAIT"
    waiting = """SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
                 WHERE NOT granted AND pid <> pg_backend_pid() AND pg_stat_activity.datname = current_database()"""
    with ThreadPoolExecutor(1) as pool:
        try:
            with stranger.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(ask, [low])
                done = pool.submit(act)
                wait_until(
                    lambda: _number(waiting) > 0, "the act waits for the event that the stranger holds"
                )
                cursor.execute(ask, [high])  # refused, were it held by the act
                cursor.execute("COMMIT")
            done.result(240)
        finally:
            stranger.close()
    assert _event_of(others[0] if how == "move" else others[1]) == (low if how == "move" else high)


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def test_what_stands_of_a_stream_is_counted(articles: list[Article]) -> None:
    bridge, vaccine, election = (_event_of(articles[n]) for n in (0, 1, 4))
    undone = rename_event(bridge, "Taken back", "ed")
    undo(undone.change_id, "ed")
    rename_event(vaccine, "The vaccine", "ed")
    set_event_type(vaccine, "product", "ed")
    set_event_status(election, "confirmed", "eve")
    move_article(articles[2].pk, election, "ed", "why")
    confirm_placement(articles[5].pk, "eve")
    _link(bridge, vaccine, "refused")
    _link(bridge, election)
    found = decisions_of("en")
    pairs = Constraint.objects.filter(withdrawn_at=None).count()
    assert found == Decisions(pairs=pairs, places=2, events=2, storylines=1)
    assert pairs > 0
    assert "2 articles put or confirmed" in str(found)
    assert decisions_of("de") == Decisions(0, 0, 0, 0)
