"""The days that words of time mean, told from the day on which the text was published; pure.

"Thursday" in an article of a Friday is the day before it, unless the sentence speaks of what will be. A week is that of
ISO 8601: Monday to Sunday. Days count in the zone in which the article was published.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

Precision = Literal["day", "week", "month", "quarter", "season", "half", "year", "decade", "span"]
Tense = Literal["past", "future", ""]

MOST_CHARACTERS = 20_000  # of a text are read
WINDOW = 40  # characters on both sides of a word that may be one of time
CUE_CHARACTERS = 90  # before a word of time that are asked for the tense, and behind it
FAR_DAYS = 30  # a day so long ago, of which the sentence says that it will be, is next year's
LONGEST_AGO = 400  # "4,000 years ago" is no day of anybody's calendar
EARLIEST, LATEST = 1500, 2199
ALWAYS_YEARS = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """A word of time: code points, `end` exclusive, and the days that it means, the last included."""

    start: int
    end: int
    text: str
    first: date
    last: date
    precision: Precision


_Days = tuple[date, date, Precision]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH_OF = {name: number for number, name in enumerate(_MONTHS, 1)} | {
    name[:3]: number for number, name in enumerate(_MONTHS, 1)
} | {"sept": 9}  # fmt: skip
_NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ],
        1,
    )
} | {"a": 1, "an": 1, "a couple of": 2, "couple of": 2, "twenty": 20, "thirty": 30, "a dozen": 12}
_ORDINALS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "final": 4,
}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_LONG_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT_MONTH = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)(?:\.|(?=\s\d))"
_MONTH = f"(?:{_LONG_MONTH}|{_SHORT_MONTH})"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[5-9]|20|21)\d\d"
_PART_OF_DAY = r"(?:\s(?:early\s|late\s)?(?:morning|afternoon|evening|night))?"
_NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|an?|an?\scouple\sof|a\sdozen)"
_UNIT = "(?:minute|hour|day|week|month|quarter|year|decade)"
_NO_DAY_BEFORE = re.compile(
    r"(?:\b(?:Black|Good|Ash|Super|Cyber|Holy|Bloody|Sheffield|Palm|Easter|Giving|Mail on|Manic|Casual|Ruby)|any given)\s$",
    re.IGNORECASE,
)
_PROPER_BEFORE = re.compile(r"[A-Z][\w.]*\s$")
_NO_DAY_AFTER = re.compile(
    r"\s(?:Times|Telegraph|Mirror|Express|Mail|Post|Herald|Night Live|Night Football)\b"
)

# What the words before say of the tense; the nearest counts, and "to be announced" is no past.
_CUE = re.compile(
    r"(?P<future>\b(?:will|would|shall|may|might|could|should|won't|can)\b(?:\s(?:not|also|be|have|likely|only|now|then))*(?:\s\w+)?"
    r"|'ll(?:\s\w+)?"
    r"|\b(?:expected|expects?|scheduled|due|slated|set|planned|planning|plans?|poised|hopes?|vows?|promises?|intends?|aims?|likely"
    r"|going|is|are)\s(?:to|for|in|on)\b(?:\s(?:be|have))*(?:\s\w+)?"
    r"|\b(?:until|by|next|upcoming|forthcoming|ahead\sof|starting|beginning|effective|deadline|tomorrow|from)\b)"
    r"|(?P<past>\b(?:since|ago|earlier|last|previously|late|said|says|told|met|rose|fell|won|was|were|had|has|have|did|made|took|came|went"
    r"|held|began|saw|cut|hit|sold|bought|led|left|lost|struck|fought|died|shot|gave|sent|sank|shut|quit|spoke|wrote|ran|grew|found"
    r"|put|became|broke|built|kept|knew|paid|read|stood|thought|threw|sued|after)\b"
    r"|\b(?!need|speed|indeed|exceed|proceed|succeed|united|limited|feed|seed|fed)[a-z]{2,}ed\b)",
    re.IGNORECASE,
)
# Every rule needs one of these.
_ANCHOR = re.compile(
    r"[A-Z][a-z]+day\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\d{4}|\bQ[1-4]|\d月|\b(?i:weeks?|months?|quarter|half|years?"
    r"|decades?|days?|hours?|minutes?|today|tonight|tomorrow|yesterday|last night|this (?:morning|afternoon|evening)|weekend|spring"
    r"|summer|autumn|fall|winter)\b"
)
_OTHER_ANCHOR = re.compile(r"\d{4}|\d月|\d(?:\.|er|º)?\s[^\W\d_]")
_JOINING = re.compile(r"\s*(?:(?:and|to|of|for)\s)?", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)\s*(?:\(.*\))?$")
# RFC 2822, 4.3: the zones that mail and feeds name by letters.
_ZONES = {
    "EDT": -4,
    "EST": -5,
    "CDT": -5,
    "CST": -6,
    "MDT": -6,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
}


def local_time(published: datetime, raw: str = "") -> datetime:
    """When an article appeared, in the zone that its own date names (`raw`, as the source wrote it); else in UTC."""
    found = _OFFSET.search(raw.strip())
    if found is not None:
        minutes = int(found[2]) * 60 + int(found[3])
        # No zone lies further from UTC than 14 hours: a wrong one is not believed.
        if minutes <= 14 * 60:
            offset = timedelta(minutes=-minutes if found[1] == "-" else minutes)
            return published.astimezone(timezone(offset))
    hours = _ZONES.get(raw.strip()[-4:].strip().upper())
    return published.astimezone(UTC if hours is None else timezone(timedelta(hours=hours)))


def time_spans(text: str, published: datetime, language: str = "en") -> list[Moment]:
    """The words of time in a text with the days they mean, in their order; `published` bears the article's own zone.

    In English all that is spoken of; in other languages only dates that are written out.
    """
    head = text[:MOST_CHARACTERS]
    is_english = language.lower()[:2] in {"", "en"}
    found: list[tuple[int, int, int, _Days]] = []
    rules = [(rank, rule) for rank, rule in enumerate(_RULES) if rule[2] in {None, is_english}]
    for start, end in _windows(head, _ANCHOR if is_english else _OTHER_ANCHOR):
        for rank, (pattern, resolve, _) in rules:
            for match in pattern.finditer(head, start, end):
                days = _resolved(resolve, match, published)
                if days is not None:
                    found.append((match.start(), -match.end(), rank, days))
    return list(_apart(head, found))


def _windows(text: str, anchor: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where words of time can stand at all: looking for one sort everywhere takes longer than these for all sorts."""
    windows: list[tuple[int, int]] = []
    for match in anchor.finditer(text):
        start = text.rfind(" ", 0, max(0, match.start() - WINDOW)) + 1
        end = text.find(" ", min(len(text), match.end() + WINDOW))
        end = len(text) if end < 0 else end
        if windows and start <= windows[-1][1]:
            windows[-1] = windows[-1][0], end
        else:
            windows.append((start, end))
    return windows


