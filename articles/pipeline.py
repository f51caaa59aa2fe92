"""What the machine does, in order: fetch due feeds, read new articles, place them in events."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.utils import timezone

from articles.errors import NotAFeedError, ParseFailedError, SandboxKilledError, StaleLeaseError
from articles.events.database import shard_turn
from articles.events.placing import place_claimed
from articles.ingest.claim import ClaimedFeed, Table, claim_feeds, give_back
from articles.ingest.fetch import Answer, Deferred, FetchPolicy, fetch_many
from articles.ingest.policy import policy_from_settings, sandbox_from_settings
from articles.ingest.reading import (
    ClaimedArticle,
    PageLater,
    claim_articles,
    finish_reading,
    put_back,
    repeated_lines,
)
from articles.ingest.sandbox import Sandbox
from articles.ingest.schedule import is_network_silence
from articles.ingest.space import is_short_of_room
from articles.ingest.store import IngestRules, Visit, is_silent, store_answer, store_failure, store_silence
from articles.jobs import claim_in_order, due_shards, give_back_jobs
from articles.models import Job
from articles.types import ExtractedPage, FetchFailure, FetchRequest, FetchResult, ParsedFeed

logger = logging.getLogger(__name__)

# When so many public hosts fail to answer at once, and none answers, the fault is on our side.
HOSTS_OF_SILENCE = 3
# A page that did not answer is asked again after so long; meanwhile, and for good after the last, the feed's text
# has to do.
PAGE_RETRIES = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12))
# What is left of a batch when a task's time is nearly up goes back uncounted.
SECONDS_TO_SPARE = 10.0
LONGEST_MESSAGE = 500

_sandboxes: list[Sandbox] = []


def ingest_due_feeds(seconds: float) -> int:
    """Fetch, parse and store due feeds until none is left or the time is nearly up; how many were visited.

    Nothing is claimed while the disk is short of room: what is due stays due.
    """
    if is_short_of_room():
        logger.warning(
            "Fetching pauses: less than %g GB is free in %s.", settings.MIN_FREE_GB, settings.DATA_DIR
        )
        return 0
    deadline = time.monotonic() + seconds
    visited = 0
    while not visited or _seconds_to_ask(deadline) > 0:
        token, feeds = claim_feeds(settings.FETCH_BATCH, settings.LEASE_SECONDS)
        if not feeds:
            break
        with _handed_back_when_stopped("articles_feed", token, [feed.id for feed in feeds]):
            visit_feeds(token, feeds, deadline)
        visited += len(feeds)
    return visited


def visit_feeds(token: uuid.UUID, feeds: Sequence[ClaimedFeed], deadline: float) -> None:
    """Fetch claimed feeds side by side and store each answer in a transaction of its own."""
    policy = _policy_until(deadline, sample=any(feed.sample for feed in feeds))
    answers = fetch_many([_feed_request(feed) for feed in feeds], policy)
    silent = _silent_feeds(feeds, answers)
    if silent:
        store_silence(
            silent, token, "No public source answered: this counts against none.", now=timezone.now()
        )
    skipped = {feed.id for feed in silent}
    back: dict[int, float] = {}
    for feed, answer in zip(feeds, answers, strict=True):
        if feed.id in skipped:
            continue
        if isinstance(answer, Deferred):
            back[feed.id] = answer.seconds
        elif time.monotonic() > deadline:
            back[feed.id] = 0.0
        else:
            with _alone(f"feed {feed.id}"):
                _store(Visit(feed, token, timezone.now()), answer)
    give_back("articles_feed", token, back)


def read_new_articles(seconds: float) -> int:
    """Get the text of new articles and link their names until none waits or the time is nearly up; how many."""
    deadline = time.monotonic() + seconds
    done = 0
    while not done or _seconds_to_ask(deadline) > 0:
        token, articles = claim_articles(
            settings.PAGE_BATCH, settings.READ_LEASE_SECONDS, pages_a_publisher=settings.FETCH_HOST_BUDGET
        )
        if not articles:
            break
        with _jobs_handed_back(token, [article.job_id for article in articles]):
            read_articles(token, articles, deadline)
        done += len(articles)
    return done


def read_articles(token: uuid.UUID, articles: Sequence[ClaimedArticle], deadline: float) -> None:
    """Fetch the pages that are needed, extract, link; each article in a transaction of its own.

    What needs no page goes first, and what gets none goes on with its feed's text: nothing waits for a slow page.
    """
    back: dict[int, float] = {}
    wanted = [article for article in articles if article.needs_page]
    for article in articles:
        if not article.needs_page and not _is_past(deadline, article, back):
            _read(article, token, None, frozenset())
    policy = _policy_until(deadline, sample=any(article.sample for article in wanted))
    requests = [FetchRequest(url=article.url, purpose="page", sample=article.sample) for article in wanted]
    answers = fetch_many(requests, policy) if requests else []
    repeated = repeated_lines({article.publisher_id for article in wanted})
    for article, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Deferred) and not _is_out_of_patience(article):
            back[article.job_id] = answer.seconds
        elif not _is_past(deadline, article, back):
            _read(article, token, answer, repeated.get(article.publisher_id, frozenset()))
    give_back_jobs(token, back)


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
                with _jobs_handed_back(token, [job.id for job in jobs]):
                    done = place_claimed(token, jobs, lambda: time.monotonic() > deadline)
                    give_back_jobs(token, {job.id: 0.0 for job in jobs[done:]})
                placed += done
    return placed


def sandbox() -> Sandbox:
    """This process's pool of parsing children, started at the first call."""
    if not _sandboxes:
        _sandboxes.append(sandbox_from_settings())
    return _sandboxes[0]


