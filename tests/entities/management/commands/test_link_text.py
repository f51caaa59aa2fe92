"""`manage.py link_text` streams lines in, lines out, and keeps to its shapes."""

from __future__ import annotations

import io
import json
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from entities.lexicon import forget_lexicon
from entities.management.commands.link_text import AT_ONCE, in_batches
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
        "form",
    ]
    assert mention["form"] == "name"
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
        "former": False,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
    }


def test_mentions_of_all_forms_come_in_the_order_of_the_text(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = "Jane Roe, chairman of Quillbrook Widget Ltd., sailed on the Orne Express. She sang."
    rows, _ = run(capsys, write(tmp_path / "in", {"id": 1, "title": "Quillbrook Widget sails", "text": text}))
    found = [(m["field"], m["text"], m["form"]) for m in rows[0]["mentions"]]
    assert found[0] == ("title", "Quillbrook Widget", "name")
    assert found[1:] == [
        ("text", "Jane Roe", "name"),
        ("text", "Quillbrook Widget Ltd.", "name"),
        ("text", "Orne Express", "besides"),
        ("text", "She", "pronoun"),
    ]
    assert rows[0]["mentions"][-1]["why"][0]["words"] == "She = Jane Roe"


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


def test_lines_come_out_in_the_order_of_the_input_and_each_language_is_read_by_its_own_model(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    languages = ["en", "de", None, "fr", "en-GB"]
    lines = [
        {"id": n, "text": f"Quillbrook Widget Ltd. sold {n} lamps.", "language": languages[n % 5]}
        for n in range(3 * AT_ONCE)
    ]
    rows, code = run(capsys, write(tmp_path / "in", *lines))
    assert code == 0
    assert [row["id"] for row in rows] == list(range(3 * AT_ONCE))
    assert all(row["mentions"][0]["entity"]["slug"] == "quillbrook-widget" for row in rows)


def test_the_language_model_confirms_what_is_linked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, settings: Any
) -> None:
    path = write(tmp_path / "in", {"id": 1, "text": "Shares of Quillbrook Widget Ltd. fell in London."})
    (row,), _ = run(capsys, path)
    settings.NER_MODEL = ""
    (bare,), _ = run(capsys, path)
    with_model, alone = row["mentions"][0], bare["mentions"][0]
    assert with_model["entity"] == alone["entity"] is not None
    assert "model" in {part["code"] for part in with_model["why"]}
    assert "model" not in {part["code"] for part in alone["why"]}


def test_whoever_sends_one_line_gets_its_answer_before_the_next() -> None:
    sent, asked = queue.SimpleQueue[str | None](), iter(range(1, 100))

    def source() -> Iterator[tuple[int, str]]:
        while (line := sent.get()) is not None:
            yield next(asked), line

    batches = in_batches(source(), AT_ONCE)
    for line in ("first", "second"):
        sent.put(line)
        assert [text for _, text in next(batches)] == [line]
    for _ in range(AT_ONCE + 1):
        sent.put("many")
    sent.put(None)
    rest = list(batches)
    assert sum(map(len, rest)) == AT_ONCE + 1
    assert max(map(len, rest)) <= AT_ONCE


def test_an_error_of_the_source_comes_behind_what_came_before_it() -> None:
    def source() -> Iterator[tuple[int, str]]:
        yield 1, "a"
        raise CommandError("gone")

    batches = in_batches(source(), AT_ONCE)
    assert next(batches) == [(1, "a")]
    with pytest.raises(CommandError, match="gone"):
        next(batches)


def test_a_position_that_has_ended_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = "Jane Roe, who until March led Quillbrook Widget Ltd., spoke."
    (row,), _ = run(capsys, write(tmp_path / "in", {"id": 1, "text": text}))
    (role,) = row["roles"]
    assert (role["title"], role["organization"], role["former"]) == ("leader", "Quillbrook Widget", True)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.jsonl cannot be read: No such file"):
        call_command("link_text", str(tmp_path / "nothing.jsonl"))
