"""Events are built anew from scratch: the same stream gives the same events, and what people decided holds."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from articles.events import database, judging, replaying
from articles.events.database import recount_event, redirect_event, shard_turn
from articles.events.placing import place_articles
from articles.events.replaying import changes_of, plan_replay, write_replay
from articles.events.scoring import RULE_VERSION
from articles.management.commands import replay_events
from articles.models import (
    Article,
    ArticleCopy,
    Event,
    EventVector,
    Job,
    Membership,
    PlacedTerms,
    StorylineLink,
    TermCount,
)
from entities.models import Change
from tests.articles.events.told import STREAM, store_article
from tests.workers import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    database._held.clear()
    yield
    database._held.clear()


@pytest.fixture
def ids() -> list[int]:
    """The stream of invented stories, placed: bridge 0 2 3, vaccine 1 5 7, election 4 6, and bridge again, too late, 8."""
    articles = [store_article(told) for told in STREAM]
    place_articles([article.pk for article in articles])
    return [article.pk for article in articles]


def events() -> dict[int, int]:
    return dict(Membership.objects.values_list("article_id", "event_id"))


def groups(placed: dict[int, int]) -> set[frozenset[int]]:
    return {frozenset(key for key, event in placed.items() if event == one) for one in placed.values()}


def scramble(ids: list[int]) -> tuple[int, int, int]:
    """As an older rule might have left it: all stories in one event, and two tellings of the bridge alone."""
    first, *others = sorted(set(events().values()))
    Membership.objects.update(event=first, rule_version="events-0", score=0.1, why=[])
    Event.objects.update(rule_version="events-0")
    alone = []
    for at in (2, 3):
        at_time = STREAM[at].published
        event = Event.objects.create(
            title="Alone", shard="en", first_at=at_time, last_at=at_time, rule_version="events-0"
        )
        Membership.objects.filter(article=ids[at]).update(event=event)
        alone.append(event.pk)
    for other in others:
        redirect_event(other, first)
    for event_id in (first, *alone):
        recount_event(event_id)
    database._held.clear()
    return first, alone[0], alone[1]


def replay() -> int:
    plan = plan_replay("en")
    try:
        return write_replay(plan)
    finally:
        plan.close()


def test_what_the_rules_of_now_made_is_what_they_make_again(ids: list[int]) -> None:
    before = list(Membership.objects.order_by("pk").values())
    plan = plan_replay("en")
    assert changes_of(plan) == []
    assert write_replay(plan) == 0
    plan.close()
    assert list(Membership.objects.order_by("pk").values()) == before
    assert not Change.objects.exists()


def test_the_same_stream_gives_the_same_plan(ids: list[int]) -> None:
    scramble(ids)
    one, other = plan_replay("en"), plan_replay("en")
    assert one.now == other.now
    assert one.succession == other.succession
    assert changes_of(one) == changes_of(other)
    query = "SELECT article, row, terms FROM detail ORDER BY article"
    assert one.spool.execute(query).fetchall() == other.spool.execute(query).fetchall()
    one.close()
    other.close()


def test_it_says_what_would_change_and_writes_nothing(ids: list[int]) -> None:
    large, one, other = scramble(ids)
    placed = events()
    plan = plan_replay("en")
    told = {change.kind: change for change in changes_of(plan)}
    plan.close()
    assert set(told) == {"split", "grew", "joined", "opened"}
    assert (told["joined"].event_id, told["joined"].before, told["joined"].after) == (other, 1, 0)
    assert (told["grew"].event_id, told["grew"].before, told["grew"].after) == (one, 1, 3)
    assert told["joined"].leads_to == one
    assert told["joined"].title == STREAM[3].title
    assert (told["split"].event_id, told["split"].before) == (large, len(ids) - 2)
    assert told["opened"].event_id is None
    assert told["opened"].title
    assert events() == placed
    assert set(Membership.objects.values_list("rule_version", flat=True)) == {"events-0"}


def test_what_is_written_are_the_events_of_the_rules_of_now(ids: list[int]) -> None:
    wanted = groups(events())
    words = dict(TermCount.objects.values_list("term", "articles"))
    waiting = [term for terms in PlacedTerms.objects.values_list("terms", flat=True) for term in terms]
    large, one, other = scramble(ids)
    assert replay() > 0
    placed = events()
    assert groups(placed) == wanted
    assert placed[ids[1]] == large, "the largest overlap keeps the number"
    assert placed[ids[2]] == one
    assert Event.objects.get(pk=other).merged_into_id == one
    for event in Event.objects.filter(merged_into=None):
        assert event.article_count == sum(one == event.pk for one in placed.values())
        assert event.rule_version == RULE_VERSION
        assert EventVector.objects.filter(event=event, size=event.article_count, stale=False).exists()
    assert set(Membership.objects.values_list("rule_version", flat=True)) == {RULE_VERSION}
    assert all(Membership.objects.values_list("why", flat=True))
    counted = dict(TermCount.objects.values_list("term", "articles"))
    assert sum(counted.values()) == sum(words.values()) + len(waiting)
    assert Job.objects.filter(kind="digest").exists()
    assert replay() == 0, "what is written is what the rules make"


def test_an_origin_that_came_after_its_copies_is_here_for_the_text_that_it_shares(ids: list[int]) -> None:
    first, late = ids[0], ids[3]
    ArticleCopy.objects.filter(article=first).update(kind="verbatim")
    why = [{"code": "earliest", "words": "first published at 08:34", "weight": 0.1}]
    ArticleCopy.objects.filter(article=late).update(kind="origin", why=why)
    scramble(ids)
    replay()
    assert [(part["code"], part["words"]) for part in Membership.objects.get(article=late).why] == [
        ("copy", "It carries the text of an article of this event")
    ]


def test_placing_goes_on_as_if_nothing_had_been(ids: list[int]) -> None:
    scramble(ids)
    replay()
    late = store_article(
        STREAM[2].__class__("bridge", "late-news", 11, "Halvard Bridge shut", STREAM[2].text), batch=2
    )
    place_articles([late.pk])
    assert events()[late.pk] == events()[ids[0]]


def test_each_event_that_changed_has_a_row_of_history_that_can_be_taken_back(ids: list[int]) -> None:
    scramble(ids)
    before = events()
    replay()
    rows = list(Change.objects.filter(act="replay_events").order_by("-id"))
    assert {row.by for row in rows} == {"newsdesk"}
    assert all("words" in row.after and RULE_VERSION in row.why for row in rows)
    for row in rows:
        if "memberships" in row.after:
            judging.undo(row.pk, "ed")
    assert events() == before


def test_what_people_decided_holds(ids: list[int]) -> None:
    bridge, vaccine, election = (events()[ids[at]] for at in (0, 1, 4))
    judging.move_article(ids[2], None, "ed")  # one telling of the bridge apart
    judging.join_events(election, vaccine, "ed")
    judging.rename_event(bridge, "The bridge", "ed")
    late = events()[ids[8]]
    judging.set_event_status(late, "closed", "ed")
    StorylineLink.objects.create(earlier_id=bridge, later_id=late, status="confirmed", decided_by="ed")
    placed = events()
    assert replay() == 0
    assert events() == placed
    scrambled = Event.objects.create(
        title="X",
        shard="en",
        first_at=STREAM[0].published,
        last_at=STREAM[0].published,
        rule_version="events-0",
    )
    Membership.objects.filter(decided_by="", checked_by="").exclude(article=ids[8]).update(event=scrambled)
    database._held.clear()
    replay()
    now = events()
    assert now[ids[2]] != now[ids[0]], "kept apart by an editor"
    assert now[ids[2]] == placed[ids[2]]
    assert now[ids[5]] == now[ids[4]] == placed[ids[4]], "joined by an editor"
    assert now[ids[8]] == late
    assert Event.objects.get(pk=bridge).title == "The bridge"
    assert StorylineLink.objects.filter(decided_by="ed", status="confirmed").count() == 1


def test_an_article_that_was_confirmed_alone_keeps_its_event(ids: list[int]) -> None:
    bridge = events()[ids[0]]
    own = Event.objects.create(
        title="Alone", shard="en", first_at=STREAM[2].published, last_at=STREAM[2].published,
        rule_version="events-0",
    )  # fmt: skip
    Membership.objects.filter(article=ids[2]).update(event=own, runner_up=None)
    judging.confirm_placement(ids[2], "ed")
    database._held.clear()
    replay()
    now = events()
    assert (now[ids[0]], now[ids[2]]) == (bridge, own.pk)
    assert replay() == 0, "and again"


def test_two_events_that_people_named_are_never_made_one(ids: list[int]) -> None:
    bridge = events()[ids[0]]
    other = Event.objects.create(
        title="Ferries", titled_by="ed", shard="en", first_at=STREAM[2].published, last_at=STREAM[2].published,
        rule_version="events-0",
    )  # fmt: skip
    Membership.objects.filter(article=ids[2]).update(event=other)
    Event.objects.filter(pk=bridge).update(titled_by="ed", title="The bridge")
    database._held.clear()
    replay()
    now = events()
    assert (now[ids[0]], now[ids[2]]) == (bridge, other.pk)
    assert set(Event.objects.filter(merged_into=None, titled_by="ed").values_list("title", flat=True)) == {
        "Ferries", "The bridge",
    }  # fmt: skip


def test_what_people_change_after_the_plan_is_left_as_they_have_it(ids: list[int]) -> None:
    scramble(ids)
    plan = plan_replay("en")
    judging.move_article(ids[1], None, "ed")
    placed = events()[ids[1]]
    Article.objects.filter(pk=ids[6]).delete()
    write_replay(plan)
    plan.close()
    assert events()[ids[1]] == placed
    assert Membership.objects.get(article=ids[1]).decided_by == "ed"


def test_a_replay_that_was_killed_goes_on_where_it_was(
    ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    scramble(ids)
    plan = plan_replay("en")
    wanted = {frozenset(key for key, group in plan.now.items() if group == one) for one in plan.now.values()}
    write = replaying._write_group
    calls: list[int] = []

    def die(*args: Any) -> int:
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return write(*args)

    with monkeypatch.context() as broken:
        broken.setattr(replaying, "_write_group", die)
        with pytest.raises(KeyboardInterrupt):
            write_replay(plan)
    plan.close()
    assert groups(events()) != wanted
    replay()
    assert groups(events()) == wanted
    assert replay() == 0


def test_an_article_of_another_language_stays_where_a_person_put_it(ids: list[int]) -> None:
    german = store_article(
        STREAM[0].__class__("bridge", "post-de", 5, "Brücke gesperrt", "Risse im Seil."), language="de"
    )
    place_articles([german.pk])
    judging.move_article(german.pk, events()[ids[0]], "ed")
    scramble([*ids])
    Membership.objects.filter(article=german).update(decided_by="ed")
    placed = events()[german.pk]
    replay()
    assert events()[german.pk] == placed
    assert Event.objects.get(pk=placed).merged_into_id is None


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("replay_events", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_shows_first_and_writes_when_it_is_told_to(ids: list[int]) -> None:
    scramble(ids)
    placed = events()
    out, _ = run()
    assert "9 articles in" in out
    assert "joined" in out
    assert STREAM[3].title in out
    assert events() == placed
    out, _ = run("--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["change"] for row in rows} == {"split", "grew", "joined", "opened"}
    _, err = run("--write", "--from-rule", "events-0")
    assert "articles moved" in err
    assert events() != placed
    assert "nothing to do" in run("--write", "--from-rule", "events-0")[1]
    assert "none changes" in run("--write")[0]
    assert "0 articles" in run("--shard", "xx")[0]


@pytest.mark.django_db(transaction=True)
def test_the_command_waits_for_the_worker_that_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_events, "PATIENCE_SECONDS", 0.0)
    other = connections.create_connection("default")
    other.settings_dict = connections["default"].settings_dict
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_lock(%s, %s)", [database.TURN_ROOM, zlib.crc32(b"en") - (1 << 31)]
            )
        with pytest.raises(CommandError, match="stop the worker that places"):
            run("--write")
    finally:
        other.close()
    wait_until(_is_free, "the server gives the turn of the closed connection back")


def _is_free() -> bool:
    with shard_turn("en") as is_ours:
        return is_ours
