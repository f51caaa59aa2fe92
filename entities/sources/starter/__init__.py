"""The starter set: who and what the news speaks of most, each fact chosen by hand with its source and date."""

from __future__ import annotations

from collections.abc import Callable

from entities.errors import SourceDataError
from entities.sources.exchanges import MARKETS, load_exchanges
from entities.sources.facts import LoadReport, find_conflicts
from entities.sources.starter.reading import read_starter
from entities.sources.storing import store_facts


def load_starter(report: Callable[[str], None]) -> LoadReport:
    """Load the markets and the starter set; loading again adds nothing and keeps what people changed.

    Raises SourceDataError, before anything is written, when the files contradict themselves.
    """
    batch = read_starter()
    conflicts = find_conflicts(batch, MARKETS)
    if conflicts:
        raise SourceDataError("The starter set contradicts itself: " + "; ".join(conflicts[:5]))
    load_exchanges()
    done = store_facts(batch, "Starter set", curated=True)
    report(str(done))
    return done
