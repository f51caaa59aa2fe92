"""Names found in a text: the automaton over all aliases, its case rules, tickers, and larger names around them."""

from __future__ import annotations

import bisect
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, NamedTuple

import ahocorasick

from entities.names import (
    StrippedName,
    has_cjk,
    is_capitals,
    names_a_firm,
    plain_form,
    scan_form,
    strip_legal,
    written_suffix_end,
)
from entities.types import AliasKind, EntityKind, LexiconAlias, LexiconEntity
from entities.words import (
    CALENDAR,
    CONNECTORS,
    COUNTRY_WORDS,
    EXCHANGE_PREFIXES,
    GIVEN_NAMES,
    HONORIFICS,
    ORGANISATION_HEADS,
    SENTENCE_STARTERS,
    TICKER_SUFFIXES,
    TITLE_WORDS,
    words,
)

Casing = Literal["normal", "title", "upper"]

MIN_NAME = 2  # characters
LONGEST_LARGER = 200  # characters
SHARED_HEAD = 3  # names with the same first word
SHOUTED = 5  # from this length on "INTEL" may stand for "Intel" in ordinary text
TITLE_MIN_WORDS = 4
TITLE_SHARE = 0.85
UPPER_SHARE = 0.85
FIRM_KINDS: frozenset[EntityKind] = frozenset({"company", "organization", "public_body", "other"})
US_MARKETS = frozenset({"XNYS", "XNAS", "XASE"})


class NameRow(NamedTuple):
    """One alias behind a key of the automaton."""

    entity_id: int
    kind: AliasKind
    weak: bool
    text: str  # as the knowledge base writes it
    suffix: str  # the legal form that was taken off, "" when the alias has none
    capitals: bool  # written in capitals: asks for capitals in the text


class Lexicon:
    """All names, compiled for matching. Made by `build_lexicon`, pickled by `entities.lexicon`, never changed."""

    __slots__ = ("automaton", "entities", "lengths", "related", "rows", "shared_heads", "tickers", "version")

    def __init__(  # noqa: PLR0913 - the parts of a compiled value, named at its one call
        self,
        *,
        version: int,
        entities: dict[int, LexiconEntity],
        rows: list[tuple[NameRow, ...]],
        lengths: array[int],
        automaton: Any,
        tickers: dict[str, tuple[tuple[int, str], ...]],
        related: dict[int, frozenset[int]],
        shared_heads: frozenset[str],
    ) -> None:
        self.version = version
        self.entities = entities
        self.rows = rows
        self.lengths = lengths
        self.automaton = automaton
        self.tickers = tickers
        self.shared_heads = shared_heads  # first words of several names: "Banco" is short for none of them
        self.related = related  # a person's organisations and the other way round

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, state[name])


@dataclass(frozen=True, slots=True)
class NameHit:
    """A place in a plain text where names of the lexicon stand; `end` takes a written legal form in, `base_end` not."""

    start: int
    end: int
    base_end: int
    rows: tuple[NameRow, ...]
    suffix: str


@dataclass(frozen=True, slots=True)
class TickerHit:
    """A ticker in the text. `outer` is the span with its brackets; `entity_ids` are the companies listed so."""

    start: int
    end: int
    outer_start: int
    outer_end: int
    ticker: str
    mics: frozenset[str]
    found: tuple[tuple[int, str], ...]  # (entity id, MIC)


@dataclass(frozen=True, slots=True)
class LargerName:
    """A run of capitalised words that is one name by its form, whether the lexicon knows it or not."""

    start: int
    end: int
    kind: Literal["company", "organization", "person"]
    evident: bool = True  # sure enough to be proposed when nobody knows it


