"""How long a digest takes: of events of three full texts, and of one that is read as far as it ever is."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

from articles.events.digest import digest_of
from tests.benchmarks.digests.texts import events

LARGE = 30  # NEWSDESK_DIGEST_ARTICLES


def measure() -> None:
    """Print milliseconds of CPU a digest."""
    told = [reports for _, reports in events("basil300")]
    began = time.process_time()
    for reports in told:
        digest_of(reports, reports[0].key)
    each = (time.process_time() - began) / len(told) * 1000
    sys.stdout.write(f"{len(told)} events of {len(told[0])} full texts: {each:.1f} ms of CPU each\n")
    many = [
        replace(report, key=n) for n, report in enumerate([r for reports in told for r in reports][:LARGE], 1)
    ]
    began = time.process_time()
    digest_of(many, 1)
    sys.stdout.write(f"one of {LARGE} full texts: {(time.process_time() - began) * 1000:.0f} ms of CPU\n")
