"""GLEIF's golden copy, in the columns of its CSV files: who is who (level 1) and who owns whom (level 2); pure.

The columns are those of LEI-CDF 3.1 and RR-CDF 2.1 as the CSV of the golden copy spells them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from entities.sources.packages.companies import LONGEST_NAME
from entities.sources.tables.cells import Row, clean, company_row, country_cell, date_of
from entities.sources.tables.rows import (
    NameRow,
    Origin,
    OwnershipRow,
    Party,
    Reject,
    Status,
    TableRow,
)
from entities.types import AliasKind

MOST = 5  # of each repeated column
_NAME_KINDS: dict[str, AliasKind] = {
    "PREVIOUS_LEGAL_NAME": "former",
    "TRADING_OR_OPERATING_NAME": "name",
    "ALTERNATIVE_LANGUAGE_LEGAL_NAME": "native",
    "PREFERRED_ASCII_TRANSLITERATED_LEGAL_NAME": "name",
    "AUTO_ASCII_TRANSLITERATED_LEGAL_NAME": "name",
}
# A number that was given by mistake, or a second time to the same firm.
_VOID = frozenset({"ANNULLED", "CANCELLED", "DUPLICATE"})
_ENDED = frozenset({"RETIRED", "MERGED"})
_PENDING = frozenset({"PENDING_VALIDATION", "PENDING_TRANSFER", "PENDING_ARCHIVAL", "TRANSFERRED"})
_NO_FIRM = frozenset({"FUND", "BRANCH", "SOLE_PROPRIETOR"})
_PARENTS = {"IS_DIRECTLY_CONSOLIDATED_BY": "direct", "IS_ULTIMATELY_CONSOLIDATED_BY": "ultimate"}

_OTHER = "entity.otherentitynames.otherentityname"
_LATIN = "entity.transliteratedotherentitynames.transliteratedotherentityname"
_SUCCESSOR = "entity.successorentity"
LEVEL_1_NEEDED = frozenset({"lei", "entity.legalname", "entity.legaladdress.country"})
LEVEL_1 = LEVEL_1_NEEDED | {
    "entity.legalname.xmllang", "entity.headquartersaddress.country", "entity.entitycategory", "entity.entitystatus",
    "registration.registrationstatus", "registration.lastupdatedate", "entity.successorentity.successorlei",
    *(f"{stem}.{n}{tail}" for stem in (_OTHER, _LATIN) for n in range(1, MOST + 1) for tail in ("", ".xmllang", ".type")),
    *(f"{_SUCCESSOR}.{n}.successorlei" for n in range(1, MOST + 1)),
}  # fmt: skip
LEVEL_2_NEEDED = frozenset({
    "relationship.startnode.nodeid", "relationship.endnode.nodeid", "relationship.relationshiptype",
})  # fmt: skip
LEVEL_2 = LEVEL_2_NEEDED | {
    "relationship.startnode.nodeidtype", "relationship.endnode.nodeidtype", "relationship.relationshipstatus",
    "registration.registrationstatus", "registration.lastupdatedate",
    *(f"relationship.period.{n}.{part}" for n in range(1, MOST + 1) for part in ("startdate", "enddate", "periodtype")),
}  # fmt: skip


def level_1(number: int, row: Row, origin: Origin) -> TableRow:
    """A firm of the register. It names and numbers whom we know; it does not say of whom the news speaks."""
    lei = row.get("lei", "").upper()
    if row.get("entity.entitycategory", "").upper() in _NO_FIRM:
        return Reject(number, "It is a fund, a branch or a sole trader.", is_bad=False)
    if not lei:
        return Reject(number, "It has no LEI.")
    head, legal = (
        country_cell(row.get(f"entity.{part}address.country", "")) for part in ("headquarters", "legal")
    )
    found = company_row(number, row.get("entity.legalname", ""), origin, country=head or legal, names=tuple(_names(row)),
                        may_add=False, identifiers=(("lei", lei),))  # fmt: skip
    if isinstance(found, Reject):
        return found
    status = _status(row)
    successor = next(
        (
            value
            for column in (
                "entity.successorentity.successorlei",
                *(f"{_SUCCESSOR}.{n}.successorlei" for n in range(1, MOST + 1)),
            )
            if (value := row.get(column, "").upper()) and value != lei
        ),
        "",
    )
    return replace(
        found,
        lang=_language(row.get("entity.legalname.xmllang", "")),
        also_countries=(legal,) if head and legal and legal != head else (),
        status=status,
        successor=successor if status else "",
        names=() if status else found.names,
        as_of=date_of(row.get("registration.lastupdatedate", "")) or origin.as_of,
    )


def _names(row: Row) -> Iterator[NameRow]:
    for stem in (_OTHER, _LATIN):
        for n in range(1, MOST + 1):
            text = clean(row.get(f"{stem}.{n}", ""))
            if text and len(text) <= LONGEST_NAME:
                kind = row.get(f"{stem}.{n}.type", "").upper()
                yield NameRow(
                    text, _NAME_KINDS.get(kind, "name"), _language(row.get(f"{stem}.{n}.xmllang", ""))
                )


def _status(row: Row) -> Status:
    if row.get("registration.registrationstatus", "").upper() in _VOID:
        return "void"
    is_over = row.get("registration.registrationstatus", "").upper() in _ENDED
    return "ended" if is_over or row.get("entity.entitystatus", "ACTIVE").upper() == "INACTIVE" else ""


def level_2(number: int, row: Row, origin: Origin) -> TableRow:
    """A relationship of the register: the start node is consolidated by the end node."""
    kind = _PARENTS.get(row.get("relationship.relationshiptype", "").upper())
    if kind is None:
        return Reject(
            number, "It tells of a fund, a branch or another tie that is no ownership.", is_bad=False
        )
    nodes = [row.get(f"relationship.{node}node.nodeid", "").upper() for node in ("start", "end")]
    kinds = {
        row.get(f"relationship.{node}node.nodeidtype", "LEI").upper() or "LEI" for node in ("start", "end")
    }
    if not all(nodes) or kinds != {"LEI"}:
        return Reject(number, "One of its two nodes has no LEI.", is_bad=not all(nodes))
    if nodes[0] == nodes[1]:
        return Reject(number, "It says that a firm owns itself.")
    published = row.get("registration.registrationstatus", "PUBLISHED").upper()
    if published in _VOID | _PENDING:
        return Reject(number, "The register has withdrawn the record, or not published it yet.", is_bad=False)
    since, until = _period(row)
    told = date_of(row.get("registration.lastupdatedate", ""))
    if row.get("relationship.relationshipstatus", "ACTIVE").upper() == "INACTIVE" and not until:
        until = told or origin.as_of  # it had ended by then, and nobody says when
    return OwnershipRow(
        number=number, source=origin.source, as_of=told or origin.as_of, kind=kind, since=since, until=until,
        asset=Party(identifiers=(("lei", nodes[0]),)), owner=Party(identifiers=(("lei", nodes[1]),)),
    )  # fmt: skip


def _period(row: Row) -> tuple[str, str]:
    """(since, until) of the relationship itself; the other periods are those of its accounts and papers."""
    for n in range(1, MOST + 1):
        if row.get(f"relationship.period.{n}.periodtype", "").upper() == "RELATIONSHIP_PERIOD":
            return (
                date_of(row.get(f"relationship.period.{n}.startdate", "")),
                date_of(row.get(f"relationship.period.{n}.enddate", "")),
            )
    return "", ""


def _language(tag: str) -> str:
    """The language of a tag (BCP 47) without its script and region: "zh-Hant-HK" is "zh"."""
    return tag.strip().lower().partition("-")[0][:8]
