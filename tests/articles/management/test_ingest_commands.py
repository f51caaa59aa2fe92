"""parse_feed, extract_text and check_url as a shell sees them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from io import StringIO
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from newsdesk import env
from tests.servers import FEED, LoopbackServer

ROOT = Path(__file__).parents[3]
_ENTRY_KEYS = {
    "guid", "url", "title", "authors", "published", "updated", "summary_html", "content_html", "categories", "source_name",
}  # fmt: skip
_PAGE = "<html lang=en><head><title>Chips agreed</title></head><body><article>" + (
    "<p>A sentence about the makers of chips that is long enough to be kept by all.</p>" * 8
)


def _call(*arguments: str) -> tuple[int, str]:
    """(exit status, standard output) of a command in this process."""
    out = StringIO()
    try:
        call_command(*arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def _rows(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_parse_feed_writes_one_line_a_file_and_goes_on_after_a_bad_one(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(FEED)
    (tmp_path / "b.xml").write_bytes(b"nonsense")
    (tmp_path / "c.xml.gz").write_bytes(gzip.compress(FEED))
    (tmp_path / "d.xml.gz").write_bytes(b"no gzip")
    names = [str(tmp_path / name) for name in ("a.xml", "b.xml", "none.xml", "c.xml.gz", "d.xml.gz")]
    status, output = _call("parse_feed", *names)
    rows = _rows(output)
    assert status == 1
    assert [row["file"] for row in rows] == names
    assert ["error" in row for row in rows] == [False, True, True, False, True]
    assert {key: value for key, value in rows[0].items() if key not in {"file", "entries"}} == {
        "format": "rss20",
        "title": "Loopback Times",
        "link": "http://127.0.0.1/",
        "language": None,
        "problems": [],
    }
    assert set(rows[0]["entries"][0]) == _ENTRY_KEYS
    assert rows[0]["entries"][0]["published"] is None
    assert rows[3]["entries"] == rows[0]["entries"]


def test_parse_feed_resolves_against_the_given_url(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"<rss version='2.0'><channel><item><link>/x</link></item></channel></rss>")
    status, output = _call("parse_feed", str(path), "--url", "https://post.example/feed")
    assert status == 0
    assert _rows(output)[0]["entries"][0]["url"] == "https://post.example/x"


def test_a_packed_bomb_stays_packed(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml.gz"
    path.write_bytes(gzip.compress(b"<rss>" + b" " * 30_000_000))
    status, output = _call("parse_feed", str(path))
    assert status == 1
    assert "larger" in _rows(output)[0]["error"]


def test_extract_text_answers_line_by_line(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "1", "url": "https://post.example/x", "html": _PAGE}),
        "no json",
        json.dumps({"id": 2, "url": "https://post.example/y"}),
        json.dumps(["x"]),
        json.dumps({"id": "5", "html": ""}),
        json.dumps({"id": "6", "html": "<p>\ud800 x</p>"}),
    ]
    path = tmp_path / "pages.jsonl"
    path.write_bytes("\n".join(lines).encode() + b"\n\n\xff\xfe\n")
    status, output = _call("extract_text", str(path))
    rows = _rows(output)
    assert status == 1
    assert [row["id"] for row in rows] == ["1", None, 2, None, "5", "6", None]
    assert ["error" in row for row in rows] == [False, True, True, True, True, False, True]
    assert list(rows[0]) == [
        "id", "title", "text", "authors", "published", "published_from", "language", "canonical_url", "site_name", "problems",
    ]  # fmt: skip
    assert rows[0]["title"] == "Chips agreed"
    assert (rows[0]["published"], rows[0]["canonical_url"], rows[0]["language"]) == (None, None, "en")


def test_extract_text_gives_null_for_what_is_absent_and_keeps_going(tmp_path: Path) -> None:
    deep = "[" * 100_000
    lines = [
        deep,
        '{"id": "\\ud800", "html": "<p>x</p>"}',
        json.dumps({"id": None, "url": 7, "html": "<html><body></body></html>"}),
        json.dumps({"id": {"a": 1}, "html": _PAGE}),
    ]
    path = tmp_path / "pages.jsonl"
    path.write_text("\n".join(lines))
    status, output = _call("extract_text", str(path))
    rows = _rows(output)
    assert (status, len(rows)) == (1, 4)
    assert rows[0] == {"id": None, "error": "This line is no JSON."}
    assert rows[1]["id"] == "\ud800"
    empty = rows[2]
    assert "error" not in empty
    assert empty["problems"] == ["No article was found in this page."]
    assert {name: value for name, value in empty.items() if value == ""} == {}
    assert (empty["title"], empty["text"], empty["published"], empty["published_from"]) == (None,) * 4
    assert empty["authors"] == []
    assert rows[3]["id"] == {"a": 1}
    assert rows[3]["text"].startswith("A sentence about the makers")


def test_extract_text_is_silent_success_without_bad_lines(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    path.write_text("\n".join(json.dumps({"id": n, "html": _PAGE}) for n in range(3)) + "\n")
    status, output = _call("extract_text", str(path), str(path))
    assert (status, [row["id"] for row in _rows(output)]) == (0, [0, 1, 2, 0, 1, 2])


def test_extract_text_says_when_a_file_is_missing(tmp_path: Path) -> None:
    assert _call("extract_text", str(tmp_path / "none")) == (2, "")


def test_extract_text_streams() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "django", "extract_text", "--settings", "newsdesk.settings"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        # No database answers here: none is needed.
        env={**env.everything(), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "html": _PAGE}).encode() + b"\n")
            process.stdin.flush()
            # The answer comes while the input is still open.
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(240) == 0


@pytest.mark.parametrize(
    ("urls", "status"),
    [
        (["http://127.0.0.1/"], 1),
        (["http://93.184.216.34/"], 0),
        (["http://93.184.216.34/", "http://10.0.0.1/"], 1),
    ],
)
def test_check_url_says_what_the_door_would_do(urls: list[str], status: int, settings: Any) -> None:
    settings.FETCH_ALLOW = settings.FETCH_ONLY = ()
    found, output = _call("check_url", *urls)
    assert found == status
    assert len(output.splitlines()) == len(urls)
    assert ("refused: 127.0.0.1 is loopback" in output) is ("http://127.0.0.1/" in urls)


def test_check_url_has_no_exception_for_the_sample_world_and_sends_nothing(settings: Any) -> None:
    with LoopbackServer() as server:
        settings.SAMPLE_ADDRESS, settings.FETCH_ALLOW = server.address, ()
        assert _call("check_url", server.url("/"))[0] == 1
        settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
        assert _call("check_url", server.url("/"))[0] == 0
        assert server.connections == 0


def test_check_url_wants_an_address() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "django", "check_url", "--settings", "newsdesk.settings"],
        capture_output=True,
        cwd=ROOT,
        env=env.everything(),
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
