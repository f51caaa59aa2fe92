"""Texts that a regular expression matches, made from its own parts: for tests that one test lets through what another takes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # the only reader of patterns that there is
from typing import Any

_FILLING = "word other 1 of b"


def samples(pattern: str, count: int, seed: int = 1) -> Iterator[str]:
    """Up to `count` texts that fit the whole pattern."""
    chance = random.Random(seed)  # noqa: S311 - nothing is kept secret
    compiled, tree = re.compile(pattern), _parser.parse(pattern)
    for _ in range(count):
        text = " ".join(_made(tree, chance).split())
        if compiled.fullmatch(text):
            yield text


def _made(tree: Any, chance: random.Random) -> str:
    return "".join(_part(op, value, chance) for op, value in tree)


def _part(op: Any, value: Any, chance: random.Random) -> str:  # noqa: PLR0911 - one for each sort of part
    match op:
        case _constants.LITERAL:
            return chr(value)
        case _constants.ANY | _constants.NOT_LITERAL:
            return chance.choice(_FILLING)
        case _constants.IN:
            return _chosen(value, chance)
        case _constants.BRANCH:
            return _made(chance.choice(value[1]), chance)
        case _constants.SUBPATTERN:
            return _made(value[3], chance)
        case _constants.MAX_REPEAT | _constants.MIN_REPEAT:
            least, most, inner = value
            times = chance.choice(
                (least, least, min(int(most), least + 1), min(int(most), least + chance.randint(2, 12)))
            )
            return "".join(_made(inner, chance) for _ in range(times))
        case _:  # what looks ahead takes nothing
            return ""


def _chosen(parts: Any, chance: random.Random) -> str:
    if parts[0][0] is _constants.NEGATE:
        return chance.choice("abc")
    op, value = chance.choice(parts)
    if op is _constants.LITERAL:
        return chr(value)
    if op is _constants.RANGE:
        return chr(chance.randint(*value))
    return {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " "}.get(str(value), "k")
