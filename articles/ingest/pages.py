"""A portion of articles meets its pages: new ones are read, known ones are looked at again, hosts are asked politely."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.utils import timezone

from articles.errors import ParseFailedError, SandboxKilledError, StaleLeaseError
from articles.ingest.edge_lines import learn_lines
from articles.ingest.embeddings import load_model
from articles.ingest.fetch import Answer, Deferred, FetchPolicy, fetch_many, stranger_hosts
from articles.ingest.hosts import release_hosts, reserve_hosts
from articles.ingest.looking import (
    ClaimedLook,
    Seen,
    close_unchanged,
    finish_look,
    put_back_look,
    put_off_look,
    seen_in,
)
from articles.ingest.merging import join_addresses
from articles.ingest.naming import make_ready
from articles.ingest.policy import policy_from_settings
from articles.ingest.publisher_rules import reading_rules
from articles.ingest.reading import ClaimedArticle, PageLater, finish_reading, put_back
from articles.ingest.sandbox import Sandbox
from articles.jobs import give_back_jobs, is_outage
from articles.types import ExtractedPage, FetchFailure, FetchRequest, FetchResult, ReadingRules

logger = logging.getLogger(__name__)

# A page that did not answer is asked again after so long; meanwhile, and for good after the last, the feed's text
# has to do.
PAGE_RETRIES = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12))
# What is left of a batch when a task's time is nearly up goes back uncounted.
SECONDS_TO_SPARE = 10.0
# What a publisher repeats is counted anew with each of its pages, and with one in so many texts that need no page:
# those come by the thousand, and a footer does not change with each.
FEED_TEXTS_A_LESSON = 10
LONGEST_MESSAGE = 500


class _Reader:
    """Reads pages in the parsing children, by the rules of their publishers."""

    def __init__(self, sandbox: Sandbox, publisher_ids: Collection[int]) -> None:
        self._sandbox = sandbox
        self._rules = reading_rules(publisher_ids)

    def read(self, answer: FetchResult, publisher_id: int) -> tuple[ExtractedPage | None, str]:
        """What the page says, or None and why it cannot be read."""
        rules = self._rules.get(publisher_id, ReadingRules())
        kind = answer.headers.get("content-type", "")
        try:
            return self._sandbox.extract_page(answer.body, answer.final_url, kind, rules=rules), ""
        except (ParseFailedError, SandboxKilledError) as error:
            return None, f"The page could not be read: {error}"


def read_articles(
    token: uuid.UUID, articles: Sequence[ClaimedArticle], deadline: float, sandbox: Sandbox
) -> None:
    """Fetch the pages that are needed, extract, link; each article in a transaction of its own.

    What needs no page goes first, and what gets none goes on with its feed's text: nothing waits for a slow page.
    """
    make_ready()
    load_model()
    back: dict[int, float] = {}
    wanted = [article for article in articles if article.needs_page]
    for article in articles:
        if not article.needs_page and not _is_past(deadline, article.job_id, back):
            _read(article, token, None, _Reader(sandbox, ()))
    requests = [FetchRequest(url=article.url, purpose="page", sample=article.sample) for article in wanted]
    answers = _ask(requests, deadline)
    reader = _Reader(sandbox, {article.publisher_id for article in wanted})
    for article, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Deferred) and not _is_out_of_patience(article):
            back[article.job_id] = answer.seconds
        elif not _is_past(deadline, article.job_id, back):
            _read(article, token, answer, reader)
    give_back_jobs(token, back)
    _learn({one.publisher_id for one in articles if one.needs_page or one.id % FEED_TEXTS_A_LESSON == 0})


def look_at_pages(token: uuid.UUID, looks: Sequence[ClaimedLook], deadline: float, sandbox: Sandbox) -> int:
    """Ask for pages that were read before, and read anew what has other bytes; how many texts changed.

    What the server says is unchanged, or has the very bytes of before, is not parsed. A host that fails or is busy
    counts against nothing: those looks are put off.
    """
    back: dict[int, float] = {}
    requests = [
        FetchRequest(
            url=look.url,
            purpose="page",
            etag=look.etag,
            last_modified=look.last_modified,
            sample=look.sample,
        )
        for look in looks
    ]
    answers = _ask(requests, deadline)
    same: list[tuple[ClaimedLook, Seen]] = []
    others: list[tuple[ClaimedLook, FetchResult | FetchFailure]] = []
    for look, answer in zip(looks, answers, strict=True):
        if isinstance(answer, Deferred):
            back[look.job_id] = answer.seconds
            continue
        seen = seen_in(answer)
        if _is_known(look, answer, seen) and look.known.gone_at is None:
            same.append((look, seen))
        else:
            others.append((look, answer))
    close_unchanged(token, same, timezone.now())
    if others:
        make_ready()
        load_model()
    reader = _Reader(
        sandbox, {look.publisher_id for look, answer in others if isinstance(answer, FetchResult)}
    )
    changed = set()
    for look, answer in others:
        if _is_past(deadline, look.job_id, back):
            continue
        if _look(look, token, answer, reader):
            changed.add(look.publisher_id)
    give_back_jobs(token, back)
    _learn(changed)
    return len(changed)


def seconds_to_ask(deadline: float) -> float:
    """How long a batch may go on asking servers, so that the last answer can still be stored in time."""
    return deadline - SECONDS_TO_SPARE - settings.FETCH_TOTAL_SECONDS - time.monotonic()


def policy_until(deadline: float, *, sample: bool) -> FetchPolicy:
    """The door's policy for a batch that ends in time; the exception for the sample world only while its rows are asked."""
    policy = policy_from_settings(sample=sample)
    return replace(policy, batch_seconds=min(policy.batch_seconds, max(1.0, seconds_to_ask(deadline))))


