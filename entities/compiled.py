"""All names compiled for matching: one automaton, and what stands behind each of its words, packed and read lazily."""

from __future__ import annotations

import marshal
import pickle
import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import ahocorasick

from entities.names import StrippedName, is_capitals, ordinary_case, plain_form, scan_form, strip_legal
from entities.types import AliasKind, EntityKind, LexiconAlias, LexiconEntity
from entities.words import CONNECTORS

MIN_NAME = 2  # characters
SHARED_HEAD = 3  # names with the same first word
FIRM_KINDS: frozenset[EntityKind] = frozenset({"company", "organization", "public_body", "other"})
REMEMBERED = 16_384  # unpacked values a process keeps; a text needs some tens

# Legal forms that are the same one, written differently.
_SAME_FORM = {
    "incorporated": "inc", "corporation": "corp", "company": "co", "companies": "co", "cos": "co", "limited": "ltd",
    "aktiengesellschaft": "ag", "berhad": "bhd", "oyj": "oy", "ojsc": "jsc", "pjsc": "jsc",
}  # fmt: skip
_FORMS = frozenset({
    "inc", "corp", "co", "ltd", "plc", "llc", "llp", "lp", "nv", "bv", "sa", "sas", "spa", "ag", "se", "gmbh", "kgaa",
    "kg", "as", "asa", "ab", "oy", "bhd", "tbk", "pcl", "jsc", "kk", "pty", "pte",
})  # fmt: skip
# Words that follow names as forms do, and tell two firms of one name apart, without being legal forms.
LOOSE_FORMS = {"group": "group", "holding": "holding", "holdings": "holding"}
_FORM_WORD = re.compile(r"[a-z]+")


class NameRow(NamedTuple):
    """One alias behind a key of the automaton."""

    entity_id: int
    kind: AliasKind
    weak: bool
    text: str  # as the knowledge base writes it
    suffix: str  # the legal form that was taken off, "" when the alias has none
    capitals: bool  # written in capitals: asks for capitals in the text
    forms: tuple[
        str, ...
    ] = ()  # the forms that the entity has behind these words, as `written_forms` gives them


class _Packed:
    """Values in one run of bytes, unpacked when asked for."""

    __slots__ = ("blob", "starts")

    def __init__(self, blob: memoryview, starts: memoryview) -> None:
        self.blob = blob
        self.starts = starts  # one more than values

    def __len__(self) -> int:
        return len(self.starts) - 1

    def at(self, index: int) -> Any:
        """The value of this number."""
        return marshal.loads(self.blob[self.starts[index] : self.starts[index + 1]])  # noqa: S302 - our own bytes


class Rows(Sequence[tuple[NameRow, ...]]):
    """What stands behind each word of the automaton, by its number."""

    def __init__(self, packed: _Packed) -> None:
        self._packed = packed
        self._unpacked = lru_cache(REMEMBERED)(self._unpack)

    def _unpack(self, index: int) -> tuple[NameRow, ...]:
        return tuple(NameRow(*row) for row in self._packed.at(index))

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, index: Any) -> Any:
        return self._unpacked(index)


class Entities(Mapping[int, LexiconEntity]):
    """The entities by id."""

    def __init__(self, ids: memoryview, packed: _Packed) -> None:
        self._ids = ids  # ascending
        self._packed = packed
        self._unpacked = lru_cache(REMEMBERED)(self._unpack)

    def _unpack(self, entity_id: int) -> LexiconEntity:
        index = bisect_left(self._ids, entity_id)
        if index == len(self._ids) or self._ids[index] != entity_id:
            raise KeyError(entity_id)
        return LexiconEntity(*self._packed.at(index))

    def __getitem__(self, entity_id: int) -> LexiconEntity:
        return self._unpacked(entity_id)

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


