"""Market lines of companies: which two tickers cannot belong to one company."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_CLASS = re.compile(r"[.\-].{1,3}$")  # "BRK.B", "INDU-A"
_SIGNS = re.compile(r"[^A-Z0-9]")
_SHORTEST_ROOT = 3


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line that trades now: the country of its market (ISO 3166-1 alpha-2, "" if unknown) and its ticker there."""

    country: str
    ticker: str


def other_lines(ours: Iterable[Line], theirs: Iterable[Line]) -> tuple[Line, Line] | None:
    """Two lines that show two companies: both trade in one country, and nowhere there under one ticker.

    A company has one ticker a country but for its classes of shares and for markets that number what others letter.
    """
    left, right = sorted(set(ours)), sorted(set(theirs))
    found = None
    for one in left:
        for other in right:
            if not one.country or one.country != other.country:
                continue
            if may_be_one(one.ticker, other.ticker):
                return None
            found = found or (one, other)
    return found


def may_be_one(one: str, other: str) -> bool:
    """Whether two tickers of one country may be one company's: the same, two classes, or a number and letters."""
    if (one.isdigit() and other.isalpha()) or (one.isalpha() and other.isdigit()):
        return True  # in Kuala Lumpur 4197 is SIME, too
    if one.isdigit() or other.isdigit():
        return one == other
    bare, also = _SIGNS.sub("", one), _SIGNS.sub("", other)
    short, long = sorted((bare, also), key=len)
    # "FCNCA" and "FCNC.A"; "GOOG" and "GOOGL"
    is_class = len(short) >= _SHORTEST_ROOT and long.startswith(short) and len(long) - len(short) == 1
    return bare == also or is_class or _root(one) == _root(other)


def _root(ticker: str) -> str:
    """Without the class: "INDU-A" and "INDU-C" are INDU, "PETR3" and "PETR4" PETR."""
    bare = _CLASS.sub("", ticker)
    return bare.rstrip("0123456789") or bare
