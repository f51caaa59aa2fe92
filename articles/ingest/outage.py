"""When most sources fail at once it is us: the rule that tells our own outage from theirs; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# So many hosts that were well before must fall silent together.
HOSTS_OF_SILENCE = 3
# Where some did answer, the fault is only ours when of so many hosts nearly all fell silent.
HOSTS_OF_MOST = 10
MOST = 0.9


@dataclass(frozen=True, slots=True)
class PublicVisit:
    """A public source that was asked. `is_silent`: no answer of any kind came back; `was_well`: it came the last time."""

    feed_id: int
    host: str
    is_silent: bool
    was_well: bool


def silenced_by_us(visits: Sequence[PublicVisit], *, is_silent_already: bool) -> set[int]:
    """The feeds that got no answer when that says more about our network than about them, else none.

    Sources that had failed before prove nothing. While nothing has answered since the last silence, one more is enough.
    """
    silent = [visit for visit in visits if visit.is_silent]
    fallen = {visit.host for visit in silent if visit.was_well}
    well = {visit.host for visit in visits if visit.was_well}
    if len(silent) == len(visits):
        is_ours = bool(silent) and (is_silent_already or len(fallen) >= HOSTS_OF_SILENCE)
    else:
        is_ours = len(well) >= HOSTS_OF_MOST and len(fallen) >= MOST * len(well)
    return {visit.feed_id for visit in silent} if is_ours else set()
