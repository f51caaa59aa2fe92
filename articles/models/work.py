"""Work that waits: every step after the fetch is a row here, so that no crash and no empty Redis loses one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """One step to be done for one subject, claimed by lease and fencing token like a feed.

    A subject has at most one job of a kind: asking again for a step that is done opens its row anew. What is due,
    running or put off is told by `not_before` and `lease_until`; `state` says only whether there is anything left.
    """

    class Kind(models.TextChoices):
        READ = "read", "Read and link an article"  # subject: article
        PLACE = "place", "Place an article in an event"  # subject: article
        LINK = "link", "Link an article anew"  # subject: article
        DIGEST = "digest", "Sum up an event"  # subject: event
        LOOK = "look", "Look whether an article changed"  # subject: article
        SUBSCRIBE = "subscribe", "Ask a hub for pushes"  # subject: feed
        PUSH = "push", "Store what a hub sent"  # subject: feed
        MAIL = "mail", "Mail a notice to the admins"  # subject: notice
        TIDY = "tidy", "Drop what is older than it is kept"  # subject: 0

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"  # tried, refused for good; an admin may retry
        QUARANTINED = "quarantined", "Quarantined"  # its worker died three times over it
        DROPPED = "dropped", "Dropped"  # by a person

    kind = models.CharField(max_length=10, choices=Kind)
    subject_id = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    # The order of work within a kind: for placing (language, batch, published) so that a replay gives the same events.
    shard = models.CharField(max_length=16, blank=True)
    batch = models.BigIntegerField(default=0)
    order_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # claims since the last finished try: deaths
    tries = models.PositiveSmallIntegerField(default=0)  # finished tries that failed and may heal
    message = models.TextField(blank=True)  # why it waits or failed, in words
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="job_once_a_subject"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "failed", "quarantined", "dropped"]),
                name="job_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "not_before"], condition=Q(state="waiting"), name="job_due"),
            models.Index(
                fields=["shard", "batch", "order_at", "subject_id"],
                condition=Q(state="waiting", kind="place"),
                name="job_to_place",
            ),
            models.Index(fields=["-finished_at"], condition=Q(state="done"), name="job_done"),
            models.Index(fields=["-finished_at"], condition=Q(state="dropped"), name="job_dropped"),
            models.Index(
                fields=["-id"], condition=Q(state__in=["failed", "quarantined"]), name="job_in_trouble"
            ),
        ]


class Push(models.Model):
    """A body that a hub sent and that is not stored yet; dropped once it is."""

    feed = models.ForeignKey("articles.Feed", on_delete=models.CASCADE, related_name="waiting_pushes")
    body = models.BinaryField()
    content_type = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)


class Heartbeat(models.Model):
    """When a part of the machine was last seen alive: beat, and each worker for each queue that it serves."""

    part = models.CharField(max_length=20)  # beat, or the name of a queue
    name = models.CharField(max_length=200)  # of the process, with its host: fetch@desk-1
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "name"], name="heartbeat_once")]


class SizeDay(models.Model):
    """How large a part of the data was on a day (UTC), at the last look: what growth is told from."""

    day = models.DateField()
    part = models.CharField(max_length=40)  # database, or a folder of the data folder
    bytes = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "part"], name="sizeday_once")]


class SoughtName(models.Model):
    """A name for which texts are to be searched, for it is new or counts for more; the row goes when that is done."""

    text = models.CharField(max_length=300, unique=True)
    asked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text


class Progress(models.Model):
    """How far a step that goes through a table in portions has come: the highest number that it has seen."""

    step = models.CharField(max_length=40, primary_key=True)
    number = models.BigIntegerField(default=0)
