"""Files of tables become rows with line numbers: CSV and JSON, bare or packed with gzip, zip or bzip2."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings

from entities.errors import SourceDataError

# A field of a table is never this long: what is has lost its closing quotation mark.
LONGEST_FIELD = 100_000
_MEGABYTE = 1024 * 1024
_SAMPLE = 4 * _MEGABYTE  # bytes in which a table that is no UTF-8 betrays itself
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HALF = re.compile(r"[\ud800-\udfff]")
_SEPARATORS = {";": "semicolons (;)", "\t": "tabs", "|": "vertical bars (|)"}
_GZIP, _ZIP, _BZIP = b"\x1f\x8b", b"PK\x03\x04", b"BZh"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_BEGINNING, _MOST_ZEROS = 2000, 0.2  # of Latin letters in UTF-16 every second byte is zero
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Counted(io.RawIOBase):
    """A stream that ends with an error when it brings more bytes than allowed: a bomb is not unpacked."""

    def __init__(self, inner: _Readable, most: int, name: str) -> None:
        self._inner = inner
        self._left = most
        self._most = most
        self._name = name

    def readable(self) -> bool:
        """It is only read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the inner stream does."""
        part = self._inner.read(len(buffer))
        self._left -= len(part)
        if self._left < 0:
            raise SourceDataError(
                f"{self._name} unpacks to more than {self._most // _MEGABYTE:,} MB: raise NEWSDESK_IMPORT_UNPACKED_MB "
                "if it is really that large"
            )
        buffer[: len(part)] = part
        return len(part)


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The text of a file, unpacked when it is packed: UTF-8, UTF-16 that says so by its mark, else Windows-1252.

    Raises SourceDataError when it cannot be read, when it is UTF-16 without a mark or UTF-32, when an archive holds more than one table, or when it unpacks to more
    than NEWSDESK_IMPORT_UNPACKED_MB.
    """
    try:
        encoding = _encoding(path)
        with _bytes(path) as stream:
            yield io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    except _BROKEN as error:
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise SourceDataError(f"{path.name} cannot be read: {words}") from error


@contextmanager
def _bytes(path: Path) -> Iterator[io.BufferedReader]:
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        start = raw.read(4)
        raw.seek(0)
        inner: _Readable = raw
        if start.startswith(_GZIP):
            inner = stack.enter_context(gzip.GzipFile(fileobj=raw))
        elif start.startswith(_BZIP):
            inner = stack.enter_context(bz2.BZ2File(raw))
        elif start.startswith(_ZIP):
            archive = stack.enter_context(zipfile.ZipFile(raw))
            inner = stack.enter_context(archive.open(_only_table(archive, path.name)))
        if inner is raw:
            yield raw
            return
        most = settings.IMPORT_UNPACKED_MB * _MEGABYTE
        yield io.BufferedReader(_Counted(inner, most, path.name), _MEGABYTE)


def _only_table(archive: zipfile.ZipFile, name: str) -> str:
    tables = [one for one in archive.namelist() if one.lower().endswith((".csv", ".json"))]
    if len(tables) != 1:
        held = ", ".join(archive.namelist()[:5]) or "nothing"
        raise SourceDataError(f"{name} must hold one file of CSV or JSON; it holds: {held}")
    return tables[0]


def _encoding(path: Path) -> str:
    decode = getincrementaldecoder("utf-8")().decode
    with _bytes(path) as stream:
        sample = stream.read(_SAMPLE)
    wide = sample.startswith(_UTF_32)
    if sample.startswith(_UTF_16) and not wide:
        return "utf-16"
    start = sample[:_BEGINNING]
    if wide or start.count(0) > len(start) * _MOST_ZEROS:
        raise SourceDataError(
            f"{path.name} is written in {'UTF-32' if wide else 'UTF-16 without a byte order mark'}: save it as UTF-8"
        )
    try:
        decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def is_json(path: Path) -> bool:
    """Whether a file begins like JSON, whatever it is called. Raises SourceDataError when it cannot be read."""
    with opened(path) as text:
        return text.read(1000).lstrip()[:1] in {"{", "["}


def csv_rows(
    text: IO[str], needed: frozenset[str], name: str, wanted: frozenset[str] | None = None
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line, row) of a CSV table with a header; columns by their names in lower case, all of them or the `wanted`.

    Raises SourceDataError when a needed column is missing, naming it and those that are there. A line that cannot be
    read gives an empty row: the caller says so and goes on.
    """
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        # What no database holds and no name has is taken out on the way.
        table = csv.reader(_CONTROL.sub("", line) for line in text)
        header = _header(table)
        missing = sorted(needed - set(header))
        if missing:
            raise SourceDataError(
                f"{name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
                f"it has: {_few(list(filter(None, header))) or 'none'}{separator_hint(header)}"
            )
        places = [(at, column) for at, column in enumerate(header) if wanted is None or column in wanted]
        while True:
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error:
                yield table.line_num, {}
                continue
            if cells:
                width = len(cells)
                yield table.line_num, {column: cells[at].strip() for at, column in places if at < width}
    finally:
        csv.field_size_limit(before)


def columns_of(path: Path) -> frozenset[str]:
    """The columns of a CSV table in lower case; none when it has no header. Raises SourceDataError if unreadable."""
    with opened(path) as text:
        return frozenset(filter(None, _header(csv.reader(_CONTROL.sub("", line) for line in text))))


def _header(table: Any) -> list[str]:
    try:
        return [column.strip().lower() for column in next(table, [])]
    except csv.Error:
        return []


def separator_hint(columns: Iterable[str]) -> str:
    """What to do when the columns of a header are parted by something else than commas; empty when they are not."""
    for mark, words in _SEPARATORS.items():
        if any(mark in column for column in columns):
            return f"; its columns are parted by {words}: save it with commas"
    return ""


def _few(columns: list[str], most: int = 20) -> str:
    more = f" and {len(columns) - most} more" if len(columns) > most else ""
    return ", ".join(column[:60] for column in columns[:most]) + more


def json_value(text: IO[str], name: str) -> Any:
    """A JSON document. Raises SourceDataError when it is none or larger than NEWSDESK_IMPORT_JSON_MB."""
    most = settings.IMPORT_JSON_MB
    raw = text.read(most * _MEGABYTE + 1)
    if len(raw) > most * _MEGABYTE:
        raise SourceDataError(f"{name} is larger than {most} MB: raise NEWSDESK_IMPORT_JSON_MB, or part it")
    try:
        return _storable(json.loads(raw))
    except (ValueError, RecursionError) as error:
        raise SourceDataError(f"{name} is no JSON: {error}") from error


def _storable(value: Any) -> Any:
    """A JSON value without what no database holds: control characters and halves of characters."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", _CONTROL.sub("", value))
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(one) for key, one in value.items()}
    return value
