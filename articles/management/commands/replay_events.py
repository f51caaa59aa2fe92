"""Builds the events of a stream from scratch by the rules of now, says what would change, and writes it when told so."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections import Counter
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.events.database import shard_turn
from articles.events.decisions import decisions_of
from articles.events.replaying import (
    EventChange,
    Replay,
    changes_of,
    plan_replay,
    rule_is_in_use,
    write_replay,
)
from articles.ingest.embeddings import embed_missing

# A worker gives the stream back when its task is over.
PATIENCE_SECONDS = 600.0
LISTED = 40


class Command(BaseCommand):
    """`manage.py replay_events [--shard en] [--from-rule VERSION] [--json] [--write]`."""

    help = (
        "Build the events of a language from scratch by the rules of now, obeying all that people decided, and say what "
        "would change. With --write it is written, an event at a time, while new articles wait; run it again after a kill."
    )
    requires_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the stream and what to do with it."""
        parser.add_argument("--shard", default="en", help="the language of the stream (default: %(default)s)")
        parser.add_argument("--write", action="store_true", help="write what changes; else it is only shown")
        parser.add_argument("--json", action="store_true", help="one JSON object for each event that changes")
        parser.add_argument(
            "--from-rule",
            metavar="VERSION",
            help="do nothing unless an article stands where this version of the rules put it",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Plan, show, and write when that is wanted."""
        shard, rule = options["shard"], options["from_rule"]
        if rule and not rule_is_in_use(shard, rule):
            self.stderr.write(f"No article of {shard} stands where the rules {rule} put it: nothing to do.")
            return
        read = embed_missing(lambda: False)
        if read:
            self.stderr.write(f"{read} articles read by the language model first")
        if not options["write"]:
            with closing(plan_replay(shard, self.stderr.write)) as replay:
                self._show(replay, as_json=options["json"])
            return
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with shard_turn(shard) as is_ours:
                if is_ours:
                    self.stderr.write(f"New articles of {shard} wait from now on, until this is written.")
                    with closing(plan_replay(shard, self.stderr.write)) as replay:
                        self._show(replay, as_json=options["json"])
                        moved = write_replay(replay, self.stderr.write)
                    self.stderr.write(f"Written: {moved} articles moved.")
                    return
            if time.monotonic() > deadline:
                message = f"A worker has been placing articles of {shard} all the time: stop the worker that places, or try later."
                raise CommandError(message)
            time.sleep(1.0)

    def _show(self, replay: Replay, *, as_json: bool) -> None:
        changes = changes_of(replay)
        kinds = Counter(change.kind for change in changes)
        moved = sum(len(change.came) for change in changes)
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none changes"
        self.stderr.write(str(decisions_of(replay.shard)))
        words = f"{len(replay.now)} articles in {len(set(replay.now.values()))} events; {moved} articles move; events: {told}."
        if as_json:
            for change in changes:
                self.stdout.write(json.dumps(_as_row(change), ensure_ascii=False))
            self.stderr.write(words)
            return
        self.stdout.write(words)
        for change in changes[:LISTED]:
            self.stdout.write(_line(change))
        if len(changes) > LISTED:
            self.stdout.write(f"and {len(changes) - LISTED} more; --json lists them all")


def _line(change: EventChange) -> str:
    name = f"event {change.event_id}" if change.event_id is not None else "new event"
    counts = f"{change.before} -> {change.after} articles, {len(change.came)} came, {len(change.left)} left"
    leads = ""
    if change.leads_to is not None:
        leads = f"; leads to {f'event {change.leads_to}' if change.leads_to > 0 else 'a new event'}"
    return f"{change.kind:8} {name}: {change.title} ({counts}{leads})"


def _as_row(change: EventChange) -> dict[str, Any]:
    return {
        "event": change.event_id,
        "change": change.kind,
        "title": change.title,
        "before": change.before,
        "after": change.after,
        "came": list(change.came),
        "left": list(change.left),
        "leads_to": change.leads_to if change.leads_to is None or change.leads_to > 0 else None,
    }
