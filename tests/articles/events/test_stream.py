"""A stream of lines: read, grouped, answered line by line, the same each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from articles.errors import RefusedError
from articles.events import memory
from articles.events.placement import Story, place
from articles.events.stream import group_lines, read_line
from tests.articles.events.passages import passage
from tests.articles.events.told import BRIDGE, STREAM, VACCINE

WINDOW = timedelta(days=14)


def _line(**fields: Any) -> str:
    row = {
        "id": "a",
        "title": "Bridge closed",
        "text": BRIDGE,
        "published": "2026-03-10T08:00:00Z",
        "source": "x",
    }
    return json.dumps({**row, **fields})


def _lines() -> list[str]:
    return [
        _line(
            id=f"{told.source}-{told.hours}",
            title=told.title,
            text=told.text,
            published=told.published.isoformat(),
            source=told.source,
            language="en",
        )
        for told in STREAM
    ]


def test_it_groups_the_stories_of_a_stream() -> None:
    rows = list(group_lines(_lines(), WINDOW))
    by_story: dict[str, set[str]] = {}
    for told, row in zip(STREAM[:8], rows[:8], strict=True):
        by_story.setdefault(told.story, set()).add(row["event"])
    assert all(len(events) == 1 for events in by_story.values())
    assert len(set().union(*by_story.values())) == 3
    assert rows[8]["event"] not in by_story["bridge"]
    assert rows[8]["copy_group"] != rows[2]["copy_group"]


def test_without_a_window_distance_in_time_does_not_matter() -> None:
    rows = list(group_lines(_lines(), None))
    assert rows[8]["event"] == rows[0]["event"]
    assert (rows[8]["copy_of"], rows[8]["copy_kind"]) == ("tessin-times-3", "verbatim")


def test_a_row_has_all_fields_in_their_form() -> None:
    rows = list(group_lines(_lines(), WINDOW))
    assert list(rows[0]) == [
        "id", "event", "copy_group", "copy_of", "copy_kind", "score", "runner_up", "why"
    ]  # fmt: skip
    assert (rows[0]["event"], rows[0]["copy_group"], rows[0]["copy_of"], rows[0]["runner_up"]) == (
        "e1",
        "c1",
        None,
        None,
    )
    copy = rows[3]
    assert (copy["copy_of"], copy["copy_kind"], copy["copy_group"]) == ("norland-herald-0", "verbatim", "c1")
    assert rows[7]["copy_kind"] == "abridged"
    joined = rows[5]
    assert joined["why"][0]["code"] in {"all", "names"}
    assert joined["runner_up"] is None or set(joined["runner_up"]) == {"event", "score"}


def test_the_same_input_gives_the_same_output() -> None:
    """Sets of words are walked in another order by each process: no answer may hang on that."""
    script = (
        "import json, sys\nfrom datetime import timedelta\nfrom articles.events.stream import group_lines\n"
        "for row in group_lines(sys.stdin, timedelta(days=14)): print(json.dumps(row))"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", script],
            input="\n".join(_lines()),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert answers[0] == answers[1]
    assert [json.loads(line) for line in answers[0].splitlines()] == list(group_lines(_lines(), WINDOW))


def test_it_answers_each_line_before_it_reads_the_next() -> None:
    read: list[int] = []

    def lines() -> Iterator[str]:
        for number, line in enumerate(_lines()):
            read.append(number)
            yield line

    for answered, _row in enumerate(group_lines(lines(), WINDOW)):
        assert len(read) == answered + 1


def test_a_wires_own_piece_is_the_origin_of_its_copies_even_when_it_comes_later() -> None:
    lines = [
        _line(id="paper", source="Tessin Times", text="TESSIN (Reuters) - " + BRIDGE),
        _line(id="wire", source="Reuters", published="2026-03-10T09:00:00Z"),
        _line(id="late", source="Coast Daily", published="2026-03-10T10:00:00Z"),
    ]
    rows = list(group_lines(lines, WINDOW))
    assert [row["copy_of"] for row in rows] == [None, None, "wire"]
    assert len({row["copy_group"] for row in rows}) == 1


def test_a_longer_text_that_holds_two_joins_one_of_them() -> None:
    parts = [passage(at, 4) for at in (0, 10, 20, 30, 40)]
    early, late = " ".join(parts[:3]), " ".join(parts[2:])
    lines = [
        _line(id="early", text=early),
        _line(id="late", text=late),
        _line(id="whole", text=" ".join(parts)),
        _line(id="again", text=" ".join(parts[:4])),
    ]
    rows = list(group_lines(lines, WINDOW))
    assert rows[0]["copy_group"] != rows[1]["copy_group"]  # a third in common is shared text, no copy
    assert rows[3]["copy_group"] == rows[2]["copy_group"]
    assert rows[2]["copy_kind"] == "abridged"


def test_a_copy_says_of_whom_and_why_and_shared_text_makes_no_group() -> None:
    lines = [
        _line(id="a", text=passage(0, 12), title="Bridge"),
        _line(id="b", text=passage(0, 12), title="Else", source="y"),
        _line(id="c", text=passage(0, 4) + " " + passage(50, 8), source="z"),
    ]
    rows = list(group_lines(lines, WINDOW))
    assert rows[1]["why"] == [
        {
            "code": "copy",
            "words": "same text as “Bridge” by x: 100% of the shorter one is shared",
            "weight": 1.0,
        }
    ]
    assert (rows[1]["score"], rows[1]["runner_up"]) == (1.0, None)
    assert rows[2]["copy_group"] != rows[0]["copy_group"]
    assert (rows[2]["copy_of"], rows[2]["copy_kind"]) == (None, None)


def test_a_long_stream_lets_go_of_old_texts_and_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "FORGET_EVERY", 60)
    day = timedelta(days=1)
    store = memory.MemoryStore(day)
    for number in range(240):
        at = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=number)
        place(Story(number, "en", "", passage(number // 3 * 20, 3), at, None, "x"), store, day)
    assert len(store.groups_by_id) < 50
    assert set(store.group_of) == set(store._kept) == set(store.shares)
    assert len(store.group_of) < 150
    assert 239 in store.groups_by_id[store.group_of[239]].members


def test_languages_do_not_meet() -> None:
    rows = list(group_lines([_line(id="a", language="en"), _line(id="b", language="de")], WINDOW))
    assert rows[0]["event"] != rows[1]["event"]


def test_a_headline_alone_has_no_copy_group() -> None:
    rows = list(group_lines([_line(id="a", text=None), _line(id="b", text=None)], WINDOW))
    assert rows[0]["event"] == rows[1]["event"]
    assert rows[0]["copy_group"] is None


def test_an_article_without_a_date_takes_the_time_of_the_line_before() -> None:
    rows = list(group_lines([_line(id="a"), _line(id="b", title="x", published=None)], WINDOW))
    assert rows[0]["event"] == rows[1]["event"]


@pytest.mark.parametrize(
    ("line", "name", "words"),
    [
        ("{", None, "not JSON"),
        ("[1]", None, "not an object"),
        ("[" * 100_000, None, "not JSON"),
        ('{"title": "x"}', None, "no id"),
        ('{"id": true, "title": "x"}', None, "no id"),
        ('{"id": "a", "title": " ", "text": null}', "a", "neither title nor text"),
        ('{"id": "a", "title": 5}', "a", "field title"),
        (_line(published="yesterday"), "a", "ISO 8601"),
        (_line(published="2026-03-10T08:00:00"), "a", "no zone"),
    ],
)
def test_a_bad_line_is_answered_with_its_id_and_what_is_wrong(
    line: str, name: str | None, words: str
) -> None:
    rows = list(group_lines([line, _line(id="good", text=VACCINE)], WINDOW))
    assert rows[0]["id"] == name
    assert words in rows[0]["error"]
    assert rows[1]["event"] == "e1"


def test_an_id_that_comes_twice_is_refused() -> None:
    rows = list(group_lines([_line(id=1), _line(id=1)], WINDOW))
    assert rows[0]["id"] == 1
    assert "given before" in rows[1]["error"]


def test_lone_surrogates_and_odd_characters_do_no_harm() -> None:
    line = '{"id": "s", "title": "\\ud800 bridge", "text": "' + "\\udc00 word " * 40 + '", "published": null}'
    rows = list(group_lines([line, line.replace('"s"', '"t"'), line.replace('"s"', '"\\udfff"')], WINDOW))
    assert rows[0]["event"] == "e1"
    assert "half a character" in rows[2]["error"]
    assert json.dumps(rows, ensure_ascii=False).encode()


def test_read_line_raises_what_the_stream_answers() -> None:
    with pytest.raises(RefusedError, match="no id"):
        read_line("{}")
