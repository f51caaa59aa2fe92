"""Acts: what fetches brought becomes rows, once, however often it runs.

The rows of several feeds are written together, by COPY, sorted by their unique keys. When that fails each feed is
stored alone, and if need be entry by entry: one bad entry never sinks its feed, one bad feed never its neighbours.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import Error, connection, transaction

from articles.errors import StaleLeaseError
from articles.ingest.claim import hold_feeds
from articles.ingest.closing import Brought, Ending, Visit, close_feeds, end_of_answer, end_of_failure
from articles.ingest.copying import copy_rows, reserve_ids
from articles.ingest.entries import WITHDRAWN, Entry, KeyedEntry, Skipped, key_entries, read_all
from articles.ingest.identity import (
    IdentityPolicy,
    KnownEntries,
    entry_keys,
    judge_identity,
    key_sha256,
)
from articles.ingest.publisher_rules import edge_rules
from articles.ingest.publishers import NamedSource, true_publishers
from articles.ingest.revising import REVISION_COLUMNS, Change, needs_page, revise_articles, revision_row
from articles.ingest.schedule import Bounds
from articles.ingest.tombstones import find_tombstones
from articles.jobs import NewJob, add_jobs
from articles.models import Article, Job
from articles.search.index import SearchText, index_articles, index_texts
from articles.types import NO_EDGE_RULES, FetchFailure, FetchResult, ParsedEntry, ParsedFeed

logger = logging.getLogger(__name__)

# Another worker stores the same story at this moment: the second to come tries again and finds it.
TRIES = 3
EXPIRED = "It is older than articles are kept."
_ARTICLE_COLUMNS = (
    "id", "publisher_id", "url", "url_sha256", "title", "summary", "language", "authors", "published_at",
    "published_from", "published_raw", "published_day_only", "fetched_at", "source_name", "sample", "revision_id",
    "status", "version", "stage", "batch", "needs_page", "message", "published_flag", "updated_at", "updated_from",
)  # fmt: skip
_SIGHTING_COLUMNS = (
    "feed_id", "article_id", "guid", "guid_sha256", "entry_sha256", "first_seen_at", "changed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """A visit with its answer, and what its body says."""

    visit: Visit
    result: FetchResult
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True)
class Stored:
    """What one answer of one feed changed: ids of articles that are new, and of those whose entry changed."""

    entries: int
    new: tuple[int, ...]
    changed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IngestRules:
    """The limits that storing obeys; each is a setting."""

    bounds: Bounds = field(default_factory=Bounds)
    full_text_characters: int = 1500


def store_answers(answered: Sequence[Answered], rules: IngestRules) -> dict[int, Stored]:
    """Write what these answers brought and close their feeds; what was stored, by feed.

    A feed whose lease has gone to somebody else is missing in the result, and nothing of it is written. One that
    cannot be stored at all is missing too: it is closed as failed, with the reason.
    """
    try:
        with transaction.atomic():
            return _store_group(answered, rules, _write)
    except Exception as error:
        if _is_lost(error):
            raise
        if len(answered) > 1:
            logger.info("Stored one by one: %s", error)
    stored: dict[int, Stored] = {}
    for one in answered:
        stored |= _store_alone(one, rules)
    return stored


def store_answer(visit: Visit, result: FetchResult, parsed: ParsedFeed | None, rules: IngestRules) -> Stored:
    """Write what one answer brought. `parsed` is None when the body is the one that we have (304, equal hash).

    Raises StaleLeaseError, with nothing written, when the lease has gone to somebody else.
    """
    if parsed is None:
        held = close_feeds([end_of_answer(visit, result, None, Brought(), rules.bounds)])
        stored = dict.fromkeys(held, Stored(0, (), ()))
    else:
        stored = store_answers([Answered(visit, result, parsed)], rules)
    return _fenced(stored.get(visit.feed.id), visit)


def store_failure(visit: Visit, failure: FetchFailure, rules: IngestRules) -> None:
    """Count a failure and put the next try off. Raises StaleLeaseError like `store_answer`."""
    held = close_feeds([end_of_failure(visit, failure, rules.bounds)])
    _fenced(Stored(0, (), ()) if held else None, visit)


def _fenced(stored: Stored | None, visit: Visit) -> Stored:
    if stored is None:
        raise StaleLeaseError(f"feed {visit.feed.id} was claimed again before its answer was stored")
    return stored


def _store_alone(one: Answered, rules: IngestRules) -> dict[int, Stored]:
    for attempt in range(TRIES + 1):
        write = _write if attempt < TRIES else _write_carefully
        try:
            with transaction.atomic():
                return _store_group([one], rules, write)
        except Exception as error:
            if _is_lost(error):
                raise
            if attempt == TRIES:
                _close_unstorable(one.visit, error, rules)
            elif not _may_pass(error):
                # The same again would fail again: the bad entry is looked for at once.
                return _store_carefully(one, rules)
    return {}


def _store_carefully(one: Answered, rules: IngestRules) -> dict[int, Stored]:
    try:
        with transaction.atomic():
            return _store_group([one], rules, _write_carefully)
    except Exception as error:
        if _is_lost(error):
            raise
        _close_unstorable(one.visit, error, rules)
        return {}


def _close_unstorable(visit: Visit, error: Exception, rules: IngestRules) -> None:
    """What the database refuses is the feed's failure, told as such: no worker died over it."""
    logger.error("feed %s could not be stored", visit.feed.id, exc_info=error)
    if not visit.pushed:
        close_feeds([end_of_failure(visit, unstorable(visit.feed.url, error), rules.bounds)])


