"""A view of articles as a file: CSV that no spreadsheet runs, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict

from articles.queries.articles import ExportRow

HEAD = ("published", "source", "title", "link", "language", "snippet", "entities", "copy_of")
# A cell that begins so is a formula to a spreadsheet, the wide forms to one in Japanese; an apostrophe in front makes it
# text, and quotation marks around every cell keep separators of other countries from cutting it (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str) -> str:
    """A cell that no spreadsheet runs; spaces before a formula hide nothing."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def as_csv(rows: Iterable[ExportRow]) -> str:
    """One line an article, entities parted by semicolons, times in UTC."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEAD)
    for row in rows:
        entities = "; ".join(row.entities)
        cells = (row.source, row.title, row.link, row.language, row.snippet, entities, row.copy_of)
        writer.writerow([f"{row.published:%Y-%m-%dT%H:%M:%SZ}", *map(harmless, cells)])
    return out.getvalue()


def as_json(rows: Iterable[ExportRow]) -> str:
    """A list of objects with the names of HEAD."""
    whole = [asdict(row) | {"published": f"{row.published:%Y-%m-%dT%H:%M:%SZ}"} for row in rows]
    return json.dumps(whole, ensure_ascii=False, indent=1)
