"""One publisher's long queue keeps nobody from being read or looked at."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from articles.ingest.looking import claim_looks
from articles.ingest.reading import claim_articles
from articles.jobs import WINDOW, add_jobs
from articles.models import Article, Job, Publisher
from tests.factories import make_publisher

pytestmark = pytest.mark.django_db

LIMIT = 4


def queue(kind: Job.Kind, publisher: Publisher, count: int, *, hours: float, stage: str) -> None:
    """So many articles of a publisher whose job of this kind has been due for some hours."""
    now = timezone.now()
    rows = Article.objects.bulk_create(
        Article(
            publisher=publisher,
            url=f"https://{publisher.slug}.example/{n}",
            url_sha256=hashlib.sha256(f"{publisher.slug} {n}".encode()).digest(),
            title="Harbour closed",
            published_at=now,
            published_from="feed",
            fetched_at=now,
            stage=stage,
            needs_page=True,
        )
        for n in range(count)
    )
    add_jobs(kind, [(row.pk, "", 0, None) for row in rows])
    of = Job.objects.filter(kind=kind, subject_id__in=[row.pk for row in rows])
    of.update(not_before=now - timedelta(hours=hours))


def claimed(kind: Job.Kind) -> list[int]:
    """The publishers of a claim's articles."""
    if kind == Job.Kind.LOOK:
        return [one.publisher_id for one in claim_looks(LIMIT, 60, pages_a_publisher=2)[1]]
    return [one.publisher_id for one in claim_articles(LIMIT, 60, pages_a_publisher=2)[1]]


@pytest.mark.parametrize(("kind", "stage"), [(Job.Kind.LOOK, "done"), (Job.Kind.READ, "new")])
def test_a_small_publisher_behind_a_large_one_comes_with_the_first_portion(
    kind: Job.Kind, stage: str
) -> None:
    large, small = make_publisher("Large Paper"), make_publisher("Small Paper")
    queue(kind, large, LIMIT * WINDOW + 20, hours=5, stage=stage)
    queue(kind, small, 1, hours=1, stage=stage)
    assert sorted(claimed(kind)) == sorted([large.pk, large.pk, small.pk])


def test_a_publisher_alone_gets_its_share_and_no_more() -> None:
    large = make_publisher("Large Paper")
    queue(Job.Kind.LOOK, large, 10, hours=5, stage="done")
    assert claimed(Job.Kind.LOOK) == [large.pk, large.pk]


def test_a_full_portion_takes_the_longest_due() -> None:
    papers = [make_publisher(f"Paper {n}") for n in range(4)]
    for n, paper in enumerate(papers):
        queue(Job.Kind.LOOK, paper, 3, hours=10 - n, stage="done")
    assert claimed(Job.Kind.LOOK) == [papers[0].pk, papers[0].pk, papers[1].pk, papers[1].pk]