def unstorable(url: str, error: Exception) -> FetchFailure:
    """The failure of a feed whose answer the database refuses."""
    return FetchFailure(
        url,
        "store",
        f"What it says could not be stored ({type(error).__name__}); the log of the fetch worker says more.",
    )


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def _is_lost(error: Exception) -> bool:
    """Whether the database went away: that says nothing about what was to be stored."""
    return isinstance(error, Error) and (connection.connection is None or not connection.is_usable())


def _may_pass(error: Exception) -> bool:
    """Whether the same may succeed at the next try: deadlock, lock time-out, a key that another worker just wrote."""
    return _sqlstate(error)[:2] in {"40", "55", "57"} or _sqlstate(error) == "23505"


@dataclass(slots=True)
class _Poll:
    """One answer on its way into the tables."""

    answered: Answered
    policy: IdentityPolicy
    keyed: list[KeyedEntry]
    skipped: Skipped
    identity_why: str = ""
    run_id: int = 0
    fresh: int = 0
    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)

    @property
    def feed_id(self) -> int:
        return self.answered.visit.feed.id

    @property
    def language(self) -> str:
        return _language(self.answered.visit.feed.language or self.answered.parsed.language)

    def key_again(self, policy: IdentityPolicy) -> None:
        """The entries' keys under a policy; reasons to skip are counted anew."""
        parsed, feed = self.answered.parsed, self.answered.visit.feed
        self.policy = policy
        self.skipped = Skipped(parsed.skipped)
        # By the address, not the number: a source that was removed and brought back finds its articles again.
        self.keyed = key_entries(parsed.entries, policy, feed_key=f"feed {feed.url}", skipped=self.skipped)


@dataclass(frozen=True, slots=True)
class _Sighted:
    """What is known of an entry in its feed."""

    article_id: int
    entry_sha256: bytes


@dataclass(frozen=True, slots=True)
class _Piece:
    """An entry of a poll that is to be written. `article_id` is 0 as long as there is no article.

    `entry` are its texts, read when they will be stored: for a new article or a changed one.
    """

    poll: _Poll
    keyed: KeyedEntry
    article_id: int = 0
    is_sighted: bool = False  # under this guid in this feed
    is_changed: bool = False
    entry: Entry | None = None

    @property
    def wants_texts(self) -> bool:
        """Whether its texts will be stored."""
        return not self.article_id or self.is_changed


_Write = Callable[[Sequence[_Piece], IngestRules], None]


