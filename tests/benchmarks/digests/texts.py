"""The labelled sets: articles with phrases that people marked, and events of several articles."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from articles.events.spans import Report

ROOT = Path(__file__).parents[3]
NO_DATE = datetime(2016, 11, 10, tzinfo=UTC)  # of the few gold articles without one; all are of that week


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The lines of a set; raises FileNotFoundError naming the file when it does not lie there."""
    data = Path(os.environ.get("NEWSDESK_SHARED", "") or ROOT.parent / "shared") / "data" / "clustering"
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def gold() -> Iterator[tuple[Report, dict[str, Any]]]:
    """Articles with what people marked in them: {who: [{text, parsed}]}."""
    for number, row in enumerate(rows("gold5w1h"), 1):
        published = row["date_publish"]
        at = (
            datetime.fromisoformat(published).replace(tzinfo=UTC)
            if published not in {None, "None"}
            else NO_DATE
        )
        yield Report(number, row["title"] or "", row["text"], at), row["fiveWoneH"]


def events(*names: str) -> list[tuple[str, list[Report]]]:
    """The events of these sets with their articles, in a fixed order."""
    found: dict[tuple[str, str], list[Report]] = {}
    for name in names:
        for row in rows(name):
            told = found.setdefault((name, str(row["story"])), [])
            day = str(row.get("published") or "")[:10]
            at = datetime.fromisoformat(day).replace(tzinfo=UTC) if len(day) == 10 else NO_DATE
            told.append(Report(len(told) + 1, row["title"] or "", row.get("text") or "", at))
    return [(name, found[name, story]) for name, story in sorted(found)]
