"""How much people decided about the events of a stream that still stands, and that a rebuilding of them keeps."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from articles.models import Constraint, Event, Membership, StorylineLink


@dataclass(frozen=True, slots=True)
class Decisions:
    """What stands: words on pairs of articles, articles put or confirmed somewhere, events that were given a title, a
    type or a status, and storylines confirmed or refused.
    """

    pairs: int
    places: int
    events: int
    storylines: int

    def __str__(self) -> str:
        """All of it in a sentence."""
        return (
            f"What people decided is kept: {self.pairs} words on pairs of articles, {self.places} articles put or "
            f"confirmed in their event, {self.events} events named, typed or closed, {self.storylines} storylines."
        )


def decisions_of(shard: str) -> Decisions:
    """What stands in a stream (a language; "und" for none); four queries, however much was decided.

    A pair of articles of two streams counts in both, as does a storyline between their events.
    """
    pairs = Constraint.objects.filter(
        Q(a__membership__event__shard=shard) | Q(b__membership__event__shard=shard),
        withdrawn_at__isnull=True,
    )
    places = Membership.objects.filter(event__shard=shard).exclude(decided_by="", checked_by="")
    events = Event.objects.filter(shard=shard, merged_into__isnull=True).exclude(
        titled_by="", typed_by="", status=Event.Status.OPEN
    )
    storylines = StorylineLink.objects.filter(Q(earlier__shard=shard) | Q(later__shard=shard)).exclude(
        status=StorylineLink.Status.SUGGESTED
    )
    return Decisions(pairs.count(), places.count(), events.count(), storylines.count())
