"""Events are summed up once for a burst of changes, by jobs that no crash loses; what a person said stays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import pipeline
from articles.editing.jobs import drop_job, retry_job, undo_job_change
from articles.events import digesting
from articles.events.database import recount_event, redirect_event
from articles.events.digesting import (
    ask_for_digests,
    ask_for_digests_of,
    ask_for_missing_digests,
    claim_digests,
    digest_claimed,
    digest_event,
)
from articles.events.forgetting import forget_articles, lock_shards
from articles.events.placing import place_articles
from articles.ingest.link import relink_article
from articles.ingest.retention import DIGEST_STEP, tidy
from articles.jobs import holds_job
from articles.models import Article, ArticleCopy, CopyGroup, Event, EventDigest, Job, Mention
from articles.tasks import digest_events
from articles.wakeups import due_wakeups
from entities.models import Entity
from newsdesk.accounts.models import User
from tests.factories import make_article, make_entity, make_event, make_publisher, make_revision
from tests.shared_data import shared

pytestmark = pytest.mark.django_db
SECONDS = 600.0  # more than any machine needs
CSIA, SIA = "China Semiconductor Industry Association", "Semiconductor Industry Association"
FRIDAY = datetime(2021, 3, 12, 3, 0, tzinfo=UTC)
TITLE = "Two chip associations agree to work together"
TEXT = (
    "The Norland Chip Association said on Thursday in a statement that it will form a working group with its Sudmark counterpart, "
    "the Sudmark Chip Council.\n\n"
    "Shares of Harlow Motors rose as much as 12% in Halvard trading after the statement appeared.\n\n"
    "The Sudmark Chip Council did not immediately respond to a request for comment."
)


@pytest.fixture(autouse=True)
def _at_once(settings: LazySettings) -> None:
    settings.DIGEST_SECONDS = 0.0
    settings.NER_MODEL = ""


@pytest.fixture
def actors(db: None) -> dict[str, Entity]:
    return {
        "norland": make_entity("Norland Chip Association", kind="organization"),
        "sudmark": make_entity("Sudmark Chip Council", kind="organization"),
        "harlow": make_entity("Harlow Motors"),
    }


@pytest.fixture
def event(actors: dict[str, Entity]) -> Event:
    article = make_article(TITLE, TEXT, published_at=FRIDAY)
    relink_article(article.pk)
    return make_event(TITLE, [article])


def digest_of(event: Event) -> EventDigest:
    return EventDigest.objects.get(event=event)


def spoken(piece: dict[str, Any]) -> str:
    """The words at the place that a piece of a digest names."""
    span = piece["span"]
    revision = Article.objects.get(pk=span["article"]).revision
    assert revision is not None
    said: str = getattr(revision, span["field"])
    return said[span["start"] : span["end"]]


def test_it_tells_sort_sentences_slots_days_and_what_is_not_confirmed(
    event: Event, actors: dict[str, Entity]
) -> None:
    assert digest_event(event.pk)
    event.refresh_from_db()
    digest = digest_of(event)
    assert event.type == "agreement"
    assert event.lead is not None
    assert event.lead.title == TITLE
    assert event.dek == TEXT.partition("\n\n")[0] == digest.summary[0]["text"]
    assert digest.built_from == event.version
    slots = digest.slots
    assert [one["entity"] for one in slots["who"]] == [actors["norland"].pk]
    assert [one["entity"] for one in slots["whom"]] == [actors["sudmark"].pk]
    assert [(one["text"], one["first"], one["last"]) for one in slots["when"]] == [
        ("Thursday", "2021-03-11", "2021-03-11")
    ]
    (move,) = slots["moves"]
    assert (move["entity"], move["direction"], move["percent"], move["market"]) == (
        actors["harlow"].pk, "up", 12.0, "Halvard trading",
    )  # fmt: skip
    (silent,) = digest.unconfirmed
    assert (silent["code"], silent["entity"], silent["party"]) == (
        "no_answer", actors["sudmark"].pk, "Sudmark Chip Council",
    )  # fmt: skip


def test_each_piece_stands_word_for_word_where_it_says(event: Event) -> None:
    digest_event(event.pk)
    digest = digest_of(event)
    pieces = [*digest.summary, *digest.times, *digest.unconfirmed]
    pieces += [one for fillers in digest.slots.values() for one in fillers]
    assert len(pieces) >= 8
    for piece in pieces:
        assert spoken(piece) == piece["text"]
    for why in Event.objects.get(pk=event.pk).type_why:
        assert spoken({"span": why["detail"]}).lower() in why["words"]


def test_what_a_person_said_of_the_type_stays(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(type="conflict", typed_by="anna", type_why=[])
    digest_event(event.pk)
    event.refresh_from_db()
    assert (event.type, event.typed_by, event.type_why) == ("conflict", "anna", [])
    assert event.dek


def test_a_headline_that_another_rule_chose_is_chosen_anew_but_for_what_a_person_gave(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(title="Why chips matter")
    digest_event(event.pk)
    event.refresh_from_db()
    assert event.title == TITLE
    Event.objects.filter(pk=event.pk).update(title="Chips: our own words", titled_by="anna")
    digest_event(event.pk)
    event.refresh_from_db()
    assert (event.title, event.lead_id) == ("Chips: our own words", event.memberships.get().article_id)


def test_nothing_is_written_when_nothing_differs(event: Event) -> None:
    digest_event(event.pk)
    before = digest_of(event).built_at, Event.objects.get(pk=event.pk).updated_at
    with CaptureQueriesContext(connection) as queries:
        digest_event(event.pk)
    assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert (digest_of(event).built_at, Event.objects.get(pk=event.pk).updated_at) == before


def test_a_large_event_costs_no_more_questions_and_reads_a_bounded_number_of_articles(
    event: Event, settings: LazySettings
) -> None:
    settings.DIGEST_ARTICLES = 4
    with CaptureQueriesContext(connection) as small:
        digest_event(event.pk)
    articles = [
        make_article(f"Chip groups agree, take {n}", TEXT, published_at=FRIDAY + timedelta(hours=n))
        for n in range(12)
    ]
    large = make_event(TITLE, articles)
    with CaptureQueriesContext(connection) as many:
        digest_event(large.pk)
    assert len(many) == len(small) <= 16
    read = {piece["span"]["article"] for piece in digest_of(large).times}
    first, newest = {articles[0].pk, articles[1].pk}, {articles[-1].pk, articles[-2].pk}
    assert first | newest <= read
    assert len(read) <= 5, "the lead besides"


def test_a_copy_adds_nothing_and_bears_no_headline(event: Event) -> None:
    origin = Article.objects.get(membership__event=event)
    copy = make_article("A copied headline of chip groups", TEXT, published_at=FRIDAY + timedelta(hours=1))
    group = CopyGroup.objects.create(origin=origin)
    for article, kind in ((origin, "origin"), (copy, "copy")):
        ArticleCopy.objects.create(article=article, group=group, kind=kind, rule_version="t")
    event.memberships.create(article=copy, rule_version="t")
    digest_event(event.pk)
    assert {piece["span"]["article"] for piece in digest_of(event).times} == {origin.pk}


def test_a_revised_text_is_summed_up_anew(event: Event) -> None:
    digest_event(event.pk)
    article = Article.objects.get(membership__event=event)
    make_revision(
        article,
        TITLE,
        "The Norland Chip Association denied on Friday that it will work with the Sudmark Chip Council.",
    )
    relink_article(article.pk)
    assert Job.objects.get(kind="digest").subject_id == event.pk
    assert pipeline.digest_events(SECONDS) == 1
    assert digest_of(event).unconfirmed[0]["code"] == "denied"
    assert digest_of(event).slots["when"][0]["first"] == "2021-03-12"


def test_a_burst_of_changes_makes_one_digest_and_puts_it_off_no_further(
    event: Event, settings: LazySettings
) -> None:
    settings.DIGEST_SECONDS = 2_000.0
    ask_for_digests([event.pk])
    due = Job.objects.get().not_before
    settings.DIGEST_SECONDS = 30_000.0
    ask_for_digests([event.pk, event.pk])
    ask_for_digests_of([Article.objects.get(membership__event=event).pk])
    job = Job.objects.get()
    assert (job.kind, job.subject_id, job.state, job.not_before) == ("digest", event.pk, "waiting", due)
    assert pipeline.digest_events(SECONDS) == 0
    assert "digest" not in due_wakeups(10)
    Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert "digest" in due_wakeups(10)
    assert pipeline.digest_events(SECONDS) == 1
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "")
    ask_for_digests([event.pk])
    job.refresh_from_db()
    assert job.state == "waiting"
    assert job.not_before > timezone.now() + timedelta(seconds=20_000)


def test_asked_for_while_it_is_done_it_is_done_again(event: Event) -> None:
    ask_for_digests([event.pk])
    token, jobs = claim_digests(10, 90)
    ask_for_digests([event.pk])
    assert not holds_job(token, jobs[0].id)
    assert digest_claimed(token, jobs, lambda: False) == 1
    assert not EventDigest.objects.exists()
    assert pipeline.digest_events(SECONDS) == 1
    assert EventDigest.objects.exists()


def test_the_task_sums_up_what_waits_and_twice_is_as_once(event: Event) -> None:
    ask_for_digests([event.pk])
    digest_events.apply()
    first = digest_of(event).built_at
    digest_events.apply()
    assert digest_of(event).built_at == first
    assert Job.objects.get(kind="digest").state == "done"


def test_a_joined_event_and_an_empty_one_have_no_digest(event: Event) -> None:
    other = make_event("Another", [make_article("Another story of chip groups", TEXT)])
    digest_event(event.pk)
    event.memberships.update(event=other)
    redirect_event(event.pk, other.pk)
    recount_event(other.pk)
    ask_for_digests([event.pk, other.pk, 999_999])
    assert pipeline.digest_events(SECONDS) == 3
    assert list(EventDigest.objects.values_list("event_id", flat=True)) == [other.pk]
    messages = dict(Job.objects.filter(kind="digest").values_list("subject_id", "message"))
    assert messages[event.pk] == messages[999_999] == digesting.IS_GONE
    assert messages[other.pk] == ""


def test_an_event_that_loses_its_articles_takes_its_digest_and_its_job_along(event: Event) -> None:
    digest_event(event.pk)
    ask_for_digests([event.pk])
    lock_shards(["en"])
    forget_articles([Article.objects.get(membership__event=event).pk])
    assert not Event.objects.filter(pk=event.pk).exists()
    assert not EventDigest.objects.exists()
    assert not Job.objects.filter(kind="digest").exists()


def test_an_event_that_keeps_some_articles_is_summed_up_anew(event: Event) -> None:
    gone = make_article("Chip groups to meet", "Nothing but this sentence stands in it.")
    event.memberships.create(article=gone, rule_version="t")
    lock_shards(["en"])
    forget_articles([gone.pk])
    assert Job.objects.get(kind="digest").subject_id == event.pk


def test_one_that_fails_is_tried_again_then_waits_for_an_admin_and_stops_no_other(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_event("Another", [make_article("Another story of chip groups", TEXT)])
    write = digesting._write

    def trip(row: Event, *rest: Any) -> None:
        if row.pk == event.pk:
            raise ValueError("no such verb")
        write(row, *rest)

    monkeypatch.setattr(digesting, "_write", trip)
    ask_for_digests([event.pk, other.pk])
    for _ in range(3):
        Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        pipeline.digest_events(SECONDS)
    job = Job.objects.get(kind="digest", subject_id=event.pk)
    assert job.state == "failed"
    assert "no such verb" in job.message
    assert EventDigest.objects.filter(event=other).exists()
    monkeypatch.undo()
    retry_job("root", job.pk)
    pipeline.digest_events(SECONDS)
    job.refresh_from_db()
    assert job.state == "done"


def test_over_what_three_workers_died_it_is_set_aside_with_words(event: Event) -> None:
    ask_for_digests([event.pk])
    Job.objects.update(attempts=3)
    assert pipeline.digest_events(SECONDS) == 0
    job = Job.objects.get()
    assert job.state == "quarantined"
    assert job.message.startswith("Three workers died while they summed it up")


def test_an_admin_sees_the_event_of_the_job_by_its_name_and_may_drop_it(client: Client, event: Event) -> None:
    client.force_login(User.objects.create_user("root", role="admin"))
    ask_for_digests([event.pk])
    page = client.get("/jobs/?kind=digest&state=due").content.decode()
    assert "Sum up events" in page
    assert TITLE in page
    change = drop_job("root", Job.objects.get().pk)
    assert change.before["title"] == TITLE
    assert Job.objects.get().state == "dropped"
    undo_job_change("root", change.pk)
    assert Job.objects.get().state == "waiting"


def test_new_articles_go_before(event: Event) -> None:
    others = [make_event(f"Event {n}", [make_article(f"Story number {n} of the day")]) for n in range(3)]
    ask_for_digests([event.pk, *(one.pk for one in others)])
    Job.objects.create(kind="read", subject_id=1, not_before=timezone.now() - timedelta(seconds=5))
    assert pipeline.digest_events(SECONDS) == 4, "one portion, then it is their turn"


def test_articles_that_say_nothing_fit_make_an_empty_digest_not_a_missing_one(db: None) -> None:
    event = make_event("Photos", [make_article("Photos", "Photos.", language="xx")])
    assert digest_event(event.pk)
    digest = digest_of(event)
    assert (digest.summary, digest.unconfirmed) == ([], [])
    event.refresh_from_db()
    assert (event.type, event.dek) == ("other", "")


def told_example() -> Article:
    """The running example with its names as they were set by hand: no model and no knowledge base takes part."""
    folder = shared("example")
    raw = (folder / "csia-sia.txt").read_text("utf-8")
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    title, _, rest = raw.partition("\n\n")
    shift = len(title) + 2
    article = make_article(
        title,
        rest.partition("\n\nMost Related Links")[0],
        publisher=make_publisher("Wire"),
        published_at=FRIDAY,
    )
    people = {person["name"] for person in expected["people"]}
    full = {
        "CSIA": CSIA,
        "SMIC": "Semiconductor Manufacturing International Corp.",
        "Huawei": "Huawei Technologies Co.",
    }
    made: dict[str, Entity] = {}
    for name, places in expected["mentions"].items():
        kind = (
            "person"
            if name in people
            else "organization"
            if name.endswith(("Association", "CSIA"))
            else "company"
        )
        whose = full.get(name, name)
        if whose not in made:
            country = "US" if whose in {SIA, "Intel Corp.", "Qualcomm Inc."} else "CN"
            made[whose] = make_entity(whose, kind=kind, country=country)
        Mention.objects.bulk_create(
            Mention(
                revision=article.revision, entity=made[whose], field="text", start=a - shift, end=b - shift,
                text=raw[a:b], kind=kind, status="linked", rule_version="t",
            )
            for a, b in places
        )  # fmt: skip
    return article


def test_the_running_example_is_told_whole() -> None:
    article = told_example()
    title = article.title
    event = make_event(title, [article])
    digest_event(event.pk)
    event.refresh_from_db()
    digest = digest_of(event)
    names = dict(Entity.objects.values_list("pk", "name"))
    assert event.type == "agreement"
    assert [names[one["entity"]] for one in digest.slots["who"]] == [CSIA]
    assert [names[one["entity"]] for one in digest.slots["whom"]] == [SIA]
    assert digest.slots["what"][0]["text"].startswith("will form a working group")
    assert [(one["text"], one["first"]) for one in digest.slots["when"]] == [("Thursday", "2021-03-11")]
    silent = {(one["code"], one["party"]) for one in digest.unconfirmed}
    assert {("no_statement", SIA), ("no_answer", SIA)} <= silent
    assert CSIA not in {party for _, party in silent}, "it gave the statement out itself"
    moves = [
        (names[one["entity"]], one["direction"], one["percent"], one["hedge"])
        for one in digest.slots["moves"]
    ]
    assert [(direction, percent, hedge) for _, direction, percent, hedge in moves] == [
        ("up", 12.0, "as much as"), ("up", 13.0, "at least"), ("up", 14.0, "at least"),
    ]  # fmt: skip
    assert ["International" in moves[0][0], "Hua Hong" in moves[1][0], "Fudan" in moves[2][0]] == [True] * 3
    assert {one["market"] for one in digest.slots["moves"]} == {"Hong Kong trading"}
    assert any(one["text"] == "last week" and one["first"] == "2021-03-01" for one in digest.times)
    assert 3 <= len(digest.summary) <= 5
    assert event.title == title


def test_a_placed_article_has_its_event_summed_up_and_a_merged_entity_speaks_for_the_other(
    event: Event, actors: dict[str, Entity]
) -> None:
    article = make_article(
        "Chip associations of Norland and Sudmark to work together", TEXT, published_at=FRIDAY
    )
    relink_article(article.pk)
    (placed,) = place_articles([article.pk])
    assert Job.objects.get(kind="digest").subject_id == placed.event_id
    kept = make_entity("Norland Association of Chip Makers", kind="organization")
    Entity.objects.filter(pk=actors["norland"].pk).update(merged_into=kept)
    digest_event(placed.event_id)
    assert [one["entity"] for one in EventDigest.objects.get().slots["who"]] == [kept.pk]


def test_tidying_has_events_summed_up_that_never_were_or_by_an_older_rule(event: Event) -> None:
    assert tidy(600.0, now=timezone.now()).gone[DIGEST_STEP] == 1
    assert pipeline.digest_events(SECONDS) == 1
    assert tidy(600.0, now=timezone.now()).gone[DIGEST_STEP] == 0
    EventDigest.objects.update(rule_version="digest-0")
    assert ask_for_missing_digests(timezone.now()) == (1, False)
    assert ask_for_missing_digests(timezone.now()) == (0, False), "it waits"
    pipeline.digest_events(SECONDS)
    assert digest_of(event).rule_version != "digest-0"
    EventDigest.objects.all().delete()
    Job.objects.update(state="failed")
    assert ask_for_missing_digests(timezone.now()) == (0, False), "an admin looks after it"


def test_a_backlog_is_asked_for_a_few_at_a_time_and_goes_behind_what_is_new(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "MISSING_AT_ONCE", 2)
    old = [make_event(f"Event {n}", [make_article(f"Story number {n} of the day")]) for n in range(4)]
    assert ask_for_missing_digests(timezone.now()) == (2, False)
    assert ask_for_missing_digests(timezone.now()) == (0, False), "so many wait already"
    waiting = set(Job.objects.values_list("subject_id", flat=True))
    new = next(one for one in (event, *old) if one.pk not in waiting)
    ask_for_digests([new.pk])
    Job.objects.filter(subject_id__in=waiting).update(not_before=timezone.now() - timedelta(hours=1))
    _, (first,) = claim_digests(10, 60.0)
    assert first.subject_id == new.pk, "what is new goes first, however long the others wait"
    _, rest = claim_digests(10, 60.0)
    assert {job.subject_id for job in rest} == waiting
    ask_for_digests(waiting)
    assert not Job.objects.filter(batch=digesting.BEHIND).exists(), "now they are new themselves"


def test_the_backlog_goes_on_until_nothing_is_left(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digesting, "MISSING_AT_ONCE", 2)
    for n in range(4):
        make_event(f"Event {n}", [make_article(f"Story number {n} of the day")])
    ask_for_missing_digests(timezone.now())
    assert [pipeline.digest_events(SECONDS) for _ in range(4)] == [2, 2, 1, 0]
    assert EventDigest.objects.count() == 5


def test_nothing_is_computed_for_a_job_that_was_asked_for_anew(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_digests([event.pk])
    token, jobs = claim_digests(10, 60.0)
    ask_for_digests([event.pk])
    monkeypatch.setattr(digesting, "suggest_storylines_at_times", None)  # whoever calls it fails
    assert digest_claimed(token, jobs, lambda: False) == 1
    assert Job.objects.get().tries == 0
