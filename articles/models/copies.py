"""Which articles are the same text: copy groups, sketches of texts and the stock phrases left out of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from articles.models.article import Article
from articles.models.sources import Publisher
from entities.models import Change


class CopyGroup(models.Model):
    """Articles that carry one text. The origin is presumed: by a credit line, else the earliest."""

    origin = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    article_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)


class ArticleCopy(models.Model):
    """An article's place in its copy group, with the two measures that put it there."""

    class Kind(models.TextChoices):
        ORIGIN = "origin", "Origin"
        VERBATIM = "verbatim", "Verbatim copy"
        ABRIDGED = "abridged", "Abridged copy"

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="copy")
    group = models.ForeignKey(CopyGroup, on_delete=models.CASCADE, related_name="members")
    kind = models.CharField(max_length=10, choices=Kind)
    # The share (0..1) of the shorter text's three-word sequences that stand in the other text, and the share
    # of all their sequences that stand in both.
    containment = models.FloatField(default=1.0)
    jaccard = models.FloatField(default=1.0)
    why = models.JSONField(default=list)  # [{code, words, weight}]
    rule_version = models.CharField(max_length=20)


class ArticleSketch(models.Model):
    """A sample of the hashes of an article's three-word sequences: the blocking key for copies.

    `full` says that no hash was left out (short texts); `seen_at` is when the desk got the article.
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="+")
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE, related_name="+")
    shard = models.CharField(max_length=16)
    hashes = ArrayField(models.BigIntegerField())
    full = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Each placement reads right after the last one wrote: a list of pending entries would be read through.
            GinIndex(fields=["hashes"], name="articlesketch_hashes", fastupdate=False),
            models.Index(fields=["seen_at"], name="articlesketch_seen_at"),
        ]


class StockPhrase(models.Model):
    """A hash that says nothing about copying: many events of one publisher (none: of all) carry it."""

    shard = models.CharField(max_length=16)
    publisher = models.ForeignKey(
        Publisher, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    hash = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shard", "hash", "publisher"], nulls_distinct=False, name="stockphrase_once"
            ),
        ]


class ArticleShare(models.Model):
    """Two articles that share text without being copies; `article` is the one that the desk placed later."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="shares")
    other = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="shared_by")
    containment = models.FloatField()
    jaccard = models.FloatField()
    rule_version = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "other"], name="articleshare_once")]


class CopyDecision(models.Model):
    """What a person said about copies, which every later run obeys until it is withdrawn.

    `not_copy`: `article` and `other` are no copies of each other; `origin`: `article` is the origin of its group;
    `apart`: `article` and `other` are two articles, whatever addresses their pages give.
    """

    class Kind(models.TextChoices):
        NOT_COPY = "not_copy", "No copy"
        ORIGIN = "origin", "The origin"
        APART = "apart", "Two articles"

    kind = models.CharField(max_length=8, choices=Kind)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="copy_decisions")
    other = models.ForeignKey(Article, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=150)
    why = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "article", "other"],
                condition=models.Q(withdrawn_at__isnull=True),
                nulls_distinct=False,
                name="copy_decision_one_in_force",
            ),
        ]


class MergedRows(models.Model):
    """What stood at two articles before they became one, for parting them; publishers' words are in it.

    Not in the history itself, which never forgets: this goes with the article.
    """

    change = models.OneToOneField(Change, on_delete=models.PROTECT, primary_key=True, related_name="+")
    # The article that has it all now, which may be what the survivor became part of.
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="merged_rows")
    rows = models.JSONField()  # as `articles.ingest.merged.keep_rows` gives it
