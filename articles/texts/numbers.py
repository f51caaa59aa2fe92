"""Rules: the numbers that a text gives, by what they count and what they are worth, however they are written.

Nothing is asked about the language: two versions of one text share it, so a form that is read the same way on both
sides compares rightly ("1.234" is worth the same on both). Words that count in one language and mean something else
in another (Italian "sei", Spanish "once") are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from articles.texts.words import UNSPACED

Sort = Literal["count", "money", "percent", "date", "time", "pair"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number and its place: code points, `end` exclusive.

    `value`: one figure; (day, month, year or None) of a date; (hour, minute) of a time; both of a pair ("3-2").
    `unit`: a currency's code, "%", "pp", "bp", letters right after a count. `weak`: a word that may be no number at
    all ("one", "un").
    """

    start: int
    end: int
    text: str
    sort: Sort
    value: tuple[Decimal | int | None, ...]
    unit: str = ""
    weak: bool = False

    def is_worth(self, other: Number) -> bool:
        """Whether both say the same in whatever form. A year or a unit that only one of them names is no difference."""
        if self.sort == other.sort == "date":
            return all(a == b for a, b in zip(self.value, other.value, strict=True) if None not in {a, b})
        if self.value != other.value:
            return False
        if self.sort == other.sort:
            return self.unit == other.unit or (self.sort == "count" and "" in {self.unit, other.unit})
        return "count" in {self.sort, other.sort}


