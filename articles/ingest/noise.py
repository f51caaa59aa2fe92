"""Which differences between two readings of a page say nothing: clocks, counters, advertisements, other quotes; pure."""

from __future__ import annotations

import unicodedata


def is_noise(before: str, after: str) -> bool:
    """Whether a text differs from what it was in nothing that anybody wrote."""
    return before == after or _plain(before) == _plain(after)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
