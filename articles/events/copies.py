"""When two articles carry one text: sketches of three-word sequences, an exact check, the presumed origin; pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Literal

from articles.events.credits import Credit, is_of, wire_of
from articles.types import Reason

CopyKind = Literal["verbatim", "abridged"]
OverlapKind = Literal["verbatim", "abridged", "shares"]

COPY_RULE_VERSION = "copies-2"
SHINGLE_WORDS = 3
SAMPLE = 8  # one hash in so many is kept
FULL_BELOW = 200  # shingles; shorter texts are kept whole
LEAST_WORDS = 30  # shorter texts are copies only when title and text are the same, word for word
LEAST_BRIEF_WORDS = 12  # of a text that short; still shorter ones prove nothing
CJK_WINDOW = 4  # characters: three such windows, each one further, span six, about what three words tell
MOST_CHARACTERS = 200_000  # of a text are compared; some 30,000 words
MOST_SKETCH = 512  # hashes: a text of some 4,000 words; of longer ones the smallest hashes are kept
LEAST_SHARED = 4
# The sketches of two texts tell their true containment to about .05 either way (a hundred hashes): what may be over
# the line below is looked at.
SKETCH_CONTAINMENT = 0.40
SHARE_SKETCH_CONTAINMENT = 0.20
# The three lines, from a measurement over 1,516 articles and 900 made copies of them: at a containment of .50 (of the
# shorter text, three-word sequences) 100, 99.7 and 96 % of light, abridged and heavy copies are found and no two texts
# of different stories; at .40 four such pairs are. Of 492 real pairs over .25, 483 were of one story. A Jaccard
# likeness of .70 is kept by a text with a few words changed and lost by one that was cut.
COPY_CONTAINMENT = 0.50
SHARE_CONTAINMENT = 0.25
VERBATIM_JACCARD = 0.70
LEAST_SHARED_SHINGLES = 14  # half of the shortest text that is compared: fewer are one quotation
MOST_VERIFIED = 8
MOST_SHARES_VERIFIED = 4
MOST_OF_A_GROUP = 3  # are looked at: the members of one group say the same
# How long an article may have stood before the desk got it; a source that claims more is believed no further.
MOST_UNSEEN = timedelta(hours=24)
# A hash in so many events of one publisher is its boilerplate; in so many of all publishers, an idiom.
STOCK_OF_PUBLISHER = 5
# So many sketches hold one hash; what carries it later is found by these and need not hold it, too. It bounds every
# look-up, however many papers print a piece.
MOST_HOLDERS = 20
STOCK_OF_ALL = 16

_WORD = re.compile(r"[^\W_]+")
_MASK = (1 << 63) - 1  # fits PostgreSQL's bigint without a sign
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # 64-bit mixing constants: the golden ratio's and xxHash's
# Scripts that write no blanks between words: Han, kana, Thai, Lao, Khmer, Burmese.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")


@dataclass(frozen=True, slots=True)
class Shingles:
    """The hashes of a text's word sequences, in the order of the text; `known` is the same as a set.

    `is_brief`: so few words that only the very same text counts; they hold the title's words, too.
    """

    ordered: tuple[int, ...]
    known: frozenset[int]
    is_brief: bool = False

    def without(self, stock: Container[int]) -> frozenset[int]:
        """The hashes that are not part of stock phrases.

        Only sampled hashes are known to be stock; what lies between two sampled neighbours that both are
        belongs to the same passage, and so do the ends of the text beyond such a one.
        """
        drop = {value for value in self.ordered if value in stock}
        if not drop:
            return self.known
        sampled = [(at, value in stock) for at, value in enumerate(self.ordered) if is_sampled(value)]
        if not sampled:
            return self.known - drop
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
class Matches:
    """What looking a sketch up brought: the articles that may share text, and hashes that turned out to be stock."""

    found: tuple[SketchMatch, ...] = ()
    stock_of_publisher: frozenset[int] = frozenset()
    stock_of_all: frozenset[int] = frozenset()
    crowded: frozenset[int] = frozenset()  # hashes that enough sketches hold


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two texts share: of the shorter one, and of both together (0..1)."""

    containment: float
    jaccard: float

    @property
    def kind(self) -> CopyKind | None:
        """What kind of copy that is; None when it is none."""
        kind = kind_of_overlap(self)
        return None if kind == "shares" else kind


