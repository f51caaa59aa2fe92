"""Values handed from step to step of the pipeline; frozen, free of Django, network and clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# A hub is sent a form (WebSub), the others are asked; a file is a large table that is written down as it comes.
FetchPurpose = Literal["feed", "page", "hub", "file"]
FailureKind = Literal[
    "bad_url",  # not an http(s) address that could be dialled at all
    "refused_address",  # the deny list or the fence said no
    "robots",  # a page that robots.txt closes to us
    "dns",
    "connect",
    "tls",
    "timeout",
    "too_large",
    "redirects",
    "protocol",  # broken HTTP, a broken or nested content encoding
    "http",  # an answer with a status of 400 or more
    "not_a_feed",
    "parse",
    "sandbox",  # the parsing child was killed by a limit
    "store",  # the database refused what it said
    "secrets",  # what is to be sent along cannot be decrypted: nobody was asked
]
PublishedFrom = Literal["feed", "jsonld", "meta", "htmldate", "rule", "fetched"]  # rule: an admin's selector
DateFlag = Literal["", "ahead", "ancient", "unreadable"]  # why a source's date was not taken
PageKind = Literal[
    "article",
    "index",
    "consent",
    "paywall",
    "offer",  # of a subscription, and nothing of an article
    "challenge",
    "video",
    "login",
    "blocked",  # for where we are, or for the law there
    "outage",
    "missing",
    "empty",
]

SelectorPart = Literal["keep", "remove", "title", "date", "author"]
SELECTOR_PARTS: tuple[SelectorPart, ...] = ("keep", "remove", "title", "date", "author")


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One address to get. `sample` opens the one loopback exception, and only for rows marked sample."""

    url: str
    purpose: FetchPurpose = "feed"
    etag: str = ""
    last_modified: str = ""
    sample: bool = False
    user_agent: str = ""  # empty: the desk's own
    # Secrets: sent to the address's own origin only, never shown (not even in a repr).
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)  # sent by POST; for purpose "hub" alone
    proxy: str = field(
        default="", repr=False
    )  # http://user:password@host:port; an admin's own, so it is trusted


@dataclass(frozen=True, slots=True)
class FetchResult:
    """An HTTP answer below 400 (304 has an empty body).

    `permanent_url` is the address reached by permanent redirects only (301, 308), else empty.
    `headers` has lower-case names. `body` is decoded from its content encoding.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    body_sha256: str
    elapsed_seconds: float
    permanent_url: str = ""
    raw_bytes: int = 0  # as sent, before decompression
    steps: tuple[tuple[str, int], ...] = ()  # ("connected", 31), ...: milliseconds since the start


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """Why there is no answer. `message` is one sentence that an admin can act on.

    `retry_after_seconds` is what the server asked for (429, 503), already clamped, else None.
    """

    url: str
    kind: FailureKind
    message: str
    status: int | None = None
    retry_after_seconds: int | None = None
    elapsed_seconds: float = 0.0
    # As in FetchResult, as far as the fetch came.
    final_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One entry of a feed. HTML is sanitised; plain texts hold no NUL, surrogate or control character.

    `published` and `updated` are aware (UTC) or None. `published_raw` keeps the string as served.
    """

    guid: str
    url: str
    title: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_raw: str = ""
    updated: datetime | None = None
    summary_html: str = ""
    content_html: str = ""
    categories: tuple[str, ...] = ()
    source_name: str = ""
    source_url: str = ""  # RSS <source url>, atom:source: the feed or site of the true publisher


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed's bytes say. `problems` are sentences; they never mean that nothing was read."""

    format: str
    title: str
    link: str
    language: str
    entries: tuple[ParsedEntry, ...]
    ttl_minutes: int | None = None  # the larger of RSS ttl and sy:updatePeriod / updateFrequency
    problems: tuple[str, ...] = ()
    hub_url: str = ""  # WebSub: link rel=hub and rel=self
    self_url: str = ""
    withdrawn: tuple[str, ...] = ()  # ids of at:deleted-entry (RFC 6721)
    # Entries that were left out: (why, in words; how many; an example's title or guid).
    skipped: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """How the pages of one publisher are read. All may be empty: then the machine alone decides.

    `keep`, `remove`, `title`, `date` and `author` are CSS selectors that an admin wrote; `repeated_lines` are
    `line_key`s of lines that the publisher repeats at the edges, `rules_off` ids of residue rules that are wrong for it.
    """

    keep: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    repeated_lines: frozenset[str] = frozenset()
    rules_off: frozenset[str] = frozenset()

    @property
    def has_selectors(self) -> bool:
        """Whether an admin wrote anything that a page is to be read by."""
        return any(getattr(self, part) for part in SELECTOR_PARTS)


@dataclass(frozen=True, slots=True)
class EdgeRules:
    """How the edges of a publisher's feed texts are cleaned: `line_key`s of its lines, rules that are wrong for it."""

    lines: frozenset[str] = frozenset()
    rules_off: frozenset[str] = frozenset()


NO_EDGE_RULES = EdgeRules()


@dataclass(frozen=True, slots=True)
class PageContainer:
    """A part of a page that may hold the article: a selector that matches it alone, and how much it says.

    `share` is its part of all words of the page, `linked` the part of its words that stand in links, in percent.
    """

    selector: str
    words: int
    share: int
    linked: int
    begins: str


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """The article found in a page. `text` has paragraphs separated by one blank line and no title line.

    `html` is sanitised. Times are aware; `published_precision` says whether the time of day is known, the `_raw`
    strings are what the page says. `removed` lists (rule id, line) that the edge cleaner took away. `kind` is what
    the page is and `kind_why` the sentence that says by what it was told; only "article" (and "paywall", which has
    the beginning of one) carries a text to be taken. `other_urls` are (canonical | amp | mobile, address) of the same
    article on the same site. `notes` are sentences about what the admin's selectors did.
    """

    title: str
    text: str
    html: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_from: PublishedFrom | None = None
    published_precision: Literal["time", "day"] = "time"
    language: str = ""
    canonical_url: str = ""
    site_name: str = ""
    problems: tuple[str, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    kind: PageKind = "article"
    kind_why: str = ""
    published_raw: str = ""
    updated: datetime | None = None
    updated_from: PublishedFrom | None = None
    section: str = ""
    keywords: tuple[str, ...] = ()
    image_url: str = ""  # the lead image; nothing loads it
    other_urls: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    by_rule: tuple[SelectorPart, ...] = ()  # what an admin's selectors found: it wins over all else


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a site's page points to. `kind` is rss, atom or json; `how` is link, path or itself."""

    url: str
    title: str
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of an automatic decision: a stable code, the sentence a person reads, and what it weighed."""

    code: str
    words: str
    weight: float = 0.0
    detail: Mapping[str, str | float | int] = field(default_factory=dict)
