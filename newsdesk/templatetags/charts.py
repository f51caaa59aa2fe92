"""Small charts as SVG drawn on the server, clock times and figures for the pages that read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info

from articles.measures.graph import Graph, Node
from articles.measures.heat import Heat
from articles.measures.posts import Line
from articles.queries.times import Bar, Flag
from newsdesk.templatetags.desk import icon

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


FLAG, FLAG_ROOM = 14, 20


@register.simple_tag
def bars(  # noqa: PLR0913 - what a template may ask of a chart
    values: Sequence[Bar],
    *,
    narrow: bool = False,
    flags: Sequence[Flag] = (),
    other: Sequence[Bar] = (),
    label: str = "",
    room: int = 0,
) -> SafeString:
    """A bar chart, each bar a link; the label of the group says what it is, the table beside it has the figures.

    `flags` are lettered marks over bars; a bar's `usual` is a short line across it. With the bars of `other` the two
    stand side by side, the second ones hollow. `room` is the width in pixels that the page has for it.
    """
    width, left, foot, head = (NARROW if narrow else room or WIDE), 32, 20, FLAG_ROOM if flags else 8
    height = 152 + head
    known = [bar.usual for bar in values if bar.usual is not None]
    top = _ceiling(
        max([bar.n for bar in (*values, *other)] + [round(figure + 0.5) for figure in known], default=1) or 1
    )
    inner, plot = width - left, height - foot - head
    step = inner / max(1, len(values))

    def down(figure: float) -> float:
        return round(head + plot * (1 - figure / top), 2)

    grid = format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (left, width, y, y, left - 6, y + 4, intcomma(figure))
            for figure in (0, top // 2, top)
            for y in (round(head + plot * (1 - figure / top), 1),)
        ),
    )
    wide = 0.4 if other else 0.8
    columns = [
        _columns(one, left, step, wide, down, place * wide, kind)
        for place, (one, kind) in enumerate(((values, ""), (other, "bar-b")))
    ]
    lines = format_html_join(
        "",
        '<line class="norm" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        (
            (
                round(left + place * step, 2),
                round(left + (place + 1) * step, 2),
                down(bar.usual),
                down(bar.usual),
            )
            for place, bar in enumerate(values)
            if bar.usual is not None and known and max(known)
        ),
    )
    marks = format_html_join(
        "",
        '<line class="flag" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/><rect class="flag-box" x="{3}" y="1" width="14" height="14"/>'
        '<text class="flag-t" x="{0}" y="12" text-anchor="middle">{4}</text>',
        (
            (at, 1 + FLAG, height - foot, at - FLAG / 2, flag.letter)
            for at, flag in _flag_places(flags, left, step, width)
        ),
    )
    every = max(1, len(values) // (TICKS if narrow else TICKS * 2))
    ticks = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (round(left + (place + 0.5) * step, 1), height - 4, bar.tick)
            for place, bar in enumerate(values)
            if (len(values) - 1 - place) % every == every // 2
        ),
    )
    return format_html(
        '<svg class="plot {0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" role="group" aria-label="{3}">{4}{5}{6}{7}{8}{9}</svg>',
        "thin" if narrow else "wide", width, height, label or "Articles a day; each bar leads to its day",
        grid, *columns, lines, marks, ticks,
    )  # fmt: skip


def _columns(  # noqa: PLR0913, PLR0917 - where the bars of one row stand
    values: Sequence[Bar],
    left: int,
    step: float,
    wide: float,
    down: Callable[[float], float],
    shift: float,
    kind: str,
) -> SafeString:
    """The bars of one row, each a link."""
    base = down(0)
    return format_html_join(
        "",
        '<a href="{}" aria-label="{}"><rect class="{}" x="{}" y="{}" width="{}" height="{}"/></a>',
        (
            (
                bar.href,
                f"{bar.words}: {bar.n}",
                kind or ("bar-n bar-hi" if place == len(values) - 1 and wide > 0.5 else "bar-n"),  # noqa: PLR2004
                round(left + (place + 0.1 + shift) * step, 2),
                down(bar.n),
                round(step * wide, 2),
                round(base - down(bar.n), 2),
            )
            for place, bar in enumerate(values)
            if bar.n
        ),
    )


def _flag_places(flags: Sequence[Flag], left: int, step: float, width: int) -> Iterator[tuple[float, Flag]]:
    """Where the boxes of flags stand, from the left, moved on where two would overlap and kept inside."""
    least = 0.0
    for flag in sorted(flags, key=lambda flag: flag.place):
        at = round(min(width - FLAG / 2 - 1, max(left + (flag.place + 0.5) * step, least)), 1)
        least = at + FLAG + 2
        yield at, flag


@register.simple_tag
def ego(graph: Graph, hrefs: Mapping[int, str], label: str, *, narrow: bool = False) -> SafeString:
    """An ego graph, every node but the middle a link; the table before it has the same figures."""
    lines = format_html_join(
        "",
        '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}" stroke-width="{}"/>',
        (("far" if edge.far else "", edge.x1, edge.y1, edge.x2, edge.y2, edge.width) for edge in graph.edges),
    )
    middle, others = graph.nodes[0], graph.nodes[1:]
    nodes = format_html_join(
        "",
        '<a href="{}" aria-label="{}"><circle class="near-by" cx="{}" cy="{}" r="12"/><circle cx="{}" cy="{}" r="{}"/>{}</a>',
        (
            (
                hrefs.get(node.id, ""), f"{node.name}: {node.n} articles together", node.x, node.y, node.x, node.y, node.radius,
                _node_label(node, ""),
            )
            for node in others
        ),
    )  # fmt: skip
    return format_html(
        '<svg class="ego {0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" role="group" aria-label="{3}">{4}'
        '<circle class="me" cx="{5}" cy="{6}" r="{7}"/>{8}{9}</svg>',
        "thin" if narrow else "wide", graph.width, graph.height, label, lines, middle.x, middle.y, middle.radius,
        _node_label(middle, "me-t"), nodes,
    )  # fmt: skip


def _node_label(node: Node, kind: str) -> SafeString:
    if not node.label:
        return format_html("{}", "")
    return format_html(
        '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>',
        kind,
        node.text_x,
        node.text_y,
        node.anchor,
        node.label,
    )


@register.simple_tag
def post_line(line: Line | None, width: int = 200) -> SafeString:
    """Where a post lies on the line of time: filled while it is held, hollow when it is over, a point without dates."""
    if line is None:
        return format_html("{}", "")
    if line.point:
        return format_html(
            '<svg class="cells" width="{0}" height="8" viewBox="0 0 {0} 8" aria-hidden="true">'
            '<circle class="{1}" cx="{2}" cy="4" r="3.5"/></svg>',
            width, "rep" if line.ended else "own", max(4.0, min(width - 4.0, round(width * line.start, 1))),
        )  # fmt: skip
    start, end = round(width * line.start, 1), round(width * line.end, 1)
    return format_html(
        '<svg class="cells" width="{0}" height="8" viewBox="0 0 {0} 8" aria-hidden="true">'
        '<rect class="{1}" x="{2}" y=".5" width="{3}" height="7"/></svg>',
        width, "rep" if line.ended else "own", min(start + 0.5, width - 4), max(3.0, round(end - start - 1, 1)),
    )  # fmt: skip


# Class, icon and words of a heat, behind the number of times.
HEATS = {
    "much": ("hot", "rise", "much more than usual"),
    "more": ("warm", "rise", "more than usual"),
    "usual": ("", "", "as usual"),
    "less": ("cool", "fall", "less than usual"),
    "few": ("none", "", "too few articles to say"),
    "short": ("none", "", "too few weeks to say"),
}


@register.simple_tag
def heat_word(heat: Heat | None, *, brief: bool = False) -> SafeString:
    """How unusual a count is, in words with a sign: "3.1 × usual"; `brief` for columns of tables."""
    if heat is None:
        return format_html("{}", "")
    kind, picture, words = HEATS[heat.level]
    if brief:
        words = {"usual": "as usual", "few": "too few", "short": "too early"}.get(
            heat.level, times_words(heat)
        )
    sign = icon(picture, "s") if picture else format_html("{}", "")
    return format_html('<span class="heat {}">{}{}</span>', kind, sign, words)


def times_words(heat: Heat) -> str:
    """How many times the usual: "3.1 ×", "new" when nothing is usual."""
    if heat.usual < 0.05:  # noqa: PLR2004 - what one decimal would write as 0.0
        return "new"
    return f"{heat.ratio:.1f} ×" if heat.ratio < 10 else f"{heat.ratio:.0f} ×"  # noqa: PLR2004


@register.filter
def times_usual(heat: Heat) -> str:
    """How many times the usual as a figure."""
    return times_words(heat)


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
def nth(things: Sequence[object], place: int) -> object:
    """The thing at a place of a list, from 0."""
    return things[place]


@register.filter
def at(things: Mapping[int, object], number: int) -> object:
    """The value of a mapping at a number."""
    return things[number]