@dataclass(frozen=True, slots=True)
class OriginClaim:
    """What a member of a copy group has to say about being the origin; `key` sorts equal times.

    `seen` is when the desk got it (None: nobody knows); `day_only` says that `published` is a day's first moment.
    `said` numbers a person's word that it is the origin (the latest counts, 0: nobody said so), told in `said_words`.
    """

    key: int
    published: datetime
    credit: Credit | None
    publisher: str
    seen: datetime | None = None
    day_only: bool = False
    said: int = 0
    said_words: str = ""

    @property
    def time(self) -> datetime:
        """Since when it was there, as far as it is believed: never after it was seen, nor long before."""
        published = self.published + timedelta(days=1) if self.day_only else self.published
        if self.seen is None:
            return published
        return min(max(published, self.seen - MOST_UNSEEN), self.seen)


@dataclass(frozen=True, slots=True)
class Origin:
    """The presumed origin of a copy group, and why it is."""

    key: int
    why: tuple[Reason, ...]


def kind_of_overlap(found: Overlap) -> OverlapKind | None:
    """What two texts are to each other: copies, texts that share passages, or (None) texts of their own."""
    if found.containment < SHARE_CONTAINMENT:
        return None
    if found.containment < COPY_CONTAINMENT:
        return "shares"
    return "verbatim" if found.jaccard >= VERBATIM_JACCARD else "abridged"


def shingles_of(text: str, title: str = "") -> Shingles | None:
    """The hashes of a text, None when it is too short to compare; the title counts in brief texts only."""
    words, amount = _words(text[:MOST_CHARACTERS])
    if amount < LEAST_BRIEF_WORDS:
        return None
    is_brief = amount < LEAST_WORDS
    if is_brief:
        words = _words(title)[0] + words
    if len(words) < SHINGLE_WORDS:
        return None
    codes = [_codes(word) for word in words]
    # A sum of random numbers times odd constants is as random as they are, in its lowest bits too.
    ordered = tuple(
        [(a[0] + b[1] + c[2]) & _MASK for a, b, c in zip(codes, codes[1:], codes[2:], strict=False)]
    )
    return Shingles(ordered, frozenset(ordered), is_brief)


def sketch_of(shingles: Shingles, stock: Container[int] = ()) -> Sketch:
    """The part of the hashes that is stored and looked up, stock phrases left out."""
    full = len(shingles.known) < FULL_BELOW
    kept = sorted(value for value in sketchable(shingles) if value not in stock)
    return Sketch(tuple(kept[:MOST_SKETCH]), full)


def sketchable(shingles: Shingles) -> list[int]:
    """The hashes that a sketch may hold: all of a short text, the sample of a longer one."""
    full = len(shingles.known) < FULL_BELOW
    return [value for value in shingles.known if full or is_sampled(value)]


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
    return share if shared >= enough and share >= SHARE_SKETCH_CONTAINMENT else 0.0


def rated_matches(sketch: Sketch, matches: Iterable[SketchMatch]) -> list[tuple[float, SketchMatch]]:
    """The matches that may be copies or share text, with the share of their sketches, likeliest first."""
    rated = [(shared_share(sketch, match), match) for match in matches]
    rated = [(share, match) for share, match in rated if share > 0]
    return sorted(rated, key=lambda pair: (-pair[0], pair[1].key))


def worth_checking(
    sketch: Sketch, matches: Iterable[SketchMatch], group_of: Mapping[int, int] | None = None
) -> list[SketchMatch]:
    """The matches that the exact check looks at, likeliest first: a bounded number, few of each copy group.

    `group_of` holds the group of those matches that are in one.
    """
    groups = group_of or {}
    copies, shares, taken = 0, 0, Counter[int]()
    chosen = []
    for share, match in rated_matches(sketch, matches):
        group = groups.get(match.key)
        if group is not None and taken[group] >= MOST_OF_A_GROUP:
            continue
        is_likely = share >= SKETCH_CONTAINMENT
        if (is_likely and copies >= MOST_VERIFIED) or (not is_likely and shares >= MOST_SHARES_VERIFIED):
            continue
        chosen.append(match)
        copies, shares = copies + is_likely, shares + (not is_likely)
        if group is not None:
            taken[group] += 1
    return chosen


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


def stored_sketch(sketch: Sketch, matches: Matches) -> Sketch | None:
    """The part of a sketch by which later articles find this one; None when others that say the same are enough."""
    left_out = matches.stock_of_publisher | matches.stock_of_all
    kept = [value for value in sketch.hashes if value not in left_out]
    free = [value for value in kept if value not in matches.crowded]
    return Sketch(tuple(free), sketch.full) if 2 * len(free) > len(kept) else None


def overlap(left: frozenset[int], right: frozenset[int]) -> Overlap:
    """Exact containment and Jaccard of two sets of hashes."""
    shared, least = len(left & right), min(len(left), len(right))
    if not least or shared < LEAST_SHARED_SHINGLES:
        return Overlap(0.0, 0.0)
    return Overlap(shared / least, shared / (len(left) + len(right) - shared))


