"""Which event of before a rebuilt one continues, so that its address, its name and what people said of it stay; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Succession:
    """`heirs`: the event that a group continues, None for one that must be opened. `leads_to`: the group to which most
    articles of an event went that no group continues.
    """

    heirs: Mapping[int, int | None]
    leads_to: Mapping[int, int]


def succeed(was: Mapping[int, int], now: Mapping[int, int], owners: Mapping[int, int]) -> Succession:
    """Settle which group continues which event: first those that people had a say in, then by the largest overlap.

    `was` maps articles to events, `now` to groups, `owners` groups to the event whose articles they were kept for. Of
    equal overlaps the older event (the lower id), then the earlier group wins: the same input gives the same answer.
    """
    overlap: Counter[tuple[int, int]] = Counter((group, was[article]) for article, group in now.items())
    heirs: dict[int, int | None] = dict.fromkeys(sorted(set(now.values())))
    taken: set[int] = set()
    for group, event in sorted(owners.items()):
        if group in heirs and event not in taken:
            heirs[group] = event
            taken.add(event)
    for (group, event), _ in sorted(overlap.items(), key=lambda item: (-item[1], item[0][1], item[0][0])):
        if heirs[group] is None and event not in taken:
            heirs[group] = event
            taken.add(event)
    leads_to: dict[int, int] = {}
    for (group, event), _ in sorted(overlap.items(), key=lambda item: (-item[1], item[0][0])):
        if event not in taken:
            leads_to.setdefault(event, group)
    return Succession(heirs, leads_to)
