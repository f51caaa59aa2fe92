"""Icons, times and strips as the desk's templates write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import forms, template
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers; size "s" is 12 px, else 16 px."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {size}" if size else "",
        static("icons.svg"),
        name,
    )


def ago_words(then: datetime, now: datetime) -> str:
    """How a list says a time: "now", "18 s ago", "14 min ago", "16:31", "Thu 07:58", "12 March", "12 March 2021".

    Both times are aware; clock times are in the active time zone. A future time is a clock time.
    """
    past = now - then
    if timedelta(seconds=-2) < past < timedelta(seconds=5):
        return "now"
    if timedelta(0) <= past < timedelta(minutes=1):
        return f"{past.seconds} s ago"
    if timedelta(0) <= past < timedelta(hours=1):
        return f"{past.seconds // 60} min ago"
    return since_words(then, now)


def since_words(then: datetime, now: datetime) -> str:
    """How a sentence says the start of a time that lasts: "16:31", "Thu 07:58", "12 March", "12 March 2021"."""
    local, today = timezone.localtime(then), timezone.localtime(now)
    if local.date() == today.date():
        return format_date(local, "H:i")
    if abs(local.date() - today.date()) < timedelta(days=7):
        return format_date(local, "D H:i")
    return format_date(local, "j F" if local.year == today.year else "j F Y")


@register.simple_tag
def since(then: datetime) -> SafeString:
    """A `<time>` for the words "since ..."."""
    return _time(then, since_words(then, timezone.now()))


def _time(then: datetime, words: str) -> SafeString:
    """The words as a `<time>` with the full time in `title`."""
    local = timezone.localtime(then)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        format_date(local, "D j F Y, H:i:s T"),
        words,
    )


@register.simple_tag
def ago(then: datetime | None, missing: str = "never") -> SafeString:
    """A `<time>` with the short form as text and the full time in `title`; `missing` when there is none."""
    if then is None:
        return format_html('<span class="muted">{}</span>', missing)
    return _time(then, ago_words(then, timezone.now()))


@register.simple_tag
def due(then: datetime) -> SafeString:
    """When something comes: a clock time, or "now" once its time has come."""
    now = timezone.now()
    return _time(then, "now" if then <= now else since_words(then, now))


# State word on pages: css class, icon, word.
HEALTH = {
    "ok": ("ok", "ok", "OK"),
    "new": ("paused", "clock", "New"),
    "slow": ("slow", "clock", "Slow"),
    "silent": ("slow", "pause", "Silent"),
    "offline": ("paused", "minus", "No network"),
    "failing": ("failing", "fail", "Failing"),
    "paused": ("paused", "pause", "Paused"),
    "gone": ("gone", "close", "Gone"),
    "quarantined": ("failing", "warn", "Set aside"),
}


@register.simple_tag
def health_word(state: str) -> SafeString:
    """Icon and word of a state: ok, new, slow, silent, offline, failing, paused, gone, quarantined."""
    kind, picture, word = HEALTH[state]
    return format_html('<span class="state {}">{}<span class="w">{}</span></span>', kind, icon(picture), word)


# State of a job: css class and icon.
JOB_STATES = {
    "due": ("paused", "clock"),
    "running": ("ok", "play"),
    "waiting": ("slow", "pause"),
    "failed": ("failing", "fail"),
    "quarantined": ("failing", "warn"),
    "done": ("ok", "ok"),
    "dropped": ("gone", "close"),
}


@register.simple_tag
def job_word(state: str, word: str) -> SafeString:
    """Icon and word of a job's state: due, running, waiting, failed, quarantined, done, dropped."""
    kind, picture = JOB_STATES[state]
    return format_html('<span class="state {}">{}<span class="w">{}</span></span>', kind, icon(picture), word)


@register.simple_tag
def growth(a_day: float | None) -> SafeString:
    """How much something grows or shrinks a day, with its sign; a dash when that is not known yet."""
    if a_day is None:
        return format_html('<span class="muted" title="{}">-</span>', "known after a day")
    sign = "+" if a_day > 0 else "\u2212" if a_day < 0 else ""
    return format_html("{}{}", sign, filesizeformat(abs(a_day)))


@register.simple_tag
def control(field: forms.BoundField) -> SafeString:
    """A form control in the desk's dress, whichever form it comes from."""
    plain = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
    if isinstance(field.field.widget, plain) or field.is_hidden:
        return field.as_widget()
    return field.as_widget(attrs={"class": "input"})


# Cells of the strip: class, top and height of each part, so that height and notch speak without colour.
CELLS = {
    "ok": (("okc", 8, 8),),
    "late": (("late", 3, 13),),
    "bad": (("bad", 0, 5), ("bad", 7, 9)),
    "none": (("none", 15, 1),),
}
CELL_WIDTH, CELL_STEP = 4, 6
HIDDEN = format_html('aria-{}="true"', "hidden")


@register.simple_tag
def strip(cells: Sequence[str], label: str = "") -> SafeString:
    """A row of fetch results as SVG, oldest left; without a label it is hidden from screen readers."""
    width = CELL_STEP * len(cells) - (CELL_STEP - CELL_WIDTH)
    parts = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (kind, CELL_STEP * place, top, CELL_WIDTH, height)
            for place, cell in enumerate(cells)
            for kind, top, height in CELLS[cell]
        ),
    )
    role = format_html('role="img" aria-label="{}"', label) if label else HIDDEN
    return format_html(
        '<svg class="strip" width="{0}" height="16" viewBox="0 0 {0} 16" {1}>{2}</svg>', width, role, parts
    )


@register.simple_tag
def key_cell(state: str) -> SafeString:
    """One cell of the strip for the legend below it."""
    return strip([state])


@register.filter
def is_web(address: str) -> bool:
    """True for an http(s) address: nothing else may become a link."""
    return address.lower().startswith(("http://", "https://"))
