"""Tickers in the ways that news writes them: (NASDAQ: X), 0981.HK, <JNJ.N>, $X."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entities.compiled import Lexicon
from entities.words import EXCHANGE_PREFIXES, TICKER_SUFFIXES

US_MARKETS = frozenset({"XNYS", "XNAS", "XASE"})


@dataclass(frozen=True, slots=True)
class TickerHit:
    """A ticker in the text. `outer` is the span with its brackets; `entity_ids` are the companies listed so."""

    start: int
    end: int
    outer_start: int
    outer_end: int
    ticker: str
    mics: frozenset[str]
    found: tuple[tuple[int, str], ...]  # (entity id, MIC)


_PREFIXED = re.compile(
    r"\b([A-Za-z]{2,12})(?: American)?\s?:\s?([A-Z0-9]{1,6}(?:[.-][A-Z]{1,2}| [A-D](?=[)\]]))?)\b"
)
SHORT_MARKET = 4  # letters: shorter ones are words when they are not written in capitals
_DIGITS = re.compile(r"(?<![\w.])(\d{1,6})\.(HK|SS|SH|SZ|TW|TWO|T|KS|KQ|KL|SI)\b")
_BRACKETED = re.compile(r"[<(\[]\s?([A-Z0-9]{1,6}[a-z]?)\.([A-Z]{1,3})\s?[>)\]]")
# "$F" is a share, "$A 20" and "$5" are amounts.
_CASHTAG = re.compile(r"(?<![\w$])\$([A-Z]{1,5})\b(?![\d.]\d)(?! ?\d)")


def find_tickers(plain: str, lexicon: Lexicon) -> list[TickerHit]:
    """Tickers written with their exchange, in the ways that news writes them; unknown ones have no `found`."""
    hits: list[TickerHit] = []
    for match in _PREFIXED.finditer(plain) if ":" in plain else ():
        market = match.group(1)
        mics = EXCHANGE_PREFIXES.get(market.upper(), frozenset())
        if mics and (len(market) >= SHORT_MARKET or market.isupper()):
            hits.append(
                _ticker_hit(plain, match.span(2), match.span(), match.group(2), mics=mics, lexicon=lexicon)
            )
    for match in (*_BRACKETED.finditer(plain), *_DIGITS.finditer(plain)):
        mics = TICKER_SUFFIXES.get(match.group(2), frozenset())
        span = (match.start(1), match.end(2))
        hits.append(_ticker_hit(plain, span, match.span(), match.group(1), mics=mics, lexicon=lexicon))
    hits.extend(
        _ticker_hit(plain, match.span(), match.span(), match.group(1), mics=US_MARKETS, lexicon=lexicon)
        for match in _CASHTAG.finditer(plain)
    )
    kept: list[TickerHit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _ticker_hit(  # noqa: PLR0913 - the parts of one match
    plain: str,
    span: tuple[int, int],
    outer: tuple[int, int],
    ticker: str,
    *,
    mics: frozenset[str],
    lexicon: Lexicon,
) -> TickerHit:
    start, end = outer
    if start and plain[start - 1] in "(<[" and plain[start] not in "(<[":
        start -= 1
        if end < len(plain) and plain[end] in ")>]":
            end += 1
    found = tuple((i, mic) for i, mic in lexicon.listed_as(ticker) if mic in mics)
    return TickerHit(span[0], span[1], start, end, ticker, mics, found)
