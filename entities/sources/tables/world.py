"""Tables of office-holders and of markets; pure."""

from __future__ import annotations

import re

from entities.sources.packages.companies import LONGEST_NAME
from entities.sources.tables.cells import Row, clean, country_cell, date_of, wikidata_id
from entities.sources.tables.rows import MarketRow, Origin, Party, PostRow, Reject, TableRow

_MIC = re.compile(r"[A-Z0-9]{4}")


def leader(number: int, row: Row, origin: Origin) -> TableRow:
    """A holder of a public office, as scrapers of Wikidata write them."""
    person, title = clean(row.get("officeholderlabel", "")), clean(row.get("positionlabel", ""))
    if not person or not title:
        return Reject(number, "Its person or its post has no name.")
    if len(person) > LONGEST_NAME or len(title) > LONGEST_NAME:
        return Reject(number, f"The name of its person or post is longer than {LONGEST_NAME} characters.")
    ids = [wikidata_id(row.get(column, "")) for column in ("officeholder", "countryid")]
    if person == ids[0]:
        return Reject(number, "Its person has a number and no name.", is_bad=False)
    numbered = [((("wikidata", one),) if one else ()) for one in ids]
    return PostRow(
        number=number, source=origin.source, as_of=origin.as_of, person=Party(person, numbered[0]),
        organization=Party(clean(row.get("country", "")), numbered[1]), title=title, kind="office",
        since=date_of(row.get("start_year", "")), until=date_of(row.get("end_year", "")),
    )  # fmt: skip


def market(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of ISO 10383, in the columns of the standard's own file or of the package made of it."""
    mic = row.get("mic", "").upper()
    if not _MIC.fullmatch(mic):
        return Reject(number, f"mic is {mic or 'empty'}: four letters or digits are wanted (ISO 10383).")
    # The standard has ACTIVE, UPDATED (active, with a change since the last list) and EXPIRED.
    if row.get("status", "active").lower() not in {"active", "updated", "modified"}:
        return Reject(number, "The market is closed.", is_bad=False)
    operating = (row.get("operating_mic") or row.get("operating mic", "")).upper()
    return MarketRow(
        number=number, source=origin.source, as_of=origin.as_of, mic=mic,
        name=clean(row.get("market_name") or row.get("market name-institution description", "")).title()[:200],
        operating_mic=operating if _MIC.fullmatch(operating) else mic,
        country=country_cell(row.get("iso_country_code") or row.get("iso country code (iso 3166)", "")),
        city=clean(row.get("city", "")).title()[:80],
    )  # fmt: skip
