"""Looks at an address through the real pipeline and says what would be stored; writes nothing."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from math import ceil
from urllib.parse import urlsplit

from django.conf import settings

from articles.errors import NotAFeedError, ParseFailedError, RefusedError, SandboxKilledError
from articles.ingest.canonical import absolute_url, canonical_url, url_sha256
from articles.ingest.discovery import common_feed_urls
from articles.ingest.doctor import advice_for
from articles.ingest.entries import Entry, Skipped, key_entries, read_all
from articles.ingest.fetch import Deferred, fetch_many, stranger_hosts
from articles.ingest.hosts import HostTurns, release_hosts, reserve_hosts
from articles.ingest.identity import POLICIES, IdentityPolicy, IdentityTrial, judge_identity, try_identity
from articles.ingest.policy import policy_from_settings, sandbox_from_settings
from articles.ingest.revising import needs_page
from articles.ingest.sandbox import Sandbox
from articles.ingest.schedule import in_words
from articles.ingest.secrets import request_for, request_from
from articles.models import Article, Feed, RemovedSource, Sighting
from articles.types import FetchFailure, FetchRequest, FetchResult, FoundFeed, ParsedEntry, ParsedFeed

SHOWN_ENTRIES = 10
SHOWN_FEEDS = 12
TRIED_FEEDS = 3
SHOWN_PARAGRAPHS = 3
# Of a page that names no feed, so many usual places are asked while a person waits.
GUESSES = 6
# A person and one of few web threads wait: nothing is begun after so long, and no reading takes longer than that.
LOOK_SECONDS = 20.0
READ_SECONDS = 5.0
# Hosts are asked in turn with the workers. A turn that comes within this time is waited for, looking so often.
TURN_SECONDS = 4.0
TURN_LOOK_SECONDS = 0.25
# What a request needs at least to be worth beginning.
_LEAST_SECONDS = 0.5
# What may be otherwise by plain http: the server does not speak https, or not rightly.
WORTH_PLAIN_HTTP = frozenset({"connect", "tls", "timeout", "refused_address", "protocol"})


@dataclass(frozen=True, slots=True)
class Ask:
    """How an address is asked: the secrets for the fetch door alone, and the source that has it already."""

    user_agent: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    feed_id: int | None = None
    identity: IdentityPolicy = "guid"
    identity_by: str = ""
    until: float = field(
        default_factory=lambda: time.monotonic() + LOOK_SECONDS
    )  # monotonic: begin nothing later


@dataclass(frozen=True, slots=True)
class PreviewEntry:
    """One entry as it would be stored; `known` when the desk has its article already."""

    title: str
    url: str
    published_at: datetime
    summary: str
    known: bool
    needs_page: bool
    dated: bool


@dataclass(frozen=True, slots=True)
class PagePreview:
    """How the page of one entry would read; `problem` says why it cannot be read."""

    url: str
    title: str = ""
    characters: int = 0
    paragraphs: tuple[str, ...] = ()
    published: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an address leads to: a feed with its first entries, or a page with the feeds it names.

    Of a feed `found` is empty; of a page `entries` is. `known_as` names the source that has this address already.
    """

    url: str
    title: str = ""
    site_url: str = ""
    language: str = ""
    format: str = ""
    total: int = 0
    new: int = 0
    pages: int = 0  # entries whose page would be fetched for its text
    entries: tuple[PreviewEntry, ...] = ()
    skipped: tuple[Mapping[str, str | int], ...] = ()
    problems: tuple[str, ...] = ()
    identity: str = ""
    rhythm: str = ""
    page: PagePreview | None = None
    status: int = 0
    milliseconds: int = 0
    sent_bytes: int = 0
    bytes: int = 0
    has_hub: bool = False
    moved_to: str = ""
    known_as: str = ""
    removed_by: str = ""
    found: tuple[FoundFeed, ...] = ()


@lru_cache(maxsize=1)
def reader() -> Sandbox:
    """The web process's own small pool of parsing children, started at the first preview."""
    return sandbox_from_settings(2, wall_seconds=READ_SECONDS)


def look_at(address: str, now: datetime, ask: Ask | None = None) -> Preview:
    """Fetch an address through the one door and read it in the sandbox; one page of its entries too.

    An address without a scheme is tried by https, then by http. Ends within LOOK_SECONDS and one READ_SECONDS.
    Raises RefusedError with a sentence for an admin when there is no answer, nothing to subscribe to, or when it is
    not our turn to ask the host.
    """
    ask = ask or Ask()
    url, answer = _first_answer(address, ask)
    if isinstance(answer, FetchFailure):
        raise RefusedError(" ".join((answer.message, advice_for(answer.kind, answer.status))).strip())
    try:
        parsed = _parse(answer)
    except NotAFeedError:
        return _page(url, answer, now, ask)
    except (ParseFailedError, SandboxKilledError) as error:
        raise RefusedError(f"The address answers, but cannot be read: {error}") from error
    return _feed(url, answer, parsed, now, ask)