class Lexicon:
    """All names, compiled for matching. Made by `build_lexicon`, never changed.

    It lives on the sections of `sections`, of which only the automaton is unpacked: opening a kept one takes a
    hundredth of what compiling takes, and pages of the file that no text asks for stay on the disk.
    """

    __slots__ = (
        "automaton",
        "entities",
        "hidden",
        "last",
        "lengths",
        "nations",
        "patch",
        "related",
        "rows",
        "sections",
        "shared_heads",
        "states",
        "tickers",
        "version",
    )

    def __init__(self, sections: Mapping[str, memoryview]) -> None:
        self.sections = sections
        self.hidden: frozenset[int] = frozenset()
        self.patch: Lexicon | None = None
        head = marshal.loads(sections["head"])  # noqa: S302 - our own bytes
        self.version: int = head["version"]
        # The highest ids that were read: of entities, of names. What is higher came later.
        self.last: tuple[int, int] = head["last"]
        # First words of several names: "Banco" is short for none of them.
        self.shared_heads: frozenset[str] = head["shared_heads"]
        self.tickers: dict[str, tuple[tuple[int, str], ...]] = head["tickers"]
        # A person's organisations and the other way round.
        self.related: dict[int, frozenset[int]] = head["related"]
        # The country (a place) of each government, and the government of each country by the words for it: "Chinese".
        self.states: dict[int, int] = head["states"]
        self.nations: dict[str, int] = head["nations"]
        self.automaton: Any = pickle.loads(sections["automaton"])  # noqa: S301 - our own bytes
        self.lengths = sections["lengths"].cast("I")
        self.rows = Rows(_Packed(sections["rows"], sections["row_starts"].cast("Q")))
        self.entities: Mapping[int, LexiconEntity] = Entities(
            sections["ids"].cast("q"), _Packed(sections["entities"], sections["entity_starts"].cast("Q"))
        )

    def patched(self, patch: Lexicon, hidden: Collection[int]) -> Lexicon:
        """This lexicon with the entities `hidden` as `patch` knows them, or without those that it does not know.

        It shares all that is compiled, so that one entity that somebody changed costs a thousandth of compiling anew.
        """
        found = copy(self)
        found.hidden = frozenset(hidden)
        found.patch = patch
        found.version = patch.version
        found.entities = _PatchedEntities(self.entities, patch.entities, found.hidden)
        found.related = _patched_relations(self.related, patch.related, found.hidden)
        return found

    def words_in(self, scan: str) -> Iterator[tuple[int, int, tuple[NameRow, ...]]]:
        """All places (start, end) of a scanned text where the letters of names stand, with what they may mean."""
        places = self._places(scan)
        if self.patch is None:
            yield from places
            return
        found: dict[tuple[int, int], tuple[NameRow, ...]] = {}
        for start, end, rows in places:
            left = tuple(row for row in rows if row.entity_id not in self.hidden)
            if left:
                found[start, end] = left
        for start, end, rows in self.patch.words_in(scan):
            found[start, end] = found.get((start, end), ()) + rows
        for (start, end), rows in found.items():
            yield start, end, rows

    def _places(self, scan: str) -> Iterator[tuple[int, int, tuple[NameRow, ...]]]:
        if not self.rows:
            return
        lengths, rows = self.lengths, self.rows
        for last, index in self.automaton.iter(scan):
            yield last + 1 - lengths[index], last + 1, rows[index]

    def listed_as(self, ticker: str) -> tuple[tuple[int, str], ...]:
        """Who is listed under a ticker: (entity id, MIC), in order."""
        found = self.tickers.get(ticker_key(ticker), ())
        if self.patch is None:
            return found
        rest = [line for line in found if line[0] not in self.hidden]
        return tuple(sorted([*rest, *self.patch.listed_as(ticker)]))


class _PatchedEntities(Mapping[int, LexiconEntity]):
    """Entities of which some are known better by others."""

    def __init__(
        self, base: Mapping[int, LexiconEntity], patch: Mapping[int, LexiconEntity], hidden: frozenset[int]
    ) -> None:
        self._base = base
        self._patch = patch
        self._hidden = hidden

    def __getitem__(self, entity_id: int) -> LexiconEntity:
        return (self._patch if entity_id in self._hidden else self._base)[entity_id]

    def __iter__(self) -> Iterator[int]:
        yield from (entity_id for entity_id in self._base if entity_id not in self._hidden)
        yield from self._patch

    def __len__(self) -> int:
        return len(self._base) - sum(entity_id in self._base for entity_id in self._hidden) + len(self._patch)


def _patched_relations(
    base: Mapping[int, frozenset[int]], patch: Mapping[int, frozenset[int]], hidden: frozenset[int]
) -> dict[int, frozenset[int]]:
    kept = {one: others - hidden for one, others in base.items() if one not in hidden}
    for one, others in patch.items():
        kept[one] = kept.get(one, frozenset()) | others
    return kept


