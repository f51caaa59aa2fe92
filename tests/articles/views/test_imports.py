"""The page of imports: what tables brought, what was left out, and whether an import runs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.queries.imports import PAGE as LENGTH
from articles.queries.imports import imports_page
from entities.models import ImportRun
from entities.sources.tables.importing import IMPORT_LOCK, import_table
from newsdesk.accounts.models import User

pytestmark = pytest.mark.django_db

PAGE = "/entities/imports/"


@pytest.fixture
def desk_of_editor(client: Client, editor: User) -> Client:
    """A client signed in as an editor."""
    client.force_login(editor)
    return client


def words(answer: Any) -> str:
    """The visible text of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def make_run(name: str = "own.csv", **columns: Any) -> ImportRun:
    """An import that is done."""
    return ImportRun.objects.create(
        form="own", file=name, file_sha256="0" * 64, **{"finished_at": timezone.now(), **columns}
    )


def test_it_says_how_to_import_when_there_is_none(desk_of_editor: Client) -> None:
    page = words(desk_of_editor.get(PAGE))
    assert "No table was imported yet" in page
    assert "manage.py import_entities TABLE FILE" in page


def test_it_shows_what_an_import_brought_and_left_out(desk_of_editor: Client, tmp_path: Path) -> None:
    path = tmp_path / "desk.csv"
    path.write_text(
        "kind,name,country,mic,ticker\ncompany,Halvard plc,GB,XLON,HALV\nfirm,Nobody,GB,,\n", encoding="utf-8"
    )
    import_table("own", path, lambda _line: None)
    page = words(desk_of_editor.get(PAGE))
    assert "desk.csv own" in page
    assert "1 entity, 2 names, 1 security, 1 listing" in page
    assert "1 left out, 1 faulty" in page
    assert "kind is firm" in page
    assert "first in line 3" in page
    assert "done" in page


def test_the_newest_import_is_first_and_older_ones_are_a_page_away(desk_of_editor: Client) -> None:
    for number in range(LENGTH + 1):
        make_run(f"table-{number:02}.csv")
    answer = desk_of_editor.get(PAGE)
    page = words(answer)
    assert page.index(f"table-{LENGTH:02}.csv") < page.index("table-01.csv")
    assert "table-00.csv" not in page
    after = re.search(r"after=(\d+)", answer.content.decode())
    assert after is not None
    assert "table-00.csv" in words(desk_of_editor.get(f"{PAGE}?after={after[1]}"))
    assert "table-24.csv" in words(desk_of_editor.get(f"{PAGE}?after=nonsense"))


@pytest.mark.django_db(transaction=True)
def test_an_import_without_an_end_runs_while_its_lock_is_held_and_was_stopped_otherwise() -> None:
    stopped = make_run("stopped.csv", finished_at=None)
    states: dict[str, str] = {}
    made, looked = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [IMPORT_LOCK])
            make_run("running.csv", finished_at=None)
            made.set()
            looked.wait(240)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert made.wait(240)
    states = {row.file: row.state for row in imports_page().rows}
    looked.set()
    thread.join(240)
    assert states == {"running.csv": "running", stopped.file: "stopped"}
    # The server takes a moment to see that the connection is gone.
    until = time.monotonic() + 240
    while {row.state for row in imports_page().rows} != {"stopped"}:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_ten_rows_and_twenty_cost_the_same(editor: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            imports_page()
        return len(queries)

    for _ in range(10):
        make_run()
    ten = cost()
    for _ in range(10):
        make_run()
    assert cost() == ten
    assert ten <= 2


def test_counts_and_reasons_are_words_in_order(django_assert_max_num_queries: Callable[..., Any]) -> None:
    make_run(
        counts={
            "added": {"listings": 1, "entities": 1024, "comets": 2},
            "updated": {},
            "known": 3,
            "conflicts": 4,
        },
        rejects=[{"why": f"Reason {n}.", "n": 2, "first": n, "bad": n == 0} for n in range(25)],
    )
    with django_assert_max_num_queries(2):
        [row] = imports_page().rows
    assert list(row.added) == ["1,024 entities", "1 listing", "2 comets"]
    assert (row.left_out, row.bad, len(row.reasons), row.more_reasons) == (50, 2, 20, 5)
