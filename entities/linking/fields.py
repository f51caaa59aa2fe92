"""One field of a text as it is read: its sentences, tickers, roles, longer names, and where names stand."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from entities.compiled import Lexicon
from entities.coreference import ordinary_acronyms
from entities.evidence import Surroundings
from entities.linking.seen import MORE_LABELS, Seen, seen_names
from entities.linking.states import acting_countries, as_country
from entities.longer_names import LONGEST_LARGER, LargerName, find_larger_names
from entities.names import PreparedText, prepare
from entities.recognition import NameHit, find_names
from entities.role_spans import RoleSpan, find_role_spans
from entities.scoring import Anchor
from entities.sentences import Sentence, split_sentences
from entities.tickers import TickerHit, find_tickers
from entities.types import NamedSpan, TextField
from entities.words import COUNTRY_PAIRS, COUNTRY_WORDS

# Codes of shares and indices in brackets, whether their market is known or not.
_CODE = re.compile(
    r"<\.?[\w.=\-]{1,20}>|\(\.[A-Z]{1,8}\)"
    r"|[(\[](?:(?:[A-Z]{2,10}|(?:Nasdaq|NASDAQ|Euronext|NYSE|TSX|OTC|Borsa) [A-Z]\w{1,11}|Euronext|Nasdaq|Xetra): ?[A-Z0-9]{1,8}(?:[.\- ][A-Z]{1,2})?|[A-Z0-9]{1,6}\.[A-Z]{1,3})[)\]]"
)


LONGEST_SMALL = 12  # characters
_SMALL = re.compile(r"\b(?:CME )?[Ee]-mini $")
_TRADED = re.compile(
    r"(?: \([A-Z]{2,5}\)(?= crude\b))?(?: crude\b)?(?: oil\b)?(?: (?:index|futures?|e-minis?)\b)?"
)
_DESCRIBED = re.compile(r"(?:(?:pan-[A-Z]\w+|[a-z][a-z-]*|[A-Z]\w+'s) )+(?=[A-Z])")
_OF_COUNTRY = re.compile(r" (?:of|for) (?:the )?(.+)")
_GAP = re.compile(r"(?:'s?)?,? ?")


BESIDE = 4  # characters between a name and the bracket of its ticker


# What no honest article reaches; they keep the time that a made one can cost in bounds.
MAX_ROLES = 200


class Spans:
    """Which characters are taken; asked in one pass of C code, however many spans there are."""

    def __init__(self, size: int, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._marks = bytearray(size)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        self._marks[start:end] = b"\x01" * (min(end, len(self._marks)) - start)

    def touches(self, start: int, end: int) -> bool:
        return self._marks.find(1, start, end) >= 0

    def covers(self, start: int, end: int) -> bool:
        return self._marks.find(0, start, end) < 0

    def free_until(self, start: int, end: int) -> int:
        """Where the first taken character stands, `end` when none does."""
        found = self._marks.find(1, start, end)
        return end if found < 0 else found


@dataclass(slots=True)
class FieldText:
    """One field of the text while it is read."""

    name: TextField
    source: str
    prepared: PreparedText
    sentences: list[Sentence]
    tickers: list[TickerHit]
    larger: list[LargerName]  # by their start
    roles: list[RoleSpan]
    codes: Spans  # tickers and other codes, brackets included: no name stands there
    named: Spans  # where hits stand
    seen: list[Seen] | None = None  # what the model calls names, by their start; None: no model ran
    spans: tuple[NamedSpan, ...] = ()  # what the model calls names, as it says it
    ordinary: frozenset[str] = frozenset()  # acronyms that stand for ordinary words here
    hits: dict[tuple[int, int], NameHit] = field(default_factory=dict)
    anchors: dict[tuple[int, int, int], Anchor] = field(default_factory=dict)  # (start, end, entity id)
    around: dict[tuple[int, int], Surroundings] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        return self.prepared.plain

    @property
    def all_seen(self) -> list[Seen]:
        """What the model calls names, works and languages among them."""
        return seen_names(self.prepared, self.spans, MORE_LABELS)

    def add_hit(self, hit: NameHit) -> None:
        """Take a hit in, or its new form where one stood before."""
        self.hits[hit.start, hit.end] = hit
        self.named.add(hit.start, hit.end)

    def larger_around(self, hit: NameHit) -> Iterator[LargerName]:
        """The larger names that the hit lies in."""
        index = bisect.bisect_right(self.larger, hit.start, key=lambda name: name.start)
        while index and self.larger[index - 1].start >= hit.start - LONGEST_LARGER:
            index -= 1
            name = self.larger[index]
            if hit.end <= name.end and name.end - name.start > hit.end - hit.start:
                yield name

    def ticker_beside(self, hit: NameHit) -> TickerHit | None:
        """The bracketed ticker right behind a name: "Intel (NASDAQ: INTC)", "Pfizer's <PFE.N>"."""
        first = bisect.bisect_left(self.tickers, hit.end, key=lambda t: t.outer_start)
        if first == len(self.tickers) or self.tickers[first].outer_start > hit.end + BESIDE:
            return None
        ticker = self.tickers[first]
        bracketed = ticker.outer_start < ticker.start
        return ticker if bracketed and _GAP.fullmatch(self.plain, hit.end, ticker.outer_start) else None


def read_field(
    name: TextField, source: str, lexicon: Lexicon, *, english: bool, spans: Iterable[NamedSpan] | None
) -> FieldText:
    """Find all that can be found in one field without weighing it."""
    prepared = prepare(source)
    plain = prepared.plain
    own = tuple(span for span in spans or () if span.field == name)
    sentences = split_sentences(plain) or [Sentence(0, len(plain), "normal")]
    tickers = find_tickers(plain, lexicon)
    larger = find_larger_names(plain, sentences) if english else []
    read = FieldText(
        name=name,
        source=source,
        prepared=prepared,
        sentences=sentences,
        tickers=tickers,
        larger=sorted(larger, key=lambda n: n.start),
        roles=find_role_spans(plain, sentences)[:MAX_ROLES] if english else [],
        codes=Spans(
            len(plain),
            chain(((t.outer_start, t.outer_end) for t in tickers), (m.span() for m in _CODE.finditer(plain))),
        ),
        named=Spans(len(plain)),
        seen=None if spans is None else seen_names(prepared, own),
        spans=own,
        ordinary=ordinary_acronyms(plain),
    )
    for hit in find_names(plain, prepared.scan, lexicon, sentences):
        whole = None if read.codes.covers(hit.start, hit.end) else _outside_larger(hit, read, lexicon)
        if whole is not None:
            read.add_hit(as_country(plain, _with_contract(whole, read, lexicon), lexicon))
    if english:
        for hit in acting_countries(plain, lexicon):
            if not read.named.touches(hit.start, hit.end) and not any(read.larger_around(hit)):
                read.add_hit(hit)
    return read


def _with_contract(hit: NameHit, read: FieldText, lexicon: Lexicon) -> NameHit:
    """An index or a raw material takes in the word for what is traded on it: "S&P 500 futures", "Brent crude oil".

    Words that describe it stay outside: "pan-European STOXX 600", "Japan's Nikkei".
    """
    rows = tuple(row for row in hit.rows if lexicon.entities[row.entity_id].kind == "other")
    more = _TRADED.match(read.plain, hit.end) if rows else None
    if more is None or (len(rows) < len(hit.rows) and not more.group()):
        return hit
    told = _DESCRIBED.match(read.plain, hit.start, hit.end)
    small = _SMALL.search(read.plain, max(0, hit.start - LONGEST_SMALL), hit.start)
    start = told.end() if told else small.start() if small else hit.start
    return replace(hit, start=start, end=more.end(), rows=rows)


def _outside_larger(hit: NameHit, read: FieldText, lexicon: Lexicon) -> NameHit | None:
    """The hit, with the entities left that it can mean where it stands inside a longer name; None when none can."""
    for name in read.larger_around(hit):
        if name.kind == "person":
            rows = tuple(r for r in hit.rows if lexicon.entities[r.entity_id].kind == "person")
            if not rows or hit.start == name.start:
                return None
            continue
        left = read.plain[name.start : hit.start].split()
        rows = tuple(r for r in hit.rows if _is_of(left, lexicon.entities[r.entity_id].country))
        behind = read.plain[hit.end : name.end]
        if behind and not left:
            # "Zenith Bank of Nigeria" is the Zenith Bank that sits there.
            rows = tuple(r for r in hit.rows if _is_in(behind, lexicon.entities[r.entity_id].country))
        elif behind or not left:
            return None
        if not rows:
            return None
        hit = replace(hit, rows=rows)
    return hit


def _is_of(words: Sequence[str], country: str) -> bool:
    """Whether the words before a name only say its own country: "U.S. Semiconductor Industry Association"."""
    return bool(country) and all(COUNTRY_WORDS.get(word) == country for word in words)


def _is_in(words: str, country: str) -> bool:
    """Whether the words behind a name only say its own country: " of Nigeria", " of the United States"."""
    found = _OF_COUNTRY.fullmatch(words)
    if found is None or not country:
        return False
    said = found.group(1).removesuffix(" of America")
    return country in (COUNTRY_WORDS.get(said), COUNTRY_PAIRS.get(said))


def text_of(read: FieldText, hit: NameHit) -> str:
    return read.plain[hit.start : hit.end]
