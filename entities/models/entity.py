"""Who and what can be meant: entities, their names and their identifiers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from entities.slugs import SHADOWED


class Entity(models.Model):
    """A person, company, organisation, public body or place. Kinds follow FollowTheMoney's schemata."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        COMPANY = "company", "Company"
        ORGANIZATION = "organization", "Organisation"
        PUBLIC_BODY = "public_body", "Public body"
        PLACE = "place", "Place"
        OTHER = "other", "Other"

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=120, unique=True)
    wikidata_id = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2
    description = models.CharField(max_length=300, blank=True)
    # 0..1: how likely a name that says nothing else means this entity rather than a namesake
    prominence = models.FloatField(default=0.0)
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)  # YYYY, YYYY-MM or YYYY-MM-DD: as exact as the source is
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    edited_by_human = models.BooleanField(default=False)  # importers leave such rows alone
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wikidata_id"], condition=~Q(wikidata_id=""), name="entity_wikidata_unique"
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("id")), name="entity_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["person", "company", "organization", "public_body", "place", "other"]),
                name="entity_kind_known",
            ),
            models.CheckConstraint(condition=~Q(slug__in=sorted(SHADOWED)), name="entity_slug_not_shadowed"),
        ]
        indexes = [models.Index(fields=["kind", "name"]), models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        """Whether a source that was read backs the entity; `editorial` ones say 'not verified'."""
        return self.source != "editorial"


class Alias(models.Model):
    """One name of an entity. A weak name links only beside other evidence."""

    class Kind(models.TextChoices):
        LEGAL = "legal", "Legal name"
        SHORT = "short", "Short name"
        FORMER = "former", "Former name"
        ACRONYM = "acronym", "Acronym"
        NATIVE = "native", "Native name"
        TICKER = "ticker", "Ticker"
        NAME = "name", "Name"

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=200)
    folded = models.CharField(max_length=200)  # entities.names.fold(text): what prefix search runs on
    lang = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.NAME)
    weak = models.BooleanField(default=False)
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)
    # Decisions of people that are in force: how often the name meant this entity, and how often it did not although
    # the machine thought so. A weak name gains or loses trust by them.
    right = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    off_at = models.DateTimeField(null=True, blank=True)  # a person switched it off: it links nothing
    off_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "text"], name="alias_once_an_entity")]
        indexes = [
            models.Index(fields=["folded"], name="alias_folded", opclasses=["text_pattern_ops"]),
            # The few about which people said something, as the page of rules lists them.
            models.Index(
                fields=["-wrong", "-right", "id"],
                condition=Q(right__gt=0) | Q(wrong__gt=0) | Q(off_at__isnull=False),
                name="alias_judged",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Identifier(models.Model):
    """An identifier of an entity in a public scheme; its check digit is tested on entry."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=16)  # lei, cik, figi, wikidata, ...
    value = models.CharField(max_length=64)
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)
    valid = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity", "scheme", "value"], name="identifier_once_an_entity"),
        ]
        indexes = [models.Index(fields=["scheme", "value"])]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Judgement(models.Model):
    """A person's word on whether two entities are the same; rows are never overwritten, only withdrawn."""

    class Verdict(models.TextChoices):
        SAME = "same", "The same"
        NOT_SAME = "not_same", "Not the same"
        UNSURE = "unsure", "Unsure"

    left = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="judgements_left")
    right = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="judgements_right")
    verdict = models.CharField(max_length=8, choices=Verdict)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["left", "right"],
                condition=Q(withdrawn_at__isnull=True),
                name="judgement_one_in_force",
            ),
            models.CheckConstraint(condition=Q(left__lt=models.F("right")), name="judgement_pair_in_order"),
        ]


class Resemblance(models.Model):
    """Two entities that may be one, found by the machine; people judge it, and a judged pair is not asked again."""

    left = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="resembles_right")
    right = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="resembles_left")
    score = models.FloatField()
    why = models.JSONField(default=list)  # [{code, words, weight}]
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="resemblance_once_a_pair"),
            models.CheckConstraint(condition=Q(left__lt=models.F("right")), name="resemblance_pair_in_order"),
        ]
        indexes = [models.Index(fields=["-score", "id"], name="resemblance_surest")]


class Change(models.Model):
    """Append-only history of every room; it names its subject without a foreign key and outlives it."""

    subject_kind = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    act = models.CharField(max_length=48)
    by = models.CharField(max_length=150)  # the user's name, or "newsdesk" for the machine
    at = models.DateTimeField(auto_now_add=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    why = models.TextField(blank=True)
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "-id"]), models.Index(fields=["-at"])]
        constraints = [
            models.UniqueConstraint(fields=["undoes"], name="change_undone_once"),
        ]


class LexiconVersion(models.Model):
    """One row whose number grows with every change of names; workers reload when it moved.

    What was compiled under `mark` stays good: who changed since stands in `touched` and is read anew, beside it. The
    marks are random, so that no two states have one, not even after a transaction that was taken back.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=1)
    mark = models.CharField(max_length=32, blank=True)  # of the last compiling; empty: never marked
    touched = models.JSONField(default=list)  # ids of entities
    touched_mark = models.CharField(max_length=32, blank=True)  # of the last change of those

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="lexicon_version_single")]
