"""Following entities: once, no longer, what is new until the page is opened, and the limit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.errors import RefusedError
from articles.following import watching
from articles.following.watching import see_entity, unwatch_entity, watch_entity
from articles.models import Article, Watch
from articles.queries.times import read_range
from articles.queries.today import today_page
from entities.models import Entity
from newsdesk.accounts.models import User
from tests.stories_world import World, make_article, make_entity, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world(timezone.now())


def seen_since(user: User, hours: float) -> None:
    """As if the pages of what a user watches had been opened so long ago."""
    Watch.objects.filter(user=user).update(seen_at=timezone.now() - timedelta(hours=hours))


def news_of(user: User) -> dict[str, int]:
    """What Today says is new about each watched entity."""
    page = today_page(read_range("7d", timezone.now()), user.pk)
    return {row.chip.name: row.new for row in page.watched}


def test_it_watches_once_and_stops(world: World, analyst: User) -> None:
    watch_entity(analyst.pk, "skagen-steel-ab")
    watch_entity(analyst.pk, "skagen-steel-ab")
    assert Watch.objects.filter(user=analyst).count() == 1
    unwatch_entity(analyst.pk, "skagen-steel-ab")
    unwatch_entity(analyst.pk, "skagen-steel-ab")
    assert not Watch.objects.exists()


def test_the_entity_that_stands_is_watched_under_a_merged_name(world: World, analyst: User) -> None:
    old = make_entity("Skagen Works")
    Entity.objects.filter(pk=old.pk).update(merged_into=world.entities["skagen"])
    assert watch_entity(analyst.pk, "skagen-works") == world.entities["skagen"]
    assert Watch.objects.get().entity_id == world.entities["skagen"].pk


def test_nobody_can_be_watched_no_more_than_one_page_shows(
    world: World, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RefusedError, match="is not here any more"):
        watch_entity(analyst.pk, "nobody")
    monkeypatch.setattr(watching, "MOST_WATCHED", 1)
    watch_entity(analyst.pk, "skagen-steel-ab")
    watch_entity(analyst.pk, "skagen-steel-ab")
    with pytest.raises(RefusedError, match="You watch 1 entities already"):
        watch_entity(analyst.pk, "ingrid-tveit")


def test_articles_stored_since_are_new_until_the_page_is_opened(
    world: World, analyst: User, client: Client
) -> None:
    watch_entity(analyst.pk, "skagen-steel-ab")
    watch_entity(analyst.pk, "ingrid-tveit")
    assert news_of(analyst) == {"Skagen Steel AB": 0, "Ingrid Tveit": 0}
    seen_since(analyst, 10)
    assert news_of(analyst) == {"Skagen Steel AB": 4, "Ingrid Tveit": 0}
    client.force_login(analyst)
    client.head("/entities/skagen-steel-ab/")
    assert news_of(analyst)["Skagen Steel AB"] == 4
    page = client.get("/entities/skagen-steel-ab/")
    assert page.text.count(">new</span>") == 4
    assert news_of(analyst)["Skagen Steel AB"] == 0
    assert ">new</span>" not in client.get("/entities/skagen-steel-ab/").text


def test_a_find_of_the_archive_is_no_news(world: World, analyst: User) -> None:
    watch_entity(analyst.pk, "skagen-steel-ab")
    now = timezone.now()
    seen_since(analyst, 1)
    old = make_article(
        "Old story", "Skagen Steel.", now - timedelta(days=30), entities=[world.entities["skagen"]]
    )
    late = make_article(
        "Late story", "Skagen Steel.", now - timedelta(days=2), entities=[world.entities["skagen"]]
    )
    Article.objects.filter(pk__in=[old.pk, late.pk]).update(fetched_at=now)
    assert news_of(analyst) == {"Skagen Steel AB": 1}


def test_what_was_seen_is_never_unseen(world: World, analyst: User) -> None:
    watch_entity(analyst.pk, "skagen-steel-ab")
    later = timezone.now() + timedelta(hours=1)
    see_entity(analyst.pk, world.entities["skagen"].pk, later)
    see_entity(analyst.pk, world.entities["skagen"].pk, later - timedelta(hours=2))
    assert Watch.objects.get().seen_at == later


def test_each_user_has_a_list_of_their_own(world: World, analyst: User, editor: User) -> None:
    watch_entity(analyst.pk, "skagen-steel-ab")
    assert news_of(editor) == {}


def test_the_door_watches_and_says_so(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    answer = client.post("/entities/skagen-steel-ab/watch/", follow=True)
    assert "You watch Skagen Steel AB: what is new stands on Today." in answer.text
    assert "Watched: stop" in answer.text
    assert [row.watched for row in client.get("/entities/?watched=1").context["page"].rows] == [True]
    answer = client.post("/entities/skagen-steel-ab/watch/", {"off": "1"}, follow=True)
    assert "You watch Skagen Steel AB no longer." in answer.text
    assert "You watch none of these" in client.get("/entities/?watched=1").text
    assert client.post("/entities/nobody/watch/").status_code == 302
