"""What is known of an entity beyond its name: names, identifiers, listings, owners, and which entities it is (not)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from entities.models import Alias, Ownership

# One statement, for each part is a few rows of one entity. Merged entities and what is not the same come with the name.
_CARD = """
SELECT
  (SELECT json_agg(json_build_object('id', a.id, 'text', a.text, 'kind', a.kind, 'lang', a.lang, 'weak', a.weak,
      'right', a.right, 'wrong', a.wrong, 'off_at', a.off_at, 'off_by', a.off_by, 'source', a.source, 'as_of', a.as_of)
      ORDER BY a.off_at IS NOT NULL, a.weak, a.text) FROM entities_alias a WHERE a.entity_id = %(id)s),
  (SELECT json_agg(json_build_object('id', i.id, 'scheme', i.scheme, 'value', i.value, 'source', i.source,
      'as_of', i.as_of, 'valid', i.valid) ORDER BY i.scheme, i.value)
      FROM entities_identifier i WHERE i.entity_id = %(id)s),
  (SELECT json_agg(json_build_object('id', l.id, 'ticker', l.ticker, 'mic', l.mic, 'exchange', x.name, 'city', x.city,
      'currency', l.currency, 'primary', l.primary, 'valid_from', l.valid_from, 'valid_to', l.valid_to,
      'isin', s.isin, 'kind', s.kind, 'name', s.name, 'source', l.source, 'as_of', l.as_of)
      ORDER BY l.valid_to IS NOT NULL, l.valid_to DESC, l.primary DESC, l.mic, l.ticker)
      FROM entities_security s JOIN entities_listing l ON l.security_id = s.id
      JOIN entities_exchange x ON x.mic = l.mic WHERE s.issuer_id = %(id)s),
  (SELECT json_agg(json_build_object('side', o.side, 'kind', o.kind, 'share', o.share, 'since', o.since,
      'until', o.until, 'source', o.source, 'as_of', o.as_of, 'name', e.name, 'slug', e.slug)
      ORDER BY o.until <> '', o.kind, o.share DESC NULLS LAST, e.name) FROM (
        SELECT 'owner' AS side, owner_id AS other, kind, share, since, until, source, as_of
        FROM entities_ownership WHERE asset_id = %(id)s
        UNION ALL
        (SELECT 'asset', asset_id, kind, share, since, until, source, as_of
        FROM entities_ownership WHERE owner_id = %(id)s ORDER BY until, id LIMIT 200)) o
      JOIN entities_entity e ON e.id = o.other),
  (SELECT json_agg(json_build_object('name', m.name, 'slug', m.slug) ORDER BY m.name)
      FROM entities_entity m WHERE m.merged_into_id = %(id)s),
  (SELECT json_agg(json_build_object('name', e.name, 'slug', e.slug, 'by', j.by, 'at', j.at) ORDER BY e.name)
      FROM (SELECT right_id AS other, by, at FROM entities_judgement
            WHERE left_id = %(id)s AND verdict = 'not_same' AND withdrawn_at IS NULL
            UNION ALL
            SELECT left_id, by, at FROM entities_judgement
            WHERE right_id = %(id)s AND verdict = 'not_same' AND withdrawn_at IS NULL) j
      JOIN entities_entity e ON e.id = j.other)
