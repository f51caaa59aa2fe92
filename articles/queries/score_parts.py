"""The parts of a placement's score in words, of the event that was chosen and of the next best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Parts = tuple[tuple[str, float], ...]  # words and the weighted figure, the weightiest first

NEXT_BEST = "next_best"  # the code of the reason that holds the runner-up's parts
_FOR = {
    "names": "whom it names",
    "title": "its headline",
    "lead": "its first sentences",
    "all": "all of its words",
    "dense": "reads alike",
    "dense_title": "its headline reads alike",
    "figures": "same figures",
    "days": "same days",
    "years": "same years",
    "size": "a large event asks for more",
}
_AGAINST = {"figures": "other figures", "days": "other days", "years": "other years"}


def parts_in_words(parts: Mapping[str, Any]) -> Parts:
    """The parts of a score that count anything; what speaks against the event has its own words."""
    figures = {name: float(figure) for name, figure in parts.items() if isinstance(figure, int | float)}
    return tuple(
        (_AGAINST.get(name, _words(name)) if figure < 0 else _words(name), figure)
        for name, figure in sorted(figures.items(), key=lambda pair: (-pair[1], pair[0]))
        if figure
    )


def own_reasons(why: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The reasons that speak of the chosen event: what they weigh adds up to its score."""
    return [part for part in why if part.get("words") and part.get("code") != NEXT_BEST]


def next_parts(why: Sequence[Mapping[str, Any]]) -> Parts:
    """The parts of the runner-up's score; empty when there was none, or an older rule did not keep them."""
    found = next((part for part in why if part.get("code") == NEXT_BEST), {})
    return parts_in_words(found.get("detail", {}))


def _words(name: str) -> str:
    return _FOR.get(name, name.replace("_", " "))
