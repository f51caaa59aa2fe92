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


def arrange(members: Mapping[int, Member], read: Reader, *, is_joined: bool = False) -> dict[int, Member]:
    """The members with their origin presumed anew, which exactly one of them is.

    When the origin is another one than it was, or groups were joined, a bounded number of members is compared with
    it: `read` gives the texts of those that are still known.
    """
    if not members:
        return {}
    origin = presumed_origin([members[key].claim for key in sorted(members)])
    arranged = dict(members)
    arranged[origin.key] = replace(members[origin.key], kind="origin", overlap=WHOLE, why=origin.why)
    were = {key for key, member in members.items() if member.kind == "origin"}
    if not is_joined and were == {origin.key}:
        return arranged
    others = sorted(
        members.keys() - {origin.key}, key=lambda key: (key not in were, members[key].claim.time, key)
    )[:MOST_MEASURED_ANEW]
    texts = read([origin.key, *others])
    for key in others:
        arranged[key] = _measured(members[key], texts.get(key), texts.get(origin.key), origin.key)
    return arranged


def _measured(member: Member, mine: ComparedText | None, origins: ComparedText | None, origin: int) -> Member:
    """The member against its origin; one that is its copy by way of another only keeps what put it there."""
    was_origin = member.kind == "origin"
    if mine is None or origins is None:
        return replace(member, kind="abridged", why=()) if was_origin else member
    found = compare(mine.shingles, origins.shingles, mine.stock, origins.stock)
    if found.kind is None and not was_origin:
        return member
    why = copy_reasons(found, origins.title, origins.publisher_name, origin)
    return replace(member, kind=found.kind or "abridged", overlap=found, why=why)
