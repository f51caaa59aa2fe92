"""The starter set's files become facts; a row that is not well formed names its file and line."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

from entities.errors import SourceDataError
from entities.sources.facts import (
    DATE,
    AliasFact,
    EntityFact,
    FactBatch,
    IdentifierFact,
    ListingFact,
    OwnershipFact,
    PositionFact,
)
from entities.types import AliasKind, EntityKind

ENTITY_FILES: dict[str, EntityKind] = {
    "companies.csv": "company",
    "people.csv": "person",
    "public_bodies.csv": "public_body",
    "organizations.csv": "organization",
    "places.csv": "place",
    "indices.csv": "other",
}
FACT_FILES = (
    "aliases.csv",
    "withdrawn.csv",
    "listings.csv",
    "identifiers.csv",
    "positions.csv",
    "ownership.csv",
    "apart.csv",
    "became.csv",
    "old_lines.csv",
)
YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Apart:
    """Two that look like one and are not. Each is a slug, or the line of a company: "688223 XSHG"."""

    one: str
    other: str
    why: str


@dataclass(frozen=True, slots=True)
class OldLine:
    """A line that the company has no more, or that tables give it wrongly. `until` is its last day, "" if unknown."""

    slug: str
    mic: str
    ticker: str
    until: str


def read_apart() -> tuple[Apart, ...]:
    """Who is not the same as whom. Raises SourceDataError for a row that cannot be read."""
    return tuple(Apart(row["one"], row["other"], row["why"]) for _, row in read_rows("apart.csv"))


def read_became() -> dict[str, str]:
    """Slugs that the set gave once -> those that stand for them now. Raises SourceDataError."""
    return {row["old"]: row["new"] for _, row in read_rows("became.csv")}


def read_old_lines() -> tuple[OldLine, ...]:
    """Lines that are no company's any more. Raises SourceDataError."""
    return tuple(
        OldLine(row["slug"], row["mic"], row["ticker"], row["until"]) for _, row in read_rows("old_lines.csv")
    )


def read_rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) of one starter file; every row must say its source and a date."""
    text = files("entities.sources.starter").joinpath(name).read_text(encoding="utf-8")
    for number, row in enumerate(csv.DictReader(text.splitlines(), strict=True), start=2):
        if None in row or None in row.values():
            raise SourceDataError(f"{name} line {number}: the number of columns is wrong")
        if not row["source"] or not DATE.fullmatch(row["as_of"]):
            raise SourceDataError(f"{name} line {number}: source and as_of (YYYY[-MM[-DD]]) are needed")
        yield number, row


def read_starter() -> FactBatch:
    """All facts of the starter set. Raises SourceDataError for a row that cannot be read."""
    return FactBatch(
        entities=tuple(
            EntityFact(
                slug=row["slug"],
                kind=kind,
                name=row["name"],
                country=row["country"],
                description=row["description"],
                wikidata_id=row["wikidata_id"],
                prominence=float(row["prominence"]),
                source=row["source"],
                as_of=row["as_of"],
            )
            for name, kind in ENTITY_FILES.items()
            for _, row in read_rows(name)
        ),
        aliases=tuple(
            AliasFact(
                slug=row["slug"],
                text=row["text"],
                kind=cast("AliasKind", row["kind"]),
                lang=row["lang"],
                weak=_yes(row["weak"], "aliases.csv", number),
                source=row["source"],
                as_of=row["as_of"],
            )
            for number, row in read_rows("aliases.csv")
        ),
        identifiers=tuple(
            IdentifierFact(row["slug"], row["scheme"], row["value"], row["source"], row["as_of"])
            for _, row in read_rows("identifiers.csv")
        ),
        listings=tuple(
            ListingFact(
                slug=row["slug"],
                line=int(row["line"]),
                security=row["security"],
                isin=row["isin"],
                isin_source=row["isin_source"],
                isin_as_of=row["isin_as_of"],
                mic=row["mic"],
                ticker=row["ticker"],
                currency=row["currency"],
                primary=_yes(row["primary"], "listings.csv", number),
                source=row["source"],
                as_of=row["as_of"],
            )
            for number, row in read_rows("listings.csv")
        ),
        positions=tuple(
            PositionFact(
                person=row["person"],
                organization=row["organization"],
                title=row["title"],
                kind=row["kind"],
                since=row["since"],
                until=row["until"],
                source=row["source"],
                as_of=row["as_of"],
            )
            for _, row in read_rows("positions.csv")
        ),
        ownerships=tuple(
            OwnershipFact(
                owner=row["owner"],
                asset=row["asset"],
                kind=row["kind"],
                share=float(row["share"]) if row["share"] else None,
                since=row["since"],
                until=row["until"],
                source=row["source"],
                as_of=row["as_of"],
            )
            for _, row in read_rows("ownership.csv")
        ),
        dropped=tuple((row["slug"], row["text"], row["source"]) for _, row in read_rows("withdrawn.csv")),
    )


def starter_digest() -> str:
    """A hash over all files of the set: an equal one means that a load would change nothing."""
    digest = hashlib.sha256()
    folder = files("entities.sources.starter")
    for name in (*ENTITY_FILES, *FACT_FILES):
        digest.update(folder.joinpath(name).read_bytes())
    return digest.hexdigest()


def _yes(value: str, name: str, number: int) -> bool:
    if value not in YES_NO:
        raise SourceDataError(f"{name} line {number}: '{value}' is neither yes nor no")
    return YES_NO[value]