def build_lexicon(  # noqa: PLR0913 - what is compiled, each by its name
    entities: Iterable[LexiconEntity],
    aliases: Iterable[LexiconAlias],
    *,
    related: Iterable[tuple[int, int]] = (),
    silenced: Iterable[tuple[int, str]] = (),
    version: int = 0,
    last: tuple[int, int] = (0, 0),
) -> Lexicon:
    """Compile names into one automaton. Names of unknown entities are left out; ticker aliases serve tickers only.

    `silenced` are names (entity id, text) that link nothing, not even where they are the entity's own.
    """
    known = {entity.id: entity for entity in entities}
    names = list(aliases)
    by_key = _rows_by_key(known, names, frozenset(silenced))
    states = _states(known.values())
    automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    lengths = array("I")
    keys = sorted(by_key)
    for index, key in enumerate(keys):
        automaton.add_word(key, index)
        lengths.append(len(key))
    if keys:
        automaton.make_automaton()
    ids = sorted(known)
    rows, row_starts = _pack(tuple(map(tuple, by_key[key].values())) for key in keys)
    packed, entity_starts = _pack(_values_of(known[entity_id]) for entity_id in ids)
    head = {
        "version": version,
        "last": last,
        "shared_heads": _shared_heads(known.values()),
        "tickers": _tickers(known.values()),
        "related": _related(related),
        "states": states,
        "nations": _nations(known, names, states),
    }
    sections = {
        "head": marshal.dumps(head),
        "automaton": pickle.dumps(automaton, protocol=pickle.HIGHEST_PROTOCOL),
        "lengths": lengths.tobytes(),
        "rows": rows,
        "row_starts": row_starts,
        "ids": array("q", ids).tobytes(),
        "entities": packed,
        "entity_starts": entity_starts,
    }
    return Lexicon({name: memoryview(body) for name, body in sections.items()})


def _pack(values: Iterable[tuple[Any, ...]]) -> tuple[bytes, bytes]:
    """The values one behind the other, and where each starts."""
    blob = bytearray()
    starts = array("Q", [0])
    for value in values:
        # Version 2 knows no references: what is written does not depend on which strings are one object.
        blob += marshal.dumps(value, 2)
        starts.append(len(blob))
    return bytes(blob), starts.tobytes()


def _values_of(entity: LexiconEntity) -> tuple[Any, ...]:
    return (
        entity.id,
        entity.slug,
        entity.name,
        entity.kind,
        entity.country,
        tuple(entity.tickers),
        entity.prominence,
    )


def _tickers(entities: Iterable[LexiconEntity]) -> dict[str, tuple[tuple[int, str], ...]]:
    found: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for entity in entities:
        for ticker, mic in entity.tickers:
            found[ticker_key(ticker)].add((entity.id, mic))
    return {key: tuple(sorted(found[key])) for key in sorted(found)}