@dataclass(frozen=True, slots=True)
class FoundTrial:
    """A feed that was found, and how it answers: entries, how many are known here, or the problem."""

    feed: FoundFeed
    total: int = 0
    new: int = 0
    newest: datetime | None = None
    problem: str = ""
    known_as: str = ""


def find_feeds_of(feed_id: int, now: datetime) -> list[FoundTrial]:
    """The feeds that a source's site names, or has at the usual places; the likeliest are tried.

    Its own address, when it is still among them, is left out. Raises RefusedError when there is none.
    """
    feed = Feed.objects.filter(pk=feed_id).first()
    if feed is None:
        raise RefusedError("This source is not here any more. Reload the page.")
    ask = Ask(user_agent=feed.user_agent, feed_id=feed.pk)
    sites = dict.fromkeys(site for site in (absolute_url(feed.site_url), absolute_url("/", feed.url)) if site)
    why = ""
    for site in sites:
        try:
            answer = fetch_in_turn(
                replace(request_from(site, {}, user_agent=ask.user_agent), sample=feed.sample), ask.until
            )
        except RefusedError as error:
            why = why or str(error)
            continue
        if isinstance(answer, FetchFailure):
            why = why or f"Its site does not answer either. {answer.message}"
            continue
        try:
            found = _page(site, answer, None, ask).found
        except RefusedError as error:
            why = str(error)
            continue
        others = [one for one in found if url_sha256(one.url) != bytes(feed.url_sha256)]
        if others:
            return [
                _try_found(one, now, ask) if place < TRIED_FEEDS else FoundTrial(one)
                for place, one in enumerate(others)
            ]
        why = "Its site names no other feed than this one."
    raise RefusedError(why)


def _try_found(found: FoundFeed, now: datetime, ask: Ask) -> FoundTrial:
    try:
        answer = fetch_in_turn(request_from(found.url, {}, user_agent=ask.user_agent), ask.until)
    except RefusedError as error:
        return FoundTrial(found, problem=str(error))
    if isinstance(answer, FetchFailure):
        return FoundTrial(found, problem=answer.message)
    try:
        looked = _feed(found.url, answer, _parse(answer), now, ask, with_page=False)
    except (ParseFailedError, SandboxKilledError) as error:
        return FoundTrial(found, problem=str(error))
    newest = looked.entries[0].published_at if looked.entries else None
    return FoundTrial(found, looked.total, looked.new, newest, known_as=looked.known_as)


@dataclass(frozen=True, slots=True)
class PolicyTrial:
    """What one way to tell entries apart would make of a source: keys that it has had before, and those it has not."""

    trial: IdentityTrial
    met: int

    @property
    def anew(self) -> int:
        """Entries that would count as not seen yet; an article that the desk has by its address stays one article."""
        return max(0, self.trial.articles - self.met)


def try_policies(feed_id: int) -> list[PolicyTrial]:
    """A dry run of each identity policy on a source as it answers now. Raises RefusedError when it does not answer."""
    feed = Feed.objects.filter(pk=feed_id).first()
    if feed is None:
        raise RefusedError("This source is not here any more. Reload the page.")
    answer = fetch_in_turn(request_of(feed), Ask().until)
    if isinstance(answer, FetchFailure):
        raise RefusedError(answer.message)
    try:
        parsed = _parse(answer)
    except (ParseFailedError, SandboxKilledError) as error:
        raise RefusedError(f"The address answers, but cannot be read: {error}") from error
    return [
        PolicyTrial(try_identity(policy, parsed.entries), _met(feed, policy, parsed.entries))
        for policy in POLICIES
    ]


def request_of(feed: Feed) -> FetchRequest:
    """How a stored source would be asked, in full. Raises RefusedError when its secrets cannot be read."""
    from_row = request_for(feed, with_validators=False)
    if isinstance(from_row, FetchFailure):
        raise RefusedError(from_row.message)
    return from_row


def _met(feed: Feed, policy: IdentityPolicy, entries: Sequence[ParsedEntry]) -> int:
    keyed = key_entries(entries, policy, feed_key=f"feed {feed.url}", skipped=Skipped())
    return Sighting.objects.filter(feed=feed, guid_sha256__in=[entry.guid_sha256 for entry in keyed]).count()


