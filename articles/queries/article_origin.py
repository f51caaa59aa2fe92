"""What the page of an article reads of where it came from: its dates, its addresses, the feeds that carried it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef

from articles.ingest.canonical import url_sha256
from articles.models import Article, ArticleAddress, MergedRows, Sighting
from entities.models import Change

# Who says when it was published or changed, and how sure that is.
FROM_WORDS = {
    "feed": "says the feed",
    "jsonld": "says the page’s own data (JSON-LD)",
    "meta": "says the page’s own data (meta elements)",
    "htmldate": "as it is printed on the page",
    "rule": "by an admin’s rule for the pages of its publisher",
    "fetched": "when it was first seen here: nobody gives a date that could be",
}
FLAG_WORDS = {
    Article.DateFlag.AHEAD.value: "too far in the future to be taken",
    Article.DateFlag.ANCIENT.value: "before 1990, so it was not taken",
    Article.DateFlag.UNREADABLE.value: "which is no date that can be read",
}
ADDRESS_WORDS = {
    ArticleAddress.Kind.CANONICAL.value: "the page’s own address",
    ArticleAddress.Kind.AMP.value: "AMP form",
    ArticleAddress.Kind.MOBILE.value: "mobile form",
    ArticleAddress.Kind.MERGED.value: "was article",
}
# A page shows so many of each at most; more are of an index that lists everything.
MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class SeenIn:
    """A feed that carried the article; `changed_at` is when its entry last changed, None when it never did."""

    feed_id: int
    title: str
    first_seen_at: datetime
    changed_at: datetime | None = None
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class OtherAddress:
    """Where the same article stands besides; `words` say what the address is.

    Of one that was an article of its own: `merged_id`, its number; `why` both were taken for one; `change_id`, what an
    editor takes back to part them (None: the desk does not have what that needs).
    """

    url: str
    words: str
    merged_id: int | None = None
    why: str = ""
    change_id: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """All that the provenance box tells, in words where a code would not do.

    `published_day` is set when no more than the day is known: it is the same day for every reader. `refused` is what
    the source wrote when that could not be taken, `refused_words` why.
    """

    published_words: str
    published_raw: str
    published_day: date | None
    refused: str
    refused_words: str
    updated_at: datetime | None
    updated_words: str
    canonical_url: str
    addresses: tuple[OtherAddress, ...]
    section: str
    keywords: tuple[str, ...]
    image_url: str
    image_host: str
    page_kind_words: str
    gone_at: datetime | None
    seen_in: tuple[SeenIn, ...]


# What `origin_of` reads of the article's own row.
ORIGIN_FIELDS = (
    "url", "published_at", "published_from", "published_raw", "published_day_only", "published_flag", "updated_at",
    "updated_from", "canonical_url", "section", "keywords", "image_url", "page_kind", "gone_at",
)  # fmt: skip


def origin_of(article: Article) -> Origin:
    """Where an article came from; two queries, and a third when another article became part of it."""
    flag = article.published_flag
    stands = article.canonical_url and url_sha256(article.canonical_url) != url_sha256(article.url)
    return Origin(
        published_words=FROM_WORDS.get(article.published_from, article.published_from),
        published_raw="" if flag else article.published_raw,
        published_day=article.published_at.astimezone(UTC).date() if article.published_day_only else None,
        refused=(article.published_raw or "a date") if flag else "",
        refused_words=FLAG_WORDS.get(flag, ""),
        updated_at=article.updated_at,
        updated_words=FROM_WORDS.get(article.updated_from, ""),
        canonical_url=article.canonical_url if stands else "",
        addresses=_addresses_of(article),
        section=article.section,
        keywords=tuple(article.keywords),
        image_url=article.image_url,
        image_host=urlsplit(article.image_url).netloc,
        page_kind_words=Article.PageKind(article.page_kind).label if article.page_kind else "",
        gone_at=article.gone_at,
        seen_in=seen_in(article.pk),
    )


def seen_in(article_id: int) -> tuple[SeenIn, ...]:
    """The feeds that carried an article, in the order in which they did, each once: a feed may list it twice."""
    rows = Sighting.objects.filter(article_id=article_id).order_by("first_seen_at", "id")
    found: dict[int, SeenIn] = {}
    for feed_id, title, first, changed in rows.values_list(
        "feed_id", "feed__title", "first_seen_at", "changed_at"
    )[:MOST_ROWS]:
        found.setdefault(
            feed_id, SeenIn(feed_id, title, first, changed if changed > first else None, is_first=not found)
        )
    return tuple(found.values())


def moved_to(article_id: int) -> int | None:
    """The article of which another, that had this number, became part; None when none did."""
    return (
        ArticleAddress.objects.filter(merged_id=article_id)
        .order_by("id")
        .values_list("article_id", flat=True)
        .first()
    )


def _addresses_of(article: Article) -> tuple[OtherAddress, ...]:
    rows = list(
        ArticleAddress.objects.filter(article_id=article.pk)
        .order_by("id")
        .values_list("url", "kind", "merged_id")[:MOST_ROWS]
    )
    merged = _merges_of(article.pk, {row[2] for row in rows if row[2] is not None})
    return tuple(
        OtherAddress(url, ADDRESS_WORDS.get(kind, kind), merged_id, *merged.get(merged_id, ("", None)))
        for url, kind, merged_id in rows
        if url not in {article.url, article.canonical_url} or merged_id is not None
    )


def _merges_of(article_id: int, numbers: set[int]) -> dict[int | None, tuple[str, int | None]]:
    """Why each of these numbers became part of an article, and the row of history by which they are parted."""
    if not numbers:
        return {}
    rows = Change.objects.filter(
        subject_kind="article", subject_id__in={article_id, *numbers}, act="merge_article", undone_by=None
    ).annotate(is_kept=Exists(MergedRows.objects.filter(pk=OuterRef("pk"))))
    return {
        int(number): (why, pk if is_kept else None)
        for pk, number, why, is_kept in rows.order_by("id").values_list(
            "pk", "before__article", "why", "is_kept"
        )
    }
