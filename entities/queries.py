"""Reads of the knowledge base: what the lexicon is compiled from, and what is said of an entity elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from django.db.models import F, Max, Q

from entities.models import Alias, Entity, Identifier, LexiconVersion, Listing, Position
from entities.trust import trusted
from entities.types import AliasKind, EntityKind, LexiconAlias, LexiconEntity

_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class LexiconStamp:
    """What changes when names change."""

    number: int
    mark: str  # under which all names were last to be compiled; "" when nobody ever said so
    touched: tuple[int, ...]  # entities that changed since
    touched_mark: str
    last_entity: int
    last_alias: int


def lexicon_stamp() -> LexiconStamp:
    """The version of all names, in three small queries; zeros before anything was loaded."""
    row = LexiconVersion.objects.filter(id=1).first()
    return LexiconStamp(
        number=row.number if row else 0,
        mark=row.mark if row else "",
        touched=tuple(row.touched) if row else (),
        touched_mark=row.touched_mark if row else "",
        last_entity=Entity.objects.aggregate(last=Max("id"))["last"] or 0,
        last_alias=Alias.objects.aggregate(last=Max("id"))["last"] or 0,
    )


def entities_since(last_entity: int, last_alias: int) -> list[int]:
    """Entities that were added, or got a name, behind these ids."""
    new = Entity.objects.filter(pk__gt=last_entity).values_list("pk", flat=True)
    named = Alias.objects.filter(pk__gt=last_alias).values_list("entity_id", flat=True)
    return sorted({*new, *named})


def entities_meant(ids: Collection[int]) -> list[int]:
    """These entities and those that they were merged into."""
    return sorted({*ids, *Entity.objects.filter(merged__in=ids).values_list("pk", flat=True)})


def lexicon_entities(ids: Collection[int] | None = None) -> Iterator[LexiconEntity]:
    """Every entity (of these) that a name may mean, with the tickers under which it trades now; no merged ones."""
    tickers: dict[int, list[tuple[str, str]]] = defaultdict(list)
    listings = Listing.objects.filter(valid_to__isnull=True).order_by("security__issuer_id", "-primary", "id")
    rows = Entity.objects.filter(merged_into__isnull=True).order_by("id")
    if ids is not None:
        listings, rows = listings.filter(security__issuer_id__in=ids), rows.filter(pk__in=ids)
    for issuer, ticker, mic in listings.values_list("security__issuer_id", "ticker", "exchange_id").iterator(
        _CHUNK
    ):
        tickers[issuer].append((ticker, mic))
    fields = ("id", "slug", "name", "kind", "country", "prominence")
    for pk, slug, name, kind, country, prominence in rows.values_list(*fields).iterator(_CHUNK):
        yield LexiconEntity(
            id=pk,
            slug=slug,
            name=name,
            kind=cast("EntityKind", kind),
            country=country,
            tickers=tuple(tickers.get(pk, ())),
            prominence=prominence,
        )


def lexicon_aliases(ids: Collection[int] | None = None) -> Iterator[LexiconAlias]:
    """Every name (of these entities) that links anything; those of a merged one mean what it was merged into.

    How weak a name is follows from its source and from what people decided about it; who is switched off is left out.
    """
    rows = Alias.objects.exclude(kind=Alias.Kind.TICKER).filter(off_at__isnull=True).order_by("id")
    if ids is not None:
        rows = rows.filter(Q(entity_id__in=ids) | Q(entity__merged_into_id__in=ids))
    fields = ("entity_id", "entity__merged_into_id", "text", "kind", "weak", "lang", "right", "wrong")
    for entity_id, merged_into, text, kind, stated, lang, right, wrong in rows.values_list(*fields).iterator(
        _CHUNK
    ):
        weak = trusted(stated, right, wrong)
        if weak is None:
            continue
        yield LexiconAlias(
            entity_id=merged_into or entity_id, text=text, kind=cast("AliasKind", kind), weak=weak, lang=lang
        )


def silenced_names(ids: Collection[int] | None = None) -> Iterator[tuple[int, str]]:
    """Names (entity id, text) that people switched off, or decided against again and again: they link nothing."""
    rows = Alias.objects.filter(Q(off_at__isnull=False) | Q(wrong__gt=0)).order_by("id")
    if ids is not None:
        rows = rows.filter(entity_id__in=ids)
    fields = ("entity_id", "text", "off_at", "weak", "right", "wrong")
    for entity_id, text, off_at, weak, right, wrong in rows.values_list(*fields):
        if off_at is not None or trusted(weak, right, wrong) is None:
            yield entity_id, text


def lexicon_relations(ids: Collection[int] | None = None) -> Iterator[tuple[int, int]]:
    """Person and organisation of every position (of these): named together, each makes the other likelier."""
    rows = Position.objects.order_by("id")
    if ids is not None:
        rows = rows.filter(Q(person_id__in=ids) | Q(organization_id__in=ids))
    return rows.values_list("person_id", "organization_id").iterator(_CHUNK)


@dataclass(frozen=True, slots=True)
class ListingCard:
    """A line of a company's shares that trades now."""

    ticker: str
    mic: str
    isin: str


@dataclass(frozen=True, slots=True)
class EntityCard:
    """What others are told of an entity: its name, kind, identifiers by scheme and current listings, primary first."""

    id: int
    slug: str
    name: str
    kind: EntityKind
    identifiers: dict[str, str]
    listings: tuple[ListingCard, ...]


def entity_cards(ids: Iterable[int]) -> dict[int, EntityCard]:
    """The cards of these entities, three queries whatever their number; unknown ids are absent."""
    wanted = sorted(set(ids))
    identifiers: dict[int, dict[str, str]] = defaultdict(dict)
    known = Identifier.objects.filter(entity_id__in=wanted, valid=True).order_by("-as_of", "id")
    for entity_id, scheme, value in known.values_list("entity_id", "scheme", "value"):
        identifiers[entity_id].setdefault(scheme, value)
    listings: dict[int, list[ListingCard]] = defaultdict(list)
    lines = (
        Listing.objects.filter(security__issuer_id__in=wanted, valid_to__isnull=True)
        .annotate(issuer=F("security__issuer_id"), isin=F("security__isin"))
        .order_by("-primary", "id")
    )
    for issuer, ticker, mic, isin in lines.values_list("issuer", "ticker", "exchange_id", "isin"):
        listings[issuer].append(ListingCard(ticker=ticker, mic=mic, isin=isin))
    cards = {}
    for pk, slug, name, kind, wikidata in Entity.objects.filter(pk__in=wanted).values_list(
        "id", "slug", "name", "kind", "wikidata_id"
    ):
        of_entity = identifiers.get(pk, {})
        if wikidata:
            of_entity = {**of_entity, "wikidata": wikidata}
        cards[pk] = EntityCard(
            id=pk,
            slug=slug,
            name=name,
            kind=cast("EntityKind", kind),
            identifiers=of_entity,
            listings=tuple(listings.get(pk, ())),
        )
    return cards