def _first_answer(address: str, ask: Ask) -> tuple[str, FetchResult | FetchFailure]:
    """The address as it was asked, and its answer."""
    typed = address.strip()
    url = absolute_url(typed if "://" in typed else f"https://{typed}")
    if not url or not canonical_url(url):
        raise RefusedError(f"“{typed[:200]}” is no web address. Write it like https://example.org/feed.")
    answer = fetch_in_turn(request_from(url, ask.secrets, user_agent=ask.user_agent), ask.until)
    if isinstance(answer, FetchFailure) and "://" not in typed and answer.kind in WORTH_PLAIN_HTTP:
        plain = absolute_url(f"http://{typed}")
        # Secrets were typed for a server behind https: they are not told in the clear unasked.
        with suppress(RefusedError):
            second = (
                fetch_in_turn(request_from(plain, {}, user_agent=ask.user_agent), ask.until)
                if plain
                else answer
            )
            if isinstance(second, FetchResult):
                return plain, second
    return url, answer


def fetch_in_turn(request: FetchRequest, until: float) -> FetchResult | FetchFailure:
    """Through the one door, without its exception for the sample unless the request asks for it: what a person types
    never does.

    A stranger's host is asked in turn with the workers and left alone afterwards as they leave it. Raises
    RefusedError when its turn does not come soon, or no time is left.
    """
    policy = policy_from_settings(sample=request.sample)
    turns = _turn(stranger_hosts([request], policy), until)
    try:
        left = max(_LEAST_SECONDS, until - time.monotonic())
        (answer,) = fetch_many(
            [request], replace(policy, total_seconds=min(policy.total_seconds, left)), turns
        )
    finally:
        release_hosts(turns, policy.host_pause_seconds)
    if isinstance(answer, Deferred):
        raise RefusedError(_not_yet(request.url, answer.seconds))
    return answer


def _turn(hosts: Collection[str], until: float) -> HostTurns:
    """The reservation of the hosts, as soon as it is ours."""
    patience = min(time.monotonic() + TURN_SECONDS, until - _LEAST_SECONDS)
    while True:
        left = until - time.monotonic()
        if left < _LEAST_SECONDS:
            raise RefusedError(f"This took longer than {LOOK_SECONDS:g} s and was ended. Try again.")
        # A little longer than the request can last; it is given back as soon as it is over.
        turns = reserve_hosts(hosts, left + 1)
        if not turns.waits:
            return turns
        host, wait = max(turns.waits.items(), key=lambda one: one[1])
        # What another worker holds is given back earlier than it runs out: it is looked at again and again.
        if time.monotonic() + TURN_LOOK_SECONDS > patience:
            raise RefusedError(_not_yet(f"//{host}", wait))
        time.sleep(min(max(wait, 0.01), TURN_LOOK_SECONDS))


def _not_yet(url: str, seconds: float) -> str:
    return (
        f"{urlsplit(url).netloc.rpartition('@')[2]} is asked one thing at a time, with a pause between:"
        f" its turn comes in {in_words(ceil(seconds))}, try again then."
    )


def _parse(answer: FetchResult) -> ParsedFeed:
    return reader().parse_feed(answer.body, answer.final_url, answer.headers.get("content-type", ""))


def _feed(  # noqa: PLR0913 - one answer and how it is to be read
    url: str,
    answer: FetchResult,
    parsed: ParsedFeed,
    now: datetime,
    ask: Ask,
    *,
    with_page: bool = True,
) -> Preview:
    """The preview of a feed; a permanent redirect is followed for good from the start."""
    address = answer.permanent_url or url
    verdict = judge_identity(ask.identity, parsed.entries, chosen_by=ask.identity_by)
    skipped = Skipped(parsed.skipped)
    keyed = key_entries(parsed.entries, verdict.policy, feed_key=f"preview {address}", skipped=skipped)
    entries = read_all(keyed, now=now, skipped=skipped)
    entries.sort(key=lambda entry: entry.published_at, reverse=True)
    known = _known_articles(entries)
    pages = [entry for entry in entries if needs_page(entry, settings.FULL_TEXT_CHARACTERS)]
    feed = Feed.objects.filter(url_sha256=url_sha256(address)).exclude(pk=ask.feed_id or 0).first()
    removed = RemovedSource.objects.filter(url_sha256=url_sha256(address)).first()
    return Preview(
        url=address,
        title=parsed.title or urlsplit(address).hostname or address,
        site_url=parsed.link,
        language=parsed.language[:16],
        format=parsed.format,
        total=len(entries),
        new=sum(entry.url_sha256 not in known for entry in entries),
        pages=len(pages),
        entries=tuple(
            PreviewEntry(
                entry.title,
                entry.url,
                entry.published_at,
                entry.summary,
                known=entry.url_sha256 in known,
                needs_page=needs_page(entry, settings.FULL_TEXT_CHARACTERS),
                dated=entry.published_from == "feed",
            )
            for entry in entries[:SHOWN_ENTRIES]
        ),
        skipped=tuple(skipped.rows()),
        problems=parsed.problems,
        identity=verdict.why or "Its entries are told apart by their guids, and nothing speaks against it."
        if verdict.policy == "guid"
        else verdict.why or f"Its entries are told apart by their {verdict.policy}.",
        rhythm=rhythm_guess([entry.published_at for entry in entries if entry.published_from == "feed"], now),
        page=_read_page(pages[0], ask.until) if pages and with_page else None,
        status=answer.status,
        milliseconds=round(answer.elapsed_seconds * 1000),
        sent_bytes=answer.raw_bytes,
        bytes=len(answer.body),
        has_hub=bool(parsed.hub_url),
        moved_to=answer.permanent_url,
        known_as=feed.title if feed else "",
        removed_by=removed.by if removed else "",
    )


