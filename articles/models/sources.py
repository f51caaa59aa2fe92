"""Where stories come from: publishers, their feeds, and what each fetch brought."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Publisher(models.Model):
    """A masthead. `owner` says who is independent of whom; empty means: its own."""

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    owner = models.CharField(max_length=200, blank=True)
    owner_source = models.CharField(max_length=120, blank=True)  # "editorial": our own word, not verified
    owner_as_of = models.CharField(max_length=10, blank=True)  # the last date at which it is known to be true
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=16, blank=True)
    named_by_feed = models.BooleanField(default=False)  # made because an aggregator's <source> names it
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

    class Identity(models.TextChoices):
        """What tells the entries of a feed apart; the machine steps down by itself, a person may decide."""

        GUID = "guid", "by its guid"
        URL = "url", "by its address"
        CONTENT = "content", "by its title and text"

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="feeds")
    url = models.TextField()
    url_sha256 = models.BinaryField(max_length=32, unique=True)
    host = models.CharField(max_length=255)  # host:port of the address: politeness is counted by it
    site_url = models.TextField(blank=True)
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=16, blank=True)
    section = models.CharField(max_length=60, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    note = models.TextField(blank=True)  # an admin's word to the next admin
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
    # What is asked beside the address. User name, password, cookie, headers and proxy lie encrypted in `secrets`.
    user_agent = models.CharField(max_length=300, blank=True)
    secrets = models.BinaryField(null=True, blank=True)  # see articles.ingest.secrets
    secret_names = ArrayField(
        models.CharField(max_length=60), default=list, blank=True
    )  # which are set, not what they say

    # The schedule (articles.ingest.schedule): what was learned, what the server wishes, what an admin fixed.
    fixed_seconds = models.PositiveIntegerField(
        null=True, blank=True
    )  # an admin's own interval; null = learned
    interval_seconds = models.PositiveIntegerField(default=900)  # learned from the share of known entries
    floor_seconds = models.PositiveIntegerField(default=0)  # the feed's own wish: ttl, sy:updatePeriod
    known_share = models.FloatField(
        null=True, blank=True
    )  # 0..1 of the entries of the last answer that was read
    # The shortest time in which the feed was seen to fill its whole list anew, older sightings faded.
    turnover_seconds = models.PositiveIntegerField(null=True, blank=True)
    next_why = models.TextField(blank=True)  # why the next fetch is then, in words
    full_fetch_at = models.DateTimeField(null=True, blank=True)  # the last one without validators
    error_weight = models.FloatField(default=0.0)  # of the failures in a row, by kind

    # Identity of entries (articles.ingest.identity).
    identity = models.CharField(max_length=7, choices=Identity, default=Identity.GUID)
    identity_why = models.TextField(blank=True)
    identity_by = models.CharField(max_length=150, blank=True)  # empty: the machine
    identity_since = models.DateTimeField(null=True, blank=True)

    hub_url = models.TextField(blank=True)  # WebSub: what the feed declares
    topic_url = models.TextField(blank=True)
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
            models.CheckConstraint(
                condition=Q(identity__in=["guid", "url", "content"]), name="feed_identity_known"
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
    forced = models.BooleanField(default=False)  # asked without validators, against ETags that lie
    pushed = models.BooleanField(default=False)  # came by WebSub, not by asking
    # {final_url, headers {name: value}, steps [[word, milliseconds]], next_why}: what the source's page shows.
    answer = models.JSONField(default=dict)
    skipped = models.JSONField(default=list)  # [{why, n, example}]: entries that were not stored, and why

    class Meta:
        indexes = [models.Index(fields=["feed", "-at"]), models.Index(fields=["-at"])]


class FetchDay(models.Model):
    """What is left of a feed's fetches after their details are dropped: sums of a day (UTC)."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    runs = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "day"], name="fetchday_once")]


class HostTime(models.Model):
    """When a host may be asked again, for all workers together. A row in the past says nothing."""

    host = models.CharField(max_length=255, primary_key=True)
    free_at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True)  # "in use", "pause", "it asked us to wait"


class Tombstone(models.Model):
    """An entry that must not come back while its feed lists it: its article was older than articles are kept."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="tombstones")
    guid_sha256 = models.BinaryField(max_length=32)
    url_sha256 = models.BinaryField(max_length=32)
    at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(db_default=Now())  # when the feed last listed it, to the day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "guid_sha256"], name="tombstone_once_a_feed")]
        indexes = [
            models.Index(fields=["feed", "url_sha256"], name="tombstone_address"),
            models.Index(fields=["feed", "seen_at"], name="tombstone_seen"),
        ]


class Subscription(models.Model):
    """A WebSub subscription (W3C Recommendation of 2018-01-23): a hub pushes what a feed publishes."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        ACTIVE = "active", "Active"
        DENIED = "denied", "Refused by the hub"
        FAILED = "failed", "The hub did not answer"
        ENDED = "ended", "Ended"

    feed = models.OneToOneField(Feed, on_delete=models.CASCADE, primary_key=True, related_name="subscription")
    hub = models.TextField()
    topic = models.TextField()
    token = models.CharField(max_length=64, unique=True)  # of the callback's address
    secret = models.BinaryField()  # encrypted; signs what the hub sends
    state = models.CharField(max_length=6, choices=State, default=State.ASKED)
    lease_until = models.DateTimeField(null=True, blank=True)
    renew_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)  # the last push that was signed rightly
    pushes = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)  # pushes whose signature was wrong


class Notice(models.Model):
    """Something about sources that an admin should know: open until it heals or a person has seen to it."""

    class Kind(models.TextChoices):
        FAILING = "failing", "Fails"
        SILENT = "silent", "Fell silent"
        GONE = "gone", "Is gone"
        QUARANTINED = "quarantined", "Was set aside"
        MOVED = "moved", "Has moved"
        IDENTITY = "identity", "Changed how it names its entries"
        HEALED = "healed", "Works again"
        OFFLINE = "offline", "No source answers"

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind)
    words = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # healed by itself
    seen_by = models.CharField(max_length=150, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="notice_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "kind"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="notice_one_open",
            ),
        ]


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
