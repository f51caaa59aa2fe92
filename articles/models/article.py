"""Articles, their immutable revisions, and where each was seen."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

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

    class PageKind(models.TextChoices):
        """What its page turned out to be; what is no article leaves the feed's text in force."""

        UNREAD = "", "Not read"
        ARTICLE = "article", "An article"
        INDEX = "index", "A list of articles"
        CONSENT = "consent", "A question about cookies"
        PAYWALL = "paywall", "The beginning of a paid article"
        OFFER = "offer", "An offer of a subscription"
        CHALLENGE = "challenge", "A check for robots"
        VIDEO = "video", "A video or a gallery without a text"
        LOGIN = "login", "A page to sign in"
        BLOCKED = "blocked", "A page that is not shown in our region"
        OUTAGE = "outage", "An error page of the site"
        MISSING = "missing", "A page that says it is not there"
        EMPTY = "empty", "A page without a text"

    class DateFlag(models.TextChoices):
        """Why the source's date was not taken."""

        NONE = "", "Taken as it is"
        AHEAD = "ahead", "Too far in the future"
        ANCIENT = "ancient", "Before 1990"
        UNREADABLE = "unreadable", "Not readable"

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
    published_flag = models.CharField(
        max_length=10, choices=DateFlag, blank=True, default=DateFlag.NONE, db_default=""
    )
    updated_at = models.DateTimeField(null=True, blank=True)  # UTC; what the publisher says itself
    updated_from = models.CharField(max_length=10, blank=True, default="", db_default="")
    fetched_at = models.DateTimeField()
    source_name = models.CharField(max_length=200, blank=True)  # RSS <source>: whom an aggregator names
    sample = models.BooleanField(default=False)
    section = models.CharField(max_length=100, blank=True, default="", db_default="")
    keywords = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        db_default=Value([], ArrayField(models.CharField(max_length=100))),
    )
    image_url = models.TextField(blank=True, default="", db_default="")  # the lead image; never loaded
    canonical_url = models.TextField(
        blank=True, default="", db_default=""
    )  # the page's own word, when it is believed
    page_kind = models.CharField(
        max_length=10, choices=PageKind, blank=True, default=PageKind.UNREAD, db_default=""
    )
    corrected_at = models.DateTimeField(null=True, blank=True)  # when a second revision first came
    # After publication, the last time each: what lists mark.
    headline_changed_at = models.DateTimeField(null=True, blank=True)
    number_changed_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)  # its page was deleted; what it said stays

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
            # The few on their way, for the figures of Today.
            models.Index(
                fields=["stage", "fetched_at"],
                condition=Q(stage__in=["new", "linked"]),
                name="article_on_its_way",
            ),
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
    # Against the revision before: [{code: headline | number | text, words, was, now}]
    changes = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    # The id of that one before. None: it is the one with the number before; 0: none, it began another address's texts.
    follows = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_once")]


class ArticleAddress(models.Model):
    """Another address of an article: canonical, AMP, mobile, or of a row that was merged into it."""

    class Kind(models.TextChoices):
        CANONICAL = "canonical", "The page calls it canonical"
        AMP = "amp", "AMP form"
        MOBILE = "mobile", "Mobile form"
        MERGED = "merged", "Was an article of its own"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="addresses")
    url = models.TextField()
    url_sha256 = models.BinaryField(max_length=32, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    merged_id = models.BigIntegerField(
        null=True, blank=True
    )  # the number that the merged row had: it redirects
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["merged_id"], condition=Q(merged_id__isnull=False), name="address_merged"),
        ]


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
