"""Everything that a page says about itself besides its text, checked against its address; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, TypedDict
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from articles.ingest.bylines import people_of
from articles.ingest.canonical import absolute_url, canonical_url, url_sha256
from articles.ingest.dating import Dated, last_update, publication
from articles.ingest.languages import language_of
from articles.ingest.metadata import PageFacts
from articles.ingest.sanitize import one_line
from articles.ingest.sites import desktop_url, form_of, same_text_address
from articles.types import PublishedFrom

MAX_LABEL = 100
MOST_KEYWORDS = 20
MAX_KEYWORDS_READ = 5000
MOST_ADDRESSES = 4

_KEYWORD_BREAK = re.compile(r"\s*[,;|،、；，]\s*")
_SECTION_BREAK = re.compile(r"\s*(?:[,;|>/»]|::)\s*")
# File names of what stands in for a picture.
_NO_PICTURE = re.compile(
    r"(?:^|[^a-z])(?:logo(?:type|s)?|favicon|placeholder|blank|spacer|pixel|transparent|no[-_]?(?:image|photo|thumb)"
    r"|default[-_]?(?:image|thumb|og|share|social)|(?:og|share|social)[-_]?default|avatar|gravatar)(?:[^a-z]|$)",
    re.IGNORECASE,
)


class Description(TypedDict):
    """The fields of `ExtractedPage` that are no text, under the same names: made to be unpacked into one."""

    authors: tuple[str, ...]
    published: datetime | None
    published_from: PublishedFrom | None
    published_precision: Literal["time", "day"]
    published_raw: str
    updated: datetime | None
    updated_from: PublishedFrom | None
    language: str
    canonical_url: str
    other_urls: tuple[tuple[str, str], ...]
    section: str
    keywords: tuple[str, ...]
    image_url: str


def describe(  # noqa: PLR0913 - what is known of one page
    tree: HtmlElement,
    facts: PageFacts,
    *,
    url: str,
    title: str,
    text: str,
    markup: str = "",
    rule_date: Dated | None = None,
    rule_authors: Sequence[str] = (),
    now: datetime | None = None,
) -> Description:
    """What the page says about itself, as far as it is to be believed.

    `text` is the article's, for its language; `markup` the page as it came, with its comments. `rule_date` and
    `rule_authors` are what an admin's selectors found, and
    win. A date far ahead of `now` is passed over for a better one.
    """
    published = rule_date or publication(facts, tree, url, title, markup, now=now)
    updated = last_update(facts, published)
    canonical = stated_address(facts, url)
    site = one_line(facts.site_name).casefold()
    authors = people_of(rule_authors, [facts.site_name]) if rule_authors else ()
    return Description(
        authors=authors or tuple(name for name in facts.authors if name.casefold() != site),
        published=published.moment,
        published_from=published.source,
        published_precision="time" if published.has_clock else "day",
        published_raw=published.raw,
        updated=updated.moment,
        updated_from=updated.source,
        language=language_of([facts.language], text),
        canonical_url=canonical,
        other_urls=other_addresses(facts, url, canonical),
        section=section_of(facts),
        keywords=keywords_of(facts.keywords),
        image_url=lead_image(facts, url),
    )


def stated_address(facts: PageFacts, url: str) -> str:
    """The canonical address of the page's text: the page's own word when it can be believed, else its desktop form.

    The page's word never leads to another site, nor to a front page or a section that is given for every text. ""
    when the page is silent and its address is that of no AMP or mobile form.
    """
    for href in facts.canonicals[:MOST_ADDRESSES]:
        found = same_text_address(href, url) if url else canonical_url(absolute_url(href))
        if found:
            return found
    return desktop_url(url) if form_of(url) else ""


def other_addresses(facts: PageFacts, url: str, canonical: str) -> tuple[tuple[str, str], ...]:
    """(canonical | amp | mobile, address): where the same text stands on the same site, the canonical one first."""
    found: dict[bytes, tuple[str, str]] = {}
    if canonical:
        found[url_sha256(canonical)] = ("canonical", canonical)
    here = canonical_url(url)
    told = [
        (form_of(here) or "canonical", here),
        ("amp", same_text_address(facts.amp, url) if facts.amp else ""),
        ("mobile", same_text_address(facts.mobile, url) if facts.mobile else ""),
    ]
    for kind, address in told:
        if address:
            found.setdefault(url_sha256(address), (kind, address))
    return tuple(found.values())[:MOST_ADDRESSES]


def section_of(facts: PageFacts) -> str:
    """The part of the paper that the page names, "" when it names none or only an address."""
    for told in facts.sections[:MOST_KEYWORDS]:
        first = _SECTION_BREAK.split(told[: MAX_LABEL * 4])[0]
        section = one_line(first.strip())
        if section and len(section) <= MAX_LABEL and "://" not in told:
            return section
    return ""


def keywords_of(told: Iterable[str]) -> tuple[str, ...]:
    """Keywords, each once whatever its case, in the page's order; no more than a reader looks at."""
    found: dict[str, str] = {}
    left = MAX_KEYWORDS_READ
    for text in told:
        for part in _KEYWORD_BREAK.split(text[:left]):
            word = one_line(part).strip("\"'“” ")
            if word and len(word) <= MAX_LABEL and "://" not in word:
                found.setdefault(word.casefold(), word)
        left -= len(text)
        if left <= 0 or len(found) >= MOST_KEYWORDS:
            break
    return tuple(found.values())[:MOST_KEYWORDS]


def lead_image(facts: PageFacts, url: str) -> str:
    """The address of the picture that stands for the article; never the site's logo or a stand-in. Nothing loads it."""
    logos = {absolute_url(logo, url) for logo in facts.logos[:MOST_ADDRESSES]}
    for href in facts.images[:MOST_KEYWORDS]:
        found = absolute_url(href, url)
        if found and found not in logos and not _NO_PICTURE.search(_file_name(found)):
            return found
    return ""


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
