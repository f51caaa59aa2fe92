"""Where stories come from: publishers, their feeds, and what each fetch brought."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Publisher(models.Model):
    """A masthead. `owner` says who is independent of whom; empty means: its own."""

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    owner = models.CharField(max_length=200, blank=True)
    owner_source = models.CharField(max_length=120, blank=True)  # "editorial": our own word, not verified
    owner_as_of = models.CharField(max_length=10, blank=True)  # the last date at which it is known to be true
    country = models.CharField(max_length=2, blank=True)
    homepage = models.URLField(max_length=2000, blank=True)
    sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Feed(models.Model):
    """A subscribed address. All work is claimed here: next time, lease, fencing token."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        GONE = "gone", "Gone"  # the server said 410
        QUARANTINED = "quarantined", "Quarantined"  # its bytes killed the worker three times

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="feeds")
    url = models.TextField()
    url_sha256 = models.BinaryField(max_length=32, unique=True)
    host = models.CharField(max_length=255)  # host:port of the address: politeness is counted by it
    site_url = models.TextField(blank=True)
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=16, blank=True)
    section = models.CharField(max_length=60, blank=True)
    sample = models.BooleanField(default=False)
    starter = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    added_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    next_fetch_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # claims since the last finished run

    etag = models.CharField(max_length=1000, blank=True)
    last_modified = models.CharField(max_length=200, blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    interval_seconds = models.PositiveIntegerField(default=900)
    last_fetch_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_new_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_outcome = models.CharField(max_length=16, blank=True)  # FetchRun.Outcome of the last run
    last_message = models.TextField(blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True, blank=True)
    proposed_url = models.TextField(blank=True)  # where permanent redirects lead
    redirects_seen = models.PositiveSmallIntegerField(default=0)
    redirects_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_fetch_at"], condition=Q(state="active"), name="feed_due"),
            models.Index(fields=["publisher"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "gone", "quarantined"]), name="feed_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FetchRun(models.Model):
    """What one fetch of one feed brought, in figures and in one sentence."""

    class Outcome(models.TextChoices):
        STORED = "stored", "Answered"
        UNCHANGED = "unchanged", "Unchanged"
        FAILED = "failed", "Failed"
        OFFLINE = "offline", "No network"  # counts against nobody
        LOST = "lost", "Interrupted"  # the lease ran out before the worker came back

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    kind = models.CharField(max_length=16, blank=True)  # FailureKind when it failed
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    bytes = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["feed", "-at"]), models.Index(fields=["-at"])]


class NetworkState(models.Model):
    """One row: when a public source last answered, and since when none has."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    answered_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True)
    poked_at = models.DateTimeField(null=True, blank=True)  # the heartbeat of beat

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="network_state_single")]


class RemovedSource(models.Model):
    """An address that a person removed; starter lists never bring it back."""

    url_sha256 = models.BinaryField(max_length=32, unique=True)
    url = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
