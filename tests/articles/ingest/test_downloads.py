"""Public tables come through the one door, under limits of their own, and stay on disk."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from articles.errors import RefusedError
from articles.ingest.downloads import ADDRESSES, download_table
from articles.ingest.fetch import fetch_file
from articles.ingest.policy import policy_from_settings
from articles.types import FetchFailure, FetchRequest
from entities.sources.tables.formats import FORMATS
from tests.servers import Asked, LoopbackServer, Reply

TABLE = b"mic,market_name\nXHLV,HALVARD\n"


@pytest.fixture
def server(settings: Any, tmp_path: Path) -> Iterator[LoopbackServer]:
    settings.DATA_DIR = tmp_path
    settings.FETCH_ALLOW = settings.FETCH_ONLY = (ip_network("127.0.0.0/8"),)
    settings.MIN_FREE_GB = 0.0
    with LoopbackServer() as running:
        settings.FETCH_PORTS = frozenset({running.port})
        settings.IMPORT_ISO10383 = running.url("/mic.csv")
        yield running


def quiet(_line: str) -> None:
    """Nobody hears."""


def test_a_table_is_kept_with_the_servers_day_and_replaces_the_last_one(
    server: LoopbackServer, tmp_path: Path
) -> None:
    said: list[str] = []
    server.handlers["/mic.csv"] = lambda _asked: Reply(
        body=TABLE, headers={"Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
    )
    got = download_table("iso10383", said.append)
    assert got.path == tmp_path / "imports" / "iso10383.csv"
    assert (got.path.read_bytes(), got.as_of, got.size) == (TABLE, "2026-03-02", len(TABLE))
    assert server.url("/mic.csv") in said[0]
    server.handlers["/mic.csv"] = lambda _asked: Reply(302, headers={"Location": "/published/mic.csv.zip"})
    server.handlers["/published/mic.csv.zip"] = lambda _asked: Reply(body=b"PK")
    again = download_table("iso10383", quiet)
    assert [path.name for path in (tmp_path / "imports").iterdir()] == ["iso10383.csv.zip"]
    assert again.path.read_bytes() == b"PK"


def test_a_packed_file_stays_packed_and_an_encoding_on_the_way_is_undone(server: LoopbackServer) -> None:
    packed = gzip.compress(TABLE)
    server.handlers["/mic.csv"] = lambda _asked: Reply(body=packed)
    assert download_table("iso10383", quiet).path.read_bytes() == packed
    assert server.asked[0].headers["accept-encoding"] == "identity"
    server.handlers["/mic.csv"] = lambda _asked: Reply(body=packed, headers={"Content-Encoding": "gzip"})
    assert download_table("iso10383", quiet).path.read_bytes() == TABLE


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(404, b"no"), "answers 404.*NEWSDESK_IMPORT_ISO10383"),
        (Reply(body=b"x" * 2_000_000), "longer than 1 MB.*Raise NEWSDESK_IMPORT_MB"),
        (
            Reply(raw=b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2_000_000),
            "longer than 1 MB",
        ),
        (
            Reply(body=gzip.compress(b"\0" * 9_000_000), headers={"Content-Encoding": "gzip"}),
            "unpacks to more than 2 MB",
        ),
        (Reply(body=b"nonsense", headers={"Content-Encoding": "gzip"}), "packing is broken"),
    ],
)
def test_what_is_no_table_or_too_large_leaves_nothing_behind(
    server: LoopbackServer, settings: Any, tmp_path: Path, reply: Reply, words: str
) -> None:
    settings.IMPORT_MB, settings.IMPORT_UNPACKED_MB = 1, 2
    server.handlers["/mic.csv"] = lambda _asked: reply
    with pytest.raises(RefusedError, match=words):
        download_table("iso10383", quiet)
    assert list((tmp_path / "imports").iterdir()) == []


def test_a_service_that_refuses_the_unnamed_is_told_from_one_that_is_busy(
    server: LoopbackServer, settings: Any
) -> None:
    settings.CONTACT = ""
    server.handlers["/mic.csv"] = lambda _asked: Reply(403)
    with pytest.raises(RefusedError, match="set NEWSDESK_CONTACT to a mail address"):
        download_table("iso10383", quiet)
    settings.CONTACT = "desk@halvard.example"
    with pytest.raises(RefusedError, match="download it yourself and give the file"):
        download_table("iso10383", quiet)
    server.handlers["/mic.csv"] = lambda _asked: Reply(429, headers={"Retry-After": "120"})
    with pytest.raises(RefusedError, match=r"asks to be left alone: try again in 2 min"):
        download_table("iso10383", quiet)


def test_a_query_service_is_asked_for_what_importers_read(server: LoopbackServer) -> None:
    accepted: list[str] = []

    def answer(asked: Asked) -> Reply:
        accepted.append(asked.headers["accept"])
        return Reply(body=TABLE)

    server.handlers["/mic.csv"] = answer
    download_table("iso10383", quiet)
    assert accepted[0].startswith("application/sparql-results+json, application/json, text/csv")


def test_a_failed_download_leaves_the_last_one_where_it_was(server: LoopbackServer) -> None:
    server.handlers["/mic.csv"] = lambda _asked: Reply(body=TABLE)
    path = download_table("iso10383", quiet).path
    server.handlers["/mic.csv"] = lambda _asked: Reply(500)
    with pytest.raises(RefusedError, match="500"):
        download_table("iso10383", quiet)
    assert path.read_bytes() == TABLE


def test_nothing_beyond_the_fence_is_dialled(server: LoopbackServer, settings: Any) -> None:
    settings.FETCH_ONLY = (ip_network("192.0.2.0/24"),)
    with pytest.raises(RefusedError, match="refused"):
        download_table("iso10383", quiet)
    assert server.connections == 0


def test_it_says_which_table_has_no_address(server: LoopbackServer, settings: Any) -> None:
    settings.IMPORT_WIKIDATA = ""
    with pytest.raises(RefusedError, match="set NEWSDESK_IMPORT_WIKIDATA"):
        download_table("wikidata", quiet)
    with pytest.raises(RefusedError, match="own is not downloaded: give a file"):
        download_table("own", quiet)


def test_no_room_on_the_disk_is_told_before_anybody_is_asked(server: LoopbackServer, settings: Any) -> None:
    settings.MIN_FREE_GB = 10_000_000.0
    with pytest.raises(RefusedError, match="make room"):
        download_table("iso10383", quiet)
    assert server.connections == 0


def test_a_disk_that_refuses_is_no_fault_of_the_server(server: LoopbackServer) -> None:
    class Full(io.BytesIO):
        def write(self, _part: Any) -> int:
            raise OSError(28, "No space left on device")

    server.handlers["/mic.csv"] = lambda _asked: Reply(body=TABLE)
    request = FetchRequest(server.url("/mic.csv"), purpose="file")
    with pytest.raises(OSError, match="No space left"):
        fetch_file(request, policy_from_settings(sample=False), Full())


def test_a_slow_server_is_left_after_the_time_for_tables(server: LoopbackServer, settings: Any) -> None:
    settings.IMPORT_SECONDS = 0.5
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nmic"
    server.handlers["/mic.csv"] = lambda _asked: Reply(raw=head, drip_seconds=5)
    with pytest.raises(RefusedError, match="Raise NEWSDESK_IMPORT_SECONDS"):
        download_table("iso10383", quiet)


def test_progress_is_heard_while_it_comes(server: LoopbackServer) -> None:
    server.handlers["/mic.csv"] = lambda _asked: Reply(body=b"x" * 300_000)
    sink, heard = io.BytesIO(), list[int]()
    answer = fetch_file(
        FetchRequest(server.url("/mic.csv"), purpose="file"),
        policy_from_settings(sample=False),
        sink,
        heard.append,
    )
    assert not isinstance(answer, FetchFailure)
    assert (answer.body, answer.raw_bytes, len(sink.getvalue())) == (b"", 300_000, 300_000)
    assert heard == sorted(heard)
    assert heard[-1] == 300_000


def test_every_address_belongs_to_a_kind_of_table_and_is_a_setting(settings: Any) -> None:
    assert set(ADDRESSES) <= set(FORMATS)
    for name in ADDRESSES.values():
        assert getattr(settings, name) == "" or getattr(settings, name).startswith("https://")
