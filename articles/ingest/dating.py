"""When a page says that it was published, where it says so, and how precisely; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from itertools import islice

from dateparser import DateDataParser
from htmldate import extractors, find_date
from lxml import etree
from lxml import html as lxml_html

from articles.ingest.clean import line_key
from articles.ingest.dates import read_date_parts
from articles.ingest.metadata import PageFacts
from articles.ingest.sanitize import one_line
from articles.types import PublishedFrom

_FIRST_YEAR = 1990
RAW_CHARACTERS = 200
# A page states its date a few times, and a hostile one as often as it likes.
_MOST_STATED = 20
_TRACKBACK_DATE = re.compile(r"""<rdf:Description\s[^<>]{0,4000}?\bdc:date=["']([^"'<>]{8,40})""")
# How far ahead of now a page may date itself: time zones, and clocks that go wrong.
MOST_AHEAD = timedelta(hours=24)
_NEAR_PERMALINK = timedelta(days=2)
_SAME_MOMENT = timedelta(seconds=60)
_PERMALINK_DAY = re.compile(r"/((?:19|20)\d\d)/([01]\d)/([0-3]\d)/")
# Zones lie whole quarters of an hour from UTC, at most fourteen hours.
_ZONE_STEP, _WIDEST_ZONE = timedelta(minutes=15), timedelta(hours=14)
_FIRST_DIGIT = re.compile(r"\d")
_NOT_PUBLISHED = re.compile(r"\b(?:updat|modif|aktualis|mis à jour|actualizad)", re.IGNORECASE)
# How many texts of a page are looked at for a printed time, and how far from the headline.
_MOST_TEXTS, _TEXTS_BELOW, _TEXTS_ABOVE, _MAX_DATELINE = 20_000, 30, 12, 60


# The languages in which htmldate may read a month. It would try all 200 that dateparser has, and the first page with
# an odd date would cost a fresh process six seconds, more than a page may take.
_DATE_LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "ru", "uk", "bg", "el",
    "tr", "ar", "he", "id", "vi", "ja", "ko", "zh",
)  # fmt: skip


@lru_cache(maxsize=1)
def _date_reader() -> DateDataParser:
    """As htmldate makes its own, but for the languages."""
    return DateDataParser(
        languages=list(_DATE_LANGUAGES),
        settings={
            "NORMALIZE": True,
            "PARSERS": ["custom-formats", "absolute-time"],
            "PREFER_DATES_FROM": "past",
            "PREFER_LOCALE_DATE_ORDER": True,
            "RETURN_AS_TIMEZONE_AWARE": False,
            "STRICT_PARSING": True,
        },
    )


extractors.get_external_parser = _date_reader


@dataclass(frozen=True, slots=True)
class Dated:
    """A time in the zone that the page writes, where it was found, and the string that says so.

    Without a `moment` nothing could be taken; `raw` is then the first string that was no possible date, "" for none.
    """

    moment: datetime | None = None
    source: PublishedFrom | None = None
    has_clock: bool = False
    raw: str = ""


def publication(  # noqa: PLR0913 - what is known of one page
    facts: PageFacts,
    tree: lxml_html.HtmlElement,
    url: str,
    title: str,
    markup: str = "",
    *,
    now: datetime | None = None,
) -> Dated:
    """When the page says that it was published; `markup` is the page as it came, with its comments.

    With `now`, what is more than MOST_AHEAD after it is passed over as what lies before 1990 is.
    """
    latest = now + MOST_AHEAD if now is not None else None
    stated: tuple[tuple[PublishedFrom, tuple[str, ...]], ...] = (
        ("jsonld", facts.jsonld_dates),
        ("meta", (*facts.meta_dates, *_trackback_dates(markup))),
        ("jsonld", _unless_contradicted(facts.page_dates, url)),
    )
    refused = ""
    for source, raws in stated:
        for raw in raws[:_MOST_STATED]:
            found = read_date_parts(raw)
            if found and _can_be(found[0], latest):
                return Dated(_in_own_zone(found[0], tree, url), source, found[1], raw[:RAW_CHARACTERS])
            refused = refused or raw[:RAW_CHARACTERS]
    beside = _beside_headline(tree, line_key(title), latest)
    if beside is not None:
        return beside
    try:
        day = find_date(deepcopy(tree), extensive_search=True, original_date=True, url=url or None)
    except Exception:  # noqa: BLE001 - it guesses over foreign text with many patterns; no date is an answer
        day = None
    if not day or _is_only_a_year(day, tree):
        return Dated(raw=refused)
    guessed = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    return Dated(guessed, "htmldate", raw=refused) if _can_be(guessed, latest) else Dated(raw=refused or day)


def _can_be(moment: datetime, latest: datetime | None) -> bool:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.year >= _FIRST_YEAR and (latest is None or aware <= latest)