def _store_group(answered: Sequence[Answered], rules: IngestRules, write: _Write) -> dict[int, Stored]:
    """Write the answers whose leases hold, inside the transaction that is open."""
    held = hold_feeds({one.visit.feed.id: one.visit.token for one in answered})
    polls = [_poll_of(one) for one in answered if one.visit.feed.id in held]
    if not polls:
        return {}
    for poll, run_id in zip(polls, reserve_ids("articles_fetchrun", len(polls)), strict=True):
        poll.run_id = run_id
    pieces = _with_texts(_pieces(polls))
    if pieces:
        write(pieces, rules)
    for poll in polls:
        if poll.answered.parsed.withdrawn:
            _withdraw(poll)
    close_feeds([_ending(poll, rules) for poll in polls])
    return {
        poll.feed_id: Stored(len(poll.keyed), tuple(sorted(poll.new)), tuple(sorted(poll.changed)))
        for poll in polls
    }


def _poll_of(one: Answered) -> _Poll:
    poll = _Poll(one, one.visit.feed.identity, [], Skipped())
    poll.key_again(poll.policy)
    return poll


def _ending(poll: _Poll, rules: IngestRules) -> Ending:
    one = poll.answered
    stepped_down = poll.policy != one.visit.feed.identity
    brought = Brought(
        entries=len(poll.keyed),
        fresh=poll.fresh,
        new=len(poll.new),
        changed=len(poll.changed),
        skipped=poll.skipped.rows(),
        identity=poll.policy if stepped_down else None,
        identity_why=poll.identity_why,
    )
    return end_of_answer(one.visit, one.result, one.parsed, brought, rules.bounds).with_run_id(poll.run_id)


def _pieces(polls: Sequence[_Poll]) -> list[_Piece]:
    """Of all entries those that are to be written: new here, new in their feed, or changed."""
    sighted = _find_sighted(polls)
    rows = _find_articles(keyed.url_sha256 for poll in polls for keyed in _fresh(poll, sighted))
    own = _find_own(polls, rows.values())
    if sum(_judge(poll, sighted, rows, own) for poll in polls if _fresh(poll, sighted)):
        return _pieces(polls)  # under other keys; a policy only ever steps down
    tombs = find_tombstones(
        (poll.feed_id, keyed.guid_sha256, keyed.url_sha256)
        for poll in polls
        for keyed in _fresh(poll, sighted)
    )
    pieces: list[_Piece] = []
    for poll in polls:
        for keyed in poll.keyed:
            before = sighted.get((poll.feed_id, keyed.guid_sha256))
            if before is not None:
                if before.entry_sha256 != keyed.entry_sha256:
                    pieces.append(_Piece(poll, keyed, before.article_id, is_sighted=True, is_changed=True))
                continue
            if (poll.feed_id, keyed.guid_sha256, keyed.url_sha256) in tombs:
                poll.skipped.add(EXPIRED, keyed.parsed.title or keyed.guid)
                continue
            article_id = rows.get(keyed.url_sha256, 0)
            # A new guid on an address that this feed had already: the feed renames its entries, or revised one.
            own_hash = own.get((poll.feed_id, article_id))
            pieces.append(
                _Piece(
                    poll,
                    keyed,
                    article_id,
                    is_changed=own_hash is not None and own_hash != keyed.entry_sha256,
                )
            )
    return pieces


def _fresh(poll: _Poll, sighted: Mapping[tuple[int, bytes], _Sighted]) -> list[KeyedEntry]:
    return [keyed for keyed in poll.keyed if (poll.feed_id, keyed.guid_sha256) not in sighted]


def _judge(
    poll: _Poll,
    sighted: Mapping[tuple[int, bytes], _Sighted],
    rows: Mapping[bytes, int],
    own: Mapping[tuple[int, int], bytes],
) -> bool:
    """Whether the identity policy steps down; the sightings of before then bear the new keys."""
    visit = poll.answered.visit
    known = [keyed for keyed in poll.keyed if (poll.feed_id, keyed.guid_sha256) in sighted]
    renamed = [keyed for keyed in poll.keyed if (poll.feed_id, rows.get(keyed.url_sha256, 0)) in own]
    verdict = judge_identity(
        poll.policy,
        poll.answered.parsed.entries,
        KnownEntries(
            keys={keyed.guid_sha256 for keyed in known},
            addresses={keyed.url_sha256 for keyed in (*known, *renamed)},
        ),
        chosen_by=visit.feed.identity_by,
    )
    poll.identity_why = verdict.why or poll.identity_why
    if not verdict.stepped_down:
        return False
    _rename(poll.feed_id, poll.answered.parsed.entries, poll.policy, verdict.policy)
    poll.key_again(verdict.policy)
    return True


