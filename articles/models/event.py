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

    class Type(models.TextChoices):
        AGREEMENT = "agreement", "Partnership or agreement"
        REGULATION = "regulation", "Regulation or sanction"
        APPOINTMENT = "appointment", "Appointment or departure"
        DEAL = "deal", "Deal"
        RESULTS = "results", "Results"
        PRICE_MOVE = "price_move", "Price move"
        PRODUCT = "product", "Product"
        ACCIDENT = "accident", "Accident"
        LEGAL = "legal", "Legal action"
        ELECTION = "election", "Election"
        CONFLICT = "conflict", "Conflict"
        OTHER = "other", "Other"

    title = models.CharField(max_length=1000)
    titled_by = models.CharField(max_length=150, blank=True)  # empty: chosen from its best article
    lead = models.ForeignKey(  # the article whose headline it bears, and whose words lead its summary
        Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    dek = models.TextField(
        blank=True
    )  # one sentence of an article, word for word; its place is in the digest
    type = models.CharField(max_length=12, choices=Type, blank=True)  # empty: not looked at yet
    typed_by = models.CharField(max_length=150, blank=True)  # empty: the machine
    type_why = models.JSONField(default=list)  # [{code, words, weight, detail}]
    # Coverage of the last day against the event's and its entities' own normal, and against the day before; None:
    # too little to say. Refreshed for live events by beat.
    heat = models.FloatField(null=True, blank=True)
    growth = models.FloatField(null=True, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)
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
            models.Index(
                fields=["-first_at", "-id"], condition=Q(merged_into__isnull=True), name="event_first_seen"
            ),
            models.Index(
                fields=["-heat", "-id"],
                condition=Q(merged_into__isnull=True, heat__isnull=False),
                name="event_hottest",
            ),
            models.Index(
                fields=["-growth", "-id"],
                condition=Q(merged_into__isnull=True, growth__isnull=False),
                name="event_growing",
            ),
            models.Index(
                fields=["type", "-last_at"], condition=Q(merged_into__isnull=True), name="event_by_type"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(type="")
                | Q(
                    type__in=[
                        "agreement",
                        "regulation",
                        "appointment",
                        "deal",
                        "results",
                        "price_move",
                        "product",
                        "accident",
                        "legal",
                        "election",
                        "conflict",
                        "other",
                    ]
                ),
                name="event_type_known",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("id")), name="event_not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """An article's one event, with the score, the reasons and the runner-up."""

    class Unsure(models.TextChoices):
        THRESHOLD = "threshold", "Close to the bar"
        RUNNER_UP = "runner_up", "Close to another event"

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="membership")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="memberships")
    score = models.FloatField(default=0.0)
    runner_up = models.ForeignKey(Event, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    runner_up_score = models.FloatField(default=0.0)
    parts = models.JSONField(default=dict)  # {part of the score: weighted figure}
    threshold = models.FloatField(null=True, blank=True)  # the bar that it was held against
    # Why a person had better look at it; empty: sure, or looked at (then `checked_by` says by whom).
    unsure = models.CharField(max_length=10, choices=Unsure, blank=True)
    checked_by = models.CharField(max_length=150, blank=True)
    why = models.JSONField(default=list)  # [{code, words, weight}]
    rule_version = models.CharField(max_length=20)
    decided_by = models.CharField(max_length=150, blank=True)  # empty: the machine
    placed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["event", "article"]),
            models.Index(fields=["-placed_at", "-id"], condition=~Q(unsure=""), name="membership_unsure"),
        ]


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


class EventDigest(models.Model):
    """What the texts of an event say, put together by the machine; each piece names the span it rests on.

    A span is {article, field ("title" or "text"), start, end}, code points of the article's current revision when it
    was built. `built_from` is the event's version then.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="digest")
    built_from = models.PositiveIntegerField()
    rule_version = models.CharField(max_length=20)
    summary = models.JSONField(default=list)  # [{text, span}]: sentences, the best first
    slots = models.JSONField(default=dict)  # {who, whom, what, where, when: [{text, entity, span}]}
    times = models.JSONField(default=list)  # [{text, span, first, last}]: days that time words mean
    unconfirmed = models.JSONField(default=list)  # [{text, party, entity, code, span}]
    built_at = models.DateTimeField(auto_now=True)


class StorylineLink(models.Model):
    """One event came out of another, beyond the window of placing: suggested with reasons, confirmed by a person."""

    class Status(models.TextChoices):
        SUGGESTED = "suggested", "Suggested"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"

    earlier = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="later_links")
    later = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="earlier_links")
    status = models.CharField(max_length=10, choices=Status, default=Status.SUGGESTED)
    score = models.FloatField(default=0.0)
    why = models.JSONField(default=list)  # [{code, words, weight}]
    decided_by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["earlier", "later"], name="storylinelink_once"),
            models.CheckConstraint(
                condition=~Q(earlier=models.F("later")), name="storylinelink_of_two_events"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["suggested", "confirmed", "refused"]),
                name="storylinelink_status_known",
            ),
        ]
        indexes = [models.Index(fields=["later", "status"]), models.Index(fields=["earlier", "status"])]
