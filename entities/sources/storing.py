"""Facts of a source become rows, once, however often they are stored, and never over a person's word."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from entities.lexicon import names_changed
from entities.models import Alias, Entity, Identifier, Listing, Ownership, Position, Security
from entities.names import fold
from entities.sources.facts import (
    AliasFact,
    EntityFact,
    FactBatch,
    IdentifierFact,
    ListingFact,
    LoadReport,
    OwnershipFact,
    PositionFact,
    identifier_is_valid,
    isin_is_valid,
)

LOAD_LOCK = 0x4E44_4B42  # "NDKB": two loads at once would both believe that a row is missing
BATCH = 2000
MANY_ROWS = 1000  # after so many new rows the planner's picture of the tables is wrong
ENTITY_COLUMNS = ("kind", "name", "country", "description", "wikidata_id", "prominence", "source", "as_of")
LONGEST_FOLDED = 200  # folding makes some names longer than they are written: "ß" becomes "ss"
GAPS = ("country", "wikidata_id")  # what a table may fill in where it is empty
ALIAS_COLUMNS = ("kind", "weak", "lang", "source", "as_of")


@transaction.atomic
def store_facts(batch: FactBatch, name: str, *, curated: bool, names_for_known: bool = False) -> LoadReport:
    """Write a batch in one transaction.

    A curated batch (the starter set) also corrects the rows that are there; any other only fills gaps: it adds
    entities, and to an entity that is there nothing but a missing listing or ISIN, and names too with
    `names_for_known`. An entity that a person edited is
    left alone altogether. What is already known by its market line, its ISIN or its slug gets no second row.
    Listings whose market or ticker is taken by another company, and identifiers with a wrong check digit, are
    refused and reported.
    """
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])
    store = _Store(batch, curated=curated, now=timezone.now(), names_for_known=names_for_known)
    store.write_entities(batch.entities)
    store.write_aliases(batch.aliases)
    store.drop_aliases(batch.dropped)
    store.write_identifiers(batch.identifiers)
    store.write_listings(batch.listings)
    store.write_positions(batch.positions)
    store.write_ownerships(batch.ownerships)
    store.withdraw(batch.void)
    if store.added["entities"] or store.added["aliases"] or store.updated or store.added["listings"]:
        names_changed(None if batch.void else store.ids.values())
    if sum(store.added.values()) > MANY_ROWS:
        _renew_statistics()
    return LoadReport(
        name=name,
        added=dict(store.added),
        updated=dict(store.updated),
        refused=tuple(store.refused),
        seconds=time.monotonic() - began,
    )


class _Store:
    """One load under way: which slug is which row, and what has been counted so far."""

    def __init__(
        self, batch: FactBatch, *, curated: bool, now: datetime, names_for_known: bool = False
    ) -> None:
        self.curated = curated
        self.names_for_known = names_for_known
        self.now = now
        self.added: Counter[str] = Counter()
        self.updated: Counter[str] = Counter()
        self.refused: list[str] = []
        self.lines = _current_lines()
        self.isins = _securities_by_isin()
        self.taken_isins: set[str] = set()  # by securities of this load
        self.bare = set(Security.objects.filter(isin="").values_list("pk", flat=True))
        self.filled: dict[int, ListingFact] = {}
        self.ids: dict[str, int] = {}
        self.closed: set[int] = set()  # a person edited it: left alone
        self.fresh: set[int] = set()  # added by this load
        self.merged: set[str] = (
            set()
        )  # slugs of what became part of another: their facts add and correct nothing
        self.batch_lines: dict[str, list[ListingFact]] = defaultdict(list)
        for fact in batch.listings:
            self.batch_lines[fact.slug].append(fact)

    def write_entities(self, facts: Sequence[EntityFact]) -> None:
        """Find the row of each slug or add it; a curated batch corrects rows that differ."""
        known = {row.slug: row for row in self._rows_for(facts)}
        by_id = {row.pk: row for row in known.values()}
        wikidata = {row.wikidata_id: row for row in known.values() if row.wikidata_id}
        new: list[EntityFact] = []
        changed: list[Entity] = []
        for fact in sorted(facts, key=lambda f: f.slug):
            row = self._known_row(fact, known, by_id, wikidata)
            if row is None:
                new.append(fact)
                continue
            self.ids[fact.slug] = row.pk
            if row.edited_by_human:
                self.closed.add(row.pk)
            elif fact.slug in known and known[fact.slug].merged_into_id is not None:
                self.merged.add(fact.slug)
            elif self._correct(row, fact) if self.curated else self._fill(row, fact):
                changed.append(row)
        if changed:
            columns = ENTITY_COLUMNS if self.curated else GAPS
            Entity.objects.bulk_update(changed, [*columns, "updated_at"], batch_size=BATCH)
            self.updated["entities"] += len(changed)
        fresh = [
            {
                "slug": fact.slug,
                **{column: getattr(fact, column) for column in ENTITY_COLUMNS},
                "merged_into_id": None,
                "edited_by_human": False,
                "created_at": self.now,
                "updated_at": self.now,
            }
            for fact in new
        ]
        for fact, key in zip(new, copy_rows(Entity, fresh), strict=True):
            self.ids[fact.slug] = key
            self.fresh.add(key)
        self.added["entities"] += len(new)

    def _rows_for(self, facts: Sequence[EntityFact]) -> QuerySet[Entity]:
        """The rows that the facts may speak of."""
        owners = {
            self.lines[line.mic, line.ticker][1]
            for lines in self.batch_lines.values()
            for line in lines
            if (line.mic, line.ticker) in self.lines
        } | {
            self.isins[line.isin][1]
            for lines in self.batch_lines.values()
            for line in lines
            if line.isin in self.isins
        }
        meant = Q(slug__in=[fact.slug for fact in facts]) | Q(pk__in=owners)
        meant |= Q(wikidata_id__in=[fact.wikidata_id for fact in facts if fact.wikidata_id])
        rows = Entity.objects.filter(
            meant | Q(pk__in=Entity.objects.filter(merged__isnull=False).values("pk"))
        )
        if self.curated:
            return rows
        return rows.only("slug", *GAPS, "edited_by_human", "merged_into_id")  # nothing else is written

    def _known_row(
        self,
        fact: EntityFact,
        known: Mapping[str, Entity],
        by_id: Mapping[int, Entity],
        wikidata: Mapping[str, Entity],
    ) -> Entity | None:
        owners = [
            self.lines[line.mic, line.ticker][1]
            for line in self.batch_lines.get(fact.slug, ())
            if (line.mic, line.ticker) in self.lines
        ]
        owners += [
            self.isins[line.isin][1]
            for line in self.batch_lines.get(fact.slug, ())
            if line.isin in self.isins
        ]
        row = known.get(fact.slug) or wikidata.get(fact.wikidata_id) or (by_id[owners[0]] if owners else None)
        while row is not None and row.merged_into_id is not None:
            row = by_id.get(row.merged_into_id) or Entity.objects.get(pk=row.merged_into_id)
        return row

    def _correct(self, row: Entity, fact: EntityFact) -> bool:
        before = [getattr(row, column) for column in ENTITY_COLUMNS]
        after = [getattr(fact, column) for column in ENTITY_COLUMNS]
        for column, value in zip(ENTITY_COLUMNS, after, strict=True):
            setattr(row, column, value)
        row.updated_at = self.now
        return before != after

    def _fill(self, row: Entity, fact: EntityFact) -> bool:
        """Write what is empty, if names may be added to known entities: a load of listings alone fills nothing."""
        if not self.names_for_known:
            return False
        gaps = [column for column in GAPS if getattr(fact, column) and not getattr(row, column)]
        for column in gaps:
            setattr(row, column, getattr(fact, column))
        row.updated_at = self.now
        return bool(gaps)

    def _open(self, slug: str) -> int | None:
        key = self.ids.get(slug)
        return None if key is None or key in self.closed else key

    def _may_name(self, slug: str) -> int | None:
        key = self._open(slug)
        may = self.curated or self.names_for_known or key in self.fresh
        return key if key is not None and may else None

    def write_aliases(self, facts: Iterable[AliasFact]) -> None:
        """Add names that are missing; a curated batch corrects those that differ."""
        known: dict[tuple[int, str], Alias] = {}
        held: set[tuple[int, str]] = set()
        facts = sorted(facts, key=lambda fact: fact.slug in self.merged)
        if facts and (self.curated or self.names_for_known):
            mine = Alias.objects.filter(entity_id__in=set(self.ids.values()) - self.closed)
            if self.curated:
                known = {(row.entity_id, row.text): row for row in mine}
            else:  # nothing is corrected: what is there need not become objects
                held = set(mine.values_list("entity_id", "text").iterator(BATCH))
        rows: dict[tuple[int, str], dict[str, Any]] = {}
        changed: list[Alias] = []
        for fact in facts:
            key = self._may_name(fact.slug)
            if key is None or (key, fact.text) in rows or (key, fact.text) in held:
                continue
            values = {column: getattr(fact, column) for column in ALIAS_COLUMNS}
            row = known.get((key, fact.text))
            if row is None:
                rows[key, fact.text] = {
                    "entity_id": key,
                    "text": fact.text,
                    "folded": fold(fact.text)[:LONGEST_FOLDED],
                    **values,
                }
            elif (
                self.curated
                and fact.slug not in self.merged
                and any(getattr(row, column) != value for column, value in values.items())
            ):
                for column, value in values.items():
                    setattr(row, column, value)
                changed.append(row)
        if changed:
            Alias.objects.bulk_update(changed, ALIAS_COLUMNS, batch_size=BATCH)
            self.updated["aliases"] += len(changed)
        self.added["aliases"] += len(copy_rows(Alias, [rows[key] for key in sorted(rows)]))

    def drop_aliases(self, names: Iterable[tuple[str, str, str]]) -> None:
        """Take away names that a curated source gives no more, unless a person touched them or their entity.

        What another source gave stays: (slug, text, source) must all be the same.
        """
        gone = set(names) if self.curated else set()
        if not gone:
            return
        untouched = Alias.objects.filter(
            entity__slug__in={slug for slug, _, _ in gone}, entity__edited_by_human=False,
            entity__merged_into__isnull=True, off_at__isnull=True, off_by="", right=0, wrong=0,
        )  # fmt: skip
        keys = {
            pk: owner
            for pk, owner, *name in untouched.values_list("pk", "entity_id", "entity__slug", "text", "source")
            if tuple(name) in gone
        }
        if keys:
            Alias.objects.filter(pk__in=keys).delete()
            self.updated["withdrawn aliases"] += len(keys)
            for owner in sorted(set(keys.values())):
                self.ids.setdefault(
                    f"#{owner}", owner
                )  # an entity whose slug this load does not know is told of, too

    def write_identifiers(self, facts: Iterable[IdentifierFact]) -> None:
        """Add identifiers that are missing and valid."""
        facts = list(facts)
        keys = {key for fact in facts if (key := self._open(fact.slug)) is not None}
        known = set(Identifier.objects.filter(entity_id__in=keys).values_list("entity_id", "scheme", "value"))
        rows: dict[tuple[int, str, str], dict[str, Any]] = {}
        for fact in facts:
            key = self._open(fact.slug)
            if key is None or (key, fact.scheme, fact.value) in known:
                continue
            if not identifier_is_valid(fact.scheme, fact.value):
                self.refused.append(f"{fact.slug}: {fact.scheme} {fact.value} is not valid")
                continue
            rows[key, fact.scheme, fact.value] = {
                "entity_id": key,
                "scheme": fact.scheme,
                "value": fact.value,
                "source": fact.source,
                "as_of": fact.as_of,
                "valid": True,
            }
        self.added["identifiers"] += len(copy_rows(Identifier, [rows[key] for key in sorted(rows)]))

    def write_listings(self, facts: Iterable[ListingFact]) -> None:
        """Add securities and their lines; a line that another company holds now is refused."""
        groups: dict[tuple[int, int], list[ListingFact]] = defaultdict(list)
        for fact in facts:
            key = self._open(fact.slug)
            if key is not None:
                groups[key, fact.line].append(fact)
        securities: list[dict[str, Any]] = []
        waiting: list[tuple[int, list[ListingFact]]] = []
        listings: list[dict[str, Any]] = []
        for (issuer, _), lines in sorted(groups.items(), key=lambda item: item[0]):
            missing = self._missing_lines(issuer, lines)
            security = self._known_security(issuer, lines)
            if security is not None:
                self._fill_isin(security, lines)
                listings += [_listing_row(security, fact) for fact in missing]
                continue
            if not missing:
                continue
            first = lines[0]
            isin = self._usable_isin(first)
            self.taken_isins.add(isin)
            securities.append(
                {
                    "issuer_id": issuer,
                    "isin": isin,
                    "kind": first.security,
                    "name": "",
                    "source": (first.isin_source or first.source) if isin else first.source,
                    "as_of": (first.isin_as_of or first.as_of) if isin else first.as_of,
                }
            )
            waiting.append((issuer, missing))
        for key, (_, missing) in zip(copy_rows(Security, securities), waiting, strict=True):
            listings += [_listing_row(key, fact) for fact in missing]
        self._write_isins()
        self.added["securities"] += len(securities)
        listings.sort(key=lambda row: (row["exchange_id"], row["ticker"]))
        self.added["listings"] += len(copy_rows(Listing, listings))

    def _missing_lines(self, issuer: int, lines: Sequence[ListingFact]) -> list[ListingFact]:
        missing = []
        for fact in lines:
            held = self.lines.get((fact.mic, fact.ticker))
            if held is None:
                self.lines[fact.mic, fact.ticker] = (0, issuer)
                missing.append(fact)
            elif held[1] != issuer:
                self.refused.append(
                    f"{fact.slug}: {fact.ticker} {fact.mic} is the line of another company (entity {held[1]})"
                )
        return missing

    def _known_security(self, issuer: int, lines: Sequence[ListingFact]) -> int | None:
        for fact in lines:
            security, owner = self.lines.get((fact.mic, fact.ticker), (0, 0))
            if security and owner == issuer:
                return security
        for fact in lines:
            security, owner = self.isins.get(fact.isin, (0, 0))
            if security and owner == issuer:
                return security
        return None

    def _usable_isin(self, fact: ListingFact) -> str:
        if not fact.isin:
            return ""
        if not isin_is_valid(fact.isin):
            self.refused.append(f"{fact.slug}: the check digit of ISIN {fact.isin} is wrong")
            return ""
        if fact.isin in self.taken_isins or fact.isin in self.isins:
            self.refused.append(f"{fact.slug}: ISIN {fact.isin} is held by another security")
            return ""
        return fact.isin

    def _fill_isin(self, security: int, lines: Sequence[ListingFact]) -> None:
        fact = next((fact for fact in lines if fact.isin), None)
        if fact is None or security not in self.bare or not isin_is_valid(fact.isin):
            return
        if fact.isin in self.isins or fact.isin in self.taken_isins:
            return
        self.bare.discard(security)
        self.filled[security] = fact
        self.isins[fact.isin] = (security, self.ids[fact.slug])

    def _write_isins(self) -> None:
        rows = Security.objects.in_bulk(sorted(self.filled))
        for key, fact in self.filled.items():
            row = rows[key]
            row.isin, row.source = fact.isin, fact.isin_source or fact.source
            row.as_of = fact.isin_as_of or fact.as_of
        if rows:
            Security.objects.bulk_update(rows.values(), ["isin", "source", "as_of"], batch_size=BATCH)
            self.updated["securities"] += len(rows)

    def write_positions(self, facts: Iterable[PositionFact]) -> None:
        """Add posts that are missing; a curated batch corrects the end and the date of those it knows."""
        facts = list(facts)
        known = {
            (row.person_id, row.organization_id, row.title, row.since): row
            for row in (Position.objects.all() if facts else ())
        }
        rows: dict[tuple[int, int, str, str], dict[str, Any]] = {}
        changed: list[Position] = []
        for fact in facts:
            person, organization = self._open(fact.person), self._open(fact.organization)
            if person is None or organization is None:
                continue
            key = (person, organization, fact.title, fact.since)
            values = {
                "kind": fact.kind,
                "until": fact.until,
                "former": fact.former,
                "source": fact.source,
                "as_of": fact.as_of,
            }
            row = known.get(key)
            if row is None:
                rows[key] = {
                    "person_id": person,
                    "organization_id": organization,
                    "title": fact.title,
                    "since": fact.since,
                    **values,
                }
            elif (
                self.curated
                and not {fact.person, fact.organization} & self.merged
                and any(getattr(row, column) != value for column, value in values.items())
            ):
                for column, value in values.items():
                    setattr(row, column, value)
                changed.append(row)
        if changed:
            Position.objects.bulk_update(
                changed, ["kind", "until", "former", "source", "as_of"], batch_size=BATCH
            )
            self.updated["positions"] += len(changed)
        self.added["positions"] += len(copy_rows(Position, [rows[key] for key in sorted(rows)]))

    def write_ownerships(self, facts: Iterable[OwnershipFact]) -> None:
        """Add ties that are missing; a tie that is known gets the end, the beginning or the share that it lacks."""
        told = sorted(facts, key=lambda fact: (fact.asset, fact.owner, fact.kind, fact.since, fact.until))
        assets = {key for fact in told if (key := self._open(fact.asset)) is not None}
        known: dict[tuple[int, int, str], list[Ownership]] = defaultdict(list)
        for row in Ownership.objects.filter(asset_id__in=assets).order_by("id"):
            known[row.owner_id, row.asset_id, row.kind].append(row)
        changed: dict[int, Ownership] = {}
        new: dict[tuple[int, int, str, str], dict[str, Any]] = {}
        for fact in told:
            owner, asset = self._open(fact.owner), self._open(fact.asset)
            if owner is None or asset is None or owner == asset:
                continue
            same = _same_tie(known[owner, asset, fact.kind], fact)
            if same is not None:
                if _completed(same, fact):
                    changed[same.pk] = same
                continue
            new[owner, asset, fact.kind, fact.since] = {
                "owner_id": owner, "asset_id": asset, "kind": fact.kind, "share": fact.share, "since": fact.since,
                "until": fact.until, "source": fact.source, "as_of": fact.as_of,
            }  # fmt: skip
        if changed:
            Ownership.objects.bulk_update(
                [changed[pk] for pk in sorted(changed)],
                ["since", "until", "share", "source", "as_of"],
                batch_size=BATCH,
            )
            self.updated["ownerships"] += len(changed)
        self.added["ownerships"] += len(copy_rows(Ownership, [new[key] for key in sorted(new)]))

    def withdraw(self, facts: Iterable[IdentifierFact]) -> None:
        """Numbers that their register has taken back are kept and not valid any more."""
        for fact in sorted(facts, key=lambda fact: (fact.scheme, fact.value)):
            key = self._open(fact.slug)
            if key is not None:
                self.updated["identifiers"] += Identifier.objects.filter(
                    entity_id=key, scheme=fact.scheme, value=fact.value, valid=True
                ).update(valid=False, source=fact.source, as_of=fact.as_of)


def _same_tie(rows: Sequence[Ownership], fact: OwnershipFact) -> Ownership | None:
    """The tie that a fact speaks of: of the same beginning, or the first where one of the two has none."""
    exact = [row for row in rows if row.since == fact.since]
    vague = [row for row in rows if not row.since or not fact.since]
    return next(iter(exact + vague), None)


def _completed(row: Ownership, fact: OwnershipFact) -> bool:
    """Write into a known tie what it lacks; whether that was anything. An end that is known is not moved."""
    before = row.since, row.until, row.share
    row.since, row.until = row.since or fact.since, row.until or fact.until
    row.share = fact.share if row.share is None else row.share
    if (row.since, row.until, row.share) == before:
        return False
    row.source, row.as_of = fact.source, fact.as_of
    return True


def copy_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """COPY rows (all of the same columns, named as attributes) into a table; return their new keys in order.

    Columns that the rows do not name take the model's default.
    """
    if not rows:
        return []
    described = model._meta  # noqa: SLF001 - Django documents it as the way to ask a model for its table
    table = described.db_table
    rest = {
        f.attname: f.get_default()
        for f in described.concrete_fields
        if not {f.attname, f.name} & rows[0].keys()
        and not f.primary_key
        and (f.has_default() or f.empty_strings_allowed)
    }
    rows = [{**row, **rest} for row in rows] if rest else rows
    columns = [str(cast("models.Field[Any, Any]", described.get_field(name)).column) for name in rows[0]]
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in ("id", *columns))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(rows)]
        )
        keys = [int(key) for (key,) in cursor.fetchall()]
        with cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:
            for key, row in zip(keys, rows, strict=True):
                copy.write_row((key, *row.values()))
    return keys


def _renew_statistics() -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model in (Entity, Alias, Security, Listing):
            cursor.execute(f"ANALYZE {quote(model._meta.db_table)}")  # noqa: SLF001 - as in copy_rows


def _current_lines() -> dict[tuple[str, str], tuple[int, int]]:
    """(MIC, ticker) of current listings -> (security, issuer)."""
    rows = Listing.objects.filter(valid_to__isnull=True).values_list(
        "exchange_id", "ticker", "security_id", "security__issuer_id"
    )
    return {(mic, ticker): (security, issuer) for mic, ticker, security, issuer in rows.iterator(BATCH)}


def _securities_by_isin() -> dict[str, tuple[int, int]]:
    """ISIN -> (security, issuer)."""
    rows = Security.objects.exclude(isin="").values_list("isin", "pk", "issuer_id")
    return {isin: (security, issuer) for isin, security, issuer in rows.iterator(BATCH)}


def _listing_row(security: int, fact: ListingFact) -> dict[str, Any]:
    return {
        "security_id": security,
        "exchange_id": fact.mic,
        "ticker": fact.ticker,
        "currency": fact.currency,
        "primary": fact.primary,
        "valid_from": None,
        "valid_to": None,
        "source": fact.source,
        "as_of": fact.as_of,
    }
