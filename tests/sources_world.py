"""Sources in every state for tests of the pages about them; times are relative to the `now` that is given."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.text import slugify

from articles.editing.sources import SourceDraft, add_source
from articles.models import Feed, FetchRun, Notice


def make_source(name: str, **columns: object) -> Feed:
    """One source at an address of its own; `columns` are written over it."""
    slug = slugify(name)
    feed = add_source("ada", SourceDraft(f"https://{slug}.example/feed", name, f"{name} Ltd"))
    if columns:
        Feed.objects.filter(pk=feed.pk).update(**columns)
        feed.refresh_from_db()
    return feed


def make_runs(feed: Feed, now: datetime, outcomes: str, *, milliseconds: int = 120, new: int = 2) -> None:
    """Hourly runs, newest last: "." answered with stories, "=" unchanged, "x" failed, "_" none."""
    kinds = {".": "stored", "=": "unchanged", "x": "failed"}
    runs = []
    for place, letter in enumerate(outcomes):
        if letter in kinds:
            at = now - timedelta(hours=len(outcomes) - 1 - place, minutes=5)
            runs.append(
                FetchRun(
                    feed=feed,
                    at=at,
                    outcome=kinds[letter],
                    status=403 if letter == "x" else 200,
                    message="The server answered 403 (forbidden)." if letter == "x" else "",
                    milliseconds=milliseconds,
                    entries=20,
                    new=new if letter == "." else 0,
                )
            )
    FetchRun.objects.bulk_create(runs)


def make_told_run(feed: Feed, now: datetime) -> FetchRun:
    """One fetch with all that its page can say about it."""
    return FetchRun.objects.create(
        feed=feed,
        at=now,
        outcome="stored",
        status=200,
        milliseconds=412,
        bytes=9_100,
        entries=20,
        new=3,
        changed=1,
        answer={
            "final_url": f"{feed.url}?page=1",
            "headers": {
                "content-type": "application/rss+xml",
                "etag": '"88a2-5bcf10"',
                "cache-control": "max-age=300",
                "server": "harbour/2",
                "set-cookie": "secret=1",
            },
            "steps": [["name", 12], ["connected", 41], ["answered", 380], ["read", 412]],
            "next_why": "Every 15 min: 80 % of the last poll was known.",
            "unpacked_bytes": 48_200,
        },
        skipped=[{"why": "It has neither a title nor a text.", "n": 2, "example": "tag:post,2026:7"}],
    )


def make_every_state(now: datetime) -> dict[str, Feed]:
    """One source of each health word, with fitting runs."""
    soon, early = now + timedelta(minutes=9), now - timedelta(minutes=6)
    well = {"last_fetch_at": early, "last_success_at": early, "last_new_at": early, "next_fetch_at": soon}
    made = {
        "ok": make_source("Harbour Post, Business", **well, section="Business", language="en"),
        "slow": make_source("Semiwire", **well),
        "failing": make_source(
            "Kowloon Wire",
            **{**well, "last_success_at": now - timedelta(hours=5)},
            failures=5,
            failing_since=now - timedelta(hours=5),
            last_message="The server answered 403 (forbidden) to our request for the feed.",
            last_status=403,
        ),
        "gone": make_source("Old Foundry Notes", **well, state="gone"),
        "paused": make_source("Foundry Notes", **well, state="paused"),
        "quarantined": make_source("Poison Gazette", **well, state="quarantined"),
        "new": make_source("Chip Ledger", next_fetch_at=soon),
        "offline": make_source("Island Cable", next_fetch_at=soon, last_fetch_at=now, last_outcome="offline"),
        "silent": make_source("Quiet Courier", **{**well, "last_new_at": now - timedelta(days=9)}),
    }
    Notice.objects.create(
        feed=made["silent"], kind="silent", words="Nothing new for 9 days; usually every 3 h."
    )
    make_runs(made["ok"], now, "..=..=x.=..=..=..=..=..=")
    make_runs(made["slow"], now, "..=..=..=..=..=..=..=..=", milliseconds=9400)
    make_runs(made["failing"], now, "..=..=..=..=..=..=.xxxxx")
    make_runs(made["paused"], now, "..=..=..=..=..=..________")
    return made
