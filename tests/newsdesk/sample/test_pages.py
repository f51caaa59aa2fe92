"""What the desk reads off the sample world's pages is what was written, whatever the style of the markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from articles.ingest.extract import extract_page
from newsdesk.sample.pages import render_article, render_front, render_index
from newsdesk.sample.world import load_world

STARTED = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
LATER = STARTED + timedelta(hours=1)
BASE = "http://127.0.0.1:8090"
WORLD = load_world()
# One publisher for each style of page.
BY_STYLE = {
    publisher.style: publisher.slug
    for publisher in reversed(WORLD.publishers)
    if not publisher.feed.fails_with
}


@pytest.mark.parametrize("style", sorted(BY_STYLE))
def test_a_page_of_each_style_gives_its_text_and_nothing_else(style: str) -> None:
    publisher = WORLD.publishers_by_slug[BY_STYLE[style]]
    editions = WORLD.editions(publisher.slug, started=STARTED, now=LATER)
    written = [edition for edition in editions if edition.article.page == "article"]
    for edition in written[:3]:
        page = render_article(publisher, edition, editions, base_url=BASE)
        found = extract_page(page, url=BASE + edition.path, content_type="text/html; charset=utf-8")
        credit = [f"({edition.article.credit})"] if edition.article.credit else []
        assert found.text.split("\n\n") == [*edition.paragraphs, *credit]
        assert edition.title in found.title
        assert found.canonical_url == BASE + edition.path
        assert found.published is not None
        assert found.published.date() in {edition.published.date(), edition.published.astimezone(UTC).date()}


def test_every_page_owns_up_to_being_invented() -> None:
    for publisher in WORLD.publishers:
        editions = WORLD.editions(publisher.slug, started=STARTED, now=LATER)
        pages = [render_article(publisher, edition, editions, base_url=BASE) for edition in editions]
        for page in [*pages, render_front(publisher, editions, base_url=BASE)]:
            assert b"is an invented" in page
    assert b"These newspapers do not exist" in render_index(WORLD)


def test_structured_data_cannot_end_its_script() -> None:
    publisher = WORLD.publishers_by_slug["harbour-ledger"]
    edition = WORLD.editions(publisher.slug, started=STARTED, now=LATER)[0]
    hostile = type(edition)(
        article=edition.article,
        path=edition.path,
        title="</script><script>alert(1)</script>",
        summary=edition.summary,
        paragraphs=("<img src=x>",),
        published=edition.published,
        updated=edition.updated,
    )
    page = render_article(publisher, hostile, (), base_url=BASE).decode()
    assert "<script>alert" not in page
    assert "<img" not in page
