"""Results of a Wikidata query, as the query service gives them out: CSV, or SPARQL 1.1 Query Results JSON; pure.

Variables that are read, of which `item` and `itemLabel` are needed: item (the entity), itemLabel (its name),
itemDescription, kind (person, company, organization, public_body, place or other; else company), country or countryCode
(two letters: P297 of P17), alias or aliases (parted by |) or itemAltLabel (parted by commas, as the label service
writes them), aliasLang, isin (P946), lei (P1278), cik (P5531), mic (P7534) with ticker (P249). One item may take
several lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from entities.errors import SourceDataError
from entities.sources.exchanges import MARKETS, native_ticker
from entities.sources.facts import TICKER
from entities.sources.packages.companies import LONGEST_NAME
from entities.sources.tables.cells import (
    ENTITY_KINDS,
    LONGEST_DESCRIPTION,
    Row,
    clean,
    country_cell,
    unreadable,
    wikidata_id,
)
from entities.sources.tables.reading import csv_rows, is_json, json_value, opened
from entities.sources.tables.rows import EntityRow, Line, NameRow, Origin, Reject, TableRow

NEEDED = frozenset({"item", "itemlabel"})


def wikidata_row(number: int, row: Row, origin: Origin) -> TableRow:
    """One line of a result; keys in lower case."""
    item = wikidata_id(row.get("item", ""))
    name = clean(row.get("itemlabel", ""))
    if not item:
        return Reject(
            number, f"item is {row.get('item') or 'empty'}: the number of a Wikidata item is wanted."
        )
    if not name or name == item or len(name) > LONGEST_NAME:
        return Reject(number, "It has no label.", is_bad=False)
    ids = [("wikidata", item)]
    if row.get("lei"):
        ids.append(("lei", row["lei"].upper()))
    if row.get("cik"):
        ids.append(("cik", row["cik"].lstrip("0")))
    line = None
    mic = row.get("mic", "").upper()
    if row.get("ticker") and mic in MARKETS:
        ticker = native_ticker(row["ticker"], mic)
        line = Line(mic, ticker, "", row.get("isin", "").upper()) if TICKER.fullmatch(ticker) else None
    texts = [*row.get("alias", "").split("|"), *row.get("aliases", "").split("|")]
    texts += row.get("itemaltlabel", "").split(", ")
    lang = row.get("aliaslang", "")[:8]
    names = dict.fromkeys(clean(text)[:LONGEST_NAME] for text in texts if text.strip())
    return EntityRow(
        number=number, source=origin.source, as_of=origin.as_of,
        kind=ENTITY_KINDS.get(row.get("kind", "").lower(), "company"), name=name,
        country=country_cell(row.get("country", "")) or country_cell(row.get("countrycode", "")),
        description=clean(row.get("itemdescription", ""))[:LONGEST_DESCRIPTION],
        names=tuple(NameRow(text, "name", lang) for text in names), identifiers=tuple(ids), line=line,
    )  # fmt: skip


def read_wikidata(path: Path, origin: Origin) -> Iterator[TableRow]:
    """The lines of a result, in either form."""
    if not is_json(path):
        with opened(path) as text:
            for number, row in csv_rows(text, NEEDED, path.name):
                yield wikidata_row(number, row, origin) if row else unreadable(number)
        return
    with opened(path) as text:
        value = json_value(text, path.name)
    try:
        bindings: list[Any] = list(value["results"]["bindings"])
    except (KeyError, TypeError) as error:
        raise SourceDataError(f"{path.name} has no results.bindings: it is no query result") from error
    told = value.get("head", {})
    variables = told.get("vars") if isinstance(told, dict) else None
    if isinstance(variables, list) and not {str(one).lower() for one in variables} >= NEEDED:
        raise SourceDataError(
            f"{path.name} lacks item or itemLabel; its variables are: {', '.join(map(str, variables)) or 'none'}"
        )
    for number, binding in enumerate(bindings, 1):
        if not isinstance(binding, dict):
            yield Reject(number, "It is no object.")
            continue
        row = {
            key.lower(): str(cell.get("value", "")) for key, cell in binding.items() if isinstance(cell, dict)
        }
        yield wikidata_row(number, row, origin)
