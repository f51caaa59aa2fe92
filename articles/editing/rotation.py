"""Act: all secrets are sealed anew under the current key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from articles.errors import UnreadableSecretsError
from articles.ingest.secrets import reseal
from articles.models import Feed, Subscription

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many secrets were sealed anew, and the sources (title, id) whose secrets no known key opens."""

    feeds: int
    subscriptions: int
    unreadable: tuple[tuple[str, int], ...]


def rotate_keys() -> Rotation:
    """Seal the secrets of sources and of push subscriptions under the current key, portion by portion.

    May be run again at any time: what is sealed under the current key already is sealed once more. What cannot be
    read stays as it is. Raises RefusedError when the desk has no key.
    """
    unreadable: dict[int, str] = {}
    feeds = subscriptions = 0
    for portion in _portions(Feed.objects.exclude(secrets=None).values_list("pk", flat=True)):
        feeds += _rotate_feeds(portion, unreadable)
    for portion in _portions(Subscription.objects.values_list("pk", flat=True)):
        subscriptions += _rotate_subscriptions(portion, unreadable)
    return Rotation(feeds, subscriptions, tuple((title, pk) for pk, title in sorted(unreadable.items())))


def _portions(ids: Iterable[int]) -> Iterator[list[int]]:
    rows = sorted(ids)
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


@transaction.atomic
def _rotate_feeds(ids: list[int], unreadable: dict[int, str]) -> int:
    done = 0
    for feed in Feed.objects.select_for_update().filter(pk__in=ids).exclude(secrets=None).order_by("pk"):
        try:
            feed.secrets = reseal(feed.secrets or b"")
        except UnreadableSecretsError:
            unreadable[feed.pk] = feed.title
            continue
        feed.save(update_fields=["secrets"])
        done += 1
    return done


@transaction.atomic
def _rotate_subscriptions(ids: list[int], unreadable: dict[int, str]) -> int:
    done = 0
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("feed").filter(pk__in=ids)
    for subscription in rows.order_by("pk"):
        try:
            subscription.secret = reseal(subscription.secret)
        except UnreadableSecretsError:
            unreadable[subscription.feed.pk] = subscription.feed.title
            continue
        subscription.save(update_fields=["secret"])
        done += 1
    return done
