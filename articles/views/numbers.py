"""Numbers in addresses, read without trust."""

from __future__ import annotations

DIGITS = 18  # all of them fit a bigint


def whole(text: str | None) -> int | None:
    """A whole number of ASCII digits that fits the database, else None."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > DIGITS:
        return None
    return int(text)
