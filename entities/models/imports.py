"""What imports did, and where a table and the knowledge base say different things."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from entities.models.entity import Entity


class ImportRun(models.Model):
    """One import of one file; without `finished_at` it was stopped."""

    form = models.CharField(
        max_length=20
    )  # which kind of table: a key of entities.sources.tables.formats.FORMATS
    file = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lines = models.PositiveIntegerField(default=0)
    counts = models.JSONField(
        default=dict
    )  # {"added": {what: rows}, "updated": {...}, "known": n, "conflicts": n}
    rejects = models.JSONField(default=list)  # [{why, n, first: line, bad: bool}]

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="importrun_newest")]


class Conflict(models.Model):
    """A fact of a table that contradicts one of the knowledge base: both stay until a person decides."""

    class Field(models.TextChoices):
        LISTING = "listing", "Listing"
        ISIN = "isin", "ISIN"
        LEI = "lei", "LEI"
        COUNTRY = "country", "Country"
        WIKIDATA = "wikidata", "Wikidata item"
        CIK = "cik", "CIK"
        FIGI = "figi", "FIGI"
        NAME = "name", "Name"
        OWNER = "owner", "Owner"

    class Decision(models.TextChoices):
        OPEN = "", "Open"
        OURS = "ours", "What we have is right"
        THEIRS = "theirs", "The table is right"
        BOTH = "both", "Both hold"

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="conflicts")
    field = models.CharField(max_length=10, choices=Field)
    # The market line that is meant, "HALV XLON", where the fact is one of a line; ours and theirs are bare values.
    place = models.CharField(max_length=40, blank=True, default="")
    ours = models.CharField(max_length=300)
    ours_source = models.CharField(max_length=120)
    theirs = models.CharField(max_length=300)
    theirs_source = models.CharField(max_length=120)
    theirs_as_of = models.CharField(max_length=10)
    line = models.PositiveIntegerField()  # of the file
    at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=6, choices=Decision, blank=True, default=Decision.OPEN)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "field", "place", "ours", "theirs", "theirs_source"],
                name="conflict_told_once",
            ),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(decision=""), name="conflict_open")]

    def __str__(self) -> str:
        return f"{self.get_field_display()} {self.place}".strip()