def _related(pairs: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    kin: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        kin[one].add(other)
        kin[other].add(one)
    return {entity_id: frozenset(kin[entity_id]) for entity_id in sorted(kin)}


_GOVERNMENT_OF = re.compile(r"Government of (?:the )?(.+)")
_OF_NATION = re.compile(r"(?:the )?([A-Z].*?)(?:'s?)? government")


def _states(entities: Collection[LexiconEntity]) -> dict[int, int]:
    """The country of each public body that is called "Government of" it."""
    places = {entity.name: entity.id for entity in entities if entity.kind == "place"}
    found = {}
    for entity in entities:
        country = _GOVERNMENT_OF.fullmatch(entity.name) if entity.kind == "public_body" else None
        if country and country.group(1) in places:
            found[entity.id] = places[country.group(1)]
    return {key: found[key] for key in sorted(found)}


def _nations(
    known: Mapping[int, LexiconEntity], aliases: Iterable[LexiconAlias], states: Mapping[int, int]
) -> dict[str, int]:
    """The words before "government" in the names of governments, and the countries' own names: "Chinese", "China"."""
    found = {plain_form(known[place].name): government for government, place in states.items()}
    for alias in aliases:
        nation = _OF_NATION.fullmatch(plain_form(alias.text)) if alias.entity_id in states else None
        if nation:
            found[nation.group(1)] = alias.entity_id
    return {key: found[key] for key in sorted(found)}


def _shared_heads(entities: Iterable[LexiconEntity]) -> frozenset[str]:
    heads = Counter(plain_form(e.name).split(" ", 1)[0] for e in entities if e.kind in FIRM_KINDS)
    return frozenset(head for head, count in heads.items() if count >= SHARED_HEAD)


def _rows_by_key(
    known: Mapping[int, LexiconEntity], aliases: Iterable[LexiconAlias], silenced: frozenset[tuple[int, str]]
) -> dict[str, dict[tuple[int, str], NameRow]]:
    by_key: dict[str, dict[tuple[int, str], NameRow]] = defaultdict(dict)
    own_names = (
        LexiconAlias(entity_id=e.id, text=e.name, kind="name")
        for e in known.values()
        if (e.id, e.name) not in silenced
    )
    for alias in chain(aliases, own_names):
        entity = known.get(alias.entity_id)
        if entity is None or alias.kind == "ticker":
            continue
        text = ordinary_case(alias.text) if entity.kind in FIRM_KINDS else alias.text
        stripped = strip_legal(text) if entity.kind in FIRM_KINDS else StrippedName(text.strip(), "")
        if not _is_usable(stripped.base):
            continue
        row = NameRow(
            entity_id=alias.entity_id,
            kind=alias.kind,
            weak=alias.weak,
            text=text,
            suffix=stripped.suffix,
            capitals=is_capitals(stripped.base) and " " not in stripped.base,
            forms=written_forms(stripped.suffix),
        )
        for key in _keys_of(stripped.base):
            rows = by_key[key]
            rows[row.entity_id, stripped.base] = _surer(rows.get((row.entity_id, stripped.base)), row)
    return by_key


_MARKS = re.compile(r"[.!](?=[\s\-]|$)")
_NATIONS = re.compile(r"\bU\.([SKN])\.(?= )")  # "U.S. Steel" is written "US Steel", too
LONGEST_ABBREVIATION = 3  # letters: "U.S." without its points would be another word


def _keys_of(base: str) -> set[str]:
    key = scan_form(plain_form(base))
    keys = {key}
    # "eBay" opens a sentence as "EBay", too.
    if key[:1].islower():
        keys.add(key[0].upper() + key[1:])
    if (closed := _NATIONS.sub(r"U\1", base)) != base and " " in base:
        keys.add(scan_form(plain_form(closed)))
    # "Warner Bros.", "Yum!" and "St. James's" lose their marks in many a paper.
    bare = _MARKS.sub("", key)
    if " " in bare and any(len(word) > LONGEST_ABBREVIATION for word in bare.split()):
        keys.add(bare)
    return keys


def _is_usable(base: str) -> bool:
    letters = sum(c.isalpha() for c in base)
    return len(base) >= MIN_NAME and letters > 0 and base.lower() not in CONNECTORS


def _surer(present: NameRow | None, row: NameRow) -> NameRow:
    """Which of two aliases with the same words says more: the one without a legal form says that the words suffice.

    A name is weak there when somebody who knows called it so, whatever the entity's own name is.
    """
    if present is None:
        return row
    forms = tuple(sorted({*present.forms, *row.forms}))
    if bool(present.suffix) != bool(row.suffix):
        surer = row if present.suffix else present
    else:
        surer = present if present.weak or not row.weak else row
    return surer._replace(forms=forms) if forms != surer.forms else surer


@lru_cache(maxsize=4096)
def legal_forms(suffix: str) -> tuple[str, ...]:
    """The legal forms in words behind a name, each in one spelling: "& Co., Limited" gives ("co", "ltd")."""
    words = _FORM_WORD.findall(suffix.lower().replace(".", "").replace("/", ""))
    return tuple(sorted({_SAME_FORM.get(word, word) for word in words} & _FORMS))


@lru_cache(maxsize=4096)
def written_forms(suffix: str) -> tuple[str, ...]:
    """The legal forms behind a name, with "group" and "holding"."""
    words = _FORM_WORD.findall(suffix.lower())
    return tuple(
        sorted({*legal_forms(suffix), *(LOOSE_FORMS[word] for word in words if word in LOOSE_FORMS)})
    )


def ticker_key(ticker: str) -> str:
    """Tickers compare without leading zeros and separators: 0981 and 981, BRK.B and BRK-B."""
    bare = re.sub(r"[.\-/ ]", "", ticker.upper())
    return bare.lstrip("0") or bare if bare.isdigit() else bare
