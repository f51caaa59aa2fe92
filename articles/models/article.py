"""Articles, their immutable revisions, and where each was seen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from articles.models.sources import Feed, Publisher


class Article(models.Model):
    """One published piece at one canonical address. What it says lives in its revisions."""

    class Stage(models.TextChoices):
        NEW = "new", "Waiting for its text"  # page fetch, extraction, linking
        LINKED = "linked", "Waiting for its event"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"
        QUARANTINED = "quarantined", "Quarantined"

    class Status(models.TextChoices):
        UNREVIEWED = "unreviewed", "Not reviewed"
        IN_REVIEW = "in_review", "In review"
        REVIEWED = "reviewed", "Reviewed"
        REJECTED = "rejected", "Rejected"

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="articles")
    url = models.TextField()
    url_sha256 = models.BinaryField(max_length=32, unique=True)  # of the canonical address
    title = models.CharField(max_length=1000)
    summary = models.TextField(blank=True)  # plain text of the feed, or the first words
    language = models.CharField(max_length=16, blank=True)
    authors = models.JSONField(default=list)
    published_at = models.DateTimeField()  # UTC; clamped when the source's date is impossible
    published_from = models.CharField(max_length=10)  # feed, jsonld, meta, htmldate or fetched
    published_raw = models.CharField(max_length=200, blank=True)
    published_day_only = models.BooleanField(default=False)
    fetched_at = models.DateTimeField()
    source_name = models.CharField(max_length=200, blank=True)  # RSS <source>: whom an aggregator names
    sample = models.BooleanField(default=False)
    corrected_at = models.DateTimeField(null=True, blank=True)  # when a second revision first came

    revision = models.ForeignKey(
        "Revision", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.UNREVIEWED)
    version = models.PositiveIntegerField(default=1)  # optimistic lock of editors' changes

    stage = models.CharField(max_length=12, choices=Stage, default=Stage.NEW)
    batch = models.BigIntegerField(default=0)  # FetchRun that brought it: part of the order of placing
    needs_page = models.BooleanField(default=False)  # the feed's own text is too short
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # its publisher took it back (RFC 6721)
    message = models.TextField(blank=True)  # why the last step failed, in words

    class Meta:
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="article_newest"),
            models.Index(fields=["publisher", "-published_at", "-id"], name="article_by_publisher"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=["new", "linked", "done", "failed", "quarantined"]),
                name="article_stage_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """What an article said at one time; never changed, mentions and notes point to it."""

    class Origin(models.TextChoices):
        FEED = "feed", "The feed's own text"
        PAGE = "page", "The article's page"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=1000)
    text = models.TextField(
        blank=True
    )  # plain, NFC; paragraphs parted by one blank line: offsets count in it
    html = models.TextField(blank=True)  # sanitised
    text_sha256 = models.CharField(max_length=64)  # of title, line feed, text
    origin = models.CharField(max_length=4, choices=Origin)
    removed = models.JSONField(default=list)  # [rule id, line] that the edge cleaner took away
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_once")]


class Sighting(models.Model):
    """An article as an entry of a feed: the same story in two feeds is one article with two sightings."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="sightings")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="sightings")
    guid = models.TextField()
    guid_sha256 = models.BinaryField(max_length=32)
    entry_sha256 = models.BinaryField(
        max_length=32
    )  # of all that the entry says: unchanged = nothing is written
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "guid_sha256"], name="sighting_guid_once_a_feed")
        ]


class SearchRow(models.Model):
    """The slim table that search reads, partitioned by date; `tsv` is written once per text and never by other updates."""

    pk = models.CompositePrimaryKey("article_id", "published_at")
    # The database takes the row away with its article (ON DELETE CASCADE); Django has nothing to do.
    article = models.ForeignKey(Article, on_delete=models.DO_NOTHING, related_name="+", db_index=False)
    # Whose it is, copied: the article's own key keeps the publisher from being removed.
    publisher = models.ForeignKey(
        Publisher, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    published_at = models.DateTimeField()
    title = models.CharField(max_length=1000)
    language = models.CharField(max_length=16, blank=True)

    # `tsv tsvector` and `entity_ids integer[]` are of the migrations: no query sets them by the ORM.

    class Meta:
        indexes = [models.Index(fields=["-published_at", "-article"], name="search_newest")]