_SIGNS = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY",
    "₴": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "₦": "NGN", "₱": "PHP",
}  # fmt: skip
_DOLLARS = {
    "US": "USD", "A": "AUD", "AU": "AUD", "C": "CAD", "CA": "CAD", "NZ": "NZD", "HK": "HKD", "S": "SGD", "NT": "TWD",
    "R": "BRL", "MX": "MXN",
}  # fmt: skip
_CODES = (
    "USD", "EUR", "GBP", "JPY", "CHF", "CNY", "RMB", "INR", "RUB", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "TRY",
    "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "KRW", "BRL", "MXN", "ZAR", "SAR", "AED", "ILS", "Rs", "KSh",
)  # fmt: skip
_CURRENCIES = {
    "USD": "dollar dollars dollari dólar dólares доллар доллара долларов 美元 ドル",
    "EUR": "euro euros евро 欧元 ユーロ",
    "GBP": "pound pounds pfund libras фунтов 英镑 ポンド",
    "JPY": "yen 円",
    "CNY": "yuan renminbi 元",
    "INR": "rupee rupees",
    "RUB": "rouble roubles ruble rubles rubel рубль рубля рублей руб",
    "CHF": "franc francs franken",
    "KRW": "won ウォン",
    "cent": "cent cents pence",
}
_CURRENCY_OF = {word: code for code, words in _CURRENCIES.items() for word in words.split()}
_SCALES = {
    2: "hundred",
    3: "thousand tausend mille mila mil тысяча тысячи тысяч тыс",
    5: "lakh lakhs",
    6: "million millions millionen millón millones milione milioni milhão milhões miljoen miljoner миллион миллиона"
    " миллионов млн mio mln mn",
    7: "crore crores",
    9: "billion billions bn milliard milliarde milliarden milliards miliardo miliardi miljard miljarder bilhão bilhões"
    " миллиард миллиарда миллиардов млрд mrd md",
    12: "trillion trillions tn trn billionen billones",
}
_SCALE_OF = {word: scale for scale, words in _SCALES.items() for word in words.split()}
_SHORTENED = frozenset(["mio", "mrd", "mln", "md", "тыс", "млн", "млрд"])  # a dot may follow
_SCALE_LETTERS = {"k": 3, "K": 3, "m": 6, "M": 6, "b": 9, "B": 9, "T": 12}  # right behind a figure only
_HAN_SCALES = {"百": 2, "千": 3, "万": 4, "萬": 4, "億": 8, "亿": 8, "兆": 12}
_PERCENT = {
    "pp": ("percentage points?", "prozentpunkten?", "points de pourcentage"),
    "bp": ("basis points?", "basispunkten?", "bps"),
    "%": ("%", "％", "per ?cent", "pct", "prozent", "pour cent", "por ciento", "por cento", "per cento", "procent",
          "процент(?:а|ов)?", "パーセント"),
}  # fmt: skip
_MONTHS = (
    "January Jan Januar Jänner janvier enero gennaio janeiro januari января",
    "February Feb Februar février febrero febbraio fevereiro februari февраля",
    "March Mar März mars marzo março maart марта",
    "April Apr avril abril aprile апреля",
    "May Mai mai mayo maggio maio mei мая",
    "June Jun Juni juin junio giugno junho июня",
    "July Jul Juli juillet julio luglio julho июля",
    "August Aug août agosto augustus августа",
    "September Sept Sep septembre septiembre settembre setembro сентября",
    "October Oct Oktober octobre octubre ottobre outubro oktober октября",
    "November Nov novembre noviembre novembro ноября",
    "December Dec Dezember décembre diciembre dicembre dezembro december декабря",
)
_MONTH_OF = {name: place for place, names in enumerate(_MONTHS, 1) for name in names.split()}
_WRITTEN = {
    2: "two zwei deux dos dois duas twee два две двух",
    3: "three drei trois tres três tre drie три трёх трех",
    4: "four vier quatre cuatro quatro quattro четыре четырёх четырех",
    5: "five fünf cinq cinco cinque vijf пять пяти",
    6: "six sechs seis zes шесть шести",
    7: "seven sieben siete sete sette zeven семь семи",
    8: "eight acht huit ocho oito восемь восьми",
    9: "nine neun nueve nove negen девять девяти",
    10: "ten zehn diez dez dieci tien десять десяти",
    11: "eleven onze undici одиннадцать",
    12: "twelve zwölf douze doce doze dodici twaalf двенадцать dozen",
    13: "thirteen dreizehn treize trece",
    14: "fourteen vierzehn quatorze catorce",
    15: "fifteen fünfzehn quinze quince",
    16: "sixteen sechzehn",
    17: "seventeen siebzehn",
    18: "eighteen achtzehn",
    19: "nineteen neunzehn",
    20: "twenty zwanzig vingt veinte vinte venti",
    30: "thirty dreißig trente treinta trinta trenta",
    40: "forty vierzig quarante cuarenta quarenta quaranta",
    50: "fifty fünfzig cinquante cincuenta",
    60: "sixty sechzig soixante sesenta",
    70: "seventy siebzig",
    80: "eighty achtzig",
    90: "ninety neunzig",
}
_WRITTEN_OF = {word: value for value, words in _WRITTEN.items() for word in words.split()}
_WEAK = frozenset(["one", "ein", "eine", "einen", "einer", "un", "une", "una", "uno"])
_HAN = {
    sign: place
    for place, signs in enumerate(("〇零", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九"))
    for sign in signs
}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000}
# A figure of Han is a number before one of these; elsewhere it is mostly a part of a word.
_COUNTERS = "人名円元年月日時时点點件社台本枚歳岁个個家回次度級级票%％万萬億亿兆"


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_SPACES = " \u00a0\u2009\u202f"
_GAP = f"[{_SPACES}]"
_FIGURE = re.compile(
    rf"\d{{1,3}}(?:[{_SPACES},.'’]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}|\d+(?:[.,]\d+)?"
)
_HAN_FIGURE = re.compile(rf"(?:\d[\d,]*(?:\.\d+)?[{''.join(_HAN_SCALES)}]+)+(?:\d[\d,]*)?")
_HAN_GROUP = re.compile(rf"(\d[\d,]*(?:\.\d+)?)([{''.join(_HAN_SCALES)}]*)")
_HAN_WRITTEN = re.compile(rf"[{''.join(_HAN)}十百千]+(?=[{_COUNTERS}])")
_MONTH = _either(_MONTH_OF)
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º|°)?"
_YEAR = rf"(?:\.?,?{_GAP}(?:(?:of|de){_GAP})?(?P<year>\d{{4}})\b)?"
_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
    re.compile(r"(?:(?P<year>\d{2,4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
    re.compile(r"\b(?P<day>\d{1,2})([./])(?P<month>\d{1,2})\2(?P<year>\d{4}|\d{2})\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}}){_ORDINAL}{_GAP}(?:(?:of|de|di){_GAP})?(?P<name>{_MONTH})\b{_YEAR}"),
    re.compile(rf"\b(?P<name>{_MONTH})\b\.?{_GAP}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,:]?\d){_YEAR}"),
)
_TIMES = (
    re.compile(
        rf"\b(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d{{2}}))?{_GAP}?(?P<half>[ap])(?:m\b|\.m\.?)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\d:.,])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?![:.,]?\d)"),
    re.compile(r"\b(?P<hour>\d{1,2})h(?P<minute>\d{2})\b"),
    re.compile(r"(?P<hour>\d{1,2})[時时](?P<minute>\d{1,2})分"),
)
_LETTERS = re.compile(r"[^\W\d_]+")
_SCALE = re.compile(rf"[-{_SPACES}]?([^\W\d_]+)\.?")
_PERCENT_AFTER = re.compile(
    rf"[-{_SPACES}]?(?:" + "|".join(f"({_either(forms)})" for forms in _PERCENT.values()) + r")(?!\w)",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(
    rf"[-{_SPACES}]?(?:(?P<sign>[{''.join(_SIGNS)}])|(?:(?:US|Canadian|Australian)[-{_SPACES}])?(?P<word>[^\W\d_]+))"
)
_HAN_MONEY = re.compile(f"(?:{_either(word for word in _CURRENCY_OF if re.match(f'[{UNSPACED}]', word))})")
_MONEY_BEFORE = re.compile(
    rf"(?:(?:(?<![A-Za-z])(?P<area>{_either(_DOLLARS)}))?(?P<sign>[{''.join(_SIGNS)}])"
    rf"|(?<![A-Za-z])(?P<code>{_either(_CODES)})\.?){_GAP}?$"
)
_SUFFIX = re.compile(r"(?:[a-zµ]{1,4}|[mk]?m[²³])(?:/[a-z]{1,3})?(?!\w)|°[CF]?")
_NAME_BEFORE = re.compile(rf"(?:[^\W\d_{UNSPACED}]|[^\W\d_{UNSPACED}][-‑–]|[/_=@&]|\d[.:,])$")
_MORE_DIGITS = re.compile(r"\.\d")  # "1.2.3" is a name
_DASH = re.compile(rf"[-–—‑]|:|{_GAP}[-–—]{_GAP}")
LEAST_WON = 100  # "5 won gold" is no sum
_LONGEST_BEFORE = 8  # characters before a figure that say of what it is a sum, or that it is part of a name


def numbers_in(text: str) -> list[Number]:
    """The numbers of a text in order, none overlapping another; names like "A320" or "COVID-19" are none."""
    found: list[Number] = []
    taken: set[int] = set()
    for read in (_dates, _times, _han, _figures, _written):
        for one in read(text):
            places = range(one.start, one.end)
            if taken.isdisjoint(places):
                found.append(one)
                taken.update(places)
    found.sort(key=lambda one: one.start)
    return _with_pairs(text, found)


def _dates(text: str) -> Iterator[Number]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = _MONTH_OF[parts["name"]] if "name" in parts else int(parts["month"])
            year = int(parts["year"]) if parts["year"] else None
            day = int(parts["day"])
            if 1 <= day <= 31 and 1 <= month <= 31:  # noqa: PLR2004 - 3/14/26 has its month second
                yield Number(match.start(), match.end(), match.group(), "date", (day, month, year))


def _times(text: str) -> Iterator[Number]:
    for pattern in _TIMES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            hour, minute, half = (
                int(parts["hour"]),
                int(parts["minute"] or 0),
                (parts.get("half") or "").lower(),
            )
            if hour > 24 or minute > 59:  # noqa: PLR2004 - of a day, of an hour
                continue
            if half:
                hour = hour % 12 + (12 if half == "p" else 0)
            yield Number(match.start(), match.end(), match.group(), "time", (hour, minute))


def _han(text: str) -> Iterator[Number]:
    for match in _HAN_FIGURE.finditer(text):
        worth = Decimal(0)
        for figure, scales in _HAN_GROUP.findall(match.group()):
            worth += _figure(figure).scaleb(sum(_HAN_SCALES[scale] for scale in scales))
        yield _measured(text, match.start(), match.end(), worth)
    for match in _HAN_WRITTEN.finditer(text):
        worth, end = Decimal(_han_worth(match.group())), match.end()
        while end < len(text) and text[end] in _HAN_SCALES:
            worth, end = worth.scaleb(_HAN_SCALES[text[end]]), end + 1
        yield _measured(text, match.start(), end, worth)


def _han_worth(text: str) -> int:
    if not _HAN_TENS.keys() & set(text):
        return int("".join(str(_HAN[sign]) for sign in text))
    worth, digit = 0, 0
    for sign in text:
        if sign in _HAN_TENS:
            worth, digit = worth + (digit or 1) * _HAN_TENS[sign], 0
        else:
            digit = _HAN[sign]
    return worth + digit


def _figures(text: str) -> Iterator[Number]:
    for match in _FIGURE.finditer(text):
        start, end = match.span()
        before = text[max(0, start - _LONGEST_BEFORE) : start]
        sum_of = _MONEY_BEFORE.search(before)
        if (sum_of is None and _NAME_BEFORE.search(before)) or _MORE_DIGITS.match(text, end):
            continue
        worth, is_figure = _figure(match.group()), True
        letter = text[end : end + 1]
        if letter in _SCALE_LETTERS and not text[end + 1 : end + 2].isalnum():
            worth, end, is_figure = worth.scaleb(_SCALE_LETTERS[letter]), end + 1, False
        elif letter.isupper() and not _scale_at(text, end)[1]:
            continue  # "5G" is a name
        yield _measured(text, start, end, worth, sum_of=sum_of, before=before, is_figure=is_figure)


def _written(text: str) -> Iterator[Number]:
    last: tuple[int, int, int] | None = None  # start, end and worth of tens that wait for "-five"
    for match in _LETTERS.finditer(text):
        word = match.group().lower()
        worth, start = _WRITTEN_OF.get(word), match.start()
        if last is not None:
            follows = match.start() == last[1] + 1 and text[last[1]] in "-‑ "
            ones = 1 if word == "one" else (worth or 0)
            if follows and 0 < ones < 10:  # noqa: PLR2004 - one digit
                yield _measured(text, last[0], match.end(), Decimal(last[2] + ones))
                last = None
                continue
            yield _measured(text, last[0], last[1], Decimal(last[2]))
            last = None
        if _is_part_of_a_name(text, match.start(), match.end()):
            continue
        if worth is not None and 20 <= worth <= 90:  # noqa: PLR2004 - tens
            last = (start, match.end(), worth)
        elif worth is not None:
            yield _measured(text, start, match.end(), Decimal(worth))
        elif word in _WEAK:
            one = _measured(text, start, match.end(), Decimal(1))
            yield replace(one, weak=one.sort == "count" and one.value == (Decimal(1),))
    if last is not None:
        yield _measured(text, last[0], last[1], Decimal(last[2]))


def _is_part_of_a_name(text: str, start: int, end: int) -> bool:
    """Whether digits or an apostrophe stand right at a word."""
    return text[max(0, start - 1) : start] in {"'", "’", "_"} or text[end : end + 1] in {"'", "’", "_"}


def _figure(text: str) -> Decimal:
    """The worth of digits with signs between them; one sign before exactly three digits parts thousands."""
    digits = re.sub(r"[^\d.,]", "", text).rstrip(".,")
    signs = [sign for sign in digits if sign in ".,"]
    last = max(digits.rfind("."), digits.rfind(","))
    is_thousands = len(digits) - last - 1 == 3 and digits[0] != "0"  # noqa: PLR2004 - three digits
    if not signs or (len(set(signs)) == 1 and (len(signs) > 1 or is_thousands)):
        return Decimal(re.sub(r"[.,]", "", digits))
    return Decimal(re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :])