def _resolved(resolve: _Resolve, match: re.Match[str], published: datetime) -> _Days | None:
    try:
        days = resolve(match, published)
    except (ValueError, OverflowError):  # February 30, the year 0
        return None
    if days is None or abs(days[0].year - published.year) > ALWAYS_YEARS * 3:
        return None
    return days


def _apart(text: str, found: list[tuple[int, int, int, _Days]]) -> Iterator[Moment]:
    """Of what overlaps, the first and longest."""
    taken = 0
    for start, back, _, (first, last, precision) in sorted(found, key=lambda one: one[:3]):
        end = -back
        if start < taken:
            continue
        taken = end
        # What only joins it to the words before is no part of it.
        joining = _JOINING.match(text, start, end)
        begin = joining.end() if joining is not None else start
        yield Moment(begin, end, text[begin:end], first, last, precision)


# --- calendar


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """So many months from that one; months beyond December are of the next year."""
    first = year * 12 + month - 1
    last = first + count - 1
    return date(first // 12, first % 12 + 1, 1), _month(last // 12, last % 12 + 1)[1]


def _week(day: date) -> tuple[date, date]:
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(days=6)


def _plain(word: str) -> str:
    return " ".join(word.lower().replace(".", "").split())


def _count(word: str) -> int:
    plain = _plain(word)
    return int(plain) if plain.isdigit() else _NUMBERS.get(plain, 1)


def _period(unit: str, today: date, step: int) -> _Days:
    """The week, month, quarter, year or decade that lies so many steps from this one."""
    if unit == "day":
        day = today + timedelta(days=step)
        return day, day, "day"
    if unit == "week":
        return (*_week(today + timedelta(weeks=step)), "week")
    if unit == "month":
        return (*_months(today.year, today.month + step, 1), "month")
    if unit == "quarter":
        return (*_months(today.year, (today.month - 1) // 3 * 3 + 1 + 3 * step, 3), "quarter")
    if unit == "decade":
        year = today.year // 10 * 10 + 10 * step
        return date(year, 1, 1), date(year + 9, 12, 31), "decade"
    return date(today.year + step, 1, 1), date(today.year + step, 12, 31), "year"


def _tense(match: re.Match[str]) -> Tense:
    """What the sentence says of the time: its nearest verb before the word, else the first behind it."""
    text = match.string
    before = re.split(
        r"(?<=[.!?;])\s(?=[A-Z\"'“])|\n", text[max(0, match.start() - CUE_CHARACTERS) : match.start()]
    )[-1]
    cue = max(_CUE.finditer(before), key=lambda one: one.start(), default=None)
    if cue is None:
        behind = re.split(r"(?<=[.!?;])\s|\n", text[match.end() : match.end() + CUE_CHARACTERS])[0]
        cue = _CUE.search(behind)
    if cue is None:
        return ""
    return "future" if cue.group("future") else "past"


# --- rules: a pattern and what it means


_Resolve = Callable[[re.Match[str], datetime], "_Days | None"]
_Rule = tuple[re.Pattern[str], _Resolve, bool | None]  # for English alone, for others alone, for all


def _weekday(match: re.Match[str], published: datetime) -> _Days | None:
    text, today = match.string, published.date()
    if _NO_DAY_BEFORE.search(text, max(0, match.start("day") - 12), match.start("day")):
        return None
    if _NO_DAY_AFTER.match(text, match.end("day")):
        return None
    number = WEEKDAYS.index(match["day"].lower())
    back = (today.weekday() - number) % 7
    which = _plain(match["which"] or "")
    monday, _ = _week(today)
    if which in {"last", "this past", "past"}:
        day = today - timedelta(days=back or 7)
    elif which in {"next", "the following"}:
        day = monday + timedelta(days=7 + number)
    elif which in {"this", "this coming", "coming"}:
        day = monday + timedelta(days=number)
        if day < today and which != "this":
            day += timedelta(days=7)
    elif _tense(match) == "future":
        day = today + timedelta(days=(7 - back) % 7)
    else:
        day = today - timedelta(days=back)
    return day, day, "day"


def _near_day(match: re.Match[str], published: datetime) -> _Days | None:
    word = _plain(match[0])
    if (
        _PROPER_BEFORE.search(match.string[max(0, match.start() - 30) : match.start()])
        and match[0][0].isupper()
    ):
        return None  # USA Today, The Show Tonight
    step = 0
    if word.startswith(("yesterday", "last night")):
        step = -1
    elif word.startswith("the day before yesterday"):
        step = -2
    elif word.startswith("tomorrow"):
        step = 1
    elif word.startswith("the day after tomorrow"):
        step = 2
    day = published.date() + timedelta(days=step)
    return day, day, "day"


def _dated(match: re.Match[str], published: datetime) -> _Days:
    """A day of a month; without a year, the one that lies nearest, as the sentence has it."""
    month = _MONTH_OF[_plain(match["month"])]
    first = int(re.sub(r"\D", "", match["first"]))
    last = int(re.sub(r"\D", "", match["last"])) if match["last"] else first
    year = int(match["year"]) if match["year"] else _nearest_year(match, published.date(), month, first)
    if last < first:
        return date(year, month, first), date(year, month, first), "day"
    return date(year, month, first), date(year, month, last), "day" if last == first else "span"


def _nearest_year(match: re.Match[str], today: date, month: int, day: int) -> int:
    def at(year: int) -> date:
        return date(year, month, min(day, calendar.monthrange(year, month)[1]))

    nearest = min((at(today.year + step) for step in (-1, 0, 1)), key=lambda one: abs((one - today).days))
    tense = _tense(match)
    if tense == "past" and nearest > today + timedelta(days=FAR_DAYS):
        return nearest.year - 1
    if tense == "future" and nearest < today - timedelta(days=FAR_DAYS):
        return nearest.year + 1
    return nearest.year


def _across(match: re.Match[str], published: datetime) -> _Days:
    """From a day of one month to a day of another."""
    months = _MONTH_OF[_plain(match["from_month"])], _MONTH_OF[_plain(match["to_month"])]
    first = int(re.sub(r"\D", "", match["first"]))
    last = int(re.sub(r"\D", "", match["last"]))
    year = int(match["year"]) if match["year"] else _nearest_year(match, published.date(), months[1], last)
    begin = date(year - (months[0] > months[1]), months[0], first)
    return begin, date(year, months[1], last), "span"


def _numbers(match: re.Match[str], _published: datetime) -> _Days:
    day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    return day, day, "day"


def _month_alone(match: re.Match[str], published: datetime) -> _Days:
    today, month = published.date(), _MONTH_OF[_plain(match["month"])]
    which = _plain(match["which"] or "")
    if match["year"]:
        year = int(match["year"])
    else:
        year = today.year - (month > today.month)  # the latest, this one included
        if which == "last":
            year = today.year - (month >= today.month)
        elif which == "next" or (which != "this" and _is_to_come(match)):
            year = today.year + (month < today.month or (which == "next" and month == today.month))
        elif which == "this":
            year = today.year
    return _part(match["part"], *_month(year, month), "month")


def _is_to_come(match: re.Match[str]) -> bool:
    word = _plain(match["word"] or "")
    return word in {"by", "until", "starting", "beginning"} or (word != "since" and _tense(match) == "future")


def _part(part: str | None, first: date, last: date, precision: Precision) -> _Days:
    """The early, middle or late third of a time."""
    word = _plain(part or "").rstrip("- ")
    if not word:
        return first, last, precision
    length = (last - first).days + 1
    third = length // 3
    if word == "early":
        return first, first + timedelta(days=third - 1), "span"
    if word == "late":
        return last - timedelta(days=third), last, "span"
    return first + timedelta(days=third), last - timedelta(days=third), "span"


def _year_alone(match: re.Match[str], _published: datetime) -> _Days:
    year = int(match["year"])
    last = int(match["last"]) if match["last"] else year
    if match["last"] and len(match["last"]) == 2:  # noqa: PLR2004 - "2019-20"
        last = year // 100 * 100 + last
    if not EARLIEST <= year <= last <= LATEST:
        raise ValueError("no year")
    return _part(match["part"], date(year, 1, 1), date(last, 12, 31), "year" if last == year else "span")


def _decade(match: re.Match[str], _published: datetime) -> _Days:
    year = int(match["year"])
    return date(year, 1, 1), date(year + 9, 12, 31), "decade"


def _quarter(match: re.Match[str], published: datetime) -> _Days | None:
    word = _plain(match["which"] or match["short"])
    number = _ORDINALS[word] if word in _ORDINALS else int(word[-1])
    length = 6 if match["unit"] and _plain(match["unit"]) == "half" else 3
    if number * length > 12:  # noqa: PLR2004 - months
        return None
    month = (number - 1) * length + 1
    today = published.date()
    if match["year"]:
        year = int(match["year"])
    elif match["near"]:
        near = _plain(match["near"])
        year = today.year + (-1 if "last" in near else 1 if "next" in near else 0)
    else:
        # The latest that has begun; one that is to come when the sentence says so.
        year = today.year - (month > today.month)
        if _tense(match) == "future" and _months(year, month, length)[1] < today:
            year += 1
    return (*_months(year, month, length), "half" if length == 6 else "quarter")  # noqa: PLR2004


def _named_period(match: re.Match[str], published: datetime) -> _Days:
    """Last week, this month, next year, earlier this week."""
    today, unit = published.date(), _plain(match["unit"])
    step = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1}[
        _plain(match["which"]).split()[-1]
    ]
    if unit in _SEASONS:
        return _season(unit, today, step)
    if unit == "weekend":
        saturday = _week(today)[0] + timedelta(days=5)
        # "This weekend" of which a Monday tells what was is the one before.
        is_over = step == 0 and today.weekday() < 3 and _tense(match) == "past"  # noqa: PLR2004 - to Wednesday
        if step == -1 or is_over:
            saturday -= timedelta(days=7)
        elif step == 1:
            saturday += timedelta(days=7)
        return saturday, saturday + timedelta(days=1), "span"
    first, last, precision = _period(unit, today, step)
    part = _plain(match["part"] or "")
    if part == "earlier" and first <= today <= last:
        return first, today, "span"
    if part == "later" and first <= today <= last:
        return today, last, "span"
    return _part(part if part in {"early", "late"} else "", first, last, precision)


def _season(name: str, today: date, step: int) -> _Days:
    """Of the northern half of the earth, by months (spring is March to May)."""
    month = _SEASONS[name]
    first, last = _months(today.year, month, 3)
    if step == -1 and last >= today:
        first, last = _months(today.year - 1, month, 3)
    elif step == 1 and first <= today:
        first, last = _months(today.year + 1, month, 3)
    return first, last, "season"


def _edge(match: re.Match[str], published: datetime) -> _Days | None:
    """The end, the beginning or the middle of a time: a day when something is due by it, else its last part."""
    today = published.date()
    first, last, precision = _whole(match, today)
    edge = _plain(match["edge"])
    if edge == "end":
        if _plain(match["word"] or "") in {"by", "until", "before"}:
            return last, last, "day"
        return _last_part(first, last, precision)
    if edge == "middle":
        return _part("mid", first, last, precision)
    length = {"year": 31, "quarter": 31, "decade": 366}.get(precision, 7)
    return first, min(last, first + timedelta(days=length - 1)), "span"


def _whole(match: re.Match[str], today: date) -> _Days:
    if match["year"]:
        year = int(match["year"])
        if match["month"]:
            return (*_month(year, _MONTH_OF[_plain(match["month"])]), "month")
        return date(year, 1, 1), date(year, 12, 31), "year"
    if match["month"]:
        month = _MONTH_OF[_plain(match["month"])]
        is_past = _tense(match) == "past"
        year = today.year - 1 if is_past and month > today.month else today.year
        return (*_month(year + (not is_past and month < today.month), month), "month")
    which = _plain(match["which"] or "this")
    step = {"last": -1, "next": 1}.get(which, 0)
    return _period(_plain(match["unit"]), today, step)


def _last_part(first: date, last: date, precision: Precision) -> _Days:
    if precision == "year":
        return date(last.year, 12, 1), last, "month"
    if precision in {"quarter", "half", "decade"}:
        return date(last.year, last.month, 1), last, "month"
    return max(first, last - timedelta(days=6)), last, "span"


def _year_end(match: re.Match[str], published: datetime) -> _Days:
    day = date(published.year, 12, 31)
    return (day, day, "day") if match["word"] else (date(published.year, 12, 1), day, "month")


def _ago(match: re.Match[str], published: datetime) -> _Days | None:
    count, unit = _count(match["count"]), _plain(match["unit"]).rstrip("s")
    return _stepped(published, unit, -count)


def _ahead(match: re.Match[str], published: datetime) -> _Days | None:
    count, unit = _count(match["count"]), _plain(match["unit"]).rstrip("s")
    return _stepped(published, unit, count)


def _stepped(published: datetime, unit: str, step: int) -> _Days | None:
    if abs(step) > LONGEST_AGO:
        return None
    if unit in {"minute", "hour"}:
        day = (published + timedelta(**{f"{unit}s": step})).date()
        return day, day, "day"
    return _period(unit, published.date(), step)


def _lasting(match: re.Match[str], published: datetime) -> _Days | None:
    """In the past two weeks; over the next three months: from or to the day of the article."""
    today, unit = published.date(), _plain(match["unit"]).rstrip("s")
    if not match["count"] and unit != _plain(match["unit"]):  # "in the coming days": nobody knows how many
        return None
    count = _count(match["count"]) if match["count"] else 1
    if count > LONGEST_AGO:
        return None
    is_ahead = _plain(match["which"]) in {"next", "coming"}
    if unit in {"minute", "hour"}:
        days = timedelta(hours=count if unit == "hour" else 0)
        other = (published + days if is_ahead else published - days).date()
    elif unit in {"day", "week"}:
        days = timedelta(days=count * (7 if unit == "week" else 1))
        other = today + days if is_ahead else today - days
    else:
        months = count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
        number = today.year * 12 + today.month - 1 + (months if is_ahead else -months)
        year, month = divmod(number, 12)
        other = date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    return (today, other, "span") if is_ahead else (other, today, "span")


def _foreign(match: re.Match[str], published: datetime) -> _Days | None:
    month = _FOREIGN_MONTHS.get(match["month"].lower().rstrip("."))
    if month is None:
        return None
    day = int(match["day"])
    year = int(match["year"]) if match["year"] else _nearest_year(match, published.date(), month, day)
    found = date(year, month, day)
    return found, found, "day"


def _chinese(match: re.Match[str], published: datetime) -> _Days:
    month, day = int(match["month"]), int(match["day"])
    year = int(match["year"]) if match["year"] else _nearest_year(match, published.date(), month, day)
    found = date(year, month, day)
    return found, found, "day"


_FOREIGN_MONTHS = {
    name: number
    for names in (
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "januari februari maart april mei juni juli augustus september oktober november december",
    )
    for number, name in enumerate(names.split(), 1)
}

_WORD_BEFORE = (
    r"(?:(?P<word>in|on|since|by|until|from|of|during|through|before|after|starting|beginning|for|and|to)\s)"
)


def _english(pattern: str, resolve: _Resolve, flags: int = re.IGNORECASE) -> _Rule:
    return re.compile(pattern, flags), resolve, True


_RULES: tuple[_Rule, ...] = (
    # Written out: March 3, 2021; Thursday, March 3; 3 March; March 3-5; from March 30 to April 2.
    _english(
        rf"\b(?P<from_month>{_MONTH})\s(?P<first>{_DAY})\s?(?:-|–|to|through|until)\s?(?P<to_month>{_MONTH})\s(?P<last>{_DAY})\b"
        rf"(?:,?\s(?P<year>{_YEAR})\b)?",
        _across,
        0,
    ),
    _english(
        rf"\b(?:{_WEEKDAY}(?:{_PART_OF_DAY}),?\s)?(?P<month>{_MONTH})\s(?P<first>{_DAY})(?!\d|[.:]\d|,\d{{3}}|\s(?:per\s?cent|percent|million|billion)\b|%)"
        rf"(?:\s?(?:-|–|to|and)\s?(?P<last>{_DAY})(?!\d|%))?(?:,?\s(?P<year>{_YEAR})\b(?!\s?%))?",
        _dated,
        0,
    ),
    _english(
        rf"\b(?:{_WEEKDAY}(?:{_PART_OF_DAY}),?\s)?(?:the\s)?(?P<first>{_DAY})(?:\s?(?:-|–|to|and)\s?(?P<last>{_DAY}))?\s(?:of\s)?(?P<month>{_MONTH})"
        rf"(?:,?\s(?P<year>{_YEAR})\b)?(?!\w)",
        _dated,
        0,
    ),
    (re.compile(rf"\b(?P<year>{_YEAR})-(?P<month>0\d|1[0-2])-(?P<day>[0-2]\d|3[01])\b"), _numbers, None),
    (
        re.compile(
            rf"(?P<year>{_YEAR})?\s?年?\s?(?P<month>1[0-2]|0?[1-9])月\s?(?P<day>3[01]|[12]\d|0?[1-9])日"
        ),
        _chinese,
        None,
    ),
    (
        re.compile(rf"\b(?P<day>3[01]|[12]\d|0?[1-9])\.(?P<month>1[0-2]|0?[1-9])\.(?P<year>{_YEAR})\b"),
        _numbers,
        None,
    ),
    (
        re.compile(
            rf"\b(?P<day>3[01]|[12]\d|[1-9])(?:\.|er|º|\sde)?\s(?P<month>[^\W\d_]{{3,10}})(?:(?:\sde)?\s(?P<year>{_YEAR}))?\b"
        ),
        _foreign,
        False,
    ),
    # By the end of 2025, at the start of next month, by year-end.
    _english(
        rf"\b(?:(?P<word>by|until|before|at|near|toward|towards|in|from|since)\s)?the\s(?:very\s)?(?P<edge>end|beginning|start|middle)\sof\s"
        rf"(?:(?:the\s|(?P<which>this|last|next)\s)(?P<unit>week|month|quarter|year|decade)"
        rf"|(?P<month>{_LONG_MONTH})(?:\s(?=1|2))?|(?=1|2))(?P<year>(?<=\s){_YEAR})?\b",
        _edge,
    ),
    _english(r"\b(?:(?P<word>by|until|before)\s)?(?:the\s)?year[- ]end\b", _year_end),
    # Quarters and halves: the fourth quarter of 2020, Q3, last year's second half.
    _english(
        rf"\b(?:(?P<near>last|this|next)\s(?:fiscal\s)?year's\s|the\s)?(?:fiscal\s)?(?:(?P<which>first|second|third|fourth|final|1st|2nd|3rd|4th)[\s-](?:fiscal[\s-])?(?P<unit>quarter|half)"
        rf"|(?P<short>(?-i:Q[1-4])))(?![\w-])(?:(?:\s(?:of\s)?|,\s)(?:fiscal\s(?:year\s)?)?(?P<year>{_YEAR})\b)?",
        _quarter,
    ),
    # Last Thursday, on Monday night.
    _english(
        rf"\b(?:(?P<which>last|this\spast|past|next|the\sfollowing|this\scoming|coming|this)\s)?(?:early\s|late\s)?(?P<day>(?-i:{_WEEKDAY})){_PART_OF_DAY}(?!\w)",
        _weekday,
    ),
    _english(
        r"\b(?:the\sday\sbefore\syesterday|the\sday\safter\stomorrow|yesterday|today|tonight|tomorrow|last\snight"
        r"|this\s(?:morning|afternoon|evening))(?:\s(?:morning|afternoon|evening|night))?\b(?!')",
        _near_day,
    ),
    _english(
        r"\b(?:(?P<part>early|late|earlier|later)\s)?(?P<which>last|this|next|(?:the\s)?(?:previous|current|coming))\s"
        r"(?P<unit>week|month|quarter|year|decade|weekend|spring|summer|autumn|fall|winter)(?![\w-]|'s\s(?:first|second|third|fourth))",
        _named_period,
    ),
    # Months and years: in March, late March 2021, last March, in 2019, early 2020, since 2015, 2019-20, the 1990s.
    _english(
        rf"\b(?:{_WORD_BEFORE}|(?=early\b|late\b|mid|last\b|next\b|this\b|(?:{_LONG_MONTH})\s{_YEAR}))"
        rf"(?:(?P<part>early|late|mid)[\s-])?(?:(?P<which>last|next|this)\s)?(?P<month>(?-i:{_LONG_MONTH})|(?-i:{_SHORT_MONTH})(?=\s{_YEAR}))(?:,?\s(?P<year>{_YEAR})\b)?(?![\w-]|\s\d)",
        _month_alone,
    ),
    _english(
        rf"\b(?:(?:in|since|by|until|during|of|from|before|after|through|for|between|to|and)\s(?:the\s)?(?:fiscal\s(?:year\s)?|year\s)?|fiscal\s(?:year\s)?|(?=(?:early|late|mid)[\s-]))"
        rf"(?:(?P<part>early|late|mid)[\s-])?(?P<year>{_YEAR})(?:(?:[-–/]|\sto\s|(?<=between\s{_YEAR})\sand\s)(?P<last>{_YEAR}|(?<![\so])\d\d))?\b(?![.,]?\d|\s?%|\s(?:people|feet|miles|points|dollars|jobs|units|shares|cases|workers|employees|homes|troops|members))",
        _year_alone,
    ),
    _english(r"\b(?:the\s)?(?:early\s|late\s)?(?P<year>(?:1[5-9]|20)\d0)'?s\b", _decade),
    # Two weeks ago, in the past three days, over the next year, three weeks from now.
    _english(
        rf"\b(?:(?:about|around|nearly|almost|some|roughly|more\sthan|less\sthan|just)\s)?(?P<count>{_NUMBER})\s(?P<unit>{_UNIT}s?)\sago\b",
        _ago,
    ),
    _english(
        rf"\b(?:in\s)?(?P<count>{_NUMBER})\s(?P<unit>{_UNIT}s?)(?:\sfrom\s(?:now|today)|'\stime)", _ahead
    ),
    _english(
        rf"\b(?:in|over|during|within|for|throughout)\sthe\s(?P<which>past|last|next|coming)\s(?:(?P<count>{_NUMBER})\s)?(?P<unit>{_UNIT}s?)\b",
        _lasting,
    ),
)
