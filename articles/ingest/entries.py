"""What the entries of a feed amount to: identity, dates, texts; pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from articles.ingest.bylines import signed_by
from articles.ingest.canonical import canonical_url, url_sha256
from articles.ingest.dates import read_date_parts
from articles.ingest.feed_text import clean_feed_text
from articles.ingest.identity import IdentityPolicy, entry_keys, key_sha256
from articles.ingest.sanitize import html_of_text, text_of_safe_html
from articles.ingest.sites import desktop_url, has_form
from articles.types import NO_EDGE_RULES, DateFlag, EdgeRules, ParsedEntry, PublishedFrom

# Dates outside of these are mistakes of the source (research on feeds as served): the time of fetching stands in.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_AHEAD = timedelta(hours=24)
# Feeds that tell of changes write the time of publication there first.
SAME_MOMENT = timedelta(seconds=60)
TITLE_CHARACTERS = 1000
SUMMARY_CHARACTERS = 600
VAGUE_TITLES = 3  # under one link: the link names the paper, not the story
HEADLINE_CHARACTERS = 120  # of the text, when there is no title
SOURCE_CHARACTERS = 200

_HOUSE_BREAK = re.compile(r"(?:\s+[-–—·•:]+|\s*[|｜])\s*$")
_HOUSE_END = re.compile(r"\s+[-–—·•:»>]+\s+|\s*[|｜]\s*")
_SHORTEST_HOUSE, _SHORTEST_HEADLINE = 3, 8

TWICE = "It stood in the answer twice: the first one counts."
EMPTY = "It has neither a title nor a text."
# Told with what was left out, and by the doctor: RFC 6721.
WITHDRAWN = "Its publisher took it back: the article is marked, and stays."


@dataclass(frozen=True, slots=True)
class KeyedEntry:
    """An entry with its keys: enough to say whether it is known. Its texts are made when they are needed.

    `url` is canonical, or "" when the feed gave none that can be opened. `entry_sha256` is of all that is stored of
    the entry as served.
    """

    parsed: ParsedEntry
    guid: str
    guid_sha256: bytes
    url: str
    url_sha256: bytes
    entry_sha256: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry ready to be stored, with the keys of its `KeyedEntry`."""

    guid: str
    guid_sha256: bytes
    url: str
    url_sha256: bytes
    entry_sha256: bytes
    title: str
    text: str
    html: str
    summary: str
    authors: tuple[str, ...]  # people
    agency: str  # that a byline names
    published_at: datetime
    published_from: PublishedFrom
    published_raw: str
    published_day_only: bool
    published_flag: DateFlag
    updated_at: datetime | None  # when the feed says that it was changed, if after its publication
    source_name: str
    source_url: str
    text_sha256: str
    removed: tuple[tuple[str, str], ...] = ()  # (rule, line) that the edge cleaner took off the text


class Skipped:
    """Entries that are not stored, counted by reason, each reason with one example."""

    def __init__(self, skipped: Iterable[tuple[str, int, str]] = ()) -> None:
        self._by_why: dict[str, tuple[int, str]] = {}
        for why, count, example in skipped:
            self.add(why, example, count)

    def add(self, why: str, example: str, count: int = 1) -> None:
        """One more entry (or `count`) left out; `example` is a title or a guid."""
        known, first = self._by_why.get(why, (0, example[:200]))
        self._by_why[why] = (known + count, first)

    def rows(self) -> list[dict[str, str | int]]:
        """The reasons as `FetchRun.skipped` keeps them, the most frequent first."""
        ordered = sorted(self._by_why.items(), key=lambda item: (-item[1][0], item[0]))
        return [{"why": why, "n": count, "example": example} for why, (count, example) in ordered]