def _seconds_to_ask(deadline: float) -> float:
    """How long a batch may go on asking servers, so that the last answer can still be stored in time."""
    return deadline - SECONDS_TO_SPARE - settings.FETCH_TOTAL_SECONDS - time.monotonic()


def _policy_until(deadline: float, *, sample: bool) -> FetchPolicy:
    # The exception for the sample world exists only while rows of it are fetched.
    policy = policy_from_settings(sample=sample)
    return replace(policy, batch_seconds=min(policy.batch_seconds, max(1.0, _seconds_to_ask(deadline))))


@contextmanager
def _handed_back_when_stopped(table: Table, token: uuid.UUID, row_ids: Iterable[int]) -> Iterator[None]:
    """A worker that is told to stop gives back at once what it has not finished: a restart is nobody's fault."""
    try:
        yield
    except SystemExit:
        give_back(table, token, dict.fromkeys(row_ids, 0.0))
        raise


@contextmanager
def _jobs_handed_back(token: uuid.UUID, job_ids: Sequence[int]) -> Iterator[None]:
    """A worker that is told to stop, or whose database went away, gives back at once what it has not finished."""
    try:
        yield
    except (SystemExit, OperationalError, InterfaceError, InternalError):
        # If the database does not answer yet, the leases run out by themselves.
        with suppress(DatabaseError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
            give_back_jobs(token, dict.fromkeys(job_ids, 0.0))
        raise


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """What cannot be stored fails alone: its lease runs out, and the third time it is set aside."""
    try:
        yield
    except Exception:
        logger.exception("%s could not be worked off", what)


def _feed_request(feed: ClaimedFeed) -> FetchRequest:
    return FetchRequest(
        url=feed.url, purpose="feed", etag=feed.etag, last_modified=feed.last_modified, sample=feed.sample
    )


def _silent_feeds(feeds: Sequence[ClaimedFeed], answers: Sequence[Answer]) -> list[ClaimedFeed]:
    """The public feeds, when not one of them got an answer and that is more than these feeds' own fault."""
    public = [
        (feed, answer)
        for feed, answer in zip(feeds, answers, strict=True)
        if feed.is_public and not isinstance(answer, Deferred)
    ]
    silent = [
        feed for feed, answer in public if isinstance(answer, FetchFailure) and is_network_silence(answer)
    ]
    if not silent or len(silent) < len(public):
        return []
    hosts = {feed.host for feed in silent}
    return silent if len(hosts) >= HOSTS_OF_SILENCE or is_silent() else []


def _store(visit: Visit, answer: FetchResult | FetchFailure) -> None:
    rules = IngestRules(settings.FEED_MINUTES * 60, settings.FULL_TEXT_CHARACTERS)
    try:
        if isinstance(answer, FetchFailure):
            store_failure(visit, answer, rules)
            return
        if answer.status == HTTPStatus.NOT_MODIFIED or answer.body_sha256 == visit.feed.body_sha256:
            store_answer(visit, answer, None, rules)
            return
        parsed = _parse(answer)
        if isinstance(parsed, FetchFailure):
            store_failure(visit, parsed, rules)
        else:
            store_answer(visit, answer, parsed, rules)
    except StaleLeaseError as error:
        logger.info("%s", error)


def _parse(answer: FetchResult) -> ParsedFeed | FetchFailure:
    try:
        return sandbox().parse_feed(answer.body, answer.final_url, answer.headers.get("content-type", ""))
    except NotAFeedError as error:
        return FetchFailure(answer.url, "not_a_feed", str(error), answer.status)
    except ParseFailedError as error:
        return FetchFailure(answer.url, "parse", str(error), answer.status)
    except SandboxKilledError as error:
        return FetchFailure(answer.url, "sandbox", str(error), answer.status)


def _is_past(deadline: float, article: ClaimedArticle, back: dict[int, float]) -> bool:
    """Whether there is no time left for this article; it then goes back."""
    if time.monotonic() > deadline:
        back[article.job_id] = 0.0
        return True
    return False


def _is_out_of_patience(article: ClaimedArticle) -> bool:
    """Whether a new article has waited so long for a busy host that it goes on with its feed's text."""
    return article.is_new and article.waited_seconds >= settings.PAGE_PATIENCE_SECONDS


def _read(
    article: ClaimedArticle, token: uuid.UUID, answer: Answer | None, repeated: Collection[str]
) -> None:
    page: ExtractedPage | None = None
    later: PageLater | None = None
    note = ""
    if isinstance(answer, Deferred):
        note = "Its page is asked later: the site is asked for one page at a time."
        later = PageLater(answer.seconds, counts=False)
    elif isinstance(answer, FetchFailure):
        note = f"The page could not be read: {answer.message}"
        if _may_heal(answer) and article.tries < len(PAGE_RETRIES):
            wait = max(PAGE_RETRIES[article.tries].total_seconds(), float(answer.retry_after_seconds or 0))
            later = PageLater(wait, counts=True)
    try:
        if isinstance(answer, FetchResult):
            page, note = _extract(answer, repeated)
        finish_reading(article, token, page, note, now=timezone.now(), later=later)
    except StaleLeaseError as error:
        logger.info("%s", error)
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database is in trouble, not this article
    except Exception as error:
        logger.exception("article %s could not be read", article.id)
        with suppress(StaleLeaseError):
            put_back(
                article, token, f"It could not be read ({type(error).__name__}: {error})."[:LONGEST_MESSAGE]
            )


def _extract(answer: FetchResult, repeated: Collection[str]) -> tuple[ExtractedPage | None, str]:
    try:
        page = sandbox().extract_page(
            answer.body,
            answer.final_url,
            answer.headers.get("content-type", ""),
            repeated_lines=repeated,
        )
    except (ParseFailedError, SandboxKilledError) as error:
        return None, f"The page could not be read: {error}"
    return page, ""


def _may_heal(failure: FetchFailure) -> bool:
    return (
        failure.kind in {"dns", "connect", "timeout"}
        or (failure.status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
        or failure.status == HTTPStatus.TOO_MANY_REQUESTS
    )
