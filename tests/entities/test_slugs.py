"""No entity has the address of another page: whoever is called New or Compare gets one of their own."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.db import IntegrityError, connection

from articles import urls
from articles.editing.entities import EntityDraft, create_entity
from entities.models import Change, Entity
from entities.slugs import SHADOWED
from entities.sources.exchanges import load_exchanges
from entities.sources.packages import add_listed
from entities.sources.packages.companies import ListedCompany, names_of
from entities.sources.tables.adding import free_slug
from tests.factories import make_entity


def test_all_addresses_beside_those_of_entities_are_known() -> None:
    routes = [str(pattern.pattern) for pattern in urls.urlpatterns]
    words = {route.split("/")[1] for route in routes if route.startswith("entities/")}
    assert {word for word in words if word and not word.startswith("<")} == SHADOWED


@pytest.mark.django_db
@pytest.mark.parametrize("word", sorted(SHADOWED))
def test_who_is_called_so_gets_another_address(word: str) -> None:
    load_exchanges()
    change = create_entity("ed", EntityDraft("organization", word.title()))
    add_listed([ListedCompany(word.title(), "NO", "Shipping", "XOSL", "NYTT", names_of(word.title()))])
    assert Entity.objects.get(pk=change.subject_id).slug == f"{word}-2"
    assert Entity.objects.get(kind="company").slug == f"{word}-nytt-xosl"
    assert free_slug(word, "", set()) == f"{word}-1"


@pytest.mark.django_db
def test_one_that_had_it_moves_and_the_database_takes_none_again() -> None:
    with pytest.raises(IntegrityError, match="entity_slug_not_shadowed"):
        make_entity("New")


@pytest.mark.django_db(transaction=True)
def test_the_migration_gives_those_that_had_such_an_address_another() -> None:
    make_entity("New 2")
    moved = make_entity("Newer")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE entities_entity DROP CONSTRAINT entity_slug_not_shadowed")
    try:
        Entity.objects.filter(pk=moved.pk).update(slug="new")
        migration = importlib.import_module("entities.migrations.0008_no_slug_is_the_address_of_a_page")
        migration.give_addresses(apps, None)
    finally:
        with connection.schema_editor() as editor:
            constraint = next(
                one for one in Entity._meta.constraints if one.name == "entity_slug_not_shadowed"
            )
            editor.add_constraint(Entity, constraint)
    moved.refresh_from_db()
    assert moved.slug == "new-3"
    assert Change.objects.get(subject_id=moved.pk).before == {"slug": "new"}
