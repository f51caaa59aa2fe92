"""How the fields of an entry are read, whichever reader found them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from articles.ingest.limits import FeedLimits
from articles.ingest.sanitize import html_of_text, one_line, safe_html, text_of_html

_MARKUP = re.compile(r"</[a-zA-Z]|<[a-zA-Z][^<>]*>|&(?:#\w+|[a-zA-Z]\w{1,30});")
_MAIL = re.compile(
    r"[\w.+-]{1,64}@(?:[a-zA-Z0-9-]{1,63}\.){1,8}[a-zA-Z]{2,24}(?:\?subject=\S{1,200})?", re.ASCII
)
_PERIOD_MINUTES = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_MAX_TTL = 525_600
_OLDEST = datetime.min.replace(tzinfo=UTC)
# Bytes of windows-1252 that were passed on as code points: C1 controls, which no text holds.
_CONTROLS = re.compile("[\x80-\x9f]")
_LETTERS = {
    code: letter for code in range(0x80, 0xA0) if (letter := bytes([code]).decode("windows-1252", "ignore"))
}


def plain_title(value: str, kind: str, bounds: FeedLimits) -> str:
    """A title on one line. `kind` is the media type that the feed gives it, `text/plain` or another."""
    if "<" in value or "&" in value:
        value = value[: bounds.max_html]
        # A plain title may speak of "<b>"; but most titles with markup are mislabelled, and that can be seen.
        if kind != "text/plain" or _MARKUP.search(value):
            value = text_of_html(value)
    return one_line(value, bounds.max_title)


def field_html(value: str, kind: str, base: str, bounds: FeedLimits) -> str:
    """A summary or a content as safe markup; what is said to be plain text and looks so becomes paragraphs."""
    cut = value[: bounds.max_html]
    if kind == "text/plain" and _MARKUP.search(cut) is None:
        return html_of_text(cut)
    return safe_html(cut, base)


def person_name(told: str) -> str:
    """The name in "ann@example.org (Ann Li)" or "Ann Li <ann@example.org>", else the mail address, else all of it."""
    found = _MAIL.search(told) if "@" in told else None
    if found is None:
        return told.strip()
    name = told.replace(found.group(), "")
    for scrap in ("()", "<>", "&lt;&gt;"):
        name = name.replace(scrap, "")
    return name.strip().removeprefix("(").removesuffix(")").strip() or found.group()


def labels(texts: Iterable[str], bounds: FeedLimits) -> tuple[str, ...]:
    """Names or categories, clean, each once, no more than allowed."""
    found: dict[str, None] = {}
    for text in texts:
        label = one_line(
            text_of_html(text[: bounds.max_title]) if "<" in text or "&" in text else text, bounds.max_label
        )
        if label:
            found[label] = None
    return tuple(found)[: bounds.max_labels]


def ttl_minutes(ttl: str, period: str, frequency: str) -> int | None:
    """Minutes between looks that the feed asks for: the longer of RSS `ttl` and the syndication module's period."""
    given, every = ttl.strip(), _PERIOD_MINUTES.get(period.strip().lower())
    asked = []
    if given.isascii() and given.isdigit() and 0 < int(given[:9]) <= _MAX_TTL:
        asked.append(int(given))
    if every is not None:
        times = frequency.strip()
        asked.append(max(1, every // max(1, int(times[:6]) if times.isascii() and times.isdigit() else 1)))
    return max(asked, default=None)


def mended(text: str) -> str:
    """The text without the two commonest mistakes of encoding: UTF-8 read as Latin-1, windows-1252 as code points."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_LETTERS) if _CONTROLS.search(text) else text


def newest(dates: Sequence[datetime | None], count: int) -> tuple[list[int], int]:
    """(places of the `count` newest in their order, the newest place of the others).

    Undated ones count as old, earlier ones win ties.
    """
    order = sorted(range(len(dates)), key=lambda i: (dates[i] or _OLDEST, -i), reverse=True)
    return sorted(order[:count]), order[count]


class LeftOut:
    """Entries that the reader left out, counted by reason, each with one example."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, why: str, example: str, count: int = 1) -> None:
        """One more entry (or `count`) left out; `example` is a title or a guid."""
        known, first = self._found.get(why, (0, ""))
        self._found[why] = (known + count, first or one_line(example, 200))

    def rows(self) -> tuple[tuple[str, int, str], ...]:
        """(why, how many, an example) in the order of their first meeting."""
        return tuple((why, count, example) for why, (count, example) in self._found.items())
