"""Whom a text credits: a news agency in its byline, dateline, source or closing line, in many languages; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from entities.agencies import WIRES

CreditPlace = Literal["dateline", "byline", "source", "closing line", "text"]
PLACES: Mapping[str, CreditPlace] = {
    "dateline": "dateline",
    "byline": "byline",
    "source": "source",
    "closing line": "closing line",
}

DATELINE_CHARACTERS = 120
CLOSING_CHARACTERS = 300
EDGE_LINES = 2

# A site's address that does not bear its agency's name.
_SITES = {
    "ap.org": "AP", "apnews.com": "AP", "xinhuanet.com": "Xinhua", "news.cn": "Xinhua", "afp.com": "AFP", "efe.com": "EFE",
    "thecanadianpress.com": "Canadian Press", "dpa.com": "dpa", "upi.com": "UPI", "pa.media": "PA", "aap.com.au": "AAP",
    "apa.at": "APA", "ptinews.com": "PTI", "aninews.in": "ANI", "pap.pl": "PAP", "spa.gov.sa": "SPA", "wam.ae": "WAM",
}  # fmt: skip
LEAST_FOLDED = 5  # letters: “Ani” is a name, “ANI” an agency


def _key(name: str) -> str:
    """A name as it is compared: folded, without “the”, blanks, marks and stops."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    folded = folded.removeprefix("the ")
    return re.sub(r"[\s.,’'\-–—]+", "", folded)


