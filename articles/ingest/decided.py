"""What people decide about sources: the columns, what can be taken back, and how a page says each value; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from articles.ingest.schedule import in_words

SUBJECT = "source"  # one source, in the history
BULK = "sources"  # many at once
PUBLISHER = "publisher"
PAGE_RULES = "page_rules"  # of the publisher with this number
EDGE_LINES = "edge_lines"  # of the publisher with this number
# These columns alone are edited, recorded and taken back.
CONFIG = (
    *("url", "title", "publisher", "section", "language", "tags", "note"),
    *("fixed_seconds", "user_agent", "identity", "identity_by", "state"),
)
# The history says which secrets there are, never what they say; they are not part of what can be taken back.
SECRETS = "secrets"
REPLACED = "replaced"
UNDOABLE = frozenset(
    {"edited", "paused", "resumed", "address applied", "identity chosen", "removed"}
    | {"line added", "line switched on", "line switched off", "rule switched on", "rule switched off"}
)
STATES: Mapping[str, str] = {
    "active": "active",
    "paused": "paused",
    "gone": "gone",
    "quarantined": "set aside",
}


def words_of(name: str, value: Any) -> str:
    """A decided value as people say it."""
    if name == "fixed_seconds":
        return f"every {in_words(value)}" if value else "learned"
    if name == "is_on":
        return "taken off" if value else "left in"
    if name == "state":
        return STATES.get(str(value), str(value))
    if isinstance(value, list):
        return ", ".join(str(part).removeprefix("header:") for part in value) or "none"
    return str(value) if value not in (None, "") else "none"
