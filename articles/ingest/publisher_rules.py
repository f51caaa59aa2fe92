"""How the pages of publishers are read: what admins wrote, and the lines that the publishers repeat, in one value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection
from django.db.models import Q

from articles.ingest.edge_lines import lines_on
from articles.models import EdgeLine, PageRules, Revision
from articles.types import SELECTOR_PARTS, EdgeRules, ReadingRules


def reading_rules(publisher_ids: Collection[int]) -> dict[int, ReadingRules]:
    """The rules of each of these publishers, an entry for every one; two queries for any number."""
    wanted = sorted(set(publisher_ids))
    if not wanted:
        return {}
    lines = lines_on(wanted)
    rows = PageRules.objects.in_bulk(wanted)
    return {
        publisher_id: rules_of(
            texts_of(rows.get(publisher_id)),
            repeated_lines=lines.get(publisher_id, frozenset()),
            rules_off=rows[publisher_id].rules_off if publisher_id in rows else (),
        )
        for publisher_id in wanted
    }


def edge_rules(publisher_ids: Collection[int]) -> dict[int, EdgeRules]:
    """How feeds' own texts of these publishers are cleaned, for those that have anything of their own; one query."""
    wanted = sorted(set(publisher_ids))
    if not wanted:
        return {}
    found: dict[int, tuple[set[str], set[str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT publisher_id, 0, key FROM articles_edgeline WHERE is_on AND publisher_id = ANY(%s)
               UNION ALL
               SELECT publisher_id, 1, unnest(rules_off) FROM articles_pagerules WHERE publisher_id = ANY(%s)""",
            [wanted, wanted],
        )
        for publisher_id, place, value in cursor.fetchall():
            found.setdefault(publisher_id, (set(), set()))[place].add(value)
    return {
        publisher_id: EdgeRules(frozenset(lines), frozenset(off))
        for publisher_id, (lines, off) in found.items()
    }


def is_read_otherwise(publisher_id: int, since: datetime) -> bool:
    """Whether an admin changed how a publisher's pages are read after that time: rules, or a repeated line.

    What reads otherwise for the first time since then does so by the rules, not by the publisher's hand.
    """
    rules = PageRules.objects.filter(pk=publisher_id, changed_at__gt=since)
    return rules.exists() or EdgeLine.objects.filter(publisher_id=publisher_id, decided_at__gt=since).exists()


def rereadable(publisher_id: int) -> Q:
    """Those articles of a publisher whose text is (or was to be) on their page, which still stands."""
    from_page = Q(revision__origin=Revision.Origin.PAGE) | Q(needs_page=True) | ~Q(page_kind="")
    return from_page & Q(publisher_id=publisher_id, gone_at=None, withdrawn_at=None, url__startswith="http")


def texts_of(row: PageRules | None) -> dict[str, str]:
    """The texts of a row as its form has them; all empty without one."""
    return {part: str(getattr(row, part)) if row else "" for part in SELECTOR_PARTS}


def rules_of(
    texts: Mapping[str, str], *, repeated_lines: frozenset[str], rules_off: Collection[str] = ()
) -> ReadingRules:
    """Rules from texts of selectors, one a line. What cannot be read is told by the page that it is tried on."""
    selectors = {
        part: tuple(line for line in map(str.strip, texts.get(part, "").splitlines()) if line)
        for part in SELECTOR_PARTS
    }
    return ReadingRules(
        keep=selectors["keep"],
        remove=selectors["remove"],
        title=selectors["title"],
        date=selectors["date"],
        author=selectors["author"],
        repeated_lines=repeated_lines,
        rules_off=frozenset(rules_off),
    )