_CANONICAL = {_key(form): wire for wire, forms in WIRES.items() for form in (wire, *forms)}
_NAMES = "|".join(
    re.escape(form)
    for form in sorted(
        {form for wire, forms in WIRES.items() for form in (wire, *forms)}, key=len, reverse=True
    )
)
# Credit lines write names as they are or all in capitals; a word that happens to be spelt alike is neither.
_WIRE = rf"(?P<wire>(?:The\s+)?(?:{_NAMES}|{_NAMES.upper()}))"
_OTHERS = r"(?:\s*[/,+&]\s*[^()\[\]（）【】［］\n]{1,30})?"
_DATELINES = tuple(
    re.compile(pattern)
    for pattern in (
        # LONDON (Reuters) -, BERLIN, 3. März (dpa/AFP) –, (ANSA) - ROMA, MADRID, 3 Mar. (EUROPA PRESS) -
        rf"^.{{0,70}}?[(\[](?:[^()\[\]\n]{{1,25}}/)?\s*{_WIRE}{_OTHERS}\s*[)\]]\s*\.?\s*[-–—:=]",
        # NEW YORK, March 3 /PRNewswire/ --, МОСКВА, 3 марта. /ТАСС/.
        rf"^.{{0,70}}?/\s*{_WIRE}(?:-[^/\n]{{1,20}})?\s*/",
        # (서울=연합뉴스), ［東京　３日　ロイター］, 【ワシントン共同】, （路透社）
        rf"^.{{0,20}}?[(（\[［【][^()（）\[\]［］【】\n]{{0,20}}?[=＝\s　]?{_WIRE}\s*[)）\]］】]\s*(?=[^\x00-\x7f]|[-–—])",
        # 新华社北京3月3日电, 路透社伦敦3日讯
        rf"^{_WIRE}[^。\n]{{0,25}}?(?:电|電|讯|訊|报道|報道|報導)",
        # МОСКВА, 3 мар - РИА Новости. القاهرة - رويترز -
        rf"^.{{2,50}}?\s[-–—]\s*{_WIRE}\s*(?:[.:]|[-–—]\s)",
        # Reuters - The bridge, By Reuters | The bridge
        rf"^(?:By\s+)?{_WIRE}\s*[-–—|]",
    )
)
_ALONE = re.compile(rf"^\W*(?:By\s+|Source:?\s+|Quelle:?\s+|Fuente:?\s+|Fonte:?\s+|来源[:：]\s*)?{_WIRE}\W*$")
_RIGHTS = re.compile(
    rf"^\W*(?:©|\(c\)|Copyright)[\s©]*(?:\(c\)\s*)?(?:\d{{4}}\s*)?(?:by\s+)?{_WIRE}\b", re.IGNORECASE
)
# How Reuters signs its pieces, and no other agency does.
_SIGNED = re.compile(
    r"^\W*(?:Additional )?Reporting by [^;]{3,200}; ?(?:Writing by [^;]{3,80}; ?)?Editing by "
)
_REPUBLISHED = re.compile(
    r"\b(?:originally|first) (?:published|appeared)\b(?: by| on| in| at| online)+ (?:the )?"
    r"(?P<name>[^.,;:()\n]{2,60}?)(?=\s*[.,;:()]|\s+and\s|\s+on\s|\s+under\s|$)",
    re.IGNORECASE,
)
_BYLINE_PARTS = re.compile(r"\s*[,|;/·•()]\s*|\s+(?:and|und|et|y|e|for|via|with|of|-|–|—)\s+", re.IGNORECASE)
_BY = re.compile(r"^(?:by|von|par|por|di|от)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom a text credits, and the place in it that says so."""

    wire: str
    place: CreditPlace


def credit_of(text: str, byline: str = "", source: str = "", removed: Iterable[str] = ()) -> Credit | None:
    """The agency (or the first publisher) that an article credits, None when it credits nobody.

    `source` is whom a feed names as the true publisher; `removed` are lines that a cleaner took off the text's edges.
    """
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    for line in lines[:EDGE_LINES]:
        for pattern in _DATELINES:
            if match := pattern.search(line[:DATELINE_CHARACTERS]):
                return Credit(wire_of(match["wire"]), "dateline")
    for part in _BYLINE_PARTS.split(byline):
        if wire := wire_of(_BY.sub("", part)):
            return Credit(wire, "byline")
    if source and (wire := _of_source(source)):
        return Credit(wire, "source")
    for line in [*lines[-EDGE_LINES:], *lines[:1], *removed]:
        if wire := _of_edge(line[:CLOSING_CHARACTERS]):
            return Credit(wire, "closing line")
    return None


def wire_of(name: str) -> str:
    """The agency that goes by this name or site (“Reuters”, “apnews.com”), "" when none does."""
    key = _key(name)
    if key in _CANONICAL:
        is_short = len(key) < LEAST_FOLDED and name.strip().isascii()
        return "" if is_short and not _is_as_written(name.strip()) else _CANONICAL[key]
    site = re.sub(r"^(?:https?://)?(?:www\.)?", "", name.strip().casefold())
    if " " in site or "." not in site:
        return ""
    first = site.split(".")[0]
    return _SITES.get(site) or ("" if len(first) < LEAST_FOLDED else _CANONICAL.get(_key(first), ""))


def is_of(publisher: str, credited: str) -> bool:
    """Whether this publisher is the one that a text credits."""
    wire = wire_of(publisher)
    if wire or wire_of(credited):
        return wire == wire_of(credited)
    return bool(_key(credited)) and _key(publisher) == _key(credited)


def _is_as_written(name: str) -> bool:
    name = name.removeprefix("The ").removeprefix("the ").replace(".", "")
    return name.isupper() or name in {"dpa", "afp"} or name == _CANONICAL.get(_key(name))


def _of_source(source: str) -> str:
    parts = re.split(r"\s+(?:via|on)\s+|\s*[|–—]\s*", source, flags=re.IGNORECASE)
    return next((wire for wire in map(wire_of, parts) if wire), "")


def _of_edge(line: str) -> str:
    match = _ALONE.search(line) or _RIGHTS.search(line)
    if match:
        return wire_of(match["wire"])
    if _SIGNED.search(line):
        return "Reuters"
    found = _REPUBLISHED.search(line)
    if found is None:
        return ""
    name = " ".join(found["name"].split())
    return wire_of(name) or name
