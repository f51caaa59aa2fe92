"""What the pages of events draw and say: who came when, how much more than usual, what days time words mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django import template
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from articles.measures.spread import Spread
from articles.queries.chips import Chip
from articles.queries.event_digest import Cited
from newsdesk.templatetags.desk import icon

register = template.Library()

DOT = 4  # half the side of a square
NAME_LETTERS = {False: 20, True: 14}  # of a publisher's name, as far as the drawing has room
MUCH, MORE, LESS = 3.0, 1.5, 0.67  # times the usual


@register.simple_tag
def cited(words: Cited) -> str:
    """The address of an article at some of its words, which are marked there."""
    return f"{reverse('article', args=[words.article])}?cite={words.cite}#cited"


@register.simple_tag
def spread_chart(drawn: Spread, label: str, *, narrow: bool = False) -> SafeString:
    """Publishers by when they came, a square for each article, each a link; hollow when it repeats another.

    The table beside it has the same figures.
    """
    foot = drawn.height - 20
    grid = format_html_join(
        "",
        '<line class="grid" x1="{0}" x2="{0}" y1="0" y2="{1}"/><text x="{0}" y="{2}" text-anchor="{3}">{4}</text>',
        (
            (
                x,
                foot,
                drawn.height - 4,
                "end" if x > drawn.width - 24 else "middle",
                _tick(at, by_day=drawn.by_day),
            )
            for x, at in drawn.ticks
        ),
    )
    rows = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text><line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>{}',
        (
            (
                drawn.left - 6, row.y + 4, _short(row.name, NAME_LETTERS[narrow]),
                row.dots[0].x, row.dots[-1].x, row.y, row.y,
                format_html_join(
                    "",
                    '<a href="{}" aria-label="{}"><rect class="hit" x="{}" y="{}" width="16" height="22"/>'
                    '<rect class="{}" x="{}" y="{}" width="8" height="8"/></a>',
                    (
                        (
                            reverse("article", args=[dot.article]),
                            f"{row.name}, {format_date(dot.at, 'D j F H:i')}{', repeats another' if dot.repeats else ''}",
                            dot.x - 2 * DOT, row.y - 11, "rep" if dot.repeats else "own", dot.x - DOT, row.y - DOT,
                        )
                        for dot in row.dots
                    ),
                ),
            )
            for row in drawn.rows
        ),
    )  # fmt: skip
    return format_html(
        '<svg class="plot spread {}" viewBox="0 0 {} {}" width="{}" height="{}" role="group" aria-label="{}">{}{}</svg>',
        "thin" if narrow else "wide", drawn.width, drawn.height, drawn.width, drawn.height, label, grid, rows,
    )  # fmt: skip


def _tick(at: datetime, *, by_day: bool) -> str:
    return format_date(at, "j M" if by_day else ("j M" if not (at.hour or at.minute) else "H:i"))


def _short(name: str, letters: int) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


@register.filter
def behind(lag: timedelta) -> str:
    """How long after the first somebody came: "first", "+17 min", "+3 h", "+2 days"."""
    minutes = round(lag.total_seconds() / 60)
    if minutes < 1:
        return "first" if lag == timedelta(0) else "+1 min"
    if minutes < 90:  # noqa: PLR2004 - beyond it, hours say it better
        return f"+{minutes} min"
    hours = round(minutes / 60)
    return f"+{hours} h" if hours < 48 else f"+{round(hours / 24)} days"  # noqa: PLR2004 - two days


@register.filter
def behind_words(lag: timedelta) -> str:
    """The same within a sentence: "at the same time", "17 min later"."""
    words = behind(lag)
    return "at the same time" if words == "first" else f"{words[1:]} later"


@register.filter
def growth_words(times: float) -> str:
    """An event's course against the day before, in words."""
    if times > MORE:
        return f"{times:.1f} × the day before"
    return "less than the day before" if times < LESS else "about as the day before"


@register.simple_tag
def event_heat(times: float | None, *, brief: bool = False) -> SafeString:
    """An event's heat in words with a sign: "3.1 × its usual"; too little to say when it is not known."""
    if times is None:
        return format_html('<span class="heat none">{}</span>', "too few to say" if not brief else "too few")
    kind, picture = (
        ("hot", "rise")
        if times >= MUCH
        else ("warm", "rise")
        if times >= MORE
        else ("cool", "fall")
        if times <= LESS
        else ("", "")
    )
    figure = f"{times:.1f}" if times < 10 else f"{times:.0f}"  # noqa: PLR2004 - one decimal says nothing more
    words = f"{figure} ×" if brief else f"{figure} × its usual"
    return format_html(
        '<span class="heat {}">{}{}</span>', kind, icon(picture, "s") if picture else "", words
    )


@register.filter
def days_meant(words: Cited) -> str:
    """The days that time words mean: "Thu 2 June 2022", "28 February to 6 March 2022"."""
    first, last = words.first, words.last
    if first is None:
        return ""
    if last is None or last == first:
        return format_date(first, "D j F Y")
    return (
        f"{format_date(first, 'j F' if first.year == last.year else 'j F Y')} to {format_date(last, 'j F Y')}"
    )


@register.simple_tag
def price_move(move: Cited) -> SafeString:
    """A move of a price with its sign and direction; the figure is the text's own."""
    is_down = move.direction == "down"
    figure = f"{move.percent:g}" if move.percent is not None else ""
    return format_html(
        '<span class="move {}">{}<span class="vh">{} </span>{}{}\u00a0%</span>',
        "down" if is_down else "up", icon("fall" if is_down else "rise"), "down" if is_down else "up",
        "\u2212" if is_down else "+", figure.lstrip("-"),
    )  # fmt: skip


@register.filter
def chip_of(chips: Mapping[int, Chip], entity: int | None) -> Chip | None:
    """The chip of an entity, None when it is not known."""
    return None if entity is None else chips.get(entity)


@register.filter
def iso_day(day: date) -> str:
    """A day as machines read it."""
    return day.isoformat()


@register.filter
def of_article(times: Mapping[int, tuple[Cited, ...]], article: int) -> tuple[Cited, ...]:
    """The time words of one article."""
    return times.get(article, ())