def _rename(
    feed_id: int, entries: Sequence[ParsedEntry], before: IdentityPolicy, after: IdentityPolicy
) -> None:
    """Give the sightings of a feed the keys of another policy; of two that become one the first keeps its own."""
    pairs = zip(entry_keys(before, entries), entry_keys(after, entries), strict=True)
    new_by_old = {key_sha256(old): new for old, new in pairs}
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_sighting s SET guid_sha256 = n.key
               FROM (SELECT DISTINCT ON (key) old, key
                     FROM unnest(%s::bytea[], %s::bytea[]) AS u(old, key) ORDER BY key, old) n
               WHERE s.feed_id = %s AND s.guid_sha256 = n.old
                 AND NOT EXISTS (SELECT 1 FROM articles_sighting o WHERE o.feed_id = s.feed_id AND o.guid_sha256 = n.key)""",
            [
                list(new_by_old),
                [key_sha256(new) for new in new_by_old.values()],
                feed_id,
            ],
        )


def _find_sighted(polls: Sequence[_Poll]) -> dict[tuple[int, bytes], _Sighted]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.feed_id, s.guid_sha256, s.article_id, s.entry_sha256
               FROM unnest(%s::bigint[], %s::bytea[]) AS k(feed_id, guid)
               JOIN articles_sighting s ON s.feed_id = k.feed_id AND s.guid_sha256 = k.guid""",
            [
                [poll.feed_id for poll in polls for _ in poll.keyed],
                [keyed.guid_sha256 for poll in polls for keyed in poll.keyed],
            ],
        )
        return {
            (feed_id, bytes(guid)): _Sighted(article_id, bytes(entry))
            for feed_id, guid, article_id, entry in cursor.fetchall()
        }


def _find_articles(addresses: Iterable[bytes]) -> dict[bytes, int]:
    wanted = sorted(set(addresses))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        # By its own address or by another one of which its page told, such as that of its AMP form.
        cursor.execute(
            """SELECT url_sha256, id FROM articles_article WHERE url_sha256 = ANY(%s)
               UNION ALL SELECT url_sha256, article_id FROM articles_articleaddress WHERE url_sha256 = ANY(%s)""",
            [wanted, wanted],
        )
        return {bytes(address): article_id for address, article_id in cursor.fetchall()}


