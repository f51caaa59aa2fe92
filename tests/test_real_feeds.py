"""Feeds as real servers sent them, imported as an admin does, polled twice: each entry once, then 304."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from articles import pipeline
from articles.editing.source_lists import import_list, read_list
from articles.ingest.identity import content_key
from articles.ingest.opml import Outline, write_opml
from articles.ingest.parse import parse_feed
from articles.models import Article, Feed, FetchRun, SearchRow, Sighting
from tests.feedworld import FeedWorld, serving
from tests.shared_data import shared, unpacked

pytestmark = pytest.mark.django_db


def test_real_feeds_are_stored_whole_and_a_second_poll_stores_nothing(settings: Any) -> None:
    settings.FETCH_HOST_BUDGET, settings.FETCH_HOST_SECONDS = 1000, 0.0
    folder = shared("feeds/real")
    expected = {
        name.rpartition("/")[2]: count
        for name, count in json.loads(shared("feeds/expected_entries.json").read_text()).items()
        if "real/" in name
    }
    files = sorted(folder.glob("*.gz"))
    with serving(FeedWorld({f"/{path.stem}": unpacked(path) for path in files})) as world:
        outlines = [Outline(world.url(f"/{path.stem}"), path.stem, "", "", "") for path in files]
        assert import_list("ada", read_list(write_opml("Real", outlines).encode())) == len(files)
        pipeline.ingest_due_feeds(600.0)
        answered = Feed.objects.filter(last_outcome="stored").count()
        failed = dict(Feed.objects.filter(last_outcome="failed").values_list("url", "last_message"))
        assert not failed
        assert answered == len(files)

        stored = Counter(Sighting.objects.values_list("feed__url", flat=True))
        for path in files:
            url = world.url(f"/{path.stem}")
            if stored[url] >= expected[path.name]:
                continue
            # An entry that repeats an earlier one's guid or address (where it has neither, its title and text) is that
            # entry; one without any word is none.
            entries = parse_feed(unpacked(path), url=url).entries
            assert len(entries) >= expected[path.name], f"{path.name}: the reader lost entries"
            repeats = sum(
                _repeats(entry.guid for entry in entries)
                + _repeats(entry.url for entry in entries)
                + _repeats(content_key(entry) for entry in entries if not entry.guid and not entry.url)
            )
            silent = sum(not (entry.title or entry.summary_html or entry.content_html) for entry in entries)
            assert len(entries) - stored[url] <= repeats + silent, f"{path.name}: entries are not stored"
        assert SearchRow.objects.count() == Article.objects.count()

        before = (Article.objects.count(), Sighting.objects.count())
        Feed.objects.update(next_fetch_at=timezone.now() - timedelta(seconds=1))
        pipeline.ingest_due_feeds(600.0)
        assert world.count(304) == len(files)
        assert FetchRun.objects.filter(outcome="unchanged").count() == len(files)
        assert (Article.objects.count(), Sighting.objects.count()) == before


def _repeats(keys: Iterable[str]) -> list[int]:
    return [times - 1 for times in Counter(key for key in keys if key).values()]