def _ask(requests: Sequence[FetchRequest], deadline: float) -> list[Answer]:
    """The answers, in order, of pages that are asked for side by side, each host in its turn."""
    if not requests:
        return []
    policy = policy_until(deadline, sample=any(request.sample for request in requests))
    turns = reserve_hosts(stranger_hosts(requests, policy), policy.batch_seconds + policy.total_seconds)
    try:
        return fetch_many(requests, policy, turns)
    finally:
        release_hosts(turns, policy.host_pause_seconds)


def _is_past(deadline: float, job_id: int, back: dict[int, float]) -> bool:
    """Whether there is no time left for this job; it then goes back."""
    if time.monotonic() > deadline:
        back[job_id] = 0.0
        return True
    return False


def _is_out_of_patience(article: ClaimedArticle) -> bool:
    """Whether a new article has waited so long for a busy host that it goes on with its feed's text."""
    return article.is_new and article.waited_seconds >= settings.PAGE_PATIENCE_SECONDS


def _is_known(look: ClaimedLook, answer: FetchResult | FetchFailure, seen: Seen) -> bool:
    if not isinstance(answer, FetchResult) or seen.is_missing:
        return False
    return answer.status == HTTPStatus.NOT_MODIFIED or answer.body_sha256 == look.body_sha256


def _read(article: ClaimedArticle, token: uuid.UUID, answer: Answer | None, reader: _Reader) -> None:
    page: ExtractedPage | None = None
    later: PageLater | None = None
    seen: Seen | None = None
    note = ""
    if isinstance(answer, Deferred):
        note = "Its page is asked later: the site is asked for one page at a time."
        later = PageLater(answer.seconds, counts=False)
    elif answer is not None:
        seen = seen_in(answer)
        note = seen.why
    if isinstance(answer, FetchFailure):
        note = f"The page could not be read: {answer.message}"
        if _may_heal(answer) and article.tries < len(PAGE_RETRIES):
            wait = max(PAGE_RETRIES[article.tries].total_seconds(), float(answer.retry_after_seconds or 0))
            later = PageLater(wait, counts=True)
    try:
        if isinstance(answer, FetchResult) and seen is not None and not seen.is_missing:
            page, note = reader.read(answer, article.publisher_id)
        finish_reading(
            article,
            token,
            page,
            note,
            now=timezone.now(),
            seen=seen,
            later=later,
        )
        _join(article, page)
    except StaleLeaseError as error:
        logger.info("%s", error)
    except Exception as error:
        if is_outage(error):
            raise  # the database is in trouble, not this article
        logger.exception("article %s could not be read", article.id)
        with suppress(StaleLeaseError):
            put_back(article, token, _words_of(error, "It could not be read"))


def _look(
    look: ClaimedLook,
    token: uuid.UUID,
    answer: FetchResult | FetchFailure,
    reader: _Reader,
) -> bool:
    """Whether the article says something else now."""
    seen = seen_in(answer)
    page: ExtractedPage | None = None
    note = ""
    try:
        if isinstance(answer, FetchFailure) and not seen.is_missing:
            put_off_look(look, token, answer)
            return False
        if isinstance(answer, FetchResult) and not seen.is_missing and not _is_known(look, answer, seen):
            page, note = reader.read(answer, look.publisher_id)
        is_changed = finish_look(
            look,
            token,
            seen,
            page,
            now=timezone.now(),
            note=note,
        )
    except StaleLeaseError as error:
        logger.info("%s", error)
        return False
    except Exception as error:
        if is_outage(error):
            raise  # the database is in trouble, not this article
        logger.exception("the page of article %s could not be looked at", look.id)
        put_back_look(look, token, _words_of(error, "Its page could not be looked at"))
        return False
    _join(look, page)
    return is_changed


def _join(article: ClaimedArticle | ClaimedLook, page: ExtractedPage | None) -> None:
    """The same article may stand here already under another address that the page names; it stays read if that fails."""
    if page is None or page.kind not in {"article", "paywall"}:
        return
    try:
        join_addresses(article.id, article.url, page)
    except Exception as error:
        if is_outage(error):
            raise
        logger.exception("the addresses of article %s could not be joined", article.id)


def _learn(publisher_ids: set[int]) -> None:
    """What these publishers repeat at the edges; what may go wrong with it stops no reading."""
    try:
        learn_lines(publisher_ids, timezone.now())
    except Exception as error:
        if is_outage(error):
            raise
        logger.exception("what publishers repeat could not be learnt")


def _words_of(error: Exception, what: str) -> str:
    return f"{what} ({type(error).__name__}: {error})."[:LONGEST_MESSAGE]


def _may_heal(failure: FetchFailure) -> bool:
    return (
        failure.kind in {"dns", "connect", "timeout"}
        or (failure.status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
        or failure.status == HTTPStatus.TOO_MANY_REQUESTS
    )
