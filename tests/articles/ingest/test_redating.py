"""An article whose date is corrected is counted on its new day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from articles.ingest.link import redate_entities
from articles.models import ArticleEntity, EntityDay
from tests.factories import make_article, make_entity, name_in

pytestmark = pytest.mark.django_db


def test_entities_are_counted_on_the_corrected_day_and_on_no_other() -> None:
    was_at = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)
    article = make_article(published_at=was_at)
    orne = make_entity("Orne Shipping")
    name_in(article, "Orne Shipping", orne)
    for _ in range(2):  # twice is as once
        redate_entities(article.pk, was_at + timedelta(hours=1))
    days = EntityDay.objects.filter(entity=orne, n__gt=0).values_list("day", "n")
    assert [(str(day), n) for day, n in days] == [("2026-03-12", 1)]
    assert ArticleEntity.objects.get().published_at == was_at + timedelta(hours=1)
