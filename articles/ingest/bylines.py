"""Bylines become the names of people: no agencies, no desks, no account names, no titles; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

MAX_NAME = 100
MAX_AUTHORS = 12
MAX_BYLINE = 400
_WORD_LIMIT = 6  # of a name: "Juan Carlos de la Cruz Pérez" has six

_SPACES = re.compile(r"\s+")
_BY = re.compile(
    r"^\s*(?:(?:written|posted|reported|published|words|story|text|report|edited|compiled|artikel|article) )?"
    r"(?:by|von|par|por|di|door|av|autor(?:ul|a|es)?|автор|текст|oleh|de la redacción de)(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\s*(?:author|autor|автор|автори|yazar|reporter|記者|记者|文|by|artikel von)\s*[:：]?\s*", re.IGNORECASE
)
_CJK_LABEL = re.compile(r"^(?:記者|记者|文|撰文|編輯|编辑)[:：]?\s*")
# What follows these is where the author works or stands, or when the text came out.
_AFTER = re.compile(
    r"\s*(?:\||/|／|｜|•|·|—|\s[-–]\s|\(|\[|\bpublished\b|\bupdated\b|\bposted on\b|\d{1,2}:\d\d|\bfollow\b|@).*$",
    re.IGNORECASE | re.DOTALL,
)
_AND = r"(?:and|AND|und|et|y|e|и|та|og|och|en)\s+"
_BREAK = re.compile(rf"\s*[,;&、]\s*(?:{_AND})?|\s+{_AND}")
# Parts of a byline of which one may be an agency.
_PART = re.compile(rf"\s*[,;&、/|()·]\s*(?:{_AND})?|\s+{_AND}|\s+[-–—]\s+")
_CREDENTIAL = re.compile(
    r"^(?:ph\.?d|m\.?d|m\.?s(?:c|w)?|m\.?a|b\.?a|r\.?d(?:n)?|r\.?n|mph|mba|jd|esq|dds|do|pharm\.?d|cpa|cfa|ldn|jr|sr|ii|iii)\.?$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:editors?|reporters?|writers?|correspondents?|columnists?|contributors?|journalists?|analysts?|directors?|producers?"
    r"|staff|bureau|desk|team|newsroom|redaktion|redacci[oó]n|r[eé]daction|redazione|redakcja|редакция|agenc(?:y|ies|ia|ie)|wires?"
    r"|editorial|admin(?:istrator)?|webmaster|guest|special|sponsored|freelance|chief|head of)\b",
    re.IGNORECASE,
)
_ORGANIZATION = re.compile(
    r"\b(?:press|news(?:paper|wire|weekly)?|media|times|post|today|business|insider|daily|herald|tribune|journal|gazette|magazine|online"
    r"|radio|tv|television|network|international|associated|agency|service|services|group|inc|ltd|llc|gmbh|company|corp|institute"
    r"|university|association|foundation|council|department|ministry|blog|portal|articles?|sport|sports|europa press|tabloid)\b",
    re.IGNORECASE,
)
# Agencies and mastheads that sign with a short name; a person never does.
_AGENCIES = frozenset(
    [
        "ap",
        "afp",
        "reuters",
        "dpa",
        "efe",
        "ansa",
        "apa",
        "ats",
        "belga",
        "ritzau",
        "ntb",
        "tt",
        "stt",
        "lusa",
        "pti",
        "ani",
        "ians",
        "uni",
        "upi",
        "tass",
        "тасс",
        "interfax",
        "xinhua",
        "kyodo",
        "yonhap",
        "cna",
        "bernama",
        "antara",
        "anadolu",
        "aa",
        "bns",
        "elta",
        "leta",
        "baltic",
        "acn",
        "prensa",
        "latina",
        "notimex",
        "telam",
        "agerpres",
        "mti",
        "pap",
        "ctk",
        "čtk",
        "stringer",
        "nyt",
        "wsj",
        "bbc",
        "cnn",
        "npr",
        "pbs",
        "abc",
        "cbs",
        "nbc",
        "fox",
        "sputnik",
        "рбк",
        "риа",
    ]
)
_ADDRESS = re.compile(r"@|https?:|www\.|\.(?:com|org|net|info|az|kz|md|tg)\b|\d{3}", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
# A byline whose agency was taken out leaves its date: nobody is called by a number.
_BARE_NUMBER = re.compile(r"(?<!\w)\d+(?:st|nd|rd|th|\.)?(?!\w)")
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "di",
        "del",
        "della",
        "van",
        "von",
        "der",
        "den",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ter",
        "ten",
        "y",
        "e",
        "dos",
        "das",
        "du",
        "san",
    ]
)


def people_of(raws: Iterable[str], organizations: Collection[str] = ()) -> tuple[str, ...]:
    """The people named in these bylines, each once, in order; `organizations` are names of the site and its publisher.

    Nothing is left of a byline that names only an agency, a desk or an account.
    """
    known = sorted({_plain(name) for name in organizations if _plain(name)}, key=len, reverse=True)
    found: dict[str, str] = {}
    for raw in raws:
        for name in _split(_SPACES.sub(" ", raw).strip(), known):
            if _is_person(name, known):
                found.setdefault(name.casefold(), name)
    return tuple(found.values())[:MAX_AUTHORS]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signs: people, and the agency that a byline names ("" for none), which is no author."""

    people: tuple[str, ...]
    agency: str


