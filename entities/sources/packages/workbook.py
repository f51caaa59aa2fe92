"""Rows of a spreadsheet file (Office Open XML) as dictionaries, read as a stream: no spreadsheet library needed."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

from lxml import etree

from entities.errors import SourceDataError

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHARED = "s"  # a cell of this type holds the number of a shared text


def read_first_sheet(path: Path, wanted: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of the first sheet: the wanted columns by the names in its first row, empty cells left out.

    Raises SourceDataError when the file is no workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            texts = _shared_texts(archive)
            header: dict[str, str] = {}
            with archive.open("xl/worksheets/sheet1.xml") as sheet:
                for _, row in etree.iterparse(sheet, tag=f"{_MAIN}row", resolve_entities=False):
                    if header:
                        yield dict(_cells(row, texts, header))
                    else:
                        every = {place: place for place in map(_column, row)}
                        header = {c: text for c, text in _cells(row, texts, every) if text in wanted}
                        if len(header) < len(wanted):
                            raise SourceDataError(f"{path.name} has other columns than {', '.join(wanted)}")
                    row.clear()
                    while row.getprevious() is not None:  # else the whole sheet stays in memory
                        del row.getparent()[0]
    except (OSError, KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, IndexError, ValueError) as error:
        raise SourceDataError(f"{path.name} cannot be read as a workbook: {error}") from error


def _shared_texts(archive: zipfile.ZipFile) -> list[str]:
    texts = []
    with archive.open("xl/sharedStrings.xml") as shared:
        for _, item in etree.iterparse(shared, tag=f"{_MAIN}si", resolve_entities=False):
            texts.append("".join(item.itertext()))
            item.clear()
    return texts


def _cells(row: etree._Element, texts: list[str], names: dict[str, str]) -> Iterator[tuple[str, str]]:
    for cell in row:
        name = names.get(_column(cell))
        value = cell[0].text if name is not None and len(cell) else None
        if name is not None and value:
            yield name, texts[int(value)] if cell.get("t") == SHARED else value


def _column(cell: etree._Element) -> str:
    return cell.get("r", "").rstrip("0123456789")  # "AB12" -> "AB"
