"""Acts: a user follows an entity, no longer does, or has seen what is new about it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from articles.errors import RefusedError
from articles.models import Watch
from entities.models import Entity

MOST_WATCHED = 500  # what one page shows and one query counts


@transaction.atomic
def watch_entity(user_id: int, slug: str) -> Entity:
    """Follow an entity (following it already changes nothing); the entity that stands under the address.

    Raises RefusedError when there is none, or when the user follows as many as one page can show.
    """
    entity = _standing(slug)
    followed = Watch.objects.filter(user_id=user_id)
    if followed.count() >= MOST_WATCHED and not followed.filter(entity=entity).exists():
        raise RefusedError(f"You watch {MOST_WATCHED} entities already. Take one off your list first.")
    Watch.objects.get_or_create(user_id=user_id, entity=entity)
    return entity


@transaction.atomic
def unwatch_entity(user_id: int, slug: str) -> Entity:
    """Follow an entity no longer. Raises RefusedError when there is none of that address."""
    entity = _standing(slug)
    Watch.objects.filter(user_id=user_id, entity=entity).delete()
    return entity


def see_entity(user_id: int, entity_id: int, at: datetime) -> None:
    """Whoever opens the page of a watched entity has seen what was stored until then."""
    Watch.objects.filter(user_id=user_id, entity_id=entity_id, seen_at__lt=at).update(seen_at=at)


def _standing(slug: str) -> Entity:
    entity = Entity.objects.filter(slug=slug).select_related("merged_into").first()
    while entity is not None and entity.merged_into is not None:
        entity = entity.merged_into
    if entity is None:
        raise RefusedError("This entity is not here any more. Search for it again.")
    return entity
