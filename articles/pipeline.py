"""What the machine does, in order: fetch due feeds, read new articles, place them in events."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.utils import timezone

from articles.errors import NotAFeedError, ParseFailedError, SandboxKilledError, StaleLeaseError
from articles.events.placing import place_articles
from articles.ingest.claim import ClaimedArticle, ClaimedFeed, Table, claim_articles, claim_feeds, give_back
from articles.ingest.fetch import Answer, Deferred, FetchPolicy, fetch_many
from articles.ingest.policy import policy_from_settings, sandbox_from_settings
from articles.ingest.reading import articles_to_place, finish_placing, finish_reading, put_off, repeated_lines
from articles.ingest.sandbox import Sandbox
from articles.ingest.schedule import is_network_silence
from articles.ingest.space import is_short_of_room
from articles.ingest.store import IngestRules, Visit, is_silent, store_answer, store_failure, store_silence
from articles.types import ExtractedPage, FetchFailure, FetchRequest, FetchResult, ParsedFeed

logger = logging.getLogger(__name__)

# When so many public hosts fail to answer at once, and none answers, the fault is on our side.
HOSTS_OF_SILENCE = 3
# A page that did not answer is tried again after so long; then the feed's text has to do.
PAGE_RETRIES = (timedelta(minutes=2), timedelta(minutes=10))
# What is left of a batch when a task's time is nearly up goes back uncounted.
SECONDS_TO_SPARE = 10.0
PLACED_AT_ONCE = 200

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
        with _handed_back_when_stopped("articles_article", token, [article.id for article in articles]):
            read_articles(token, articles, deadline)
        done += len(articles)
    return done


def read_articles(token: uuid.UUID, articles: Sequence[ClaimedArticle], deadline: float) -> None:
    """Fetch the pages that are needed, extract, link; each article in a transaction of its own."""
    wanted = [article for article in articles if article.needs_page]
    requests = [FetchRequest(url=article.url, purpose="page", sample=article.sample) for article in wanted]
    policy = _policy_until(deadline, sample=any(article.sample for article in wanted))
    answers = fetch_many(requests, policy) if requests else []
    pages = dict(zip((article.id for article in wanted), answers, strict=True))
    repeated = repeated_lines({article.publisher_id for article in wanted})
    back: dict[int, float] = {}
    for article in articles:
        answer = pages.get(article.id)
        if isinstance(answer, Deferred):
            back[article.id] = answer.seconds
        elif time.monotonic() > deadline:
            back[article.id] = 0.0
        else:
            with _alone(f"article {article.id}"):
                _read(article, token, answer, repeated.get(article.publisher_id, frozenset()))
    give_back("articles_article", token, back)


def place_linked_articles(seconds: float) -> int:
    """Give linked articles their events, in order, until none waits or the time is nearly up; how many."""
    deadline = time.monotonic() + seconds
    placed = 0
    while time.monotonic() < deadline - SECONDS_TO_SPARE:
        article_ids = articles_to_place(PLACED_AT_ONCE)
        if not article_ids:
            break
        place_articles(article_ids)
        finish_placing(article_ids)
        placed += len(article_ids)
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


def _read(
    article: ClaimedArticle,
    token: uuid.UUID,
    answer: FetchResult | FetchFailure | None,
    repeated: Collection[str],
) -> None:
    now = timezone.now()
    page: ExtractedPage | None = None
    note = ""
    if isinstance(answer, FetchFailure):
        note = f"The page could not be read: {answer.message}"
        if _may_heal(answer) and article.page_tries < len(PAGE_RETRIES):
            put_off(article, token, note, wait=PAGE_RETRIES[article.page_tries])
            return
    elif answer is not None:
        page, note = _extract(answer, repeated)
    try:
        finish_reading(article, token, page, note, now=now)
    except StaleLeaseError as error:
        logger.info("%s", error)


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
    )
