"""What the placing machine remembers: vectors of live events, word frequencies and its place in the stream."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from pgvector.django import HnswIndex, VectorField

from articles.models.article import Article
from articles.models.event import Event


class PlacingShard(models.Model):
    """One serial stream of placements (a language).

    `seq` counts its writes; the terms of articles up to `folded` are in `TermCount`, later ones in `PlacedTerms`.
    """

    name = models.CharField(max_length=16, primary_key=True)
    seq = models.BigIntegerField(default=0)
    folded = models.BigIntegerField(default=0)
    documents = models.BigIntegerField(default=0)  # articles counted in TermCount


class TermCount(models.Model):
    """In how many placed articles of a shard a term stands."""

    shard = models.CharField(max_length=16)
    term = models.CharField(max_length=100)
    articles = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shard", "term"], name="termcount_once")]


class PlacedTerms(models.Model):
    """The distinct terms of a newly placed article, waiting to be added to `TermCount` in one bulk write."""

    shard = models.CharField(max_length=16)
    seq = models.BigIntegerField()
    terms = ArrayField(models.CharField(max_length=100))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shard", "seq"], name="placedterms_once")]


class EventVector(models.Model):
    """The weighted terms of an event, by part of the text, as the placing machine compares them.

    `seq` is the shard's write that made this state: other processes load what is newer than theirs.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="vector")
    shard = models.CharField(max_length=16)
    seq = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    seen_at = (
        models.DateTimeField()
    )  # when the desk last got an article of it: events long unseen leave memory
    size = models.PositiveIntegerField()
    data = models.BinaryField(
        default=b""
    )  # keys and weights of its terms, as articles.events.vectors packs them
    stale = models.BooleanField(default=False)  # whoever places next computes it from the articles
    # Sums of its articles' unit vectors, of "title. lead" and of the title; None: no article of it has any.
    dense = VectorField(dimensions=384, null=True, blank=True)
    dense_title = VectorField(dimensions=384, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["shard", "seq"], name="eventvector_shard_seq"),
            models.Index(fields=["shard", "seen_at"], name="eventvector_shard_seen"),
            models.Index(fields=["shard"], condition=Q(stale=True), name="eventvector_stale"),
        ]


class ArticleEmbedding(models.Model):
    """What a small language model makes of an article's "title. lead" and of its title: unit vectors.

    The index serves the search for related articles only: an approximate answer must not place one.
    """

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="embedding"
    )
    revision_id = models.BigIntegerField()  # the revision that was read
    model = models.CharField(max_length=60)  # its name and version: vectors of two models are not compared
    vector = VectorField(dimensions=384)
    title_vector = VectorField(dimensions=384)

    class Meta:
        indexes = [HnswIndex(name="articleembedding_near", fields=["vector"], opclasses=["vector_ip_ops"])]
