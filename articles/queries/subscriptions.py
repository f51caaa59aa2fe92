"""What the pages read about pushes of hubs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from articles.models import Subscription


@dataclass(frozen=True, slots=True)
class SubscriptionShown:
    """A feed's subscription as its page shows it; `words` is why it is not active, or what is wrong with it."""

    hub: str
    topic: str
    state: str
    label: str
    words: str
    lease_until: datetime | None
    verified_at: datetime | None
    pushed_at: datetime | None
    pushes: int
    refused: int


def subscription_of(feed_id: int) -> SubscriptionShown | None:
    """The subscription of a feed; None when its hub was never asked. One query."""
    row = Subscription.objects.filter(pk=feed_id).defer("secret", "token").first()
    if row is None:
        return None
    return SubscriptionShown(
        row.hub,
        row.topic,
        row.state,
        row.get_state_display(),
        row.message,
        row.lease_until,
        row.verified_at,
        row.pushed_at,
        row.pushes,
        row.refused,
    )
