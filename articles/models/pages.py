"""How pages are read: an admin's rules for a publisher, the lines that it repeats, and when a page is looked at again."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from articles.models.article import Article
from articles.models.sources import Publisher


class PageRules(models.Model):
    """CSS selectors (one a line each) by which an admin tells where the article stands in a publisher's pages."""

    publisher = models.OneToOneField(
        Publisher, on_delete=models.CASCADE, primary_key=True, related_name="page_rules"
    )
    keep = models.TextField(blank=True)  # the text is what these match, and nothing else
    remove = models.TextField(blank=True)  # taken out before anything is looked for
    title = models.TextField(blank=True)
    date = models.TextField(blank=True)
    author = models.TextField(blank=True)
    rules_off = ArrayField(
        models.CharField(max_length=40), default=list, blank=True
    )  # ids of residue rules that are wrong for this publisher
    version = models.PositiveIntegerField(default=1)  # optimistic lock
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)


class EdgeLine(models.Model):
    """A line that a publisher repeats at the edges of its articles: learnt, counted, and switched by people."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="edge_lines")
    key = models.CharField(max_length=300)  # articles.ingest.clean.line_key
    line = models.CharField(max_length=300)  # as it was last seen
    articles = models.PositiveIntegerField(default=0)  # at whose edges it was seen
    removed = models.PositiveIntegerField(default=0)  # how many times it was taken off
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()
    is_on = models.BooleanField(default=True)
    decided_by = models.CharField(
        max_length=150, blank=True
    )  # empty: the machine, which never overrules a person
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publisher", "key"], name="edgeline_once_a_publisher")]
        indexes = [models.Index(fields=["publisher", "-articles"], name="edgeline_by_publisher")]


class PageLook(models.Model):
    """When an article's page was last looked at, and what it answered: the next look is a job (kind look)."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="look")
    looks = models.PositiveSmallIntegerField(default=0)
    changes = models.PositiveSmallIntegerField(default=0)  # looks that found another text
    quiet = models.PositiveSmallIntegerField(default=0)  # looks in a row that found none
    missing = models.PositiveSmallIntegerField(default=0)  # looks in a row that found no page (404, 410)
    looked_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    etag = models.CharField(max_length=1000, blank=True)
    last_modified = models.CharField(max_length=200, blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    title = models.CharField(
        max_length=1000, blank=True, default="", db_default=""
    )  # the page's own headline: it may differ from the feed's from the start
    # A text much shorter than the one that stands, which is believed when a look after `held_until` finds it again.
    held_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    held_until = models.DateTimeField(null=True, blank=True)
    next_why = models.TextField(blank=True)  # why the next look is then, or why there is none, in words


class PageTrial(models.Model):
    """A page on which an admin tries rules, kept for minutes so that typing asks its server nothing again."""

    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="page_trials")
    url = models.TextField()
    url_sha256 = models.BinaryField(max_length=32)
    final_url = models.TextField()
    content_type = models.CharField(max_length=200, blank=True)
    status = models.PositiveSmallIntegerField()
    milliseconds = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes, unpacked
    body = models.BinaryField()  # packed by zlib
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publisher", "url_sha256"], name="pagetrial_once_a_publisher")
        ]
