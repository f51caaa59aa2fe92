"""The sample world becomes sources once, and goes whole when somebody wants it gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from articles.errors import RefusedError
from articles.events.placing import place_articles
from articles.ingest.canonical import url_sha256
from articles.models import (
    Annotation,
    Article,
    ArticleCopy,
    CopyGroup,
    EntityDay,
    Event,
    EventVector,
    Feed,
    FetchRun,
    Membership,
    Publisher,
    Revision,
    SearchRow,
    Sighting,
    TermCount,
)
from entities.models import Change, Entity
from newsdesk.accounts.models import User
from newsdesk.sample.sources import (
    is_sample_removed,
    load_sample_sources,
    remove_sample,
    sample_status,
    welcome_sample_back,
)
from newsdesk.sample.world import load_world
from tests.newsdesk.sample.rows import BASE, count_entity, ingest_sample, store_bytes

pytestmark = pytest.mark.django_db
STARTED = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
WORLD = load_world()
OTHER = "http://127.0.0.1:8091"
SAMPLE_TABLES = (Article, Revision, Sighting, FetchRun, SearchRow, Membership, Event, ArticleCopy, CopyGroup)


def real_feed() -> Feed:
    url = "https://news.example/feed"
    return Feed.objects.create(
        publisher=Publisher.objects.create(name="Real Paper", slug="real-paper", owner="Real Owner"),
        url=url, url_sha256=url_sha256(url), host="news.example", title="Real Paper", language="en",
        next_fetch_at=timezone.now(),
    )  # fmt: skip


def real_article(feed: Feed, text: str, title: str) -> int:
    body = (
        '<rss version="2.0"><channel><title>Real Paper</title><link>https://news.example/</link>'
        f"<item><title>{title}</title><link>https://news.example/one</link><guid>one</guid>"
        f"<pubDate>Wed, 04 Mar 2026 08:00:00 GMT</pubDate><description>{text}</description></item></channel></rss>"
    )
    (article_id,) = store_bytes(feed, body.encode(), "application/rss+xml", STARTED)
    place_articles([article_id])
    return article_id


def test_it_subscribes_to_every_publisher_and_marks_all_as_sample() -> None:
    assert load_sample_sources(WORLD, BASE) == len(WORLD.publishers)
    assert Feed.objects.filter(sample=True).count() == Publisher.objects.filter(sample=True).count() == 19
    feed = Feed.objects.get(title="Gulf Energy Monitor")
    assert (feed.url, feed.host) == (f"{BASE}/gulf-energy-monitor/rss.php", "127.0.0.1:8090")
    assert bytes(feed.url_sha256) == url_sha256(feed.url)
    assert feed.next_fetch_at <= timezone.now()
    owners = set(Publisher.objects.values_list("owner", flat=True))
    assert "Tidewater Media Group" in owners


def test_a_second_load_changes_nothing() -> None:
    load_sample_sources(WORLD, BASE)
    before = list(Feed.objects.order_by("id").values())
    assert load_sample_sources(WORLD, BASE) == 0
    assert list(Feed.objects.order_by("id").values()) == before


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1",
        "https://127.0.0.1:80",
        "http://localhost:80",
        "http://10.0.0.1:80",
        "http://127.0.0.1:80/x",
    ],
)
def test_only_the_exact_loopback_address_is_taken(address: str) -> None:
    with pytest.raises(RefusedError, match=r"no address of the sample world"):
        load_sample_sources(WORLD, address)


def test_articles_of_a_fetch_are_marked_and_stored_once() -> None:
    load_sample_sources(WORLD, BASE)
    ids = ingest_sample(WORLD, STARTED, STARTED)
    assert len(ids) >= 70
    assert not Article.objects.filter(sample=False).exists()
    assert ingest_sample(WORLD, STARTED, STARTED) == []
    assert len(ingest_sample(WORLD, STARTED, STARTED + timedelta(seconds=60))) == 2


def test_another_port_moves_feeds_and_articles_along() -> None:
    load_sample_sources(WORLD, BASE)
    count = len(ingest_sample(WORLD, STARTED, STARTED))
    assert load_sample_sources(WORLD, OTHER) == 0
    assert {feed.host for feed in Feed.objects.all()} == {"127.0.0.1:8091"}
    assert not Article.objects.exclude(url__startswith=f"{OTHER}/").exists()
    assert all(bytes(article.url_sha256) == url_sha256(article.url) for article in Article.objects.all())
    assert Publisher.objects.get(slug="harbour-ledger").homepage == f"{OTHER}/harbour-ledger/"
    assert ingest_sample(WORLD, STARTED, STARTED, base=OTHER) == []
    assert Article.objects.count() == count


def test_removal_leaves_no_row_of_it() -> None:
    load_sample_sources(WORLD, BASE)
    ids = ingest_sample(WORLD, STARTED, STARTED)
    entity = Entity.objects.create(kind="company", name="SMIC", slug="smic", source="test", as_of="2026")
    count_entity(entity, ids)
    revision = Revision.objects.order_by("id").first()
    assert revision is not None
    Annotation.objects.create(
        article=revision.article, revision=revision, start=0, end=4, exact="BEIJ", body="A note", by="ed"
    )
    assert CopyGroup.objects.exists()
    assert TermCount.objects.exists() or EventVector.objects.exists()
    gone = remove_sample("ada")
    assert (gone.feeds, gone.articles) == (19, len(ids))
    assert gone.events >= 11
    for table in (*SAMPLE_TABLES, Publisher, Feed, Annotation, EntityDay, EventVector, TermCount):
        assert not table.objects.exists(), table.__name__
    assert Entity.objects.filter(pk=entity.pk).exists()
    status = sample_status()
    assert (status.is_empty, status.removed) == (True, True)


def test_removal_is_history_and_a_second_one_is_nothing() -> None:
    load_sample_sources(WORLD, BASE)
    remove_sample("ada")
    remove_sample("ada")
    change = Change.objects.get(subject_kind="sample")
    assert (change.act, change.by, change.before["feeds"]) == ("sample removed", "ada", 19)


def test_what_was_removed_does_not_come_back_until_it_is_welcome() -> None:
    load_sample_sources(WORLD, BASE)
    remove_sample("ada")
    assert is_sample_removed()
    assert load_sample_sources(WORLD, BASE) == 0
    assert not Feed.objects.exists()
    assert welcome_sample_back("ada")
    assert not welcome_sample_back("ada")
    assert load_sample_sources(WORLD, BASE) == 19


def test_real_rows_stay_and_a_shared_event_is_counted_anew() -> None:
    load_sample_sources(WORLD, BASE)
    ids = ingest_sample(WORLD, STARTED, STARTED)
    wire = Article.objects.select_related("revision").get(
        title__startswith="Storm Maren shuts", publisher__slug="corvane-wire"
    )
    assert wire.revision is not None
    feed = real_feed()
    real_id = real_article(feed, wire.revision.text, "Our own headline on the storm")
    shared = Membership.objects.get(article_id=real_id).event
    assert shared.article_count > 1, "the copy joins the sample's event"
    assert not shared.sample
    entity = Entity.objects.create(kind="company", name="KLM", slug="klm", source="test", as_of="2026")
    count_entity(entity, [real_id, *ids])
    remove_sample("ada")
    shared.refresh_from_db()
    assert (shared.article_count, shared.publisher_count, shared.owner_count) == (1, 1, 1)
    assert shared.title == "Our own headline on the storm"
    assert shared.first_at == shared.last_at == Article.objects.get().published_at
    assert list(Event.objects.values_list("id", flat=True)) == [shared.pk]
    assert list(EntityDay.objects.values_list("n", flat=True)) == [1]
    assert list(Feed.objects.values_list("id", flat=True)) == [feed.pk]
    assert not CopyGroup.objects.exists()
    assert SearchRow.objects.count() == Sighting.objects.count() == 1


def test_placing_goes_on_after_a_removal_and_knows_nothing_of_the_sample() -> None:
    load_sample_sources(WORLD, BASE)
    ingest_sample(WORLD, STARTED, STARTED)
    wire = Article.objects.select_related("revision").get(
        title__startswith="Storm Maren shuts", publisher__slug="corvane-wire"
    )
    assert wire.revision is not None
    text = wire.revision.text
    remove_sample("ada")
    real_id = real_article(real_feed(), text, "Storm Maren shuts ports")
    event = Membership.objects.get(article_id=real_id).event
    assert event.article_count == 1
    assert Event.objects.count() == 1


def test_events_joined_into_a_sample_event_go_with_it() -> None:
    load_sample_sources(WORLD, BASE)
    ingest_sample(WORLD, STARTED, STARTED)
    target = Event.objects.order_by("id").first()
    assert target is not None
    stub = Event.objects.create(
        title="Joined", shard=target.shard, first_at=STARTED, last_at=STARTED, rule_version="x",
        sample=True, merged_into=target,
    )  # fmt: skip
    Event.objects.create(
        title="Joined before", shard=target.shard, first_at=STARTED, last_at=STARTED, rule_version="x",
        merged_into=stub,
    )  # fmt: skip
    remove_sample("ada")
    assert not Event.objects.exists()


def test_a_sample_feed_that_an_admin_took_away_stays_away() -> None:
    load_sample_sources(WORLD, BASE)
    Feed.objects.get(title="Coastal Gazette").delete()
    assert load_sample_sources(WORLD, BASE) == 0
    assert not Feed.objects.filter(title="Coastal Gazette").exists()


def test_a_publisher_that_got_a_feed_of_its_own_stays_as_a_real_one() -> None:
    load_sample_sources(WORLD, BASE)
    feed = real_feed()
    Feed.objects.filter(pk=feed.pk).update(publisher=Publisher.objects.get(slug="harbour-ledger"))
    remove_sample("ada")
    assert not Publisher.objects.get(slug="harbour-ledger").sample


def test_the_command_says_what_is_there_removes_it_and_brings_it_back(settings: Settings) -> None:
    settings.SAMPLE_ADDRESS = urlsplit(BASE).netloc
    load_sample_sources(WORLD, BASE)
    assert said("status") == "In the desk: 19 sample publishers, 19 feeds, 0 articles, 0 events.\n"
    assert said("remove") == "Removed: 19 sample publishers, 19 feeds, 0 articles, 0 events.\n"
    assert "`manage.py sample load` brings it back" in said("status")
    assert said("load").startswith("19 new sample feeds;")
    assert not is_sample_removed()


def test_loading_while_nothing_is_served_says_when_it_comes(settings: Settings) -> None:
    settings.SAMPLE_ADDRESS = ""
    remove_sample("ada")
    assert "the next `manage.py up` loads it" in said("load")
    assert not is_sample_removed()


def said(word: str) -> str:
    out = StringIO()
    call_command("sample", word, stdout=out)
    return out.getvalue()


def test_one_click_of_an_admin_removes_it(client: Client, admin: User) -> None:
    load_sample_sources(WORLD, BASE)
    client.force_login(admin)
    answer = client.post("/sample/remove/")
    assert (answer.status_code, answer["location"]) == (302, "/")
    assert sample_status().is_empty
    assert Change.objects.get(subject_kind="sample").by == "ada"


@pytest.mark.parametrize("role", ["analyst", "editor"])
def test_nobody_else_may_click_it(client: Client, role: str, request: pytest.FixtureRequest) -> None:
    load_sample_sources(WORLD, BASE)
    assert client.post("/sample/remove/").status_code == 302
    client.force_login(request.getfixturevalue(role))
    assert client.post("/sample/remove/").status_code == 403
    assert Feed.objects.filter(sample=True).exists()


def test_a_link_cannot_remove_it(client: Client, admin: User) -> None:
    load_sample_sources(WORLD, BASE)
    client.force_login(admin)
    assert client.get("/sample/remove/").status_code == 405
    assert Feed.objects.filter(sample=True).exists()
