"""The command that groups a stream: lines in, lines out, exit status."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.articles.events.told import STREAM


def _file(folder: Path, *more: str) -> str:
    path = folder / "stream.jsonl"
    rows = [
        {
            "id": index,
            "title": told.title,
            "text": told.text,
            "published": told.published.isoformat(),
            "source": told.source,
        }
        for index, told in enumerate(STREAM)
    ]
    path.write_text("\n".join([*(json.dumps(row) for row in rows), *more]), "utf-8")
    return str(path)


def _run(*arguments: str) -> list[dict[str, object]]:
    out = io.StringIO()
    call_command("group_articles", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_it_reads_files_and_writes_a_line_for_each_article(tmp_path: Path) -> None:
    rows = _run(_file(tmp_path))
    assert [row["id"] for row in rows] == list(range(len(STREAM)))


def test_it_reads_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(_file(tmp_path)).open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert len(_run()) == len(STREAM)


def test_the_window_is_an_option_and_zero_means_none(tmp_path: Path) -> None:
    name = _file(tmp_path)
    narrow, wide = _run(name), _run("--window-days", "0", name)
    assert narrow[8]["event"] != narrow[0]["event"]
    assert wide[8]["event"] == wide[0]["event"]


def test_a_bad_line_makes_the_exit_status_one_and_the_rest_goes_on(tmp_path: Path) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 lines could not be used") as failed:
        call_command(
            "group_articles", _file(tmp_path, "{broken", '{"id": 99, "title": "After it"}'), stdout=out
        )
    assert failed.value.returncode == 1
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert "error" in rows[-2]
    assert rows[-1]["id"] == 99


@pytest.mark.parametrize("days", ["-1", "many", "1.5", "99999"])
def test_an_impossible_window_is_refused(days: str) -> None:
    with pytest.raises(CommandError, match="not a number of days"):
        call_command("group_articles", f"--window-days={days}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.jsonl cannot be read") as failed:
        _run(str(tmp_path / "nothing.jsonl"))
    assert failed.value.returncode == 2
