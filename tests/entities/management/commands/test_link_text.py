"""`manage.py link_text` streams lines in, lines out, and keeps to its shapes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from entities.lexicon import forget_lexicon
from entities.models import Alias, Entity, Exchange, Identifier, Listing, Security

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def knowledge(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.LEXICON_CHECK_SECONDS = 0.0
    forget_lexicon()
    company = Entity.objects.create(
        kind="company",
        name="Quillbrook Widget",
        slug="quillbrook-widget",
        prominence=0.9,
        source="test",
        as_of="2025",
    )
    Alias.objects.create(
        entity=company,
        text="Quillbrook Widget Ltd.",
        folded="quillbrook widget ltd.",
        kind="legal",
        source="test",
        as_of="2025",
    )
    Identifier.objects.create(entity=company, scheme="lei", value="L", source="test", as_of="2025")
    exchange = Exchange.objects.create(mic="XLON", name="London", source="test", as_of="2025")
    security = Security.objects.create(issuer=company, source="test", as_of="2025")
    Listing.objects.create(security=security, exchange=exchange, ticker="QLB", source="test", as_of="2025")


def run(capsys: pytest.CaptureFixture[str], path: Path) -> tuple[list[dict[str, Any]], int]:
    code = 0
    try:
        call_command("link_text", str(path))
    except SystemExit as stop:
        code = int(stop.code or 0)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()], code


def write(path: Path, *rows: object) -> Path:
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8"
    )
    return path


TEXT = "\U0001f680 said Jane Roe, chairman of Quillbrook Widget Ltd. in Leeds."


def test_a_line_has_every_part_of_its_shape(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows, code = run(capsys, write(tmp_path / "in", {"id": 7, "title": None, "text": TEXT, "language": "en"}))
    assert code == 0
    (row,) = rows
    assert list(row) == ["id", "mentions", "roles"]
    assert row["id"] == 7
    mention = next(m for m in row["mentions"] if m["status"] == "linked")
    assert list(mention) == [
        "field",
        "start",
        "end",
        "text",
        "kind",
        "status",
        "entity",
        "candidates",
        "score",
        "why",
    ]
    assert TEXT[mention["start"] : mention["end"]] == mention["text"] == "Quillbrook Widget Ltd."
    assert mention["entity"] == {
        "slug": "quillbrook-widget",
        "name": "Quillbrook Widget",
        "kind": "company",
        "identifiers": {"lei": "L"},
        "listings": [{"ticker": "QLB", "mic": "XLON", "isin": None}],
    }
    assert mention["why"][0]["words"] == "named in full: Quillbrook Widget Ltd."
    (role,) = row["roles"]
    quote = "Jane Roe, chairman of Quillbrook Widget Ltd. in Leeds"
    start = TEXT.index(quote)
    assert role == {
        "person": "Jane Roe",
        "title": "chairman",
        "organization": "Quillbrook Widget",
        "start": start,
        "end": start + len(quote),
        "quote": quote,
    }


def test_a_bad_line_gets_an_error_and_the_run_goes_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = write(
        tmp_path / "in",
        "{not json",
        [1],
        {"id": "a"},
        {"id": "b", "text": 5},
        "",
        {"id": "c", "text": "Quillbrook Widget"},
    )
    rows, code = run(capsys, path)
    assert code == 1
    assert [row["id"] for row in rows] == [None, None, "a", "b", "c"]
    assert all("error" in row for row in rows[:4])
    assert rows[4]["mentions"][0]["entity"]["slug"] == "quillbrook-widget"


def test_it_reads_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps({"id": 1, "title": "Quillbrook Widget falls", "text": ""}).encode() + b"\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line), encoding="ascii"))
    call_command("link_text")
    (row,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert row["mentions"][0]["field"] == "title"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.jsonl cannot be read: No such file"):
        call_command("link_text", str(tmp_path / "nothing.jsonl"))
