"""What the machine does, in order: fetch due feeds, read new articles, place them in events."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, DataError, InterfaceError, InternalError, OperationalError, connection
from django.utils import timezone

from articles.editing.notices import note_feed_health
from articles.errors import NotAFeedError, ParseFailedError, SandboxKilledError
from articles.events.database import shard_turn
from articles.events.digesting import ask_for_more_digests, claim_digests, digest_claimed
from articles.events.placing import place_claimed
from articles.ingest.claim import ClaimedFeed, claim_feeds, give_back_feeds, quarantine_feeds
from articles.ingest.closing import Brought, Ending, Visit, close_feeds, end_of_answer, end_of_failure
from articles.ingest.embeddings import embed_missing
from articles.ingest.fetch import Answer, Deferred, stranger_hosts
from articles.ingest.hosts import release_hosts, reserve_hosts
from articles.ingest.looking import claim_looks
from articles.ingest.outage import PublicVisit, silenced_by_us
from articles.ingest.pages import SECONDS_TO_SPARE, look_at_pages, policy_until, read_articles, seconds_to_ask
from articles.ingest.policy import bounds_from_settings, sandbox_from_settings
from articles.ingest.pushing import store_pushes
from articles.ingest.reading import claim_articles
from articles.ingest.relinking import claim_links, relink_claimed
from articles.ingest.sandbox import Sandbox
from articles.ingest.schedule import Bounds, is_network_silence, wants_full_fetch
from articles.ingest.secrets import request_for
from articles.ingest.silence import is_silent, note_public_answer, store_silence
from articles.ingest.space import is_short_of_room
from articles.ingest.store import Answered, IngestRules, store_answers, unstorable
from articles.ingest.stream import Arrival, Reading, arrivals
from articles.jobs import (
    ClaimedJob,
    claim_in_order,
    due_shards,
    give_back_jobs,
    is_due,
    is_outage,
    jobs_handed_back,
)
from articles.models import Job
from articles.types import FetchFailure, FetchResult, ParsedFeed

logger = logging.getLogger(__name__)

# Bodies that are read side by side: a poison feed holds up its own reader, not the others.
FEED_READERS = 2
# Feeds whose rows are written by the same few statements.
STORED_AT_ONCE = 16
# The body that is read last, and closing what was unchanged, take so long at most.
SECONDS_TO_CLOSE = 5.0
# A feed whose row somebody else held for too long is asked again so much later.
BUSY_ROW_SECONDS = 60.0
_BUSY_ROW = "Somebody was changing this source just then: it is asked again in a minute."
# After a database that went away, not everything at once.
OUTAGE_SECONDS = 15.0
# While new articles wait, others are linked anew for so long at most: one portion.
LINK_SECONDS_BESIDE_READING = 5.0
# While new articles wait, events are summed up for so long at most: one portion.
DIGEST_SECONDS_BESIDE_READING = 5.0
# While new articles wait, pages are looked at again for so long at most: one portion.
LOOK_SECONDS_BESIDE_READING = 15.0
# Articles that were read before there was this language model are read by it for so long in one go.
EMBED_SECONDS = 15.0

_sandboxes: list[Sandbox] = []


def ingest_due_feeds(seconds: float, after_batch: Callable[[], None] | None = None) -> int:
    """Fetch, parse and store due feeds until none is left or the time is nearly up; how many were visited.

    `after_batch` is called when a batch is stored: whoever reads what is new need not wait for the last one.
    Nothing is claimed while the disk is short of room: what is due stays due.
    """
    if is_short_of_room():
        logger.warning(
            "Fetching and reading pause: less than %g GB is free in %s.",
            settings.MIN_FREE_GB,
            settings.DATA_DIR,
        )
        return 0
    deadline = time.monotonic() + seconds
    _note_health(quarantine_feeds())
    visited = 0
    while not visited or seconds_to_ask(deadline) > 0:
        token, feeds = claim_feeds(settings.FETCH_BATCH, settings.LEASE_SECONDS)
        if not feeds:
            break
        with _feeds_handed_back(token, feeds):
            visit_feeds(token, feeds, deadline)
        _note_health([feed.id for feed in feeds])
        visited += len(feeds)
        if after_batch is not None:
            after_batch()
    return visited


def visit_feeds(token: uuid.UUID, feeds: Sequence[ClaimedFeed], deadline: float) -> None:
    """Fetch claimed feeds side by side and store what they brought while others are still fetched.

    Those that brought nothing new, or failed, are closed together at the end: only then can be told whether the
    fault was ours.
    """
    policy = policy_until(deadline, sample=any(feed.sample for feed in feeds))
    now = timezone.now()
    visits = [Visit(feed, token, now, forced=_is_to_force(feed, now)) for feed in feeds]
    requests = [request_for(visit.feed, with_validators=not visit.forced) for visit in visits]
    turns = reserve_hosts(stranger_hosts(requests, policy), policy.batch_seconds + policy.total_seconds)
    others: list[tuple[Visit, Answer]] = []
    answered: list[ClaimedFeed] = []
    back: dict[int, float] = {}
    reading = Reading(_FeedReader(feeds), FEED_READERS, deadline - SECONDS_TO_CLOSE)
    stream = arrivals(requests, policy, reading, turns=turns)
    try:
        with closing(stream):
            for portion in stream:
                read = [_answered(visits[one.number], one) for one in portion if one.parsed is not None]
                answered += [one.visit.feed for one in read]
                back |= _store_in_time(read, deadline)
                others += [(visits[one.number], one.answer) for one in portion if one.parsed is None]
    finally:
        release_hosts(turns, policy.host_pause_seconds)
    back |= {visit.feed.id: one.seconds for visit, one in others if isinstance(one, Deferred)}
    _close(token, [(visit, one) for visit, one in others if not isinstance(one, Deferred)], answered)
    # A server that refuses answers too: the network is there.
    answered += [
        visit.feed for visit, one in others if not isinstance(one, Deferred) and one.status is not None
    ]
    if any(feed.is_public for feed in answered):
        note_public_answer(now=timezone.now())
    give_back_feeds(token, back, "Its server was busy with others of its sources: its turn comes then.")


def store_pushed_feeds(seconds: float) -> int:
    """Store what hubs pushed until nothing waits or the time is up; how many feeds got something."""
    if is_short_of_room():
        return 0
    fed = store_pushes(seconds, read_feed, _ingest_rules())
    _note_health(fed)
    return len(fed)


def read_new_articles(seconds: float, after_batch: Callable[[], None] | None = None) -> int:
    """Get the text of new articles and link their names until none waits or the time is nearly up; how many.

    `after_batch` is called when a portion is read: whoever places what is read need not wait for the last one.
    Nothing is read while the disk is short of room: what is due stays due.
    """
    if is_short_of_room():
        return 0
    deadline = time.monotonic() + seconds
    done = 0
    while not done or seconds_to_ask(deadline) > 0:
        token, articles = claim_articles(
            settings.PAGE_BATCH, settings.READ_LEASE_SECONDS, pages_a_publisher=settings.FETCH_HOST_BUDGET
        )
        if not articles:
            break
        with jobs_handed_back(token, [article.job_id for article in articles]):
            read_articles(token, articles, deadline, sandbox())
        done += len(articles)
        if after_batch is not None:
            after_batch()
    return done


def embed_older_articles(seconds: float) -> int:
    """Make up vectors for articles that were read before there was the language model of now; how many got them.

    At most EMBED_SECONDS, and only while nothing waits to be read: a desk that was updated has many.
    """
    if is_short_of_room():
        return 0
    deadline = time.monotonic() + min(seconds, EMBED_SECONDS)
    return embed_missing(lambda: time.monotonic() > deadline or is_due(Job.Kind.READ))


def look_again(seconds: float) -> int:
    """Look at pages whose time has come until none is due or the time is nearly up; how many were looked at.

    What is new goes before: while articles wait to be read, only one portion is looked at, and not for long.
    """
    if is_short_of_room():
        return 0
    deadline = time.monotonic() + seconds
    done = 0
    while not done or seconds_to_ask(deadline) > 0:
        is_busy = is_due(Job.Kind.READ)
        if is_busy and done:
            break
        token, looks = claim_looks(
            settings.LOOK_BATCH, settings.READ_LEASE_SECONDS, pages_a_publisher=settings.FETCH_HOST_BUDGET
        )
        if not looks:
            break
        until = deadline
        if is_busy:
            until = min(
                deadline,
                time.monotonic()
                + LOOK_SECONDS_BESIDE_READING
                + SECONDS_TO_SPARE
                + settings.FETCH_TOTAL_SECONDS,
            )
        with jobs_handed_back(token, [look.job_id for look in looks]):
            look_at_pages(token, looks, until, sandbox())
        done += len(looks)
    return done


def link_again(seconds: float) -> int:
    """Link articles anew whose names have changed until none waits or the time is nearly up; how many.

    What is new goes before: while articles wait to be read, only one portion is linked, and not for long.
    """
    if is_short_of_room():
        return 0
    return _beside_reading(
        partial(claim_links, settings.RELINK_BATCH), relink_claimed, seconds, LINK_SECONDS_BESIDE_READING
    )


def digest_events(seconds: float) -> int:
    """Sum up events that were asked for until none waits or the time is nearly up; how many.

    What is new goes before: while articles wait to be read, only one portion is summed up, and not for long.
    """
    claim = partial(claim_digests, settings.DIGEST_BATCH)
    return _beside_reading(
        claim,
        digest_claimed,
        seconds,
        DIGEST_SECONDS_BESIDE_READING,
        lambda: ask_for_more_digests(timezone.now()),
    )


def _beside_reading(
    claim: Callable[[float], tuple[uuid.UUID, list[ClaimedJob]]],
    do_claimed: Callable[[uuid.UUID, list[ClaimedJob], Callable[[], bool]], int],
    seconds: float,
    seconds_beside: float,
    when_none_waits: Callable[[], object] = lambda: None,
) -> int:
    """Claim and do jobs, by portions, until none waits or the time is nearly up; how many.

    `claim` takes the seconds of the lease. While articles wait to be read only one portion is done, for
    `seconds_beside` at most, and what of it was not begun is given back.
    """
    deadline = time.monotonic() + seconds - SECONDS_TO_SPARE
    done = 0
    while not done or time.monotonic() < deadline:
        is_busy = is_due(Job.Kind.READ)
        if is_busy and done:
            break
        token, jobs = claim(settings.READ_LEASE_SECONDS)
        if not jobs:
            when_none_waits()
            break
        until = min(deadline, time.monotonic() + seconds_beside) if is_busy else deadline
        with jobs_handed_back(token, [job.id for job in jobs]):
            finished = do_claimed(token, jobs, partial(_is_over, until))
            give_back_jobs(token, {job.id: 0.0 for job in jobs[finished:]})
        done += finished
        if finished < len(jobs):
            break
    return done


def _is_over(deadline: float) -> bool:
    return time.monotonic() > deadline


def place_linked_articles(seconds: float) -> int:
    """Give linked articles their events, in order, until none waits or the time is nearly up; how many.

    A shard that another worker is placing is left to it.
    """
    deadline = time.monotonic() + seconds - SECONDS_TO_SPARE
    placed = 0
    for shard in due_shards(Job.Kind.PLACE):
        with shard_turn(shard) as is_ours:
            while is_ours and time.monotonic() < deadline:
                token, jobs = claim_in_order(
                    Job.Kind.PLACE, shard, settings.PLACE_BATCH, settings.READ_LEASE_SECONDS
                )
                if not jobs:
                    break
                with jobs_handed_back(token, [job.id for job in jobs]):
                    done = place_claimed(token, jobs, lambda: time.monotonic() > deadline)
                    give_back_jobs(token, {job.id: 0.0 for job in jobs[done:]})
                placed += done
    return placed


def sandbox() -> Sandbox:
    """This process's pool of parsing children, started at the first call."""
    if not _sandboxes:
        _sandboxes.append(sandbox_from_settings(FEED_READERS))
    return _sandboxes[0]


