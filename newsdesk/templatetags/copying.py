"""Copies in a few words: who tells the same, and whether a row is among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

register = template.Library()

NAMED = 3


def _value(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


@register.filter
def tellers(rows: Iterable[Any]) -> str:
    """The publishers of some articles, the first three by name: "Harbour Post, Coast Daily and 3 more"."""
    names = list(dict.fromkeys(str(_value(row, "publisher")) for row in rows))
    shown, more = names[:NAMED], len(names) - NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


@register.filter
def has_row(rows: Iterable[Any], row_id: object) -> bool:
    """Whether an article is among some rows; never for an empty number."""
    return any(_value(row, "id") == row_id for row in rows)