_Token = tuple[int, int, str]  # start, end, word


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence (or heading) of a plain text, and how its words are written."""

    start: int
    end: int
    casing: Casing


def _keys_of(base: str) -> set[str]:
    key = scan_form(plain_form(base))
    keys = {key}
    # "eBay" opens a sentence as "EBay", too.
    if key[:1].islower():
        keys.add(key[0].upper() + key[1:])
    return keys


def _is_usable(base: str) -> bool:
    letters = sum(c.isalpha() for c in base)
    return len(base) >= MIN_NAME and letters > 0 and base.lower() not in CONNECTORS


def build_lexicon(
    entities: Iterable[LexiconEntity],
    aliases: Iterable[LexiconAlias],
    *,
    related: Iterable[tuple[int, int]] = (),
    version: int = 0,
) -> Lexicon:
    """Compile names into one automaton. Names of unknown entities are left out; ticker aliases serve tickers only."""
    known = {entity.id: entity for entity in entities}
    by_key = _rows_by_key(known, aliases)
    tickers: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for entity in known.values():
        for ticker, mic in entity.tickers:
            tickers[ticker_key(ticker)].add((entity.id, mic))
    kin: dict[int, set[int]] = defaultdict(set)
    for one, other in related:
        kin[one].add(other)
        kin[other].add(one)
    automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    rows: list[tuple[NameRow, ...]] = []
    lengths = array("i")
    for key in sorted(by_key):
        automaton.add_word(key, len(rows))
        rows.append(tuple(by_key[key].values()))
        lengths.append(len(key))
    if rows:
        automaton.make_automaton()
    return Lexicon(
        version=version,
        entities=known,
        rows=rows,
        lengths=lengths,
        automaton=automaton,
        tickers={key: tuple(sorted(found)) for key, found in tickers.items()},
        related={entity_id: frozenset(others) for entity_id, others in kin.items()},
        shared_heads=_shared_heads(known.values()),
    )


def _shared_heads(entities: Iterable[LexiconEntity]) -> frozenset[str]:
    heads = Counter(plain_form(e.name).split(" ", 1)[0] for e in entities if e.kind in FIRM_KINDS)
    return frozenset(head for head, count in heads.items() if count >= SHARED_HEAD)


def _rows_by_key(
    known: Mapping[int, LexiconEntity], aliases: Iterable[LexiconAlias]
) -> dict[str, dict[tuple[int, str], NameRow]]:
    by_key: dict[str, dict[tuple[int, str], NameRow]] = defaultdict(dict)
    own_names = (LexiconAlias(entity_id=e.id, text=e.name, kind="name") for e in known.values())
    for alias in chain(aliases, own_names):
        entity = known.get(alias.entity_id)
        if entity is None or alias.kind == "ticker":
            continue
        stripped = (
            strip_legal(alias.text) if entity.kind in FIRM_KINDS else StrippedName(alias.text.strip(), "")
        )
        if not _is_usable(stripped.base):
            continue
        row = NameRow(
            entity_id=alias.entity_id,
            kind=alias.kind,
            weak=alias.weak,
            text=alias.text,
            suffix=stripped.suffix,
            capitals=is_capitals(stripped.base) and " " not in stripped.base,
        )
        for key in _keys_of(stripped.base):
            rows = by_key[key]
            rows[row.entity_id, stripped.base] = _surer(rows.get((row.entity_id, stripped.base)), row)
    return by_key


def _surer(present: NameRow | None, row: NameRow) -> NameRow:
    """Which of two aliases with the same words says more: the one without a legal form says that the words suffice.

    A name is weak there when somebody who knows called it so, whatever the entity's own name is.
    """
    if present is None:
        return row
    if bool(present.suffix) != bool(row.suffix):
        return row if present.suffix else present
    return present if present.weak or not row.weak else row


def ticker_key(ticker: str) -> str:
    """Tickers compare without leading zeros and separators: 0981 and 981, BRK.B and BRK-B."""
    bare = re.sub(r"[.\-/ ]", "", ticker.upper())
    return bare.lstrip("0") or bare if bare.isdigit() else bare


# --- sentences -------------------------------------------------------------------------------------------

_BREAK = re.compile(r"[.!?][\"')\]]*[ \n]+(?=[\"'(\[$]*[A-Z0-9])|\n+|[\u3002\uff01\uff1f]")
_NEVER_ENDS = words("Mr Mrs Ms Dr Prof Gen Sen Gov Rep St Lt Col Sgt Capt Rev Hon Jr vs No Messrs Adm Maj Ph")
_MAY_END = words("Corp Inc Co Ltd Cos Plc Bhd Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Sr")
_LAST_WORD = re.compile(r"([\w&]+(?:\.\w+)*)$")


def split_sentences(plain: str) -> list[Sentence]:
    """Cut a plain text into sentences; "Corp." and "U.S." end one only before a word that opens sentences."""
    cuts: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(plain):
        if match.group()[0] == "." and not _ends_here(plain, match.start(), match.end()):
            continue
        cuts.append((start, match.end() if match.group()[0] != "\n" else match.start()))
        start = match.end()
    cuts.append((start, len(plain)))
    return [Sentence(a, b, casing_of(plain[a:b])) for a, b in cuts if a < b]


def _ends_here(plain: str, point: int, after: int) -> bool:
    word = _LAST_WORD.search(plain, max(0, point - 20), point)
    if word is None:
        return True
    last = word.group(1)
    if last in _NEVER_ENDS:
        return False
    if last in _MAY_END or "." in last or (len(last) == 1 and last.isupper()):
        following = re.match(r"[\"'(\[]*([A-Za-z]+)", plain[after : after + 20])
        opens = following is not None and following.group(1) in SENTENCE_STARTERS
        return opens and (len(last) > 1 or "." in last)
    return True


_SMALL_IN_TITLES = CONNECTORS | {
    "with",
    "from",
    "over",
    "after",
    "amid",
    "into",
    "than",
    "but",
    "its",
    "via",
    "off",
    "out",
}


def casing_of(text: str) -> Casing:
    """How a sentence or heading is written: "upper" ALL CAPS, "title" Most Words Capitalised, or "normal"."""
    tokens = re.findall(r"[A-Za-z][\w'.&-]*", text)
    letters = [c for c in text if c.isalpha()]
    if len(tokens) > 1 and sum(c.isupper() for c in letters) >= UPPER_SHARE * len(letters):
        return "upper"
    big = [t for t in tokens if t.lower() not in _SMALL_IN_TITLES and len(t) > MIN_NAME]
    share = 1.0 if text.rstrip().endswith(".") else TITLE_SHARE  # a heading has no full stop
    if len(big) >= TITLE_MIN_WORDS and sum(t[0].isupper() for t in big) >= share * len(big):
        return "title"
    return "normal"


def sentence_at(sentences: Sequence[Sentence], position: int) -> Sentence:
    """The sentence in which a position lies (the nearest before it for one between two)."""
    index = bisect.bisect_right(sentences, position, key=lambda s: s.start) - 1
    return sentences[max(index, 0)]


# --- names of the lexicon --------------------------------------------------------------------------------


def find_names(plain: str, scan: str, lexicon: Lexicon, sentences: Sequence[Sentence]) -> list[NameHit]:
    """All names of the lexicon that stand in the text as whole words by the case rules; the longest wins."""
    if not lexicon.rows:
        return []
    found: list[NameHit] = []
    size = len(scan)
    for last, index in lexicon.automaton.iter(scan):
        end = last + 1
        start = end - lexicon.lengths[index]
        if start and scan[start - 1].isalnum() and not has_cjk(scan[start]):
            continue
        if end < size and scan[end].isalnum() and scan[last].isalnum() and not has_cjk(scan[last]):
            continue
        if _is_cut_by_mark(plain, start, end):
            continue
        hit = _fitting_hit(plain, start, end, lexicon=lexicon, rows=lexicon.rows[index], sentences=sentences)
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
        if not any(c.isupper() or c.isdigit() for c in written):
            return None
        if capitals and len(written) < SHOUTED and sentence_at(sentences, start).casing != "upper":
            rows = tuple(row for row in rows if row.capitals or plain_form(row.text).startswith(written))
        elif not capitals:
            rows = tuple(row for row in rows if not row.capitals and _is_written_so(row, written))
    stop = end if native else written_suffix_end(plain, end)
    suffix = plain[end:stop].strip(" ,")
    if suffix:
        rows = tuple(row for row in rows if lexicon.entities[row.entity_id].kind in FIRM_KINDS)
    return NameHit(start, stop, end, rows, suffix) if rows else None


def _is_written_so(row: NameRow, written: str) -> bool:
    """Whether small words that the name capitalises are capitals in the text: "Wang On" is not "Wang on"."""
    own = plain_form(strip_legal(row.text).base) if row.suffix else plain_form(row.text)
    if len(own) != len(written):
        return True
    return not any(
        a.isupper() and b.islower() and own[i - 1] == " "
        for i, (a, b) in enumerate(zip(own, written, strict=True))
        if i
    )


# --- larger names ----------------------------------------------------------------------------------------

_CAP = r"(?:(?:[A-Z]\.)+(?= )|[A-Z][\w&]*(?:[-./][A-Z0-9][\w&]*|'[A-Z]\w+)*)"
_RUN = re.compile(
    rf"(?<![\w&])(?:{_CAP}(?: & {_CAP}| (?:of|for|de|du) (?:the )?{_CAP}| {_CAP})+|{_CAP}(?=,? (?:Inc|Corp|Ltd|Plc|PLC|LLC|GmbH|AG|SA)\b))"
)
_TOKEN = re.compile(r"\S+")
_FORM_WORD = re.compile(
    r"^(?:Inc|Corp|Co|Ltd|Plc|LLC|LLP|Group|Holdings?|Company|Corporation|Limited|Incorporated)$"
)
_ABBREVIATED_FORM = re.compile(r"^(?:Inc|Corp|Co|Ltd|Plc|Pte|Pty|Bhd)$")
# Titles that are as often the first word of a name ("First Albany Corp.", "General Dynamics").
_NAME_LIKE_TITLES = words(
    """First General Financial Finance Energy Technology Trade Health Education Commerce Treasury Press Investor Investors Partner Head
    Major Prime Congress Parliament Party Operating Interior Labor Labour Executive Foreign Defence Defense Justice King Prince"""
)
_LEFT_OF = words("of for de du the &")


def find_larger_names(plain: str, sentences: Sequence[Sentence]) -> list[LargerName]:
    """Runs of capitalised words that are one company, institution or person by their form.

    Only in ordinary sentences: where every word is capitalised a run says nothing, except for persons.
    """
    found: list[LargerName] = []
    for match in _RUN.finditer(plain):
        if match.end() - match.start() > LONGEST_LARGER:
            continue
        sentence = sentence_at(sentences, match.start())
        tokens = [
            (match.start() + t.start(), match.start() + t.end(), t.group())
            for t in _TOKEN.finditer(match.group())
        ]
        persons = _persons_in(tokens, normal=sentence.casing == "normal")
        found.extend(persons)
        if sentence.casing != "normal":
            continue
        tokens = _after_join(_trim_left(tokens))
        if not tokens:
            continue
        tokens = _up_to_form(tokens)
        stop = written_suffix_end(plain, tokens[-1][1])
        written = _form_at(tokens, plain[tokens[-1][1] : stop])
        if stop == tokens[-1][1] and plain[stop : stop + 1] == "." and _ABBREVIATED_FORM.match(tokens[-1][2]):
            stop += 1
        if written and names_a_firm(written) and not all(_FORM_WORD.match(t[2]) for t in tokens):
            found.append(LargerName(tokens[0][0], stop, "company"))
            continue
        institution = _institution_in(tokens)
        if institution is not None:
            found.append(institution)
    return found


def _up_to_form(tokens: list[_Token]) -> list[_Token]:
    """The tokens up to the last legal form among them: a name ends there, "Acme Ltd Q2" is Acme Ltd."""
    for i in range(len(tokens) - 1, 0, -1):
        if _ABBREVIATED_FORM.match(tokens[i][2]):
            return tokens[: i + 1]
    return tokens


def _form_at(tokens: list[_Token], behind: str) -> str:
    forms = []
    for token in reversed(tokens):
        if not _FORM_WORD.match(token[2]) and not names_a_firm(token[2]):
            break
        forms.append(token[2])
    return " ".join([*reversed(forms), behind]).strip(" ,") if len(forms) < len(tokens) else ""


def _after_join(tokens: list[_Token]) -> list[_Token]:
    """The tokens of the last name: "John Roe of Acme Ltd." are two, "Bank of New York Mellon Corp." is one."""
    for i in range(len(tokens) - 2, 0, -1):
        joins = tokens[i][2] in ("of", "for")
        if joins and tokens[i - 1][2] not in ORGANISATION_HEADS and not _FORM_WORD.match(tokens[i - 1][2]):
            return tokens[i + 2 :] if tokens[i + 1][2] == "the" else tokens[i + 1 :]
    return tokens


def _trim_left(tokens: list[_Token]) -> list[_Token]:
    while tokens:
        word = tokens[0][2]
        opens = word in SENTENCE_STARTERS
        if (
            opens
            or (word in TITLE_WORDS and word not in _NAME_LIKE_TITLES)
            or word in CALENDAR
            or word in HONORIFICS
            or word in _LEFT_OF
        ):
            tokens = tokens[1:]
        else:
            break
    return tokens


# Heads that end other capitalised runs, too: "Post to Facebook Post", "the Tokyo Exchange".
_LOOSE_HEADS = words(
    """Post Times Journal Bar Office Project Service Services Union Center Centre Exchange Conference Trust Fund Board
    Bank Club Forum Police Partnership Party Herald School"""
)


def _institution_in(tokens: list[_Token]) -> LargerName | None:
    parts = [t[2] for t in tokens]
    heads = [i for i, word in enumerate(parts) if word in ORGANISATION_HEADS]
    if not heads or len(parts) == 1:
        return None
    last = heads[-1]
    evident = parts[last] not in _LOOSE_HEADS
    if last == len(parts) - 1:
        return LargerName(tokens[0][0], tokens[-1][1], "organization", evident) if last else None
    if parts[last + 1] in ("of", "for"):
        return LargerName(tokens[0][0], tokens[-1][1], "organization", evident)
    if last == 0:
        return None
    for word in parts[last + 1 :]:
        if word in TITLE_WORDS or word in CALENDAR or word in GIVEN_NAMES or word in COUNTRY_WORDS:
            break
        last += 1
    return LargerName(tokens[0][0], tokens[last][1], "organization", evident)


def _ends_person(word: str) -> bool:
    return (
        word in _LEFT_OF
        or word in TITLE_WORDS
        or word in CALENDAR
        or word in ORGANISATION_HEADS
        or word in COUNTRY_WORDS
        or _FORM_WORD.match(word) is not None
    )


def _persons_in(tokens: list[_Token], *, normal: bool) -> list[LargerName]:
    found = []
    i = 0
    while i < len(tokens) - 1:
        if tokens[i][2] in GIVEN_NAMES:
            j = i + 1
            if len(tokens[j][2]) == 1 and j + 1 < len(tokens):
                j += 1
            word = tokens[j][2]
            if not _ends_person(word):
                after = tokens[j + 1][2] if j + 1 < len(tokens) else ""
                third = normal and after and not _ends_person(after)
                j += 1 if third else 0
                found.append(LargerName(tokens[i][0], tokens[j][1], "person"))
                i = j
        i += 1
    return found


# --- tickers ---------------------------------------------------------------------------------------------

_PREFIXED = re.compile(r"\b([A-Za-z]{2,12})(?: American)?\s?:\s?([A-Z0-9]{1,6}(?:[.-][A-Z]{1,2})?)\b")
_DIGITS = re.compile(r"(?<![\w.])(\d{1,6})\.(HK|SS|SH|SZ|TW|TWO|T|KS|KQ|KL|SI)\b")
_BRACKETED = re.compile(r"[<(\[]\s?([A-Z0-9]{1,6}[a-z]?)\.([A-Z]{1,3})\s?[>)\]]")
_CASHTAG = re.compile(r"(?<![\w$])\$([A-Z]{1,5})\b(?![\d.]\d)")


def find_tickers(plain: str, lexicon: Lexicon) -> list[TickerHit]:
    """Tickers written with their exchange, in the ways that news writes them; unknown ones have no `found`."""
    hits: list[TickerHit] = []
    for match in _PREFIXED.finditer(plain) if ":" in plain else ():
        mics = EXCHANGE_PREFIXES.get(match.group(1).upper(), frozenset())
        if mics:
            hits.append(
                _ticker_hit(plain, match.span(2), match.span(), match.group(2), mics=mics, lexicon=lexicon)
            )
    for match in (*_BRACKETED.finditer(plain), *_DIGITS.finditer(plain)):
        mics = TICKER_SUFFIXES.get(match.group(2), frozenset())
        span = (match.start(1), match.end(2))
        hits.append(_ticker_hit(plain, span, match.span(), match.group(1), mics=mics, lexicon=lexicon))
    hits.extend(
        _ticker_hit(plain, match.span(), match.span(), match.group(1), mics=US_MARKETS, lexicon=lexicon)
        for match in _CASHTAG.finditer(plain)
    )
    kept: list[TickerHit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _ticker_hit(  # noqa: PLR0913 - the parts of one match
    plain: str,
    span: tuple[int, int],
    outer: tuple[int, int],
    ticker: str,
    *,
    mics: frozenset[str],
    lexicon: Lexicon,
) -> TickerHit:
    start, end = outer
    if start and plain[start - 1] in "(<[" and plain[start] not in "(<[":
        start -= 1
        if end < len(plain) and plain[end] in ")>]":
            end += 1
    found = tuple((i, mic) for i, mic in lexicon.tickers.get(ticker_key(ticker), ()) if mic in mics)
    return TickerHit(span[0], span[1], start, end, ticker, mics, found)
