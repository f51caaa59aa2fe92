"""A worker that no longer hears its broker: the rule that tells so, and the look whether messages wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import redis
from django.conf import settings

# A worker that has had nothing to do for so long looks whether messages wait that it does not hear.
DEAF_SECONDS = 15.0
# The look is taken in the worker's own event loop, which may not stand still for long.
_BROKER_SECONDS = 1.0


@dataclass(slots=True)
class Hearing:
    """When a worker last took a message, was at work, or last looked; seconds of a clock that never goes back.

    A link that dies while a message is acknowledged leaves the message counted as taken for ever: the transport
    then asks for no other, and says nothing.
    """

    heard_at: float

    def note(self, now: float) -> None:
        """A message came."""
        self.heard_at = now

    def is_to_look(self, now: float, *, is_busy: bool) -> bool:
        """Whether it has been idle for so long that a look is due; the next one is due as long after that."""
        if not is_busy and now - self.heard_at < DEAF_SECONDS:
            return False
        self.heard_at = now
        return not is_busy


def do_messages_wait(queues: Sequence[str]) -> bool:
    """Whether the broker holds a message for one of these queues; no when it is away, which is noticed elsewhere."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_BROKER_SECONDS, socket_connect_timeout=_BROKER_SECONDS
        ) as broker:
            return any(broker.llen(queue) for queue in queues)
    except (redis.RedisError, OSError):
        return False
