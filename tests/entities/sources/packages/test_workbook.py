"""A workbook is read row by row, with shared texts and numbers."""

import zipfile
from pathlib import Path

import pytest

from entities.errors import SourceDataError
from entities.sources.packages.workbook import read_first_sheet

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def write_workbook(path: Path, rows: str, texts: list[str]) -> Path:
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
        sheet = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="AA1" t="s"><v>2</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>42</v></c><c r="AA2" t="s"><v>4</v></c></row>'
    '<row r="3"><c r="A3" t="s"><v>4</v></c><c r="B3"/></row>'
)
TEXTS = ["Name", "Number", "Venue", "Société &amp; Fils", "XPAR"]


def test_it_yields_the_wanted_columns_by_their_names(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", ROWS, TEXTS)
    assert list(read_first_sheet(path, ("Name", "Number"))) == [
        {"Name": "Société & Fils", "Number": "42"},
        {"Name": "XPAR"},
    ]
    assert list(read_first_sheet(path, ("Venue",))) == [{"Venue": "XPAR"}, {}]


def test_it_says_which_columns_it_wanted(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", ROWS, TEXTS)
    with pytest.raises(SourceDataError, match="Ticker"):
        list(read_first_sheet(path, ("Name", "Ticker")))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_it_refuses_what_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with pytest.raises(SourceDataError, match=r"broken\.xlsx"):
        list(read_first_sheet(path, ("Name",)))


def test_it_refuses_a_cell_that_points_nowhere(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", ROWS, TEXTS[:3])
    with pytest.raises(SourceDataError, match=r"a\.xlsx"):
        list(read_first_sheet(path, ("Name",)))
