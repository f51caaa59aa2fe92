"""How the pages of publishers are read: what admins wrote, and the lines that the publishers repeat, in one value."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.conf import settings

from articles.ingest.edge_lines import lines_on
from articles.ingest.page_rules import PARTS, SelectorLimits, parse_selectors
from articles.models import PageRules
from articles.types import ReadingRules

MAX_SELECTOR = 500


def reading_rules(publisher_ids: Collection[int]) -> dict[int, ReadingRules]:
    """The rules of each of these publishers, an entry for every one; two queries for any number.

    A stored selector that cannot be read (any more) is passed over: it stops nobody's article.
    """
    wanted = sorted(set(publisher_ids))
    if not wanted:
        return {}
    lines = lines_on(wanted)
    rows = PageRules.objects.in_bulk(wanted)
    found = {
        publisher_id: ReadingRules(repeated_lines=lines.get(publisher_id, frozenset()))
        for publisher_id in wanted
    }
    for publisher_id, row in rows.items():
        texts = {part: getattr(row, part) for part in PARTS}
        found[publisher_id] = rules_of(texts, found[publisher_id].repeated_lines, row.rules_off)
    return found


def rules_of(
    texts: Mapping[str, str], repeated_lines: frozenset[str], rules_off: Collection[str] = ()
) -> ReadingRules:
    """Rules from the texts of a form (or a row): one a part, a selector a line."""
    bounds = selector_limits()
    parsed = {part: parse_selectors(texts.get(part, ""), bounds)[0] for part in PARTS}
    return ReadingRules(**parsed, repeated_lines=repeated_lines, rules_off=frozenset(rules_off))


def selector_limits() -> SelectorLimits:
    """What an admin may write, by the settings."""
    return SelectorLimits(
        max_text=settings.PAGE_RULE_TEXT,
        max_selectors=settings.PAGE_RULE_SELECTORS,
        max_selector=min(MAX_SELECTOR, settings.PAGE_RULE_TEXT),
    )
