"""Files of tables become rows with line numbers: CSV and JSON, packed or not; pure but for opening the file."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from entities.errors import SourceDataError

# A field of a table is never this long: what is has lost its closing quotation mark.
LONGEST_FIELD = 100_000
# JSON tables are read whole.
MOST_JSON_BYTES = 200_000_000
_GZIP = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The text of a file, unpacked when it is gzip. Raises SourceDataError when it cannot be read."""
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == _GZIP
            raw.seek(0)
            stream = gzip.GzipFile(fileobj=raw) if is_packed else raw
            yield TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    except (OSError, EOFError) as error:
        raise SourceDataError(f"{path.name} cannot be read: {error}") from error


def csv_rows(text: IO[str], needed: frozenset[str], name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line, row) of a CSV table with a header; columns by their names in lower case.

    Raises SourceDataError when a needed column is missing, naming it and those that are there. A line that cannot be
    read gives an empty row: the caller says so and goes on.
    """
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        table = csv.reader(text)
        header = [column.strip().lower() for column in next(table, [])]
        missing = sorted(needed - set(header))
        if missing:
            raise SourceDataError(
                f"{name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
                f"it has: {', '.join(filter(None, header)) or 'none'}"
            )
        while True:
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error:
                yield table.line_num, {}
                continue
            if cells:
                yield table.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False))
    finally:
        csv.field_size_limit(before)


def json_value(text: IO[str], name: str) -> Any:
    """A JSON document. Raises SourceDataError when it is none or larger than MOST_JSON_BYTES."""
    raw = text.read(MOST_JSON_BYTES + 1)
    if len(raw) > MOST_JSON_BYTES:
        raise SourceDataError(f"{name} is larger than {MOST_JSON_BYTES // 1_000_000} MB")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise SourceDataError(f"{name} is no JSON: {error}") from error
