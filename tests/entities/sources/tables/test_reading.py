"""Files become rows however they are packed and written, and never more of them than allowed."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from entities.errors import SourceDataError
from entities.sources.tables.reading import columns_of, csv_rows, is_json, json_value, opened

TABLE = "kind,name\nplace,Zürich\n"


def zipped(**members: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name.replace("_", "."), part)
    return body.getvalue()


def rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    with opened(path) as text:
        return [(number, dict(row)) for number, row in csv_rows(text, frozenset({"name"}), path.name)]


@pytest.mark.parametrize(
    "body",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.encode("cp1252"),
        gzip.compress(TABLE.encode(), mtime=0),
        bz2.compress(TABLE.encode()),
        zipped(table_csv=TABLE.encode(), readme_txt=b"words"),
        gzip.compress(TABLE.encode("cp1252"), mtime=0),
    ],
)
def test_a_table_reads_the_same_however_it_is_packed_and_encoded(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "table"
    path.write_bytes(body)
    assert rows(path) == [(2, {"kind": "place", "name": "Zürich"})]
    assert columns_of(path) == {"kind", "name"}
    assert not is_json(path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (gzip.compress(TABLE.encode(), mtime=0)[:-9], "cannot be read"),
        (bz2.compress(TABLE.encode())[:-9], "cannot be read"),
        (zipped(table_csv=TABLE.encode())[:-30], "cannot be read"),
        (b"\x1f\x8bnonsense", "cannot be read"),
        (zipped(one_csv=b"", two_csv=b""), "must hold one file of CSV or JSON; it holds: one.csv, two.csv"),
        (zipped(readme_txt=b"words"), "must hold one file of CSV or JSON"),
    ],
)
def test_a_broken_package_is_one_clear_sentence(tmp_path: Path, body: bytes, words: str) -> None:
    path = tmp_path / "table.csv.zip"
    path.write_bytes(body)
    with pytest.raises(SourceDataError, match=f"table.csv.zip {words}"):
        rows(path)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lambda body: zipped(table_csv=body)])
def test_a_bomb_is_not_unpacked(tmp_path: Path, settings: Any, pack: Any) -> None:
    settings.IMPORT_UNPACKED_MB = 3
    path = tmp_path / "table"
    path.write_bytes(pack(b"name\n" + (b"orne " * 200 + b"\n") * 5_000))
    with pytest.raises(SourceDataError, match=r"more than 3 MB: raise NEWSDESK_IMPORT_UNPACKED_MB"):
        rows(path)
    settings.IMPORT_UNPACKED_MB = 30
    assert len(rows(path)) == 5_000


def test_what_no_database_holds_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(b"name\nOr\x00ne\x07\n")
    assert rows(path) == [(2, {"name": "Orne"})]
    path.write_text(json.dumps({"na\0me": ["Or\0ne", "\ud800x", 3, None]}), encoding="utf-8")
    with opened(path) as text:
        assert json_value(text, path.name) == {"name": ["Orne", "\ufffdx", 3, None]}


def test_json_is_known_by_its_beginning_and_bounded(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "table.csv"
    path.write_text('  \n [{"name": "Orne"}]', encoding="utf-8")
    assert is_json(path)
    settings.IMPORT_JSON_MB = 1
    path.write_text(json.dumps(["x" * 2_000_000]), encoding="utf-8")
    with (
        opened(path) as text,
        pytest.raises(SourceDataError, match="larger than 1 MB: raise NEWSDESK_IMPORT_JSON_MB"),
    ):
        json_value(text, path.name)


def test_only_the_wanted_columns_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,NAME,c\n1,Orne,3\n\n4\n", encoding="utf-8")
    with opened(path) as text:
        found = list(csv_rows(text, frozenset({"name"}), path.name, frozenset({"name", "c"})))
    assert found == [(2, {"name": "Orne", "c": "3"}), (4, {})]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_spreadsheets_encodings_read_the_same(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(TABLE.encode(encoding))
    assert rows(path) == [(2, {"kind": "place", "name": "Zürich"})]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("utf-16-le", "UTF-16 without a byte order mark"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32")],
)
def test_an_encoding_that_is_not_read_is_named(tmp_path: Path, encoding: str, words: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(TABLE.encode(encoding))
    with pytest.raises(SourceDataError, match=f"{words}.*: save it as UTF-8"):
        rows(path)


@pytest.mark.parametrize(("mark", "words"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_another_separator_than_a_comma_is_named(tmp_path: Path, mark: str, words: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TABLE.replace(",", mark), encoding="utf-8")
    with pytest.raises(SourceDataError, match=f"columns are parted by {words}.*: save it with commas"):
        rows(path)
