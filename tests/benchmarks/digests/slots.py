"""Who, what, where and when of single articles against the phrases that people marked in them.

A phrase is met when it and ours share at least half of their telling words, counted against the shorter one; a day when it
is the very day that people resolved it to. Several gold phrases: one is enough. Articles without a gold phrase are left out.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable

from articles.events.digest import digest_of
from articles.events.spans import Report
from tests.benchmarks.digests.texts import gold

SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "and",
        "or",
        "with",
        "by",
        "from",
        "his",
        "her",
        "its",
        "their",
        "is",
        "are",
        "was",
        "were",
        "be",
        "mr",
        "mrs",
        "us",
    ]
)
SHARED = 0.5
_WORD = re.compile(r"[^\W_]+")


def measure(link: Callable[[Report], Report] | None = None, *, verbose: bool = False) -> None:
    """Print for each slot how many articles have a gold phrase, how many we fill, and how many of these are met."""
    asked, filled, met = Counter[str](), Counter[str](), Counter[str]()
    near = 0
    for plain, marked in gold():
        report = link(plain) if link is not None else plain
        slots = digest_of([report], report.key).slots
        for slot in ("who", "what", "where", "when"):
            phrases = [
                one
                for one in marked[slot]["annotated"]
                if one.get("parsed" if slot == "when" else "text", "").strip()
            ]
            if not phrases:
                continue
            asked[slot] += 1
            ours = slots.get(slot, [])
            filled[slot] += bool(ours)
            if slot == "when":
                days = [int(one["parsed"].replace("-", "")) for one in phrases]
                got = [int(one["first"].replace("-", "")) for one in ours]
                is_met = bool(set(days) & set(got))
                near += any(abs(a - b) <= 1 for a in days for b in got)
            else:
                is_met = any(_is_met(one["text"], phrase["text"]) for one in ours for phrase in phrases)
            met[slot] += is_met
            if verbose and not is_met:
                told = [(one["text"], one.get("first", "")) for one in ours]
                wanted = [(one.get("text", ""), one.get("parsed", "")) for one in phrases]
                sys.stdout.write(f"  {slot}: {told} for {wanted} ({report.title[:60]})\n")
    for slot in ("who", "what", "where", "when"):
        share = met[slot] / asked[slot] if asked[slot] else 0.0
        sure = met[slot] / filled[slot] if filled[slot] else 0.0
        sys.stdout.write(
            f"{slot:6} {asked[slot]:3} articles, filled {filled[slot]:3}, met {met[slot]:3}: {share:.2f} of all, {sure:.2f} of those filled\n"
        )
    sys.stdout.write(f"when, a day to either side allowed: {near}\n")


def _is_met(ours: str, theirs: str) -> bool:
    a, b = _words(ours), _words(theirs)
    if not a or not b:
        return False
    return len(a & b) >= SHARED * min(len(a), len(b))


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if word not in SMALL and not word.isdigit()}
