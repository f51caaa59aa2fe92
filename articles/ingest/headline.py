"""The headline of a page without the name of its site; pure."""

from __future__ import annotations

import re

from articles.ingest.canonical import host_of
from articles.ingest.clean import line_key
from articles.ingest.metadata import PageFacts
from articles.ingest.sanitize import one_line
from articles.ingest.sites import site_of

_TITLE_BREAKS = re.compile(r"\s+[–—·•»«:~]+\s+|\s+-+\s+|\s*[|｜]+\s*")
_SITE_WORDS = re.compile(r"[^\W_]+")
_MAX_SITE_WORDS = 7
_MIN_HEADLINE_WORDS = 3
_MIN_SITE_WORDS, _MIN_SITE_LETTERS = 2, 6


def choose_title(facts: PageFacts, url: str) -> str:
    """The headline without the name of the site; the page's own best statement of it."""
    title = one_line(facts.headline) or one_line(facts.meta_title) or _document_title(facts)
    host = host_of(url).removeprefix("www.")
    names = {line_key(facts.site_name), line_key(host), line_key(host.rpartition(".")[0])} - {""}
    letters = _host_letters(url)
    heading = line_key(facts.first_heading)
    pieces = _TITLE_BREAKS.split(title)
    breaks = _TITLE_BREAKS.findall(title)
    while len(pieces) > 1:
        last = pieces[-1]
        rest = _join(pieces[:-1], breaks)
        if _names_site(last, names) or _spells_host(last, letters) or (heading and line_key(rest) == heading):
            pieces, breaks = pieces[:-1], breaks[:-1]
            continue
        if _names_site(pieces[0], names):
            pieces, breaks = pieces[1:], breaks[1:]
            continue
        break
    return _join(pieces, breaks)


def _host_letters(url: str) -> str:
    """The letters of the host's own label: `harbourtimes` of www.harbour-times.co.uk."""
    site = site_of(url)
    return "".join(_SITE_WORDS.findall(site.partition(".")[0])) if site else ""


def _spells_host(piece: str, letters: str) -> bool:
    """Whether several words put together are the host's label: "The Harbour Times" of harbourtimes.example.

    One word is too little: a place or a subject may be a host's name too.
    """
    words = [word.casefold() for word in _SITE_WORDS.findall(piece)]
    if not _MIN_SITE_WORDS <= len(words) <= _MAX_SITE_WORDS or len(letters) < _MIN_SITE_LETTERS:
        return False
    spelled = {"".join(words), "".join(words[1:]) if words[0] == "the" else ""}
    return letters in spelled or letters.removeprefix("the") in spelled


def _document_title(facts: PageFacts) -> str:
    """The title element, or the first heading when that is a headline and the title speaks of something else."""
    title, heading = one_line(facts.document_title), one_line(facts.first_heading)
    words = line_key(heading).split()
    is_other = len(words) >= _MIN_HEADLINE_WORDS and not set(words) & set(line_key(title).split())
    return heading if is_other or not title else title


def _join(pieces: list[str], breaks: list[str]) -> str:
    joined = pieces[0]
    for piece, between in zip(pieces[1:], breaks, strict=False):
        joined += between + piece
    return joined.strip()


def _names_site(piece: str, names: set[str]) -> bool:
    key = line_key(piece)
    if not key:
        return True
    if len(_SITE_WORDS.findall(piece)) > _MAX_SITE_WORDS:
        return False
    squeezed = key.replace(" ", "").removeprefix("www")
    return any(
        key == name
        or squeezed == name.replace(" ", "")
        or squeezed in {f"{name}{end}" for end in ("com", "org", "net")}
        for name in names
    )