def _find_own(polls: Sequence[_Poll], article_ids: Iterable[int]) -> dict[tuple[int, int], bytes]:
    """By feed and article, what the feed last said of an article that it has under another guid."""
    wanted = sorted(set(article_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT feed_id, article_id, entry_sha256 FROM articles_sighting
               WHERE article_id = ANY(%s) AND feed_id = ANY(%s) ORDER BY changed_at, id""",
            [wanted, [poll.feed_id for poll in polls]],
        )
        return {(feed_id, article_id): bytes(entry) for feed_id, article_id, entry in cursor.fetchall()}


def _write_carefully(pieces: Sequence[_Piece], rules: IngestRules) -> None:
    """Write all of these but those that cannot be written, which are skipped with the reason."""
    try:
        with transaction.atomic():
            _write(pieces, rules)
    except Exception as error:
        if _is_lost(error):
            raise
        if len(pieces) > 1:
            half = len(pieces) // 2
            _write_carefully(pieces[:half], rules)
            _write_carefully(pieces[half:], rules)
            return
        piece = pieces[0]
        why = " ".join(str(error).split())[:200]
        piece.poll.skipped.add(
            f"It cannot be stored ({type(error).__name__}: {why}).", piece.keyed.parsed.title
        )


def _with_texts(pieces: Iterable[_Piece]) -> list[_Piece]:
    """The pieces sorted by address, with the texts that are to be stored; what cannot be read is skipped."""
    ready = []
    ordered = sorted(pieces, key=lambda piece: piece.keyed.url_sha256)
    rules = edge_rules(
        {piece.poll.answered.visit.feed.publisher_id for piece in ordered if piece.wants_texts}
    )
    for piece in ordered:
        if not piece.wants_texts:
            ready.append(piece)
            continue
        visit = piece.poll.answered.visit
        entries = read_all(
            [piece.keyed],
            now=visit.now,
            skipped=piece.poll.skipped,
            house=piece.poll.answered.parsed.title,
            rules=rules.get(visit.feed.publisher_id, NO_EDGE_RULES),
        )
        ready += [replace(piece, entry=entry) for entry in entries]
    return ready


def _write(pieces: Sequence[_Piece], rules: IngestRules) -> None:
    """Articles, revisions, sightings, search rows and jobs of these pieces, which are sorted by address.

    What is counted is counted at the end, when nothing can fail any more.
    """
    first: dict[bytes, tuple[_Piece, Entry]] = {}
    for piece in pieces:
        if not piece.article_id and piece.entry is not None:
            first.setdefault(piece.keyed.url_sha256, (piece, piece.entry))
    new = _write_articles(list(first.values()), rules)
    ids = {one.entry.url_sha256: one.id for one in new}
    _write_sightings([(piece, piece.article_id or ids[piece.keyed.url_sha256]) for piece in pieces])
    changes = [
        Change(piece.article_id, piece.entry, piece.poll.answered.visit)
        for piece in pieces
        if piece.article_id and piece.entry is not None
    ]
    revised = revise_articles(changes, full_text_characters=rules.full_text_characters)
    index_texts(one.search_text for one in new)
    again = sorted({change.article_id for change in revised})
    index_articles(again)
    # Whoever reads the text of before at this moment loses the lease: the new one is to be read.
    add_jobs(Job.Kind.READ, [*(one.job for one in new), *_jobs_of(again)])
    for piece in pieces:
        piece.poll.fresh += not piece.is_sighted
    for one in new:
        one.piece.poll.new.append(one.id)
    polls = {piece.poll.feed_id: piece.poll for piece in pieces}
    for change in revised:
        polls[change.visit.feed.id].changed.append(change.article_id)


@dataclass(frozen=True, slots=True)
class _New:
    """An article that is written with its first revision."""

    id: int
    revision_id: int
    piece: _Piece
    entry: Entry
    publisher_id: int

    def article_row(self, rules: IngestRules) -> list[Any]:
        """In the order of _ARTICLE_COLUMNS."""
        entry, poll, visit = self.entry, self.piece.poll, self.piece.poll.answered.visit
        return [
            self.id,
            self.publisher_id,
            entry.url,
            entry.url_sha256,
            entry.title,
            entry.summary,
            poll.language,
            json.dumps(entry.authors),
            entry.published_at,
            entry.published_from,
            entry.published_raw,
            entry.published_day_only,
            visit.now,
            # Whom it credits: an aggregator names the paper, a byline the agency.
            entry.source_name or entry.agency,
            visit.feed.sample,
            self.revision_id,
            Article.Status.UNREVIEWED.value,
            1,
            Article.Stage.NEW.value,
            poll.run_id,
            needs_page(entry, rules.full_text_characters),
            "",
            entry.published_flag,
            entry.updated_at,
            "feed" if entry.updated_at else "",
        ]

    def revision_row(self) -> list[Any]:
        """In the order of REVISION_COLUMNS."""
        return revision_row(self.revision_id, self.id, 1, self.entry, self.piece.poll.answered.visit.now)

    @property
    def search_text(self) -> SearchText:
        """What is searched of it."""
        entry = self.entry
        return SearchText(
            self.id, self.publisher_id, entry.published_at, entry.title, entry.text, self.piece.poll.language
        )

    @property
    def job(self) -> NewJob:
        """The step that comes next."""
        poll = self.piece.poll
        return self.id, poll.language, poll.run_id, self.entry.published_at


def _write_articles(firsts: Sequence[tuple[_Piece, Entry]], rules: IngestRules) -> list[_New]:
    """Articles and their first revisions, which point to each other from the start."""
    new = [
        _New(article_id, revision_id, piece, entry, publisher_id)
        for article_id, revision_id, (piece, entry), publisher_id in zip(
            reserve_ids("articles_article", len(firsts)),
            reserve_ids("articles_revision", len(firsts)),
            firsts,
            _publishers(firsts),
            strict=True,
        )
    ]
    if new:
        copy_rows("articles_article", _ARTICLE_COLUMNS, (one.article_row(rules) for one in new))
        copy_rows("articles_revision", REVISION_COLUMNS, (one.revision_row() for one in new))
    return new


def _publishers(new: Sequence[tuple[_Piece, Entry]]) -> list[int]:
    """Who published each: the feed's publisher, or whom the entry names as its source."""
    named: dict[int, tuple[_Poll, set[NamedSource]]] = {}
    for piece, entry in new:
        if entry.source_name:
            source = NamedSource(entry.source_name, entry.source_url)
            named.setdefault(piece.poll.feed_id, (piece.poll, set()))[1].add(source)
    found = {
        feed_id: true_publishers(sources, poll.answered.visit.feed)
        for feed_id, (poll, sources) in named.items()
    }
    return [
        found.get(piece.poll.feed_id, {}).get(
            NamedSource(entry.source_name, entry.source_url), piece.poll.answered.visit.feed.publisher_id
        )
        for piece, entry in new
    ]


def _write_sightings(pieces: Sequence[tuple[_Piece, int]]) -> None:
    """One for each entry that its feed had not; those that were there say what the feed says now."""
    rows = []
    again: list[tuple[int, bytes, bytes, datetime]] = []
    for piece, article_id in pieces:
        feed_id, keyed, now = piece.poll.feed_id, piece.keyed, piece.poll.answered.visit.now
        if piece.is_sighted:
            again.append((feed_id, keyed.guid_sha256, keyed.entry_sha256, now))
        else:
            # The guid as served is kept whatever tells the entries apart: withdrawals name it.
            served = keyed.parsed.guid or keyed.guid
            rows.append([feed_id, article_id, served, keyed.guid_sha256, keyed.entry_sha256, now, now])
    if rows:
        copy_rows("articles_sighting", _SIGHTING_COLUMNS, sorted(rows, key=lambda row: (row[0], row[3])))
    if again:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE articles_sighting s SET entry_sha256 = n.entry, changed_at = n.at
                   FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::timestamptz[]) AS n(feed_id, guid, entry, at)
                   WHERE s.feed_id = n.feed_id AND s.guid_sha256 = n.guid""",
                [list(column) for column in zip(*again, strict=True)],
            )


def _jobs_of(article_ids: Sequence[int]) -> list[NewJob]:
    if not article_ids:
        return []
    rows = Article.objects.filter(pk__in=article_ids)
    return list(rows.values_list("id", "language", "batch", "published_at"))


def _withdraw(poll: _Poll) -> None:
    """What its publisher took back (RFC 6721) is marked, never deleted; nobody takes back what others published."""
    visit = poll.answered.visit
    refs = poll.answered.parsed.withdrawn
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_article a SET withdrawn_at = %s FROM articles_sighting s
               WHERE s.feed_id = %s AND a.id = s.article_id AND a.publisher_id = %s AND a.withdrawn_at IS NULL
                 AND (s.guid_sha256 = ANY(%s) OR s.guid = ANY(%s))
               RETURNING a.title""",
            [
                visit.now,
                visit.feed.id,
                visit.feed.publisher_id,
                [key_sha256(ref) for ref in refs],
                list(refs),
            ],
        )
        for (title,) in cursor.fetchall():
            poll.skipped.add(WITHDRAWN, title)


def _language(tag: str) -> str:
    """The primary subtag of a language tag (BCP 47): "en" for "en-GB"."""
    primary = tag.replace("_", "-").partition("-")[0].strip().lower()
    return primary if primary.isalpha() and len(primary) in {2, 3} else ""
