"""Small charts as SVG drawn on the server, clock times and figures for the pages that read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info

from articles.queries.times import Bar

register = template.Library()

SPARK_STEP, SPARK_ROOM = 4, 120
SHARE_WIDTH = 72
WIDE, NARROW = 720, 328
TICKS = 4


@register.simple_tag
def spark(values: Sequence[int], label: str = "", height: int = 24, room: int = SPARK_ROOM) -> SafeString:
    """Bars of a sparkline, the last in ink; nothing is drawn as a base line. Without a label hidden from readers.

    It is at most `room` pixels wide: with more values the bars get thinner and lose the gaps between them.
    """
    step = min(SPARK_STEP, max(1, room // max(1, len(values))))
    bar = max(1, step - 1)
    most = max(values, default=0) or 1
    last = len(values) - 1

    def parts() -> Sequence[tuple[str, int, int, int, int]]:
        drawn = []
        for place, value in enumerate(values):
            tall = max(2, round(height * value / most)) if value else 1
            kind = "last" if place == last else ("" if value else "base")
            drawn.append((kind, place * step, height - tall, bar, tall))
        return drawn

    bars = format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', parts())
    width = max(1, step * len(values) - (step - bar))
    role = (
        format_html('role="img" aria-label="{}"', label) if label else format_html('aria-{}="true"', "hidden")
    )
    return format_html(
        '<svg class="spark" width="{0}" height="{1}" viewBox="0 0 {0} {1}" {2}>{3}</svg>',
        width, height, role, bars,
    )  # fmt: skip


@register.simple_tag
def share(part: float, width: int = SHARE_WIDTH) -> SafeString:
    """A bar for a share of 0..1; the figure stands beside it, so it is hidden from readers."""
    full = max(1, round(width * min(1.0, part)))
    return format_html(
        '<svg class="share" width="{0}" height="8" viewBox="0 0 {0} 8" aria-hidden="true">'
        '<rect class="bg" y="3" width="{0}" height="1"/><rect width="{1}" height="7"/></svg>',
        width, full,
    )  # fmt: skip


def _ceiling(most: int) -> int:
    """The round figure at or above the tallest bar that the axis ends with, divisible by two."""
    size = 1
    while True:
        for step in (2, 4, 10):
            if step * size >= most:
                return step * size
        size *= 10


@register.simple_tag
def bars(values: Sequence[Bar], *, narrow: bool = False) -> SafeString:
    """A bar chart, each bar a link; the label of the group says what it is, the table beside it has the figures."""
    width, height, left, foot = (NARROW if narrow else WIDE), 160, 32, 20
    top = _ceiling(max((bar.n for bar in values), default=1) or 1)
    inner, plot = width - left, height - foot - 8
    step = inner / max(1, len(values))
    grid = format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (left, width, y, y, left - 6, y + 4, intcomma(figure))
            for figure in (0, top // 2, top)
            for y in (round(8 + plot * (1 - figure / top), 1),)
        ),
    )
    columns = format_html_join(
        "",
        '<a href="{}" aria-label="{}"><rect class="bar-n{}" x="{}" y="{}" width="{}" height="{}"/></a>',
        (
            (
                bar.href, f"{bar.words}: {bar.n}", " bar-hi" if place == len(values) - 1 else "",
                round(left + place * step + step * 0.1, 2), round(8 + plot * (1 - bar.n / top), 2),
                round(step * 0.8, 2), round(plot * bar.n / top, 2),
            )
            for place, bar in enumerate(values)
            if bar.n
        ),
    )  # fmt: skip
    every = max(1, len(values) // (TICKS if narrow else TICKS * 2))
    marks = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (round(left + (place + 0.5) * step, 1), height - 4, bar.tick)
            for place, bar in enumerate(values)
            if (len(values) - 1 - place) % every == every // 2
        ),
    )
    return format_html(
        '<svg class="plot {0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" role="group" aria-label="{3}">{4}{5}{6}</svg>',
        "thin" if narrow else "wide", width, height, "Articles a day; each bar leads to its day", grid, columns, marks,
    )  # fmt: skip


def _full(local: datetime) -> str:
    return format_date(local, "D j F Y, H:i:s T")


@register.simple_tag
def clock(moment: datetime) -> SafeString:
    """The time of day, for rows under a heading that names the day; the whole time in `title`."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="minutes"), _full(local), format_date(local, "H:i"),
    )  # fmt: skip


@register.simple_tag
def when(moment: datetime | None, missing: str = "") -> SafeString:
    """A whole date and time in the reader's zone, for pages about one thing."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', missing)
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"), _full(local), format_date(local, "D j F Y, H:i"),
    )  # fmt: skip


@register.filter
def day_words(day: date) -> str:
    """How a list heads the rows of a day: Today, Yesterday, "Wednesday 10 March", with the year when it is another."""
    today = timezone.localdate()
    past = (today - day).days
    if past in (0, 1):
        return ("Today", "Yesterday")[past]
    return format_date(day, "l j F" if day.year == today.year else "l j F Y")


@register.filter
def language_words(code: str) -> str:
    """A language tag as its English name, the tag itself when it has none; `und` is how a tag says unknown."""
    if code == "und":
        return "Not known"
    try:
        return str(get_language_info(code.lower())["name"])
    except KeyError:
        return code


@register.filter
def percent(part: float) -> str:
    """A share of 0..1 in whole per cent with a space that does not break."""
    return f"{round(part * 100)}\u00a0%"


@register.filter
def signed(weight: float) -> str:
    """A part of a score with its sign, a real minus, two places."""
    return f"{'−' if weight < 0 else '+'}{abs(weight):.2f}"


@register.filter
def number(figure: int) -> str:
    """A whole number with thousands parted by commas."""
    return str(intcomma(figure))


@register.filter
def at(things: Mapping[int, object], number: int) -> object:
    """The value of a mapping at a number."""
    return things[number]
