"""import_entities as a shell sees it: files, downloads, dry runs, rejects, clear errors."""

from __future__ import annotations

import io
import zipfile
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from entities.models import Entity, Exchange, ImportRun
from tests.servers import LoopbackServer, Reply

pytestmark = pytest.mark.django_db

OWN = (
    "kind,name,country,mic,ticker\n"
    "company,Halvard Shipping plc,GB,XLON,HALV\n"
    "firm,Nobody,GB,,\n"
    "company,Orne SA,FRANCE,,\n"
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_it_says_what_was_done_and_writes_faulty_lines(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rejects = tmp_path / "rejects.csv"
    call_command("import_entities", "own", str(own), "--rejects", str(rejects))
    said = capsys.readouterr()
    assert "added 1 entities" in said.out
    assert "kind is firm" in said.out
    assert "3 lines read" in said.err
    lines = rejects.read_text(encoding="utf-8").splitlines()
    assert lines[0] == '"line","why"'
    assert lines[1].startswith('"3","kind is firm')
    assert lines[2].startswith('"4","country is FRANCE')


def test_a_dry_run_counts_and_changes_nothing(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_entities", "own", str(own), "--dry-run")
    assert "Nothing was changed. It would be: 3 lines: added 1 entities" in capsys.readouterr().out
    assert not Entity.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_second_time_is_told(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_entities", "own", str(own))
    call_command("import_entities", "own", str(own))
    said = capsys.readouterr()
    assert "This file was imported before" in said.err
    assert "added none; changed none" in said.out


def test_source_and_date_are_written_on_the_facts(own: Path) -> None:
    call_command("import_entities", "own", str(own), "--source", "our desk", "--as-of", "2026-02")
    assert Entity.objects.values_list("source", "as_of").get() == ("our desk", "2026-02")


def test_a_public_table_is_downloaded_unpacked_and_dated(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "mic.csv", "MIC,MARKET NAME-INSTITUTION DESCRIPTION,STATUS\nXHLV,BÖRSE,ACTIVE\n".encode("cp1252")
        )
    settings.DATA_DIR, settings.MIN_FREE_GB = tmp_path, 0.0
    settings.FETCH_ALLOW = settings.FETCH_ONLY = (ip_network("127.0.0.0/8"),)
    with LoopbackServer() as server:
        settings.FETCH_PORTS = frozenset({server.port})
        settings.IMPORT_ISO10383 = server.url("/mic.zip")
        server.handlers["/mic.zip"] = lambda _asked: Reply(
            body=packed.getvalue(), headers={"Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
        )
        call_command("import_entities", "iso10383", "--download")
    market = Exchange.objects.get(mic="XHLV")
    assert (market.name, market.source, market.as_of) == ("Börse", "ISO 10383", "2026-03-02")
    assert "Downloading http://127.0.0.1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["own"], "Give a file, or --download"),
        (["own", "FILE", "--download"], "Give a file, or --download"),
        (["own", "FILE", "--as-of", "last week"], "--as-of is last week"),
        (["own", "--download"], "own is not downloaded"),
        (["own", "nowhere.csv"], "nowhere.csv cannot be read"),
        (
            ["investpy", "FILE"],
            "lacks the columns full_name, isin, symbol; it has: country, kind, mic, name, ticker",
        ),
    ],
)
def test_what_cannot_be_done_is_one_clear_sentence(own: Path, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as raised:
        call_command("import_entities", *[str(own) if one == "FILE" else one for one in arguments])
    assert raised.value.returncode == 2


class Impatient(io.StringIO):
    """A terminal at which somebody presses Ctrl-C when the first portion is told."""

    def write(self, text: str) -> int:
        if text.startswith("turn 1"):
            raise KeyboardInterrupt
        return super().write(text)


def test_an_interrupted_import_says_how_it_goes_on(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(
        CommandError, match=r"what was stored stays. `import_entities own .*own.csv` goes on"
    ) as raised:
        call_command("import_entities", "own", str(own), stderr=Impatient())
    assert raised.value.returncode == 130
    assert ImportRun.objects.get().finished_at is None
    call_command("import_entities", "own", str(own))
    assert "An import of this file was stopped" in capsys.readouterr().err
    assert Entity.objects.count() == 1
