"""When two articles carry one text: sketches of three-word sequences, an exact check, the presumed origin; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

from articles.types import Reason

CopyKind = Literal["verbatim", "abridged"]

COPY_RULE_VERSION = "copies-1"
SHINGLE_WORDS = 3
SAMPLE = 8  # one hash in so many is kept
FULL_BELOW = 200  # shingles; shorter texts are kept whole
LEAST_WORDS = 30  # shorter texts prove nothing
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
        belongs to the same passage.
        """
        if not stock or self.known.isdisjoint(stock):
            return self.known
        sampled = [(at, value in stock) for at, value in enumerate(self.ordered) if is_sampled(value)]
        drop = {self.ordered[at] for at, is_stock in sampled if is_stock}
        for (left, left_is), (right, right_is) in zip(sampled, sampled[1:], strict=False):
            if left_is and right_is:
                drop.update(self.ordered[left:right])
        return self.known - drop


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is stored of a text to find its copies; `full` when no hash was left out. Numbers below 2**63."""

    hashes: tuple[int, ...]
    full: bool

    def comparable(self, *, sampled: bool) -> frozenset[int]:
        """The hashes to compare with a sketch that was sampled (or not)."""
        return frozenset(h for h in self.hashes if is_sampled(h)) if sampled and self.full else frozenset(self.hashes)


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
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
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


def may_be_copies(left: Sketch, right: Sketch) -> bool:
    """Whether two sketches share enough to be worth the exact check."""
    sampled = not (left.full and right.full)
    a, b = left.comparable(sampled=sampled), right.comparable(sampled=sampled)
    shared, least = len(a & b), min(len(a), len(b))
    # Of a short text only a handful of hashes is sampled: chance may hide most, so any two are worth a look.
    enough = LEAST_SHARED if least >= 2 * LEAST_SHARED else max(1, least // 2)
    return least > 0 and shared >= enough and shared / least >= SKETCH_CONTAINMENT


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


def copy_reasons(found: Overlap, of: str) -> tuple[Reason, ...]:
    """Why an article counts as a copy, in words; `of` names what it was compared with."""
    share = round(found.containment * 100)
    what = "Same text" if found.kind == "verbatim" else "Abridged text"
    return (Reason("copy", f"{what} as {of}: {share} % of the shorter one is shared", round(found.containment, 4)),)


def newly_stock(counts: Iterable[tuple[int, int, int]]) -> tuple[set[int], set[int]]:
    """From (hash, events of the publisher, events of all): the hashes now stock for it, and for all."""
    of_publisher, of_all = set(), set()
    for value, own, every in counts:
        if every >= STOCK_OF_ALL:
            of_all.add(value)
        elif own >= STOCK_OF_PUBLISHER:
            of_publisher.add(value)
    return of_publisher, of_all


@lru_cache(maxsize=200_000)
def _codes(word: str) -> tuple[int, int, int]:
    """The word's random 63 bits as first, second and third of a sequence."""
    code = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") & _MASK
    return code * _ODD[0] & _MASK, code * _ODD[1] & _MASK, code


def _edges(text: str) -> list[str]:
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    return lines if len(lines) < 5 else [*lines[:2], *lines[-2:]]


def _is_wire(publisher: str, wire: str) -> bool:
    return publisher.casefold() == wire or publisher.casefold().split(".")[0] == wire.replace(" ", "")