"""
SCHEMES = {
    "lei": "LEI",
    "cik": "CIK",
    "figi": "FIGI",
    "isin": "ISIN",
    "wikidata": "Wikidata",
    "cusip": "CUSIP",
    "sedol": "SEDOL",
    "permid": "PermID",
    "uscc": "USCC",
}
# Public pages about the holder of an identifier. For an ISIN alone there is none.
PAGES = {
    "wikidata": "https://www.wikidata.org/wiki/{value}",
    "lei": "https://search.gleif.org/#/record/{value}",
    "cik": "https://www.sec.gov/edgar/browse/?CIK={value}",
    "figi": "https://www.openfigi.com/id/{value}",
    "permid": "https://permid.org/1-{value}",
}
OWNERSHIP = {
    ("owner", Ownership.Kind.SHARES): "holds shares of it",
    ("owner", Ownership.Kind.DIRECT): "direct parent",
    ("owner", Ownership.Kind.ULTIMATE): "ultimate parent",
    ("asset", Ownership.Kind.SHARES): "it holds shares",
    ("asset", Ownership.Kind.DIRECT): "subsidiary",
    ("asset", Ownership.Kind.ULTIMATE): "in its group",
}
_KINDS = dict(Alias.Kind.choices)
_ORDER = ("legal", "name", "short", "acronym", "native", "former", "ticker")


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names of one kind."""

    label: str
    names: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class KnownBy:
    """An identifier in a public scheme; `page` is where its holder can be looked up, or empty."""

    id: int
    label: str
    value: str
    page: str
    source: str
    as_of: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Owned:
    """An owner of the entity (`is_owner`) or something that it owns, in words."""

    name: str
    slug: str
    is_owner: bool
    words: str
    share: float | None
    since: str
    until: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one entity."""

    groups: tuple[NameGroup, ...]
    names: int
    identifiers: tuple[KnownBy, ...]
    listings: Sequence[Mapping[str, Any]]
    owners: tuple[Owned, ...]
    owns: tuple[Owned, ...]
    merged: Sequence[Mapping[str, Any]]
    apart: Sequence[Mapping[str, Any]]


def card_of(entity_id: int, name: str, wikidata_id: str = "") -> Card:
    """What is known of an entity, one query; its own name is no further name."""
    with connection.cursor() as cursor:
        cursor.execute(_CARD, {"id": entity_id})
        aliases, identifiers, listings, ownership, merged, apart = (
            json.loads(part) if isinstance(part, str) else part or [] for part in cursor.fetchone()
        )
    further = [_dated(alias, "off_at") for alias in aliases if alias["text"] != name or alias["off_at"]]
    owned = [_owned(row) for row in ownership]
    return Card(
        groups=_groups(further),
        names=len(further),
        identifiers=_identifiers(identifiers, wikidata_id),
        listings=[_dated(row, "valid_from", "valid_to") for row in listings],
        owners=tuple(row for row in owned if row.is_owner),
        owns=tuple(row for row in owned if not row.is_owner),
        merged=merged,
        apart=[_dated(row, "at") for row in apart],
    )


def _dated(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """A row of JSON whose times are times again; days stay days."""
    return row | {name: datetime.fromisoformat(row[name]) for name in names if row[name]}


def _groups(aliases: Sequence[Mapping[str, Any]]) -> tuple[NameGroup, ...]:
    kinds = sorted({alias["kind"] for alias in aliases}, key=_ORDER.index)
    return tuple(
        NameGroup(str(_KINDS[kind]), [alias for alias in aliases if alias["kind"] == kind]) for kind in kinds
    )


def _identifiers(rows: Sequence[Mapping[str, Any]], wikidata_id: str) -> tuple[KnownBy, ...]:
    found = [
        KnownBy(
            row["id"],
            SCHEMES.get(row["scheme"], row["scheme"].upper()),
            row["value"],
            PAGES[row["scheme"]].format(value=row["value"])
            if row["scheme"] in PAGES and row["valid"]
            else "",
            row["source"],
            row["as_of"],
            row["valid"],
        )
        for row in rows
    ]
    if wikidata_id and not any(row["scheme"] == "wikidata" and row["value"] == wikidata_id for row in rows):
        page = PAGES["wikidata"].format(value=wikidata_id)
        found.append(KnownBy(0, SCHEMES["wikidata"], wikidata_id, page, "", "", valid=True))
    return tuple(found)


def _owned(row: Mapping[str, Any]) -> Owned:
    return Owned(
        row["name"], row["slug"], row["side"] == "owner", OWNERSHIP.get((row["side"], row["kind"]), row["kind"]),
        row["share"], row["since"], row["until"], row["source"], row["as_of"],
    )  # fmt: skip
