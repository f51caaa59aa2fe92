"""The sorts of events: our own labelled headlines with every confusion, and events of the sets to look at by hand."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime

from articles.events.event_types import TYPES, type_of
from articles.events.spans import Report
from tests.articles.events.typed import TOLD
from tests.benchmarks.digests.texts import events

DAY = datetime(2021, 3, 11, tzinfo=UTC)
ARTICLES = 12


def measure(show: int) -> None:
    """Print accuracy and confusions, then `show` events, every so-manieth of the sets."""
    counts, right = Counter(want for want, _, _ in TOLD), Counter[str]()
    for number, (want, title, text) in enumerate(TOLD, 1):
        chosen = type_of([Report(number, title, text, DAY)])
        right[want] += chosen.type == want
        if chosen.type != want:
            sys.stdout.write(f"  {want} taken for {chosen.type} ({chosen.score:.2f}): {title}\n")
    sys.stdout.write(f"{right.total()} of {len(TOLD)} right\n")
    sys.stdout.write(", ".join(f"{sort} {right[sort]}/{counts[sort]}" for sort in TYPES) + "\n")
    if not show:
        return
    told = events("basil300", "headlines")
    for name, reports in told[:: max(1, len(told) // show)][:show]:
        chosen = type_of(reports[:ARTICLES], reports[0].key)
        words = "; ".join(reason.words for reason in chosen.reasons[:2])
        sys.stdout.write(
            f"{name[:5]} {len(reports):3} {chosen.type:11} {chosen.score:.2f} {reports[0].title[:80]} | {words}\n"
        )