def rhythm_guess(dates: Sequence[datetime], now: datetime) -> str:
    """How often something comes, by the dates of a feed's entries, and how fetching begins; one or two sentences."""
    start = f"Fetching starts at every {in_words(settings.FEED_MINUTES * 60)} and learns from there."
    past = sorted(date for date in dates if date <= now)
    if len(past) < 2 or past[0] == past[-1]:  # noqa: PLR2004 - one date has no pace
        return f"Its dates do not say how often something comes. {start}"
    pace = (past[-1] - past[0]).total_seconds() / (len(past) - 1)
    age = (now - past[-1]).total_seconds()
    return f"By its dates something comes every {in_words(pace)}; the newest is {in_words(age)} old. {start}"


def _read_page(entry: Entry, until: float) -> PagePreview:
    """The page of one entry through the door, with its robots.txt, and through the sandbox."""
    try:
        answer = fetch_in_turn(FetchRequest(url=entry.url, purpose="page"), until)
    except RefusedError as error:
        return PagePreview(entry.url, problem=str(error))
    if isinstance(answer, FetchFailure):
        return PagePreview(entry.url, problem=answer.message)
    try:
        page = reader().extract_page(answer.body, answer.final_url, answer.headers.get("content-type", ""))
    except (ParseFailedError, SandboxKilledError) as error:
        return PagePreview(entry.url, problem=f"The page cannot be read: {error}")
    if not page.text.strip():
        return PagePreview(entry.url, page.title, problem="No article was found in the page.")
    return PagePreview(
        entry.url,
        page.title,
        len(page.text),
        tuple(page.text.split("\n\n")[:SHOWN_PARAGRAPHS]),
        page.published,
    )


def _known_articles(entries: Sequence[Entry]) -> set[bytes]:
    """The address keys of those entries whose articles the desk has."""
    keys = [entry.url_sha256 for entry in entries]
    return {
        bytes(key) for key in Article.objects.filter(url_sha256__in=keys).values_list("url_sha256", flat=True)
    }


def _page(url: str, answer: FetchResult, now: datetime | None, ask: Ask) -> Preview:
    """The feeds that a page names; when it names none, a feed at one of the usual places of its site."""
    try:
        found = reader().find_feeds(answer.body, answer.final_url, answer.headers.get("content-type", ""))
    except (ParseFailedError, SandboxKilledError) as error:
        raise RefusedError(f"The page cannot be read: {error}") from error
    title = urlsplit(answer.final_url).hostname or url
    if found:
        return Preview(url=url, title=title, found=tuple(found[:SHOWN_FEEDS]))
    for guess in common_feed_urls(answer.final_url)[:GUESSES]:
        tried = fetch_in_turn(request_from(guess, {}, user_agent=ask.user_agent), ask.until)
        if isinstance(tried, FetchResult):
            with suppress(ParseFailedError, SandboxKilledError):
                parsed = _parse(tried)
                if now is None:
                    kind = parsed.format if parsed.format in {"atom", "json"} else "rss"
                    return Preview(
                        url=url, title=title, found=(FoundFeed(guess, parsed.title, kind, "path"),)
                    )
                return _feed(guess, tried, parsed, now, ask)
    raise RefusedError(
        "The address answers with a web page, not a feed; the page names no feed, and none lies at the usual places."
    )