def read_feed(answer: FetchResult) -> ParsedFeed | FetchFailure:
    """What a body says, read in a parsing child; or why it is no feed."""
    try:
        return sandbox().parse_feed(answer.body, answer.final_url, answer.headers.get("content-type", ""))
    except NotAFeedError as error:
        return FetchFailure(answer.url, "not_a_feed", str(error), answer.status)
    except ParseFailedError as error:
        return FetchFailure(answer.url, "parse", str(error), answer.status)
    except SandboxKilledError as error:
        return FetchFailure(answer.url, "sandbox", str(error), answer.status)


def _note_health(feed_ids: Collection[int]) -> None:
    """Open and close notices; what may go wrong with them stops no fetching."""
    try:
        note_feed_health(feed_ids)
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database is in trouble
    except Exception:
        logger.exception("notices could not be kept")


@contextmanager
def _feeds_handed_back(token: uuid.UUID, feeds: Sequence[ClaimedFeed]) -> Iterator[None]:
    """A worker that is told to stop, or whose database went away, gives back at once what it has not finished."""
    try:
        yield
    except (SystemExit, OperationalError, InterfaceError, InternalError) as error:
        # If the database does not answer yet, the leases run out by themselves.
        with suppress(DatabaseError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
            give_back_feeds(
                token,
                dict.fromkeys(
                    [feed.id for feed in feeds], 0.0 if isinstance(error, SystemExit) else OUTAGE_SECONDS
                ),
                "Its worker was stopped: due at once."
                if isinstance(error, SystemExit)
                else "The database was away: it is asked again in a moment.",
            )
        raise


class _FeedReader:
    """Reads the bodies of a batch of feeds in the parsing children; knows which of them we have already."""

    def __init__(self, feeds: Sequence[ClaimedFeed]) -> None:
        self._hashes = [feed.body_sha256 for feed in feeds]

    def is_known(self, number: int, answer: FetchResult) -> bool:
        """A 304, or the very bytes of last time: what an ETag says is not relied upon, nothing is parsed twice."""
        return answer.status == HTTPStatus.NOT_MODIFIED or answer.body_sha256 == self._hashes[number]

    def read(self, _number: int, answer: FetchResult) -> ParsedFeed | FetchFailure:
        """The feed, or why it is none."""
        return read_feed(answer)


def _is_to_force(feed: ClaimedFeed, now: datetime) -> bool:
    return bool(feed.etag or feed.last_modified) and wants_full_fetch(feed.full_fetch_at, now)


def _answered(visit: Visit, one: Arrival) -> Answered:
    if not isinstance(one.answer, FetchResult) or one.parsed is None:
        raise TypeError("only an answer that was read can be stored")
    return Answered(visit, one.answer, one.parsed)


def _store_in_time(read: Sequence[Answered], deadline: float) -> dict[int, float]:
    """Store these answers, a few feeds in one transaction; the feeds for which no time was left, to be given back."""
    rules = _ingest_rules()
    for start in range(0, len(read), STORED_AT_ONCE):
        if time.monotonic() > deadline:
            return {one.visit.feed.id: 0.0 for one in read[start:]}
        store_answers(read[start : start + STORED_AT_ONCE], rules)
    return {}


def _close(token: uuid.UUID, others: Sequence[tuple[Visit, Answer]], answered: Sequence[ClaimedFeed]) -> None:
    """Close the visits that brought nothing to store; those that our own network failed count against none."""
    bounds = _ingest_rules().bounds
    public = [_public_visit(visit.feed, one) for visit, one in others if visit.feed.is_public]
    public += [_public_visit(feed, None) for feed in answered if feed.is_public]
    silent: set[int] = set()
    if any(visit.is_silent for visit in public):
        silent = silenced_by_us(public, is_silent_already=is_silent())
    if silent:
        message = "No public source answered: this counts against none."
        feeds = [visit.feed for visit, _ in others if visit.feed.id in silent]
        store_silence(feeds, token, message, now=timezone.now())
    endings = [
        end_of_failure(visit, one, bounds)
        if isinstance(one, FetchFailure)
        else end_of_answer(visit, one, None, Brought(), bounds)
        for visit, one in others
        if visit.feed.id not in silent and not isinstance(one, Deferred)
    ]
    try:
        close_feeds(endings)
    except DatabaseError as error:
        if is_outage(error):
            raise
        # What one of them said cannot be stored, or somebody holds its row: it alone.
        _close_one_by_one(endings, {visit.feed.id: visit for visit, _ in others}, bounds)


def _close_one_by_one(endings: Sequence[Ending], visits: Mapping[int, Visit], bounds: Bounds) -> None:
    for ending in endings:
        visit = visits[ending.feed_id]
        try:
            close_feeds([ending])
        except DataError as error:
            logger.exception("feed %s could not be closed", ending.feed_id)
            close_feeds([end_of_failure(visit, unstorable(visit.feed.url, error), bounds)])
        except DatabaseError as error:
            if is_outage(error):
                raise
            logger.info("feed %s is asked again: %s", ending.feed_id, error)
            with suppress(DatabaseError):
                give_back_feeds(visit.token, {ending.feed_id: BUSY_ROW_SECONDS}, _BUSY_ROW)


def _public_visit(feed: ClaimedFeed, answer: Answer | None) -> PublicVisit:
    is_quiet = isinstance(answer, FetchFailure) and is_network_silence(answer)
    return PublicVisit(feed.id, feed.host, is_silent=is_quiet, was_well=not feed.failures)


def _ingest_rules() -> IngestRules:
    return IngestRules(bounds_from_settings(), settings.FULL_TEXT_CHARACTERS)
