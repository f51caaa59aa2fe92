"""`manage.py feeds` as a shell sees it: what it prints, stores and returns."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from articles.editing import sources
from articles.editing.sources import SecretEdit, SourceDraft
from articles.models import Feed
from entities.models import Change
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

PAGE = (
    b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
)
TWO = PAGE.replace(b"</head>", b'<link rel="alternate" type="application/rss+xml" href="/other"></head>')


@pytest.fixture
def world(settings: Any) -> Iterator[FeedWorld]:
    """A site with one feed, a site with two, and nothing else."""
    bodies = {"/": PAGE, "/two": TWO, "/feed": generated_feed(1, 3), "/other": generated_feed(2, 3)}
    with serving(FeedWorld(bodies, {"/": "text/html", "/two": "text/html"})) as world:
        settings.FETCH_PORTS = frozenset({world.port})
        yield world


def run(*words: str) -> tuple[int, str, str]:
    """Exit status, what is printed, and the error's sentence."""
    out = StringIO()
    try:
        call_command("feeds", *words, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def test_it_adds_the_feed_that_a_site_names(world: FeedWorld) -> None:
    status, said, _ = run("add", world.url("/"), "--tag", "Asia", "--every", "30", "--publisher", "Paper Ltd")
    feed = Feed.objects.select_related("publisher").get()
    assert (status, said) == (0, f"{feed.pk}: Paper 1 ({world.url('/feed')}) is added, 3 entries now.\n")
    assert (feed.tags, feed.fixed_seconds, feed.publisher.name, feed.language) == (
        ["asia"],
        1800,
        "Paper Ltd",
        "en",
    )
    assert run("add", world.url("/feed")) == (1, "", "This address is already a source: “Paper 1”.")


def test_it_leaves_the_choice_between_several_feeds(world: FeedWorld) -> None:
    status, _, error = run("add", world.url("/two"))
    assert status == 1
    assert world.url("/feed") in error
    assert world.url("/other") in error
    assert not Feed.objects.exists()


def test_it_adds_unseen_and_refuses_nonsense() -> None:
    assert run("add", "https://down.example/feed", "--unseen", "--title", "Down")[0] == 0
    assert Feed.objects.get().title == "Down"
    assert run("add", "nonsense", "--unseen")[::2] == (
        1, "“nonsense” is no web address. Write it like https://example.org/feed.",
    )  # fmt: skip
    assert run("add", "https://x.example/feed", "--every", "0")[0] == 2


def test_it_lists_as_a_table_and_as_json() -> None:
    make_source(
        "Post",
        failures=2,
        last_message="The server answered 403.",
        last_status=403,
        last_fetch_at="2026-07-01T00:00Z",
    )
    make_source("Wire", tags=["asia"], fixed_seconds=1800)
    _, table, _ = run("list")
    lines = table.splitlines()
    assert lines[0].split() == [
        "number",
        "health",
        "source",
        "publisher",
        "last",
        "good",
        "next",
        "a",
        "day",
        "known",
    ]
    assert "failing" in lines[1]
    assert "The server answered 403. It refuses our request." in lines[2]
    rows = json.loads(run("list", "--json", "--tag", "asia")[1])
    assert [(row["title"], row["differs"], row["health"]) for row in rows] == [
        ("Wire", ["every 30 min"], "new")
    ]
    assert run("list", "--health", "gone")[::2] == (1, "No source fits.")


def test_it_checks_through_the_pipeline_and_stores_nothing(world: FeedWorld) -> None:
    feed = make_source("Post", url=world.url("/feed"))
    status, said, error = run("check", str(feed.pk), world.url("/nowhere"), world.url("/two"))
    assert (status, error) == (1, "2 of 3 cannot be subscribed to as they are.")
    assert f"{feed.pk}: Paper 1, rss20, 3 entries, 3 new here" in said
    assert "404" in said
    assert f"  {world.url('/other')}" in said
    (told,) = json.loads(run("check", world.url("/feed"), "--json")[1])
    assert (told["ok"], told["entries"], told["pages"]) == (True, 3, 0)
    assert run("check", "999")[0] == 1
    assert Feed.objects.count() == 1


def test_it_imports_after_a_dry_run(tmp_path: Path) -> None:
    file = tmp_path / "list.opml"
    file.write_text(
        '<opml><body>\n<outline text="Paper" xmlUrl="https://paper.example/feed"/>\n<outline text="Odd" xmlUrl="x"/>\n</body></opml>'
    )
    status, said, _ = run("import", str(file), "--dry-run")
    assert (status, Feed.objects.count()) == (0, 0)
    assert said.splitlines() == [
        "line 2: Paper (https://paper.example/feed): added",
        "line 3: Odd (x): left out, no web address",
        "1 of 2 would be added; nothing is stored.",
    ]
    assert run("import", str(file))[1].splitlines()[-1] == "1 of 2 added."
    assert run("import", str(file))[::2] == (1, "Nothing in the list can be added.")
    assert run("import", str(tmp_path / "none.opml"))[2].endswith(
        "cannot be read: No such file or directory."
    )


def test_it_exports_what_it_can_import_and_guards_secrets(tmp_path: Path) -> None:
    feed = make_source("Post")
    sources.edit_source(
        "ada",
        feed.pk,
        SourceDraft(feed.url, "Post", "Post Ltd"),
        secrets=SecretEdit({"cookie": "a=topsecret"}),
    )
    assert "<opml" in run("export", "-")[1]
    file = tmp_path / "all.json"
    assert run("export", str(file))[1] == f"1 source written to {file}.\n"
    assert "topsecret" not in file.read_text()
    assert run("export", str(file), "--with-secrets")[0] == 0
    assert "topsecret" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Change.objects.get(act="exported with secrets").by == "manage.py"
    assert run("export", "-", "--format", "opml", "--with-secrets")[0] == 2
    assert run("export", str(tmp_path / "none" / "all.json"))[0] == 1
    Feed.objects.all().delete()
    assert run("import", str(file))[0] == 0
    assert Feed.objects.get().secret_names == ["cookie"]


def test_its_help_names_all_five_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("feeds", "--help")
    assert end.value.code == 0
    said = capsys.readouterr().out
    for word in ("add", "list", "check", "import", "export", "exit status"):
        assert word in said