def _scale_at(text: str, end: int) -> tuple[int, int]:
    """Where a word like "million" after a number ends, and how many digits it adds; 0 when there is none."""
    match = _SCALE.match(text, end)
    if match is None or (scale := _SCALE_OF.get(match[1].lower())) is None:
        return end, 0
    return match.end(1 if match[1].lower() not in _SHORTENED else 0), scale


def _measured(  # noqa: PLR0913 - a figure and what stands around it
    text: str,
    start: int,
    end: int,
    worth: Decimal,
    *,
    sum_of: re.Match[str] | None = None,
    before: str = "",
    is_figure: bool = False,
) -> Number:
    """A number with the units around it: "$5 million", "5 Mio. Euro", "5 per cent", "20km"."""
    while (grown := _scale_at(text, end))[1]:
        worth, end = worth.scaleb(grown[1]), grown[0]
    sort: Sort = "count"
    unit = ""
    if after := _PERCENT_AFTER.match(text, end):
        place = next(place for place, form in enumerate(after.groups()) if form)
        sort, unit, end = "percent", tuple(_PERCENT)[place], after.end()
    elif sum_of is not None:
        sort, unit = "money", _currency(sum_of)
        start -= len(before) - sum_of.start()
    elif (money := _money_at(text, end)) and (money[0] != "KRW" or worth >= LEAST_WON):
        sort, (unit, end) = "money", money
    elif is_figure and (suffix := _SUFFIX.match(text, end)):
        unit, end = suffix.group(), suffix.end()
    if (
        text[start - 1 : start] in {"-", "−"}
        and start > 0
        and not text[max(0, start - 2) : start - 1].strip(" (\n")
    ):
        start, worth = start - 1, -worth
    return Number(start, end, text[start:end], sort, (worth.normalize(),), unit)


