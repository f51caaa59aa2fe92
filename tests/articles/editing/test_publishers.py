"""What admins decide about publishers, and what it does to the independence of events."""

from __future__ import annotations

from datetime import date

import pytest

from articles.editing.publishers import PublisherDraft, edit_publisher, undo_publisher_change
from articles.errors import RefusedError
from articles.models import Event
from entities.history import history_of
from tests.factories import make_article, make_event, make_publisher

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 1)


def test_it_counts_the_owners_of_events_anew_and_back() -> None:
    one, two, three = (make_publisher(name) for name in ("Harbour Post", "Kowloon Wire", "Semiwire"))
    event = make_event("Quay sold", [make_article(f"Quay {p.name}", publisher=p) for p in (one, two, three)])
    other = make_event("Elsewhere", [make_article("Elsewhere", publisher=three)])
    edit_publisher("ada", one.pk, PublisherDraft("Harbour Post", owner="Harbour Group"), TODAY)
    change = edit_publisher("ada", two.pk, PublisherDraft("Kowloon Wire", owner=" Harbour  Group "), TODAY)
    event.refresh_from_db()
    assert event.owner_count == 2
    two.refresh_from_db()
    assert (two.owner, two.owner_source, two.owner_as_of) == ("Harbour Group", "editorial", "2026-07-01")
    assert Event.objects.get(pk=other.pk).version == other.version
    assert change is not None
    undo_publisher_change("ada", change.pk, TODAY)
    event.refresh_from_db()
    two.refresh_from_db()
    assert (event.owner_count, two.owner, two.owner_as_of) == (3, "", "")
    assert [row.act for row in history_of("publisher", two.pk)] == ["undone", "edited"]
    with pytest.raises(RefusedError, match="taken back already"):
        undo_publisher_change("ada", change.pk, TODAY)


def test_it_records_only_what_was_different() -> None:
    publisher = make_publisher("Post", country="HK")
    assert edit_publisher("ada", publisher.pk, PublisherDraft("Post", country="hk"), TODAY) is None
    change = edit_publisher("ada", publisher.pk, PublisherDraft("Post", country="HK", language="en"), TODAY)
    assert change is not None
    assert (change.before, change.after) == ({"language": ""}, {"language": "en"})


def test_it_refuses_a_name_that_is_taken_and_those_of_the_sample() -> None:
    make_publisher("Post")
    other, invented = make_publisher("Wire"), make_publisher("Invented", sample=True)
    with pytest.raises(RefusedError, match="Another publisher"):
        edit_publisher("ada", other.pk, PublisherDraft("post"), TODAY)
    with pytest.raises(RefusedError, match="belongs to the sample"):
        edit_publisher("ada", invented.pk, PublisherDraft("Real"), TODAY)
    with pytest.raises(RefusedError, match="needs a name"):
        edit_publisher("ada", other.pk, PublisherDraft("  "), TODAY)
    with pytest.raises(RefusedError, match="not here any more"):
        edit_publisher("ada", 999_999, PublisherDraft("X"), TODAY)
