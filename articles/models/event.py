"""Events, which article belongs to which and why, and what people decided about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from articles.models.article import Article


class Event(models.Model):
    """Something that happened, told by one or more articles. Ids are stable; a joined event redirects."""

    class Status(models.TextChoices):
        OPEN = "open", "Developing"
        CONFIRMED = "confirmed", "Confirmed"
        CLOSED = "closed", "Closed"
        DISMISSED = "dismissed", "Dismissed"

    title = models.CharField(max_length=1000)
    titled_by = models.CharField(max_length=150, blank=True)  # empty: chosen from its best article
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    shard = models.CharField(max_length=16)  # the language: placing is serial within it
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    article_count = models.PositiveIntegerField(default=0)
    publisher_count = models.PositiveIntegerField(default=0)
    owner_count = models.PositiveIntegerField(default=0)  # owners independent of each other
    sample = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    version = models.PositiveIntegerField(default=1)
    rule_version = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-last_at", "-id"], condition=Q(merged_into__isnull=True), name="event_newest"
            ),
            models.Index(
                fields=["shard", "last_at"], condition=Q(merged_into__isnull=True), name="event_live"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("id")), name="event_not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """An article's one event, with the score, the reasons and the runner-up."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="membership")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="memberships")
    score = models.FloatField(default=0.0)
    runner_up = models.ForeignKey(Event, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    runner_up_score = models.FloatField(default=0.0)
    why = models.JSONField(default=list)  # [{code, words, weight}]
    rule_version = models.CharField(max_length=20)
    decided_by = models.CharField(max_length=150, blank=True)  # empty: the machine
    placed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["event", "article"])]


class Constraint(models.Model):
    """A person's word on two articles: they must, or cannot, be in one event. Later runs obey it."""

    class Kind(models.TextChoices):
        MUST = "must", "Must be together"
        CANNOT = "cannot", "Cannot be together"

    kind = models.CharField(max_length=6, choices=Kind)
    a = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="constraints_a")
    b = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="constraints_b")
    by = models.CharField(max_length=150)
    why = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    change_id = models.BigIntegerField(null=True, blank=True)  # the Change whose undoing withdraws it
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(a__lt=models.F("b")), name="constraint_pair_in_order"),
            models.UniqueConstraint(
                fields=["a", "b"], condition=Q(withdrawn_at__isnull=True), name="constraint_one_in_force"
            ),
        ]
