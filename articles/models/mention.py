"""Which entity an article speaks of, where, why we think so, and what people said about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from articles.models.article import Article, Revision
from articles.models.sources import Publisher
from entities.models import Entity


class Mention(models.Model):
    """A name in a revision. Offsets are code points of its field, `end` exclusive."""

    class Field(models.TextChoices):
        TITLE = "title", "Title"
        TEXT = "text", "Text"

    class Status(models.TextChoices):
        LINKED = "linked", "Linked"
        AMBIGUOUS = "ambiguous", "Ambiguous"
        PROPOSED = "proposed", "Proposed"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="mentions")
    entity = models.ForeignKey(
        Entity, on_delete=models.CASCADE, null=True, blank=True, related_name="mentions"
    )
    field = models.CharField(max_length=5, choices=Field)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    kind = models.CharField(max_length=12)
    status = models.CharField(max_length=10, choices=Status)
    score = models.FloatField(default=0.0)
    why = models.JSONField(default=list)  # [{code, words, weight}]
    candidates = models.JSONField(default=list)  # [{entity, score, why}] best first
    rule_version = models.CharField(max_length=20)
    decided_by = models.CharField(max_length=150, blank=True)  # empty: the machine
    rule = models.ForeignKey(
        "articles.LinkRule", on_delete=models.SET_NULL, null=True, blank=True, related_name="mentions"
    )
    proposal = models.ForeignKey(
        "articles.Proposal", on_delete=models.SET_NULL, null=True, blank=True, related_name="mentions"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "field", "start", "end"], name="mention_span_once"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="mention_span_not_empty"),
            models.CheckConstraint(
                condition=Q(status="linked", entity__isnull=False) | ~Q(status="linked"),
                name="mention_linked_to_one",
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "revision"]),
            # By the name alone, so that the many that say the same share one entry.
            models.Index(fields=["text"], name="mention_text"),
            models.Index(
                fields=["text", "revision"], name="mention_ambiguous", condition=Q(status="ambiguous")
            ),
        ]


class RevisionNames(models.Model):
    """What the language model called a name in a revision: kept, so that linking anew needs no model."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="names")
    model = models.CharField(max_length=80)  # name and version of the pipeline; empty: none for this language
    spans = models.JSONField(default=list)  # [[field, start, end, label]] by field and start


class LinkDecision(models.Model):
    """A person's word on what a name in an article means; every later run obeys it.

    `entity` NULL means: the name is no entity that we follow. With start and end NULL it holds for each
    occurrence of the name in the article.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="link_decisions")
    surface = models.CharField(max_length=300)
    field = models.CharField(max_length=5, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    # Whom the machine meant there before: what the name gains or loses trust by.
    was = models.ForeignKey(Entity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=150)
    why = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "surface", "field", "start", "end"],
                condition=Q(withdrawn_at__isnull=True),
                nulls_distinct=False,
                name="link_decision_one_in_force",
            ),
        ]


class LinkRule(models.Model):
    """A correction that holds beyond one article: what a name means, on what condition, by whom and why.

    `entity` NULL means: the name is no entity that we follow. It is switched off, never deleted.
    """

    surface = models.CharField(max_length=300)
    entity = models.ForeignKey(
        Entity, on_delete=models.CASCADE, null=True, blank=True, related_name="link_rules"
    )
    publisher = models.ForeignKey(
        Publisher, on_delete=models.CASCADE, null=True, blank=True, related_name="link_rules"
    )  # only in articles of this publisher
    beside = models.ForeignKey(
        Entity, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # only in texts that name this entity, too
    article = models.ForeignKey(
        Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="link_rules"
    )  # where the correction was made
    by = models.CharField(max_length=150)
    why = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    off_at = models.DateTimeField(null=True, blank=True)
    off_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["surface", "publisher", "beside"],
                condition=Q(off_at__isnull=True),
                nulls_distinct=False,
                name="link_rule_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return self.surface


class RuleRefusal(models.Model):
    """What a rule that says "no entity" took away from a text: its hits, as mentions are those of any other rule."""

    rule = models.ForeignKey(LinkRule, on_delete=models.CASCADE, related_name="refusals")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="refusals")
    # Whom the machine would have linked; NULL: it was unsure, or did not know the name.
    entity = models.ForeignKey(Entity, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    places = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "revision", "entity"], nulls_distinct=False, name="rule_refusal_once"
            ),
        ]


class ArticleEntity(models.Model):
    """Which entities an article is about, one row each: what entity pages, filters and facets read."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="entity_rows")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="article_rows")
    published_at = models.DateTimeField()
    mentions = models.PositiveIntegerField()
    in_title = models.BooleanField(default=False)
    about = models.BooleanField(default=False)  # it is what the article is about, not only mentioned
    salience = models.FloatField(default=0.0)  # 0..1
    why = models.JSONField(default=list)  # the parts of the salience: [{code, words, weight}]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "entity"], name="article_entity_once")]
        indexes = [
            models.Index(
                fields=["entity", "-published_at"], include=["article"], name="article_entity_newest"
            ),
        ]


class EntityDay(models.Model):
    """How many articles of a day (UTC) mention an entity."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "day"], name="entity_day_once")]
        indexes = [models.Index(fields=["day"], include=["entity", "n"], name="entity_day_by_day")]


class EntityYear(models.Model):
    """How many articles of the last 365 UTC days name an entity: counted now and then on a desk with many entity days,
    for lists that would add them all up. When it was last done stands in `Progress`.
    """

    entity = models.OneToOneField(Entity, on_delete=models.CASCADE, primary_key=True, related_name="year")
    n = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["-n", "entity"], name="entity_year_most")]


class Annotation(models.Model):
    """A note on a passage, anchored by position and by quote (W3C Web Annotation selectors)."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="annotations")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="annotations")
    field = models.CharField(max_length=5, choices=Mention.Field, default=Mention.Field.TEXT)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    prefix = models.CharField(max_length=32, blank=True)
    suffix = models.CharField(max_length=32, blank=True)
    body = models.TextField()
    tag = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["article", "start"])]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="annotation_span_not_empty"),
        ]
