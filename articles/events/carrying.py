"""Act: what was said of an event's earlier and later developments goes with its articles into another event."""

from __future__ import annotations

from django.db.models import Q

from articles.models import StorylineLink


def carry_links(event_id: int, to: int) -> None:
    """An event became part of another: its links are the other's, in the caller's transaction.

    Of two links between the same events the one that a person decided stays; the other event's own goes before. What
    linked the two with each other is gone: they are one. Call it after the row of the event was written: whoever
    suggests links locks it first.
    """
    standing: dict[int, StorylineLink] = {}
    for link in StorylineLink.objects.filter(Q(earlier_id=to) | Q(later_id=to)).order_by("id"):
        standing[link.later_id if link.earlier_id == to else link.earlier_id] = link
    for link in StorylineLink.objects.filter(Q(earlier_id=event_id) | Q(later_id=event_id)).order_by("id"):
        other = link.later_id if link.earlier_id == event_id else link.earlier_id
        known = standing.get(other)
        if other == to or (known is not None and (known.decided_by or not link.decided_by)):
            link.delete()
            continue
        if known is not None:
            known.delete()
        if link.earlier_id == event_id:
            link.earlier_id = to
        else:
            link.later_id = to
        link.save(update_fields=["earlier", "later"])
        standing[other] = link