def _currency(match: re.Match[str]) -> str:
    if match["code"]:
        return match["code"]
    return _DOLLARS[match["area"]] if match["area"] and match["sign"] == "$" else _SIGNS[match["sign"]]


def _money_at(text: str, end: int) -> tuple[str, int] | None:
    """The currency that a number is followed by, and where it ends."""
    if han := _HAN_MONEY.match(text, end):
        return _CURRENCY_OF[han.group()], han.end()
    match = _MONEY_AFTER.match(text, end)
    if match is None:
        return None
    if match["sign"]:
        return _SIGNS[match["sign"]], match.end()
    word = match["word"]
    if word in _CODES:
        return word, match.end()
    code = _CURRENCY_OF.get(word.lower())
    return None if code is None else (code, match.end())


def _with_pairs(text: str, numbers: list[Number]) -> list[Number]:
    """Two counts with a dash or a colon between them as one: a score, a span, a vote."""
    found: list[Number] = []
    for one in numbers:
        last = found[-1] if found else None
        if (
            last is not None
            and {last.sort} == {"count"}
            and one.sort in {"count", "percent", "money"}
            and not last.weak
            and _DASH.fullmatch(text, last.end, one.start)
        ):
            value = (*last.value, *(abs(part) if isinstance(part, Decimal) else part for part in one.value))
            found[-1] = Number(last.start, one.end, text[last.start : one.end], "pair", value, one.unit)
        else:
            found.append(one)
    return found
