"""Securities, where they are listed, and on which exchanges."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from entities.models.entity import Entity


class Exchange(models.Model):
    """A market by its ISO 10383 code."""

    mic = models.CharField(max_length=4, primary_key=True)
    name = models.CharField(max_length=200)
    operating_mic = models.CharField(max_length=4, blank=True)
    country = models.CharField(max_length=2, blank=True)
    city = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    yahoo_suffix = models.CharField(max_length=6, blank=True)  # ".HK": how news agencies write its tickers
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)

    def __str__(self) -> str:
        return self.mic


class Security(models.Model):
    """What an issuer has issued: one company may have ordinary shares and depositary receipts."""

    class Kind(models.TextChoices):
        EQUITY = "equity", "Ordinary share"
        RECEIPT = "receipt", "Depositary receipt"
        PREFERRED = "preferred", "Preferred share"
        OTHER = "other", "Other"

    issuer = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="securities")
    isin = models.CharField(max_length=12, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.EQUITY)
    name = models.CharField(max_length=200, blank=True)  # a class of shares: "Class A"
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["isin"], condition=~Q(isin=""), name="security_isin_unique"),
        ]


class Listing(models.Model):
    """A security's line on one exchange. Without `valid_to` it is current."""

    security = models.ForeignKey(Security, on_delete=models.CASCADE, related_name="listings")
    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, related_name="listings", db_column="mic")
    ticker = models.CharField(max_length=24)
    currency = models.CharField(max_length=3, blank=True)
    primary = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exchange", "ticker"],
                condition=Q(valid_to__isnull=True),
                name="listing_ticker_unique_now",
            ),
            models.UniqueConstraint(
                fields=["exchange", "ticker", "valid_to"],
                nulls_distinct=True,
                name="listing_ticker_unique_then",
            ),
        ]
        indexes = [models.Index(fields=["ticker"])]

    def __str__(self) -> str:
        return f"{self.ticker} {self.exchange_id}"


class Position(models.Model):
    """A person's post at an organisation, dated: since when, until when, or when it was known to be true."""

    class Kind(models.TextChoices):
        DIRECTOR = "director", "Director"
        EMPLOYEE = "employee", "Employee"
        MEMBER = "member", "Member"
        OFFICE = "office", "Public office"

    person = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="positions")
    organization = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="people")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.EMPLOYEE)
    since = models.CharField(max_length=10, blank=True)  # YYYY, YYYY-MM or YYYY-MM-DD
    until = models.CharField(max_length=10, blank=True)
    former = models.BooleanField(default=False)  # it has ended by `as_of`, whether or not `until` is known
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organization", "title", "since"], name="position_once"
            ),
        ]


class Ownership(models.Model):
    """Who owns how much of whom; `share` is a fraction of 0..1 or unknown."""

    class Kind(models.TextChoices):
        SHARES = "shares", "Holds shares"
        DIRECT = "direct", "Direct parent"  # consolidates it (GLEIF level 2)
        ULTIMATE = "ultimate", "Ultimate parent"

    owner = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="owns")
    asset = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="owned_by")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SHARES)
    share = models.FloatField(null=True, blank=True)
    since = models.CharField(max_length=10, blank=True)
    until = models.CharField(max_length=10, blank=True)
    source = models.CharField(max_length=120)
    as_of = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "asset", "kind", "since"], name="ownership_once"),
            models.CheckConstraint(condition=~Q(owner=models.F("asset")), name="ownership_of_another"),
        ]
