"""Who is the origin of a copy group and how much of its text each member carries; pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from articles.events.copies import (
    CopyKind,
    OriginClaim,
    Overlap,
    Shingles,
    compare,
    copy_reasons,
    kind_of_overlap,
    presumed_origin,
)
from articles.types import Reason

MemberKind = Literal["origin"] | CopyKind

MOST_MEASURED_ANEW = 50  # members of a group whose origin changed; what is known of the others stays
WHOLE = Overlap(1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Member:
    """An article in its copy group: what it claims, and the overlap that put it there with the reasons."""

    claim: OriginClaim
    kind: MemberKind
    overlap: Overlap
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ComparedText:
    """A member's text as it is compared; `stock` are the hashes that say nothing in it."""

    shingles: Shingles
    stock: Container[int]
    title: str
    publisher_name: str


Reader = Callable[[Sequence[int]], Mapping[int, ComparedText]]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A group's members, of which one is the origin, and those that left it because they copy no other member.

    `left` tells with whom each of these shares most, where that is worth a note.
    """

    members: dict[int, Member]
    left: dict[int, tuple[int, Overlap] | None]


def arrange(
    members: Mapping[int, Member], read: Reader, *, is_joined: bool = False, changed: int = 0
) -> Arrangement:
    """The members with their origin presumed anew, which exactly one of them is.

    When the origin is another one than it was, groups were joined, or an article of whose text somebody is a copy left
    or has another text (`changed`), a bounded number of members is compared anew: `read` gives the texts of those that
    are still known.
    """
    if not members:
        return Arrangement({}, {})
    origin = presumed_origin([members[key].claim for key in sorted(members)])
    arranged = dict(members)
    arranged[origin.key] = replace(members[origin.key], kind="origin", overlap=WHOLE, why=origin.why)
    were = {key for key, member in members.items() if member.kind == "origin"}
    living = members.keys() - {changed}
    # Whose measure was taken against a text that is not here any more; rows of old may not tell against which.
    lost = {
        key
        for key, member in members.items()
        if key not in were | {origin.key} and _reference(member, 0 if were else -1) not in living | {0}
    }
    if not is_joined and were == {origin.key} and not lost:
        return Arrangement(arranged, {})
    others = sorted(
        members.keys() - {origin.key},
        key=lambda key: (key not in were, key not in lost, members[key].claim.time, key),
    )[:MOST_MEASURED_ANEW]
    texts = _Texts(read([origin.key, *others]))
    left: dict[int, tuple[int, Overlap] | None] = {}
    for key in others:
        member = members[key]
        is_bare = key in were or key in lost
        if texts.is_copy(key, origin.key):
            arranged[key] = texts.measured(member, key, origin.key)
        elif is_bare and texts.knows(key, origin.key):
            # It is a copy by way of another one, or of nobody any more.
            other = texts.nearest(key)
            if texts.is_copy(key, other):
                arranged[key] = texts.measured(member, key, other)
            else:
                left[key] = texts.shared(key, other)
        elif is_bare:
            arranged[key] = replace(member, kind="abridged" if key in were else member.kind, why=())
    others_stay = len(arranged) > len(left) + 1
    if others_stay and texts.knows(*members) and not any(texts.is_copy(key, origin.key) for key in others):
        left[origin.key] = texts.shared(origin.key, texts.nearest(origin.key))
    if not left:
        return Arrangement(arranged, {})
    again = arrange({key: member for key, member in arranged.items() if key not in left}, read)
    return Arrangement(again.members, left | again.left)


def _reference(member: Member, unknown: int) -> int:
    """Against whose text the member was measured last."""
    named = [reason.detail.get("article") for reason in member.why if reason.code == "copy"]
    return next((key for key in named if isinstance(key, int)), unknown)


class _Texts:
    """The members' texts, each two of them compared once."""

    def __init__(self, texts: Mapping[int, ComparedText]) -> None:
        self._texts = texts
        self._found: dict[tuple[int, int], Overlap] = {}

    def knows(self, *keys: int) -> bool:
        return all(key in self._texts for key in keys)

    def is_copy(self, key: int, other: int) -> bool:
        return self.knows(key, other) and self._between(key, other).kind is not None

    def nearest(self, key: int) -> int:
        """The other one that shares most with it; of equals the lowest key."""
        others = self._texts.keys() - {key}
        return min(
            others,
            key=lambda one: (-self._between(key, one).containment, -self._between(key, one).jaccard, one),
        )

    def shared(self, key: int, other: int) -> tuple[int, Overlap] | None:
        found = self._between(key, other)
        return (other, found) if kind_of_overlap(found) is not None else None

    def measured(self, member: Member, key: int, other: int) -> Member:
        """The member as a copy of the other."""
        found, theirs = self._between(key, other), self._texts[other]
        why = copy_reasons(found, theirs.title, theirs.publisher_name, other)
        return replace(member, kind=found.kind or "abridged", overlap=found, why=why)

    def _between(self, key: int, other: int) -> Overlap:
        pair = (min(key, other), max(key, other))
        if pair not in self._found:
            one, two = self._texts[pair[0]], self._texts[pair[1]]
            self._found[pair] = compare(one.shingles, two.shingles, one.stock, two.stock)
        return self._found[pair]
