"""Members of large stock indices, as the package `pytickersymbols` carries them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from entities.sources.exchanges import native_ticker, split_agency_ticker
from entities.sources.facts import isin_is_valid

_SPACES = re.compile(r"\s+")
_NOTE = re.compile(r"\s*\([^)]*\)$")  # "Rio Tinto (corporation)", "Alphabet Inc. (Class A)"


@dataclass(frozen=True, slots=True)
class IndexMember:
    """A member by the name that the news uses. `lines` are the market lines it may be found by; ISIN "" if unsure."""

    name: str
    lines: tuple[tuple[str, str], ...]
    isin: str


def read_members(indices: Mapping[str, Any]) -> Iterator[IndexMember]:
    """Each company of each index once a symbol.

    An American symbol names no market, so all three are possible lines; the caller takes the one that is known.
    Second lines in Frankfurt and over the counter are not read.
    """
    seen: set[tuple[tuple[str, str], ...]] = set()
    for index in indices.values():
        for company in index["companies"]:
            name = _NOTE.sub("", _SPACES.sub(" ", str(company.get("name") or "")).strip())
            lines = tuple(_lines(str(company.get("symbol") or "")))
            if not name or not lines or lines in seen:
                continue
            seen.add(lines)
            yield IndexMember(name=name, lines=lines, isin=_only_isin(company.get("isins") or ()))


def _lines(symbol: str) -> Iterator[tuple[str, str]]:
    known = split_agency_ticker(symbol)
    if known is not None:
        yield known
    elif symbol and symbol.replace(".", "").replace("-", "").isalpha():
        for mic in ("XNYS", "XNAS", "BATS"):
            yield native_ticker(symbol, mic), mic


def _only_isin(values: Iterable[str]) -> str:
    valid = {value for value in values if isin_is_valid(value)}
    return valid.pop() if len(valid) == 1 else ""
