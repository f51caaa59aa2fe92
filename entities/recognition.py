"""Names of the lexicon in a text: whole words by the case rules, the longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from entities.compiled import FIRM_KINDS, Lexicon, NameRow
from entities.names import has_cjk, is_capitals, names_a_firm, plain_form, strip_legal, written_suffix_end
from entities.sentences import Sentence, sentence_at
from entities.types import EntityKind
from entities.words import COUNTRY_WORDS

_FORM_KINDS: frozenset[EntityKind] = frozenset({"company", "organization"})
_SMALL_WORD = re.compile(r" [a-z]")
_PLAINLY_BEFORE = frozenset(" (\n")
_PLAINLY_BEHIND = frozenset(" ,;:)\n")
SHOUTED = 5  # from this length on "INTEL" may stand for "Intel" in ordinary text


@dataclass(frozen=True, slots=True)
class NameHit:
    """A place in a plain text where names of the lexicon stand; `end` takes a written legal form in, `base_end` not."""

    start: int
    end: int
    base_end: int
    rows: tuple[NameRow, ...]
    suffix: str


def find_names(plain: str, scan: str, lexicon: Lexicon, sentences: Sequence[Sentence]) -> list[NameHit]:
    """All names of the lexicon that stand in the text as whole words by the case rules; the longest wins."""
    found: list[NameHit] = []
    size = len(scan)
    for start, end, rows in lexicon.words_in(scan):
        if start and scan[start - 1].isalnum() and not has_cjk(scan[start]):
            continue
        if end < size and scan[end].isalnum() and scan[end - 1].isalnum() and not has_cjk(scan[end - 1]):
            continue
        plainly = plain[start - 1 : start] in _PLAINLY_BEFORE and plain[end : end + 1] in _PLAINLY_BEHIND
        if not plainly and _is_cut_by_mark(plain, start, end):
            continue
        hit = _fitting_hit(plain, start, end, lexicon=lexicon, rows=rows, sentences=sentences)
        if hit is not None:
            found.append(hit)
    return longest(found)


def longest(hits: Iterable[NameHit]) -> list[NameHit]:
    """Of overlapping hits the one that starts first, and of those the longest."""
    kept: list[NameHit] = []
    reached = 0
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if hit.start >= reached:
            kept.append(hit)
            reached = hit.end
    return kept


def _is_cut_by_mark(plain: str, start: int, end: int) -> bool:
    """Whether a sign ties the words to a longer one: Amazon.com, @Intel, Coca-Cola, D'Arcy, AT&T."""
    before = plain[start - 1] if start else " "
    after = plain[end] if end < len(plain) else " "
    next_char = plain[end + 1] if end + 1 < len(plain) else " "
    if before in "@#_\\&" or after in "@_\\&":
        return True
    if after == "." and next_char.isalnum() and plain[end - 1] != ".":
        return True
    if before == "." and start > 1 and plain[start - 2].isalnum():
        return True
    # "Coca-Cola" is one name, "U.S.-China" and "Hong Kong-listed" are not; two names in capitals are cut, too.
    if after == "-" and next_char.isupper() and plain[end - 1] != ".":
        return not _is_pair(plain, end + 1)
    if before == "-" and start > 1 and plain[start - 2].isalpha() and plain[start].isupper():
        word = re.search(r"[\w.]+$", plain[: start - 1])
        return (
            word is not None and word.group()[0].isupper() and word.group().rstrip(".") not in COUNTRY_WORDS
        )
    return before == "'" and start > 1 and plain[start - 2].isupper()


def _is_pair(plain: str, start: int) -> bool:
    word = re.match(r"[A-Za-z.]+", plain[start:])
    return word is not None and (word.group() in COUNTRY_WORDS or word.group().rstrip(".") in COUNTRY_WORDS)


def _fitting_hit(  # noqa: PLR0913 - the parts of one match
    plain: str,
    start: int,
    end: int,
    *,
    lexicon: Lexicon,
    rows: tuple[NameRow, ...],
    sentences: Sequence[Sentence],
) -> NameHit | None:
    written = plain[start:end]
    native = has_cjk(written)
    capitals = is_capitals(written)
    if not native:
        if written == written.lower() and not any(map(str.isdigit, written)):
            return None
        if capitals and len(written) < SHOUTED and sentence_at(sentences, start).casing != "upper":
            rows = tuple(row for row in rows if row.capitals or plain_form(row.text).startswith(written))
        elif not capitals:
            rows = tuple(row for row in rows if not row.capitals and _is_written_so(row, written))
    stop = end if native else written_suffix_end(plain, end)
    suffix = plain[end:stop].strip(" ,")
    if suffix:
        # An index or a ministry has no legal form: "Dow Inc." is not the Dow.
        kinds = _FORM_KINDS if names_a_firm(suffix) else FIRM_KINDS
        rows = tuple(row for row in rows if lexicon.entities[row.entity_id].kind in kinds)
    return NameHit(start, stop, end, rows, suffix) if rows else None


def _is_written_so(row: NameRow, written: str) -> bool:
    """Whether small words that the name capitalises are capitals in the text: "Wang On" is not "Wang on"."""
    if not _SMALL_WORD.search(written):
        return True
    own = plain_form(strip_legal(row.text).base) if row.suffix else plain_form(row.text)
    if len(own) != len(written):
        return True
    return not any(
        a.isupper() and b.islower() and own[i - 1] == " "
        for i, (a, b) in enumerate(zip(own, written, strict=True))
        if i
    )
