"""The provenance box in a real browser: axe, both themes, narrow and wide, with all that an article can have."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.ingest.canonical import url_sha256
from articles.models import Article, ArticleAddress, Feed, Sighting
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.factories import make_article

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_full_box_passes_axe_and_fits_a_narrow_page(desk: Desk, admin: User) -> None:
    now = timezone.now()
    article = make_article(
        authors=["Ana Reyes", "Li Wei"],
        published_flag="ahead",
        published_raw="Fri, 01 Jan 2099 00:00:00 GMT",
        updated_at=now,
        updated_from="jsonld",
        section="Ports & Sea",
        keywords=[f"keyword number {n}" for n in range(20)],
        image_url=f"https://images.tessin-times.example/{'harbour-' * 20}.jpg",
        canonical_url=f"https://tessin-times.example/2026/03/{'harbour-of-halvard-' * 6}closed",
        page_kind="article",
        gone_at=now - timedelta(days=1),
        source_name="Reuters",
    )
    _listed(article)
    desk.sign_in(admin)
    desk.check_page("article-origin", f"/articles/{article.pk}/")


def _listed(article: Article) -> None:
    """Three feeds carry it, and it stands at four more addresses."""
    for n in range(3):
        url = f"https://tessin-times.example/{n}.xml"
        feed = Feed.objects.create(
            publisher=article.publisher,
            url=url,
            url_sha256=url_sha256(url),
            title=f"Tessin Times, part {n}",
            next_fetch_at=timezone.now(),
        )
        first = timezone.now() - timedelta(hours=3 - n)
        Sighting.objects.create(
            feed=feed,
            article=article,
            guid=str(n),
            guid_sha256=url_sha256(url),
            entry_sha256=url_sha256(url),
            first_seen_at=first,
            changed_at=first + timedelta(minutes=20 * n),
        )
    for kind in ArticleAddress.Kind.values:
        url = f"https://{kind}.tessin-times.example/{'harbour-' * 12}77"
        merged = article.pk + 5 if kind == "merged" else None
        ArticleAddress.objects.create(
            article=article, url=url, url_sha256=url_sha256(url), kind=kind, merged_id=merged
        )