def _unless_contradicted(raws: Sequence[str], url: str) -> tuple[str, ...]:
    """What is said of the whole page, unless its permalink names a day that is another: templates have dates too."""
    day = _PERMALINK_DAY.search(url)
    if day is None:
        return tuple(raws)
    told = read_date_parts("-".join(day.groups()))
    dates = ((raw, read_date_parts(raw)) for raw in raws[:_MOST_STATED])
    return tuple(
        raw
        for raw, found in dates
        if found is None or told is None or abs(found[0].date() - told[0].date()) <= _NEAR_PERMALINK
    )


def _trackback_dates(markup: str) -> list[str]:
    """The date in the trackback data of a blog's page (RDF in a comment: TrackBack specification, 2004).

    A page that has several is a list of texts.
    """
    if "dc:date=" not in markup:
        return []
    found = [match[1] for match in islice(_TRACKBACK_DATE.finditer(markup), 2)]
    return found if len(found) == 1 else []


def last_update(facts: PageFacts, published: Dated) -> Dated:
    """When the page says that it was changed last, if that is after its publication; else nothing."""
    stated: tuple[tuple[PublishedFrom, tuple[str, ...]], ...] = (
        ("jsonld", facts.jsonld_updates),
        ("meta", facts.meta_updates),
    )
    for source, raws in stated:
        for raw in raws[:_MOST_STATED]:
            found = read_date_parts(raw)
            if found is None or found[0].year < _FIRST_YEAR:
                continue
            if is_after(found[0], published.moment, is_day=not (found[1] and published.has_clock)):
                return Dated(found[0], source, found[1], raw[:RAW_CHARACTERS])
            return Dated()  # the page's best word is that nothing was changed
    return Dated()


def is_after(updated: datetime, published: datetime | None, *, is_day: bool = False) -> bool:
    """Whether a time of change tells of one: pages that write it always write that of their publication first."""
    if published is None:
        return True
    if is_day:
        return updated.date() > published.date()
    return updated - published > _SAME_MOMENT


def _in_own_zone(moment: datetime, tree: lxml_html.HtmlElement, url: str) -> datetime:
    """A UTC time in the zone of its newsroom, when the permalink's day is another and the page tells the local clock.

    Sites that state UTC write their permalinks, and often one more clock, in their own time.
    """
    day = _PERMALINK_DAY.search(url)
    if moment.utcoffset() or day is None or "-".join(day.groups()) == moment.strftime("%Y-%m-%d"):
        return moment
    clock = re.compile("-".join(day.groups()) + r"[ T](\d\d:\d\d:\d\d)(?![\dZ+-])")
    found = clock.search(str(etree.tostring(tree, encoding="unicode")))
    local = read_date_parts(f"{'-'.join(day.groups())} {found[1]}") if found else None
    if local is None:
        return moment
    offset = local[0].replace(tzinfo=UTC) - moment
    is_zone = offset % _ZONE_STEP == timedelta() and abs(offset) <= _WIDEST_ZONE
    return moment.astimezone(timezone(offset)) if is_zone else moment


def _beside_headline(tree: lxml_html.HtmlElement, title_key: str, latest: datetime | None) -> Dated | None:
    """The day and time of day printed near the headline: what a reader takes for the time of publication.

    The texts after the headline count before those above it, where a page prints today's date.
    """
    texts = [text for text in islice(tree.itertext(), _MOST_TEXTS) if text.strip()]
    place = next(
        (n for n in range(len(texts) - 1, -1, -1) if title_key and line_key(texts[n]) == title_key), -1
    )
    if place < 0:
        return None
    around = [
        *texts[place + 1 : place + 1 + _TEXTS_BELOW],
        *reversed(texts[max(0, place - _TEXTS_ABOVE) : place]),
    ]
    for text in around:
        line = one_line(text)
        start = _FIRST_DIGIT.search(line)
        if start is None or len(line) > _MAX_DATELINE or _NOT_PUBLISHED.search(line):
            continue
        for candidate in (line, line[start.start() :], line.rpartition(" - ")[2]):
            found = read_date_parts(candidate)
            if found and found[1] and _can_be(found[0], latest):
                return Dated(found[0], "htmldate", has_clock=True, raw=line)
    return None


def _is_only_a_year(day: str, tree: lxml_html.HtmlElement) -> bool:
    """Whether a first of January was made up from a year alone, such as the one of a copyright line."""
    if not day.endswith("-01-01"):
        return False
    year = day[:4]
    first = rf"{year}\D?0?1\D?0?1\b|\b0?1[./-]0?1[./-]{year}|jan\w*\.? 0?1(?:st)?,? {year}|\b0?1(?:st|\.)? jan\w*\.?,? {year}"
    return re.search(first, str(etree.tostring(tree, encoding="unicode")), re.IGNORECASE) is None
