"""Whether two texts at one address are one article."""

from __future__ import annotations

import pytest

from articles.ingest.sameness import Told, why_same

LONG = " ".join(f"On day {n} the harbour of Halvard was closed, said master number {n}." for n in range(30))
OTHER = " ".join(
    f"Minister {n} of Tessin asked for {n} more ferries by winter, papers show." for n in range(30)
)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (Told("A", LONG), Told("B", LONG), True),
        (Told("A", LONG), Told("B", LONG[: len(LONG) * 2 // 3] + OTHER[:900]), True),
        (Told("A", LONG), Told("A", OTHER), False),
        (Told("Harbour closed", "Short."), Told("Harbour closed", LONG), True),
        (Told("Harbour of Halvard closed", "Short."), Told("Harbour of Halvard is closed", LONG), True),
        (Told("Harbour closed", "Short."), Told("Ferry aground", LONG), False),
        (Told("", ""), Told("", ""), False),
        (Told("港口关闭", "短。"), Told("港口关闭！", LONG), True),
        (
            Told("甲", "城市的港口星期二关闭，渡轮预计一周内不会恢复。" * 9),
            Told("乙", "部长要求在冬天之前增加渡轮，文件显示了这一点。" * 9),
            False,
        ),
        (
            Told("甲", "城市的港口星期二关闭，渡轮预计一周内不会恢复。"),
            Told("乙", "城市的港口星期二关闭，渡轮预计一周内不会恢复。"),
            True,
        ),
    ],
)
def test_long_texts_decide_and_of_short_ones_the_headlines(left: Told, right: Told, same: bool) -> None:
    assert bool(why_same(left, right)) is bool(why_same(right, left)) is same
