"""When two articles carry one text: sketches of three-word sequences, an exact check, the presumed origin; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Literal

from articles.types import Reason

CopyKind = Literal["verbatim", "abridged"]

COPY_RULE_VERSION = "copies-1"
SHINGLE_WORDS = 3
SAMPLE = 8  # one hash in so many is kept
FULL_BELOW = 200  # shingles; shorter texts are kept whole
LEAST_WORDS = 30  # shorter texts prove nothing
MOST_CHARACTERS = 200_000  # of a text are compared; some 30,000 words
MOST_SKETCH = 512  # hashes: a text of some 4,000 words; of longer ones the smallest hashes are kept
LEAST_SHARED = 4
SKETCH_CONTAINMENT = 0.40
COPY_CONTAINMENT = 0.50
VERBATIM_JACCARD = 0.70
MOST_VERIFIED = 8
# A hash in so many events of one publisher is its boilerplate; in so many of all publishers, an idiom.
STOCK_OF_PUBLISHER = 5
STOCK_OF_ALL = 16

_WORD = re.compile(r"[^\W_]+")
_MASK = (1 << 63) - 1  # fits PostgreSQL's bigint without a sign
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # 64-bit mixing constants: the golden ratio's and xxHash's
_WIRES = ("Reuters", "Associated Press", "AP", "AFP", "Agence France-Presse", "Bloomberg", "Xinhua", "PTI", "ANI",
          "UPI", "dpa", "Kyodo", "Yonhap", "EFE", "ANSA", "TASS", "PA Media", "Canadian Press", "PR Newswire",
          "Business Wire", "GlobeNewswire")  # fmt: skip
_WIRE_NAMES = "|".join(re.escape(name) for name in _WIRES)
_CREDIT = re.compile(
    rf"^.{{0,60}}?\(({_WIRE_NAMES})\)\s*[-–—:]|^(?:By\s+)?({_WIRE_NAMES})\s*[-–—|]|^({_WIRE_NAMES})$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Shingles:
    """The hashes of a text's word sequences, in the order of the text; `known` is the same as a set."""

    ordered: tuple[int, ...]
    known: frozenset[int]

    def without(self, stock: Collection[int]) -> frozenset[int]:
        """The hashes that are not part of stock phrases.

        Only sampled hashes are known to be stock; what lies between two sampled neighbours that both are
        belongs to the same passage, and so do the ends of the text beyond such a one.
        """
        if not stock or self.known.isdisjoint(stock):
            return self.known
        sampled = [(at, value in stock) for at, value in enumerate(self.ordered) if is_sampled(value)]
        if not sampled:
            return self.known - frozenset(stock)
        drop = {self.ordered[at] for at, is_stock in sampled if is_stock}
        for (left, left_is), (right, right_is) in pairwise(sampled):
            if left_is and right_is:
                drop.update(self.ordered[left:right])
        if sampled[0][1]:
            drop.update(self.ordered[: sampled[0][0]])
        if sampled[-1][1]:
            drop.update(self.ordered[sampled[-1][0] :])
        return self.known - drop


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is stored of a text to find its copies; `full` when no hash was left out. Numbers below 2**63."""

    hashes: tuple[int, ...]
    full: bool


@dataclass(frozen=True, slots=True)
class SketchMatch:
    """An earlier article that shares hashes with a new one: who it is, what is shared, how much it has in all.

    `sampled_size` counts its sampled hashes alone; it equals `size` unless the sketch is full.
    """

    key: int
    publisher: str
    event_id: int
    shared: frozenset[int]
    size: int
    sampled_size: int
    full: bool


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two texts share: of the shorter one, and of both together (0..1)."""

    containment: float
    jaccard: float

    @property
    def kind(self) -> CopyKind | None:
        """What kind of copy that is; None when it is none."""
        if self.containment < COPY_CONTAINMENT:
            return None
        return "verbatim" if self.jaccard >= VERBATIM_JACCARD else "abridged"


@dataclass(frozen=True, slots=True)
class OriginClaim:
    """What a member of a copy group has to say about being the origin; `key` sorts equal times."""

    key: int
    published: datetime
    credit: str  # the wire that its text credits, "" for none
    publisher: str


