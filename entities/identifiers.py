"""Schemes of identifiers that people may enter: what they are called, and whether a value is well formed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stdnum import bic, cusip, figi, isin, lei
from stdnum.cn import uscc
from stdnum.gb import sedol

_SIGNS = re.compile(r"[\s\-]+")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme: its name, how a value looks, and the test that one must pass, with the check digit where it has one."""

    name: str
    looks: str
    is_valid: Callable[[str], bool]
    has_digit: bool = True  # a check digit is part of it


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


SCHEMES: Mapping[str, Scheme] = {
    "lei": Scheme("LEI", "20 letters and digits", lambda value: bool(lei.is_valid(value))),
    "isin": Scheme("ISIN", "12 letters and digits", lambda value: bool(isin.is_valid(value))),
    "figi": Scheme("FIGI", "12 letters and digits", lambda value: bool(figi.is_valid(value))),
    "cusip": Scheme("CUSIP", "9 letters and digits", lambda value: bool(cusip.is_valid(value))),
    "sedol": Scheme("SEDOL", "7 letters and digits", lambda value: bool(sedol.is_valid(value))),
    "uscc": Scheme(
        "Chinese social credit code", "18 letters and digits", lambda value: bool(uscc.is_valid(value))
    ),
    "bic": Scheme(
        "BIC", "8 or 11 letters and digits", lambda value: bool(bic.is_valid(value)), has_digit=False
    ),
    "cik": Scheme("CIK", "up to ten digits", _matches(r"[1-9]\d{0,9}"), has_digit=False),
    "wikidata": Scheme("Wikidata item", "Q and digits", _matches(r"Q[1-9]\d*"), has_digit=False),
}


def tidy_identifier(scheme: str, value: str) -> str:
    """A value as it is stored: without spaces and hyphens, capital letters, a CIK without leading zeros."""
    bare = _SIGNS.sub("", value).upper()
    return bare.lstrip("0") if scheme == "cik" else bare


def why_refused(scheme: str, value: str) -> str:
    """Why a tidied value of a scheme is not taken, in one sentence; empty when it is sound."""
    known = SCHEMES.get(scheme)
    if known is None:
        names = ", ".join(one.name for one in SCHEMES.values())
        return f"Choose one of the schemes: {names}."
    if known.is_valid(value):
        return ""
    what = f"“{value[:40]}” is no {known.name}: it has {known.looks}"
    return (
        f"{what}, and its check digit must fit. Compare it with its source."
        if known.has_digit
        else f"{what}."
    )