@lru_cache(maxsize=4096)
def signed_by(raws: tuple[str, ...], *organizations: str) -> Signed:
    """Who signs these bylines, remembered: the entries of a feed are signed by the same few, time and again."""
    shortened = [raw[:MAX_BYLINE] for raw in raws[:MAX_AUTHORS]]
    return Signed(people_of(shortened, organizations), next(filter(None, map(_agency_in, shortened)), ""))


def _agency_in(raw: str) -> str:
    for part in _PART.split(_BY.sub("", _SPACES.sub(" ", raw))):
        if _plain(part) in _AGENCIES or _plain(part) in _HOUSES:
            return part.strip(" .,|-–—")
    return ""


def _split(raw: str, known: Collection[str]) -> list[str]:
    text = raw
    for pattern in (_BY, _LABEL, _BY, _CJK_LABEL):
        text = pattern.sub("", text)
    text = _AFTER.sub("", text)
    parts = []
    for part in _BREAK.split(text):
        name = _CJK_LABEL.sub("", _BY.sub("", part)).strip(" ,.;:-–—|·")
        parts.append(_without_house(name, known))
    return parts


def _without_house(name: str, known: Collection[str]) -> str:
    """ "Wilmer Leon. Sputnik International" and "JILL LAWLESS Associated Press" without the house at their end."""
    plain = name.casefold()
    for house in known:
        if plain.endswith(f" {house}"):
            return name[: -len(house)].strip(" ,.;:-–—|·")
    words = name.split()
    for size in (3, 2, 1):
        tail = " ".join(words[-size:])
        if len(words) - size >= 2 and (  # noqa: PLR2004 - a name has a given and a family part
            _plain(tail) in _HOUSES or (size == 1 and words[-1].isupper() and _plain(tail) in _AGENCIES)
        ):
            return " ".join(words[:-size]).strip(" ,.;:-–—|·")
    return name


_HOUSES = frozenset(
    {
        "associated press",
        "usa today",
        "agence france-presse",
        "cnn business",
        "canadian press",
        "the associated press",
    }
)


def _is_person(name: str, known: Collection[str]) -> bool:
    plain = _plain(name)
    words = plain.split()
    if not plain or len(name) > MAX_NAME or len(words) > _WORD_LIMIT or not _LETTER.search(name):
        return False
    if (
        plain in _AGENCIES
        or plain in known
        or any(plain.replace(" ", "") == house.replace(" ", "") for house in known)
    ):
        return False
    if _BARE_NUMBER.search(name):
        return False
    if _ADDRESS.search(name) or _CREDENTIAL.match(name) or _ROLE.search(name) or _ORGANIZATION.search(name):
        return False
    # An account's name: one word without a capital, in a script that has capitals; or capitals run together.
    if len(words) == 1 and name.isascii() and (name.islower() or name.isupper()):
        return False
    return all(_begins_like_a_name(word) for word in name.split())


def _begins_like_a_name(word: str) -> bool:
    first = next(iter(_LETTER.findall(word)), "")
    return (
        not first.islower()
        or word.casefold().strip(".'’") in _PARTICLES
        or word[:2].casefold() in {"d'", "d’"}
        or "’" in word
    )


def _plain(name: str) -> str:
    return " ".join(name.casefold().strip(" .,|-–—").split())