def shingles_of(text: str) -> Shingles | None:
    """The hashes of a text, None when it is too short to compare."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower().replace("’", "'"))
    if len(words) < LEAST_WORDS:
        return None
    codes = [_codes(word) for word in words]
    # A sum of random numbers times odd constants is as random as they are, in its lowest bits too.
    ordered = tuple(
        [(a[0] + b[1] + c[2]) & _MASK for a, b, c in zip(codes, codes[1:], codes[2:], strict=False)]
    )
    return Shingles(ordered, frozenset(ordered))


def sketch_of(shingles: Shingles, stock: Collection[int] = ()) -> Sketch:
    """The part of the hashes that is stored and looked up, stock phrases left out."""
    full = len(shingles.known) < FULL_BELOW
    kept = sorted(value for value in shingles.known if (full or is_sampled(value)) and value not in stock)
    return Sketch(tuple(kept[:MOST_SKETCH]), full)


def is_sampled(value: int) -> bool:
    """Whether a hash belongs to the sample of every text."""
    return value % SAMPLE == 0


def shared_share(sketch: Sketch, match: SketchMatch) -> float:
    """The share (0..1) of the smaller sketch that both hold; 0 when that is too little to be worth a look."""
    if sketch.full and match.full:
        shared, least = len(match.shared), min(len(sketch.hashes), match.size)
    else:
        sampled = sum(map(is_sampled, sketch.hashes)) if sketch.full else len(sketch.hashes)
        shared, least = sum(map(is_sampled, match.shared)), min(sampled, match.sampled_size)
    # Of a short text only a handful of hashes is sampled; chance hides some, so fewer are asked for.
    enough = LEAST_SHARED if least >= 2 * LEAST_SHARED else max(1, least // 2)
    share = shared / least if least else 0.0
    return share if shared >= enough and share >= SKETCH_CONTAINMENT else 0.0


def worth_checking(sketch: Sketch, matches: Iterable[SketchMatch]) -> list[SketchMatch]:
    """The matches that the exact check looks at, likeliest first."""
    rated = [(shared_share(sketch, match), match) for match in matches]
    rated = [(share, match) for share, match in rated if share > 0]
    return [match for _, match in sorted(rated, key=lambda pair: (-pair[0], pair[1].key))[:MOST_VERIFIED]]


def stock_counts(publisher: str, matches: Iterable[SketchMatch]) -> tuple[set[int], set[int]]:
    """The shared hashes that are now stock phrases: of this publisher, and of all publishers."""
    own: dict[int, set[int]] = {}
    every: dict[int, set[int]] = {}
    for match in matches:
        for value in match.shared:
            every.setdefault(value, set()).add(match.event_id)
            if match.publisher == publisher:
                own.setdefault(value, set()).add(match.event_id)
    of_all = {value for value, events in every.items() if len(events) >= STOCK_OF_ALL}
    of_publisher = {value for value, events in own.items() if len(events) >= STOCK_OF_PUBLISHER}
    return of_publisher - of_all, of_all


def overlap(left: frozenset[int], right: frozenset[int]) -> Overlap:
    """Exact containment and Jaccard of two sets of hashes."""
    shared, least = len(left & right), min(len(left), len(right))
    if not least:
        return Overlap(0.0, 0.0)
    return Overlap(shared / least, shared / (len(left) + len(right) - shared))


def credit_of(text: str, byline: str = "") -> str:
    """The wire that a byline, a dateline or a closing line credits, "" when none does."""
    edges = "\n".join([byline, *_edges(text)])
    match = _CREDIT.search(edges)
    return next((name for name in match.groups() if name), "") if match else ""


def presumed_origin(claims: Sequence[OriginClaim]) -> int:
    """The key of the likeliest origin: the credited wire's own piece, else the earliest, else the lowest key."""
    credited = {claim.credit.casefold() for claim in claims if claim.credit}
    own = [claim for claim in claims if any(_is_wire(claim.publisher, wire) for wire in credited)]
    return min(own or claims, key=lambda claim: (claim.published, claim.key)).key


def copy_reasons(found: Overlap, title: str, publisher: str) -> tuple[Reason, ...]:
    """Why an article counts as a copy, in words; title and publisher name what it was compared with."""
    what = "same text" if found.kind == "verbatim" else "abridged text"
    of = (
        " by ".join(part for part in (f"“{title}”" if title else "", publisher) if part)
        or "an earlier article"
    )
    words = f"{what} as {of}: {found.containment:.0%} of the shorter one is shared"
    return (Reason("copy", words, round(found.containment, 4)),)


@lru_cache(maxsize=200_000)
def _codes(word: str) -> tuple[int, int, int]:
    """The word's random 63 bits as first, second and third of a sequence."""
    code = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") & _MASK
    return code * _ODD[0] & _MASK, code * _ODD[1] & _MASK, code


def _edges(text: str) -> list[str]:
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    return [*lines[:2], *lines[2:][-2:]]


def _is_wire(publisher: str, wire: str) -> bool:
    return publisher.casefold() == wire or publisher.casefold().split(".")[0] == wire.replace(" ", "")