def key_entries(
    entries: Sequence[ParsedEntry], policy: IdentityPolicy, *, feed_key: str, skipped: Skipped
) -> list[KeyedEntry]:
    """Entries with their keys, each guid and each address once (the first wins), sorted by address key.

    What the guid is, is the policy's affair (see `articles.ingest.identity`). A link that three stories of a poll
    share, or that leads to the front page, tells none of them apart: such entries are known by their guids.
    """
    keys = entry_keys(policy, entries)
    urls = [canonical_url(entry.url) for entry in entries]
    vague = _vague_links(entries, keys, urls, at_least=2 if policy == "content" else VAGUE_TITLES)
    guids: set[bytes] = set()
    found: dict[bytes, KeyedEntry] = {}
    for parsed, key, url in zip(entries, keys, urls, strict=True):
        keyed = _keyed(parsed, key, url, feed_key, is_vague=url in vague)
        if keyed.guid_sha256 in guids or keyed.url_sha256 in found:
            skipped.add(TWICE, parsed.title or key)
            continue
        guids.add(keyed.guid_sha256)
        found[keyed.url_sha256] = keyed
    return [found[key] for key in sorted(found)]


def _keyed(parsed: ParsedEntry, key: str, url: str, feed_key: str, *, is_vague: bool) -> KeyedEntry:
    served = "\n".join((parsed.title, parsed.content_html or parsed.summary_html, url))
    address = address_sha256(url) if url and not is_vague else key_sha256(f"{feed_key}\n{key}")
    return KeyedEntry(
        parsed, key, key_sha256(key), url, address, hashlib.sha256(served.encode("utf-8", "replace")).digest()
    )


def address_sha256(url: str) -> bytes:
    """The key under which an article stands: AMP and mobile forms of an address have the key of its desktop form."""
    return url_sha256(desktop_url(url) if has_form(url) else url)


def _vague_links(
    entries: Sequence[ParsedEntry], keys: Sequence[str], urls: Sequence[str], *, at_least: int
) -> set[str]:
    if len(set(urls)) == len(urls) and not any(map(_is_front_page, urls)):
        return set()
    stories: dict[str, set[tuple[str, str]]] = {}
    for entry, key, url in zip(entries, keys, urls, strict=True):
        if url and key not in {url, entry.url}:
            stories.setdefault(url, set()).add((key, entry.title))
    return {
        url
        for url, told in stories.items()
        if _is_front_page(url) or min(len({k for k, _ in told}), len({t for _, t in told})) >= at_least
    }


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return bool(url) and parts.path in {"", "/"} and not parts.query


def read_all(  # noqa: PLR0913 - the entries, and what is known of their feed
    keyed_entries: Iterable[KeyedEntry],
    *,
    now: datetime,
    skipped: Skipped,
    read: Read | None = None,
    house: str = "",
    rules: EdgeRules = NO_EDGE_RULES,
) -> list[Entry]:
    """The entries that can be read, in order; what cannot goes to `skipped` with its reason.

    `house` is the name of the feed, which signs nothing; `rules` are how the edges of its publisher's texts are cleaned.
    """
    entries = []
    for keyed in keyed_entries:
        try:
            entry = read(keyed, now) if read else read_entry(keyed, now, house, rules)
        except Exception as error:  # noqa: BLE001 - one bad entry never sinks its feed, whatever is wrong with it
            skipped.add(f"It cannot be read ({type(error).__name__}: {error})."[:300], keyed.guid)
            continue
        if entry is None:
            skipped.add(EMPTY, keyed.guid)
        else:
            entries.append(entry)
    return entries


