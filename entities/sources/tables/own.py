"""The desk's own form for in-house lists, as CSV and as JSON: entities, names, numbers, lines, posts, ownership; pure.

CSV: a header and one record a line. The column `record` says what a line is; without it, or empty, it is an entity.

    record     must have                        may have
    entity     kind, name                       country, description, aliases (parted by ;), wikidata, lei, cik, figi,
                                                mic with ticker, isin, currency
    alias      name, alias                      alias_kind, lang
    identifier name, scheme, value
    listing    name, mic, ticker                isin, currency
    position   name (the person), organization, organization_wikidata, organization_lei, position_kind, since, until,
               title                            former (yes or no)
    ownership  name (what is owned), owner      owner_wikidata, owner_lei, ownership_kind (shares, direct, ultimate),
                                                share (0 to 1, or 12.5 %), since, until

Any line may have source and as_of (YYYY, YYYY-MM or YYYY-MM-DD), and wikidata, lei, cik, kind and country, by which the
one that is meant is found. An alias tells its kind and language in brackets: SIA (acronym); 中芯国际 (native zh).

JSON: {"source": ..., "as_of": ..., "entities": [...], "positions": [...], "ownership": [...]}. An entity has kind, name,
country, description, aliases (texts or {"text", "kind", "lang"}), identifiers ({"lei": ...}; a list for several) and
listings ([{"mic", "ticker", "isin", "currency"}]). A position has person and organization, an ownership owner and asset:
each a name, or {"name", "wikidata", "lei", "cik"}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from entities.errors import SourceDataError
from entities.sources.exchanges import MARKETS, native_ticker
from entities.sources.facts import DATE, TICKER, identifier_is_valid
from entities.sources.packages.companies import LONGEST_NAME
from entities.sources.tables.cells import (
    ALIAS_KINDS,
    ENTITY_KINDS,
    LONGEST_DESCRIPTION,
    Row,
    clean,
    unreadable,
    wikidata_id,
)
from entities.sources.tables.reading import csv_rows, is_json, json_value, opened
from entities.sources.tables.rows import (
    EntityRow,
    Line,
    NameRow,
    Origin,
    OwnershipRow,
    Party,
    PostRow,
    Reject,
    TableRow,
)
from entities.types import AliasKind

NEEDED = frozenset({"name"})
SCHEMES = ("wikidata", "lei", "cik", "figi")
RECORDS = ("entity", "alias", "identifier", "listing", "position", "ownership")
POSITION_KINDS = ("director", "employee", "member", "office")
OWNERSHIP_KINDS = ("shares", "direct", "ultimate")
_SECTIONS = ("entities", "positions", "ownership")
_WRITTEN_ALIAS = re.compile(r"(.+?)\s*\((\w+)(?:\s+([\w-]{2,8}))?\)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")
_TRUE, _FALSE = frozenset({"yes", "true", "1"}), frozenset({"", "no", "false", "0"})
_LONGEST_TITLE = 200


class _BadCellError(ValueError):
    """A cell that cannot be taken; the message names it and says what is wanted."""


def read_own(path: Path, origin: Origin) -> Iterator[TableRow]:
    """The records of a list, in either form. A faulty one gives a Reject that names its line or its path."""
    if is_json(path):
        with opened(path) as text:
            value = json_value(text, path.name)
        yield from _document(value, origin, path.name)
        return
    with opened(path) as text:
        for number, row in csv_rows(text, NEEDED, path.name):
            if not row:
                yield unreadable(number)
                continue
            try:
                yield _csv_record(number, row, origin)
            except _BadCellError as error:
                yield Reject(number, str(error))


def _csv_record(number: int, row: Row, origin: Origin) -> TableRow:
    record = row.get("record", "").lower() or "entity"
    own = Origin(row.get("source", "")[:120] or origin.source, _day(row, "as_of") or origin.as_of)
    if record == "position":
        return _post(
            number, own, _party(row), _party(row, "organization"),
            {**row, "kind": row.get("position_kind", "")},
        )  # fmt: skip
    if record == "ownership":
        return _ownership(
            number, own, _party(row, "owner"), _party(row), {**row, "kind": row.get("ownership_kind", "")}
        )
    if record not in RECORDS:
        raise _BadCellError(f"record is {record}: it must be one of {', '.join(RECORDS)}.")
    numbers: tuple[tuple[str, str], ...] = ()
    names: tuple[NameRow, ...] = ()
    line = None
    if record == "identifier":
        numbers = (_number(row.get("scheme", "").lower(), row.get("value", ""), "value"),)
    elif record == "alias":
        names = (_alias(row.get("alias", ""), row.get("alias_kind", ""), row.get("lang", "")),)
    elif record == "entity":
        names = tuple(
            _written_alias(part) for part in map(str.strip, row.get("aliases", "").split(";")) if part
        )
    if record == "listing" or (record == "entity" and row.get("ticker")):
        line = _line(row)
    return _entity(number, own, row, names, (*_numbers(row), *numbers), line, may_add=record == "entity")


def _document(value: Any, origin: Origin, name: str) -> Iterator[TableRow]:
    if not isinstance(value, dict) or not any(isinstance(value.get(key), list) for key in _SECTIONS):
        raise SourceDataError(f"{name} is no list of ours: an object with {', '.join(_SECTIONS)} is wanted")
    strange = sorted(set(value) - {*_SECTIONS, "source", "as_of"})
    if strange:
        raise SourceDataError(f"{name} has {', '.join(strange)[:200]}, of which nothing is known")
    head = _texts(value)
    own = Origin(head.get("source", "")[:120] or origin.source, head.get("as_of", "")[:10] or origin.as_of)
    number = 0
    for section, read in (
        ("entities", _json_entity),
        ("positions", _json_post),
        ("ownership", _json_ownership),
    ):
        found = value.get(section)
        for at, one in enumerate(found if isinstance(found, list) else []):
            number += 1
            place = f"{section}[{at}]"
            if not isinstance(one, dict):
                yield Reject(number, "It is no object.", place=place)
                continue
            try:
                texts = _texts(one)
                where = Origin(texts.get("source", "")[:120] or own.source, _day(texts, "as_of") or own.as_of)
                yield from read(number, one, texts, where)
            except _BadCellError as error:
                yield Reject(number, str(error), place=place)


def _json_entity(number: int, one: Mapping[str, Any], texts: Row, origin: Origin) -> Iterator[TableRow]:
    names: list[NameRow] = []
    for at, alias in enumerate(_list(one, "aliases")):
        if isinstance(alias, str):
            names.append(_written_alias(alias.strip()))
        elif isinstance(alias, dict):
            told = _texts(alias)
            names.append(_alias(told.get("text", ""), told.get("kind", ""), told.get("lang", "")))
        else:
            raise _BadCellError(f"aliases[{at}] is neither a text nor an object.")
    numbers = list(_numbers(texts))
    told_numbers = one.get("identifiers") or {}
    if not isinstance(told_numbers, dict):
        raise _BadCellError('identifiers must be an object: {"lei": "..."}.')
    for scheme, values in told_numbers.items():
        numbers += [
            _number(scheme, str(each), f"identifiers.{scheme}")
            for each in (values if isinstance(values, list) else [values])
        ]
    lines: list[Line | None] = []
    for at, line in enumerate(_list(one, "listings")):
        if not isinstance(line, dict):
            raise _BadCellError(f"listings[{at}] is no object.")
        lines.append(_line(_texts(line), f"listings[{at}]."))
    for at, each in enumerate(lines or [None]):
        yield _entity(
            number, origin, texts, tuple(names) if at == 0 else (), tuple(numbers), each, may_add=True
        )


def _json_post(number: int, one: Mapping[str, Any], texts: Row, origin: Origin) -> Iterator[TableRow]:
    yield _post(number, origin, _json_party(one, "person"), _json_party(one, "organization"), texts)


def _json_ownership(number: int, one: Mapping[str, Any], texts: Row, origin: Origin) -> Iterator[TableRow]:
    yield _ownership(number, origin, _json_party(one, "owner"), _json_party(one, "asset"), texts)


def _entity(  # noqa: PLR0913, PLR0917 - the parts of one row
    number: int,
    origin: Origin,
    row: Row,
    names: tuple[NameRow, ...],
    numbers: tuple[tuple[str, str], ...],
    line: Line | None,
    *,
    may_add: bool,
) -> EntityRow:
    kind = row.get("kind", "").lower() or ("" if may_add else "company")
    if kind not in ENTITY_KINDS:
        raise _BadCellError(
            f"kind is {kind or 'empty'}: it must be one of {', '.join(sorted(ENTITY_KINDS))}."
        )
    name = clean(row.get("name", ""))
    if not name or len(name) > LONGEST_NAME:
        raise _BadCellError(f"name is empty or longer than {LONGEST_NAME} characters.")
    country = row.get("country", "").upper()
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise _BadCellError(f"country is {country}: two letters of ISO 3166-1 are wanted.")
    return EntityRow(
        number=number, source=origin.source, as_of=origin.as_of, kind=ENTITY_KINDS[kind], name=name, country=country,
        description=clean(row.get("description", ""))[:LONGEST_DESCRIPTION], names=names,
        identifiers=tuple(dict.fromkeys(numbers)), line=line, may_add=may_add, adds_line=True,
    )  # fmt: skip


def _post(number: int, origin: Origin, person: Party, body: Party, row: Row) -> PostRow:
    title = clean(row.get("title", ""))
    if not title or len(title) > _LONGEST_TITLE:
        raise _BadCellError(f"title is empty or longer than {_LONGEST_TITLE} characters.")
    kind = row.get("kind", "").lower() or "employee"
    if kind not in POSITION_KINDS:
        raise _BadCellError(
            f"the kind of the position is {kind}: it must be one of {', '.join(POSITION_KINDS)}."
        )
    former = row.get("former", "").lower()
    if former not in _TRUE | _FALSE:
        raise _BadCellError(f"former is {former}: yes or no is wanted.")
    _somebody(person, "the person")
    _somebody(body, "the organization")
    return PostRow(
        number=number, source=origin.source, as_of=origin.as_of, person=person, organization=body, title=title,
        kind=kind, since=_day(row, "since"), until=_day(row, "until"), former=former in _TRUE,
    )  # fmt: skip


def _ownership(number: int, origin: Origin, owner: Party, asset: Party, row: Row) -> OwnershipRow:
    kind = row.get("kind", "").lower() or "shares"
    if kind not in OWNERSHIP_KINDS:
        raise _BadCellError(
            f"the kind of the ownership is {kind}: it must be one of {', '.join(OWNERSHIP_KINDS)}."
        )
    _somebody(owner, "the owner")
    _somebody(asset, "what is owned")
    return OwnershipRow(
        number=number, source=origin.source, as_of=origin.as_of, owner=owner, asset=asset, kind=kind,
        share=_share(row.get("share", "")), since=_day(row, "since"), until=_day(row, "until"),
    )  # fmt: skip


def _somebody(party: Party, what: str) -> None:
    if not party.name and not party.identifiers:
        raise _BadCellError(f"{what} has neither a name nor a number.")


def _share(text: str) -> float | None:
    if not text:
        return None
    found = _SHARE.fullmatch(text)
    share = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 <= share <= 1:
        raise _BadCellError(
            f"share is {text}: a fraction of 0 to 1 or a percentage is wanted, 0.125 or 12.5 %."
        )
    return share


def _day(row: Row, key: str) -> str:
    text = row.get(key, "")
    if text and not DATE.fullmatch(text):
        raise _BadCellError(f"{key} is {text}: YYYY, YYYY-MM or YYYY-MM-DD is wanted.")
    return text


def _line(row: Row, where: str = "") -> Line:
    mic = row.get("mic", "").upper()
    if mic not in MARKETS:
        raise _BadCellError(f"{where}mic is {mic or 'empty'}: it must be the code of a market that we keep.")
    ticker = native_ticker(row.get("ticker", ""), mic)
    if not TICKER.fullmatch(ticker) or not row.get("ticker"):
        raise _BadCellError(f"{where}ticker is {row.get('ticker') or 'empty'}: it is not well formed.")
    # An ISIN with a wrong check digit is left out by the store, which says so: the line is good without it.
    return Line(mic, ticker, row.get("currency", "").upper()[:3], row.get("isin", "").upper())


def _numbers(row: Row) -> Iterator[tuple[str, str]]:
    for scheme in SCHEMES:
        if row.get(scheme):
            yield _number(scheme, row[scheme], scheme)


def _number(scheme: str, value: str, where: str) -> tuple[str, str]:
    value = value.strip()
    if scheme == "wikidata":
        value = wikidata_id(value) or value
    elif scheme == "cik":
        value = value.lstrip("0")
    else:
        value = value.upper()
    if scheme not in SCHEMES:
        raise _BadCellError(f"scheme is {scheme or 'empty'}: it must be one of {', '.join(SCHEMES)}.")
    if not identifier_is_valid(scheme, value):
        raise _BadCellError(
            f"{where} is {value or 'empty'}: it is not well formed, or its check digit is wrong."
        )
    return scheme, value


def _party(row: Row, prefix: str = "") -> Party:
    """Somebody by the columns `prefix`, `prefix_wikidata` ...; without a prefix the one that the line is about."""
    name = clean(row.get(prefix or "name", ""))[:LONGEST_NAME]
    stem = f"{prefix}_" if prefix else ""
    return Party(
        name,
        tuple(
            _number(scheme, row[stem + scheme], stem + scheme) for scheme in SCHEMES if row.get(stem + scheme)
        ),
    )


def _json_party(one: Mapping[str, Any], key: str) -> Party:
    value = one.get(key)
    if isinstance(value, str):
        return Party(clean(value)[:LONGEST_NAME])
    if isinstance(value, dict):
        return _party(_texts(value))
    raise _BadCellError(f"{key} is neither a name nor an object.")


def _alias(text: str, kind: str, lang: str) -> NameRow:
    text = clean(text)
    if not text or len(text) > LONGEST_NAME:
        raise _BadCellError(f"alias is empty or longer than {LONGEST_NAME} characters.")
    kind = kind.lower() or "name"
    if kind not in ALIAS_KINDS:
        raise _BadCellError(f"the kind of an alias is {kind}: it must be one of {', '.join(ALIAS_KINDS)}.")
    return NameRow(text, ALIAS_KINDS[kind], lang[:8])


def _written_alias(part: str) -> NameRow:
    found = _WRITTEN_ALIAS.fullmatch(part)
    kind: AliasKind | None = ALIAS_KINDS.get(found[2]) if found else None
    if found is None or kind is None:
        return NameRow(part[:LONGEST_NAME], "name")
    return NameRow(found[1][:LONGEST_NAME], kind, found[3] or "")


def _list(one: Mapping[str, Any], key: str) -> list[Any]:
    value = one.get(key) or []
    if not isinstance(value, list):
        raise _BadCellError(f"{key} must be a list.")
    return value


def _texts(one: Mapping[str, Any]) -> dict[str, str]:
    """The plain values of an object as texts."""
    return {
        key: "yes" if value is True else "no" if value is False else str(value).strip()
        for key, value in one.items()
        if isinstance(value, (str, int, float, bool))
    }
