"""Where a table and the knowledge base say different things: both stay, and a person decides once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from entities.models import Conflict
from entities.sources.facts import identifier_is_valid, isin_is_valid
from entities.sources.tables.known import Finding, Known, KnownEntity, share_a_word
from entities.sources.tables.rows import EntityRow, OwnershipRow

ONE_AN_ENTITY = frozenset({"lei", "cik", "wikidata"})  # a second one contradicts the first
NAMED_BY_REGISTER = frozenset({"lei", "cik"})  # their registers know the name of the bearer
_OF_A_LINE = frozenset({"listing", "isin"})
_LATIN = re.compile(r"[a-z]")
_BATCH = 5000


class _Tell(Protocol):
    def __call__(
        self, field_name: str, ours: str, ours_source: str, theirs: str, place: str = "", /
    ) -> Conflict: ...


def tell_conflicts(rows: list[Conflict]) -> int:
    """Write down conflicts; how many were not told before. What a person has decided is not told again."""
    before = Conflict.objects.count()
    decided = {_contradiction(row) for row in Conflict.objects.exclude(decision="")}
    # Whichever of the two a person chose, and whichever table tells it: nobody is asked twice.
    new = [row for row in rows if _contradiction(row) not in decided]
    new.sort(key=lambda row: (row.entity_id, row.field, row.place, row.ours, row.theirs, row.theirs_source))
    Conflict.objects.bulk_create(new, ignore_conflicts=True, batch_size=_BATCH)
    return Conflict.objects.count() - before


def _contradiction(row: Conflict) -> tuple[int, str, str, frozenset[str]]:
    """Which two values stand against each other: about a market line whoever holds it, else about the entity."""
    about = 0 if row.field in _OF_A_LINE else row.entity_id
    return about, row.field, row.place, frozenset({row.ours, row.theirs})


def line_of_another(holder: KnownEntity | None, row: EntityRow) -> Iterator[Conflict]:
    """A line that somebody else holds; tables that prove nothing alone contradict nobody."""
    line = row.line
    if holder is None or line is None or not row.may_add:
        return
    yield Conflict(
        entity_id=holder.id, field="listing", place=f"{line.ticker} {line.mic}", ours=holder.name,
        ours_source=holder.source, theirs=row.name[:300], theirs_source=row.source, theirs_as_of=row.as_of,
        line=row.number,
    )  # fmt: skip


def country_of_another(holder: KnownEntity | None, row: EntityRow) -> Iterator[Conflict]:
    """The country of whom a row names without a proof that it means somebody else; records that add nobody ask nothing."""
    if holder is None or row.is_proved or not row.may_add or holder.country in {"", row.country}:
        return
    yield Conflict(
        entity_id=holder.id, field="country", ours=holder.country, ours_source=holder.source, theirs=row.country,
        theirs_source=row.source, theirs_as_of=row.as_of, line=row.number,
    )  # fmt: skip


def contradictions(known: Known, finding: Finding, row: EntityRow) -> Iterator[Conflict]:
    """What a row says otherwise of the entity that it speaks of."""
    entity = finding.entity
    if entity is None:
        return

    def tell(field_name: str, ours: str, ours_source: str, theirs: str, place: str = "") -> Conflict:
        return Conflict(
            entity_id=entity.id, field=field_name, place=place, ours=ours[:300], ours_source=ours_source,
            theirs=theirs[:300], theirs_source=row.source, theirs_as_of=row.as_of, line=row.number,
        )  # fmt: skip

    if row.status:
        # The register says that the number's bearer has ended, and who stands for it now.
        scheme, value = row.identifiers[0]
        if row.successor and identifier_is_valid(scheme, row.successor):
            yield tell(scheme, value, entity.source, row.successor)
        return
    yield from line_of_another(finding.holder, row)
    if row.country and entity.country and entity.country not in {row.country, *row.also_countries}:
        yield tell("country", entity.country, entity.source, row.country)
    for scheme, value in row.identifiers:
        if _is_second(entity, scheme, value):
            yield tell(scheme, ", ".join(sorted(entity.identifiers[scheme])), entity.source, value)
    if is_named_otherwise(known, finding, row):
        yield tell("name", entity.name, entity.source, row.name)
    yield from _other_isin(known, entity, row, tell)


def _other_isin(known: Known, entity: KnownEntity, row: EntityRow, tell: _Tell) -> Iterator[Conflict]:
    """Another sound ISIN than ours at a line of the entity."""
    line = row.line
    if line is None or known.by_line.get((line.mic, line.ticker)) != entity.id:
        return
    isin, source = known.line_isins.get((line.mic, line.ticker), ("", ""))
    if isin and isin != line.isin and isin_is_valid(line.isin):
        yield tell("isin", isin, source, line.isin, f"{line.ticker} {line.mic}")


def _is_second(entity: KnownEntity, scheme: str, value: str) -> bool:
    """Whether the entity has another number of a scheme of which an entity has one."""
    held = entity.identifiers.get(scheme)
    return (
        scheme in ONE_AN_ENTITY
        and bool(held)
        and value not in (held or ())
        and identifier_is_valid(scheme, value)
    )


def is_named_otherwise(known: Known, finding: Finding, row: EntityRow) -> bool:
    """Whether a register gives the bearer of its own number a name that is unlike all that we know."""
    entity = finding.entity
    return (
        entity is not None
        and finding.by_number
        and row.adds_names
        and {scheme for scheme, _ in row.identifiers} <= NAMED_BY_REGISTER
        and _LATIN.search(known.folded.forms(row.name)[0])
        is not None  # in another script no name is like ours
        and not share_a_word(known.folded.of_row(row), entity.names)
    )


def other_parent(
    row: OwnershipRow, asset: KnownEntity, owner: KnownEntity, ours: str, source: str
) -> Conflict:
    """A second parent of a kind of which a firm has one."""
    return Conflict(
        entity_id=asset.id, field="owner", place=row.kind, ours=ours[:300], ours_source=source,
        theirs=owner.name[:300], theirs_source=row.source, theirs_as_of=row.as_of, line=row.number,
    )  # fmt: skip