def compare(
    left: Shingles, right: Shingles, left_stock: Container[int] = (), right_stock: Container[int] = ()
) -> Overlap:
    """How much two texts share when the stock phrases of each one's publisher are left out."""
    mine, theirs = left.without(left_stock), right.without(right_stock)
    if left.is_brief or right.is_brief:
        # A few words in common are a phrase; a brief that is the same to the letter is the same brief.
        same = left.known == right.known and 2 * len(mine) > len(left.known)
        return Overlap(1.0, 1.0) if same else Overlap(0.0, 0.0)
    return overlap(mine, theirs)


def presumed_origin(claims: Sequence[OriginClaim]) -> Origin:
    """The likeliest origin of a copy group.

    A person's word comes first, then the piece of whomever the texts credit, then an agency's own, then the earliest.
    """
    said = [claim for claim in claims if claim.said]
    if said:
        latest = max(said, key=lambda claim: claim.said)
        return Origin(latest.key, (Reason("origin_said", latest.said_words, 1.0),))
    credited = Counter(claim.credit.wire for claim in claims if claim.credit is not None)
    for wire, _ in sorted(credited.items(), key=lambda pair: (-pair[1], pair[0])):
        own = [claim for claim in claims if is_of(claim.publisher, wire)]
        if own:
            first = _earliest(own)
            return Origin(first.key, (_credit_reason(first, wire, claims),))
    own = [claim for claim in claims if wire_of(claim.publisher) and claim.credit is None]
    if own:
        first = _earliest(own)
        words = f"{wire_of(first.publisher)} is an agency, whose texts others carry"
        return Origin(first.key, (Reason("origin_agency", words, 0.5),))
    first = _earliest(claims)
    return Origin(first.key, (_time_reason(first),))


def copy_reasons(found: Overlap, title: str, publisher: str, other: int = 0) -> tuple[Reason, ...]:
    """Why an article counts as a copy, in words; title, publisher and `other` name what it was compared with."""
    what = "same text" if found.kind == "verbatim" else "abridged text"
    of = (
        " by ".join(part for part in (f"“{title}”" if title else "", publisher) if part)
        or "an earlier article"
    )
    words = f"{what} as {of}: {found.containment:.0%} of the shorter one is shared"
    return (Reason("copy", words, round(found.containment, 4), {"article": other} if other else {}),)


def credit_reasons(credit: Credit | None) -> tuple[Reason, ...]:
    """What a text says of its source, as a reason beside others."""
    if credit is None:
        return ()
    words = f"credited to {credit.wire} in its {credit.place}"
    return (Reason("credit", words, 0.0, {"wire": credit.wire, "place": credit.place}),)


def _earliest(claims: Sequence[OriginClaim]) -> OriginClaim:
    return min(claims, key=lambda claim: (claim.time, claim.published, claim.key))


def _credit_reason(origin: OriginClaim, wire: str, claims: Sequence[OriginClaim]) -> Reason:
    """By whom the origin is credited: by its own text, else by the copies."""
    if origin.credit is not None and origin.credit.wire == wire:
        return Reason("origin_credit", f"credited to {wire} in its {origin.credit.place}", 0.9)
    others = [claim for claim in claims if claim.credit is not None and claim.credit.wire == wire]
    first = _earliest(others)
    place = first.credit.place if first.credit is not None else "text"
    of = first.publisher or "a copy"
    more = f" and of {len(others) - 1} more" if len(others) > 1 else ""
    return Reason("origin_credit", f"credited to {wire} in the {place} of {of}{more}", 0.9)


def _time_reason(origin: OriginClaim) -> Reason:
    is_as_told = origin.time == origin.published or origin.seen is None
    how = "published" if is_as_told else "seen"
    at = (origin.published if origin.seen is None else origin.time if is_as_told else origin.seen).astimezone(
        UTC
    )
    words = f"first {how} at {at:%H:%M} UTC on {at.day} {at:%B %Y}"
    return Reason("origin_first", words, 0.1)


def _words(text: str) -> tuple[list[str], int]:
    """The words of a text and how many they amount to; a script without blanks gives overlapping windows instead."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    if not _UNSPACED.search(text):
        return words, len(words)
    parts: list[str] = []
    amount = 0
    for word in words:
        if not _UNSPACED.search(word):
            parts.append(word)
            amount += 1
            continue
        parts += [word[at : at + CJK_WINDOW] for at in range(max(1, len(word) - CJK_WINDOW + 1))]
        amount += (len(word) + 1) // 2
    return parts, amount


@lru_cache(maxsize=200_000)
def _codes(word: str) -> tuple[int, int, int]:
    """The word's random 63 bits as first, second and third of a sequence."""
    code = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big") & _MASK
    return code * _ODD[0] & _MASK, code * _ODD[1] & _MASK, code
