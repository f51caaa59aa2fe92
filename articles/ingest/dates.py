"""Dates as feeds and pages write them become aware UTC times, or nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

_ISO = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    r"(?:[T\s]+(?P<H>\d{1,2})[:.](?P<M>\d{2})(?:[:.](?P<S>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<z>Z|[+-]\d{2}:?\d{2}|[+-]\d{1,2}(?!\d)|[A-Za-z]{1,5})?)?"
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?(?P<z>Z|[+-]\d{2}:?\d{2})?)?"
)
_CLOCK = r"(?:[\s,]+(?:at\s+)?(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?\s*(?P<ap>[ap]\.?m\.?)?)?\s*\(?(?P<z>[+-]\d{2}:?\d{2}|[A-Za-z]{1,5})?"
_DAY_FIRST = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+(?:de\s+)?(?P<mon>[^\W\d]{3,12})\.?,?[\s-]+(?:de\s+)?(?P<y>\d{4}|\d{2}(?=\s))"
    + _CLOCK,
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)??(?P<mon>[^\W\d]{3,12})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})"
    + _CLOCK,
    re.IGNORECASE,
)
_C_STYLE = re.compile(
    r"(?:[^\W\d]+\s+)?(?P<mon>[^\W\d]{3,12})\s+(?P<d>\d{1,2})\s+(?P<H>\d{1,2}):(?P<M>\d{2}):(?P<S>\d{2})\s+(?:(?P<z>[A-Z]{1,5}|[+-]\d{4})\s+)?(?P<y>\d{4})",
    re.IGNORECASE,
)
# The first letters of the months in the languages of the large news feeds, enough to tell them apart.
_MONTHS = {
    1: ("jan", "ene", "gen", "янв", "sty", "oca"),
    2: ("feb", "fev", "fév", "фев", "lut", "şub"),
    3: ("mar", "mär", "mrz", "mrt", "maa", "мар"),
    4: ("apr", "abr", "avr", "апр", "kwi", "nis"),
    5: ("may", "mai", "mei", "maj", "mag", "май", "мая"),
    6: ("jun", "juin", "giu", "июн", "cze", "haz"),
    7: ("jul", "juil", "lug", "июл", "lip", "tem"),
    8: ("aug", "ago", "aoû", "aou", "авг", "sie", "ağu"),
    9: ("sep", "set", "сен", "wrz", "eyl"),
    10: ("oct", "okt", "out", "ott", "окт", "paź", "eki"),
    11: ("nov", "noy", "ноя", "lis", "kas"),
    12: ("dec", "dez", "dic", "déc", "dez", "дек", "gru", "ara"),
}
_MONTH_OF = {start: number for number, starts in _MONTHS.items() for start in starts}
# Hours from UTC of the zone names that feeds use (RFC 822 and the common ones besides).
_ZONES = {
    "z": 0.0, "ut": 0.0, "utc": 0.0, "gmt": 0.0, "wet": 0.0, "west": 1.0, "bst": 1.0, "cet": 1.0, "mez": 1.0,
    "cest": 2.0, "mesz": 2.0, "eet": 2.0, "sast": 2.0, "eest": 3.0, "msk": 3.0, "trt": 3.0, "gst": 4.0, "pkt": 5.0,
    "ist": 5.5, "wib": 7.0, "ict": 7.0, "sgt": 8.0, "hkt": 8.0, "awst": 8.0, "pht": 8.0, "jst": 9.0, "kst": 9.0,
    "acst": 9.5, "aest": 10.0, "acdt": 10.5, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0, "art": -3.0, "brt": -3.0,
    "ast": -4.0, "adt": -3.0, "est": -5.0, "edt": -4.0, "et": -5.0, "cst": -6.0, "cdt": -5.0, "ct": -6.0,
    "mst": -7.0, "mdt": -6.0, "mt": -7.0, "pst": -8.0, "pdt": -7.0, "pt": -8.0, "akst": -9.0, "akdt": -8.0,
    "hst": -10.0,
}  # fmt: skip
# The two forms that nearly all feeds write (RFC 822 with four digits of year, RFC 3339), read without a search.
_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):([0-5]\d) (?:GMT|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_ENGLISH_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_LAST_YEAR = 9998  # a zone may carry the last day of 9999 over the edge
_CENTURY = 69  # "69" is 1969 and "68" is 2068, as in RFC 2822's sense and POSIX's
_MAX_LENGTH = 100


def read_date(raw: str) -> datetime | None:
    """The UTC time that a text means; without a zone it is taken for UTC, without a clock for midnight."""
    moment = _common_date(raw)
    if moment is None:
        found = read_date_parts(raw)
        moment = found[0] if found else None
    return moment.astimezone(UTC) if moment else None


def read_date_parts(raw: str) -> tuple[datetime, bool] | None:
    """(the time in the zone as written, whether the text says a time of day), or None."""
    text = " ".join(raw.split())
    if not text or len(text) > _MAX_LENGTH:
        return None
    for pattern in (_ISO, _COMPACT, _C_STYLE, _DAY_FIRST, _MONTH_FIRST):
        match = pattern.match(text) if pattern is not _COMPACT else pattern.fullmatch(text)
        if match is None:
            continue
        found = _moment(match.groupdict())
        if found is not None:
            return found
    return None


def _common_date(raw: str) -> datetime | None:
    """The time when the text has one of the two common forms and is possible, else None."""
    try:
        if _RFC3339.fullmatch(raw):
            moment = datetime.fromisoformat(raw)
        elif match := _RFC822.fullmatch(raw):
            day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
            offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
            zone = timezone(-offset if sign == "-" else offset) if offset else UTC
            moment = datetime(
                int(year),
                _ENGLISH_MONTHS.get(month, 0),
                int(day),
                int(hour),
                int(minute),
                int(second),
                tzinfo=zone,
            )
        else:
            return None
    except ValueError:
        return None
    return moment if moment.year <= _LAST_YEAR else None


def _moment(parts: dict[str, str | None]) -> tuple[datetime, bool] | None:
    month = int(parts["m"] or 0) if "m" in parts else _month(parts.get("mon") or "")
    year = int(parts["y"] or 0)
    if len(parts["y"] or "") == 2:  # noqa: PLR2004 - two digits
        year += 1900 if year >= _CENTURY else 2000
    zone = _zone(parts.get("z") or "")
    hour, minute, second = (int(parts.get(name) or 0) for name in ("H", "M", "S"))
    half = (parts.get("ap") or "").lower()
    if half.startswith("p") and hour < 12:  # noqa: PLR2004 - noon
        hour += 12
    elif half.startswith("a") and hour == 12:  # noqa: PLR2004 - midnight
        hour = 0
    if not month or zone is None or not 1 <= year <= _LAST_YEAR:
        return None
    next_day = timedelta(days=1) if (hour, minute, second) == (24, 0, 0) else timedelta()
    try:
        day = date(year, month, int(parts["d"] or 0))
        clock = time(hour % 24 if next_day else hour, minute, min(second, 59), tzinfo=timezone(zone))
        moment = datetime.combine(day, clock) + next_day
    except (ValueError, OverflowError):
        return None
    return moment, parts.get("H") is not None


def _month(name: str) -> int:
    lower = name.lower()
    return _MONTH_OF.get(lower[:4]) or _MONTH_OF.get(lower[:3]) or 0


def _zone(name: str) -> timedelta | None:
    """Offset from UTC; None when the number is impossible. Unknown names count as UTC."""
    digits = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", name)
    if digits is None:
        return timedelta(hours=_ZONES.get(name.lower(), 0.0))
    offset = timedelta(hours=int(digits[2]), minutes=int(digits[3] or 0))
    if offset >= timedelta(hours=24):
        return None
    return offset if digits[1] == "+" else -offset