def read_entry(
    keyed: KeyedEntry, now: datetime, house: str = "", rules: EdgeRules = NO_EDGE_RULES
) -> Entry | None:
    """One entry with its texts; None when it has neither title nor text. `house` is the name of its feed.

    What stands around its text at the first and last lines ("Read more") is taken off by `rules`.
    """
    parsed = keyed.parsed
    html = parsed.content_html or parsed.summary_html
    text = normal_text(text_of_safe_html(html))
    given = normal_text(parsed.title)[:TITLE_CHARACTERS].strip()
    cleaned = clean_feed_text(html, text, title=given, rules=rules)
    html, text = cleaned.html, normal_text(cleaned.text)
    title = without_house(given or _first_words(text), parsed.source_name, house)
    if not title:
        return None
    summary = text
    if parsed.content_html and parsed.summary_html:
        told = text_of_safe_html(parsed.summary_html)
        summary = (
            normal_text(clean_feed_text(parsed.summary_html, told, title=given, rules=rules).text) or text
        )
    flag = flag_date(parsed.published, parsed.published_raw, now=now)
    published = None if flag else parsed.published
    published_at, published_from = clamp_date(published or parsed.updated, now=now)
    if not published and not flag and published_from == "fetched":
        flag = flag_date(parsed.updated, "", now=now)
    signed = signed_by(parsed.authors, parsed.source_name, house)
    return Entry(
        guid=keyed.guid,
        guid_sha256=keyed.guid_sha256,
        url=keyed.url,
        url_sha256=keyed.url_sha256,
        entry_sha256=keyed.entry_sha256,
        title=title,
        text=text,
        html=html or html_of_text(text),
        summary=_shorten(summary),
        authors=signed.people,
        agency=signed.agency,
        published_at=published_at,
        published_from=published_from,
        published_raw=parsed.published_raw[:200],
        published_day_only=published is not None and _is_day(parsed.published_raw),
        published_flag=flag,
        updated_at=update_of(parsed.updated, published, now=now),
        source_name=parsed.source_name[:SOURCE_CHARACTERS].strip(),
        source_url=parsed.source_url,
        text_sha256=text_key(title, text),
        removed=cleaned.removed,
    )


Read = Callable[[KeyedEntry, datetime], Entry | None]


def clamp_date(moment: datetime | None, *, now: datetime) -> tuple[datetime, PublishedFrom]:
    """The date that the source gives, or `now` when it is absent or impossible, and which of the two it is."""
    if moment is None or flag_date(moment, "", now=now):
        return now, "fetched"
    return moment, "feed"


def flag_date(moment: datetime | None, raw: str, *, now: datetime) -> DateFlag:
    """Why a date cannot be taken, "" when it can or when there is none at all. `raw` is what the source wrote."""
    if moment is None:
        return "unreadable" if raw.strip() else ""
    if moment < EARLIEST:
        return "ancient"
    return "ahead" if moment > now + MOST_AHEAD else ""


def without_house(title: str, *names: str) -> str:
    """A headline without the name of its paper at the end: "Harbour closed - Coast Courier"."""
    for name in names:
        # A feed may be named for a part of its paper: "Coast Courier | World".
        for house in (name.strip(), _HOUSE_END.split(name, maxsplit=1)[0].strip()):
            if len(house) >= _SHORTEST_HOUSE and title.casefold().endswith(house.casefold()):
                rest = title[: len(title) - len(house)]
                found = _HOUSE_BREAK.search(rest)
                if found and len(rest[: found.start()]) >= _SHORTEST_HEADLINE:
                    return rest[: found.start()]
    return title


def update_of(updated: datetime | None, published: datetime | None, *, now: datetime) -> datetime | None:
    """When a source says that an article was changed, if that can be and is later than its publication."""
    if updated is None or published is None or flag_date(updated, "", now=now):
        return None
    return updated if updated - published > SAME_MOMENT else None


def _is_day(raw: str) -> bool:
    """Whether a date that was read says no time of day: 2026-03-11, 11 March 2026."""
    if ":" in raw:
        return False
    found = read_date_parts(raw)
    return found is not None and not found[1]


def normal_text(text: str) -> str:
    """NFC: offsets of mentions and notes count its code points."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def text_key(title: str, text: str) -> str:
    """The hexadecimal sha256 by which two revisions are one."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def _first_words(text: str) -> str:
    return _shorten(text.partition("\n")[0], HEADLINE_CHARACTERS)


def _shorten(text: str, most: int = SUMMARY_CHARACTERS) -> str:
    # A long text is not walked to its end for its first words: white space makes up less than half of any prose.
    one_line = " ".join(text[: most * 4].split())
    return one_line if len(one_line) <= most else one_line[:most].rsplit(" ", 1)[0] + "…"
