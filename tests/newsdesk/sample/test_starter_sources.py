"""A new desk follows well-known public feeds; what an admin took away stays away."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from articles.editing.sources import remove_source
from articles.ingest.canonical import canonical_url, url_sha256
from articles.models import Feed, Publisher
from entities.models import Change
from newsdesk.sample.starter_sources import STARTER_SOURCES, load_starter_sources


def test_the_list_is_plain_and_covers_the_desk_s_subjects() -> None:
    assert 18 <= len(STARTER_SOURCES) <= 24
    assert len({url_sha256(source.url) for source in STARTER_SOURCES}) == len(STARTER_SOURCES)
    for source in STARTER_SOURCES:
        assert source.url.startswith("https://")
        assert canonical_url(source.url)
        assert urlsplit(source.site).scheme == "https"
        assert len(source.country) == 2
        assert source.owner
    sections = Counter(source.section for source in STARTER_SOURCES)
    assert all(sections[section] >= 3 for section in ("World", "Business", "Technology", "Asia"))


@pytest.mark.django_db
def test_it_subscribes_once() -> None:
    assert load_starter_sources() == len(STARTER_SOURCES)
    feeds = list(Feed.objects.order_by("pk").values())
    assert all(feed["starter"] and not feed["sample"] and feed["state"] == "active" for feed in feeds)
    assert all(feed["interval_seconds"] >= 900 for feed in feeds)
    assert Publisher.objects.get(name="BBC News").feeds.count() == 2
    assert Change.objects.filter(subject_kind="source", act="added").count() == len(STARTER_SOURCES)
    assert load_starter_sources() == 0
    assert list(Feed.objects.order_by("pk").values()) == feeds


@pytest.mark.django_db
def test_what_an_admin_removed_or_moved_does_not_come_back() -> None:
    load_starter_sources()
    remove_source("ada", Feed.objects.get(url__contains="techcrunch").pk)
    moved = Feed.objects.get(url__contains="theregister")
    new = "https://www.theregister.com/other.atom"
    Feed.objects.filter(pk=moved.pk).update(url=new, url_sha256=url_sha256(new))
    assert load_starter_sources() == 0
    assert not Feed.objects.filter(url__contains="techcrunch").exists()


@pytest.mark.django_db
def test_a_feed_and_a_publisher_that_somebody_added_before_are_left_as_they_are() -> None:
    source = STARTER_SOURCES[0]
    publisher = Publisher.objects.create(name=source.name, slug="ours", owner="As we know it")
    Feed.objects.create(
        publisher=publisher, url=source.url, url_sha256=url_sha256(source.url), host="feeds.bbci.co.uk",
        title="Ours", next_fetch_at=timezone.now(),
    )  # fmt: skip
    assert load_starter_sources() == len(STARTER_SOURCES) - 1
    feed = Feed.objects.get(url=source.url)
    publisher.refresh_from_db()
    assert (feed.title, feed.starter, publisher.owner, publisher.feeds.count()) == (
        "Ours",
        False,
        "As we know it",
        2,
    )
