"""A name becomes strong, weak or none by what people decided about it, and never by the word of one."""

from __future__ import annotations

import pytest

from entities.trust import trusted


@pytest.mark.parametrize(
    ("weak", "right", "wrong", "is_weak"),
    [
        (True, 0, 0, True),
        (True, 2, 0, True),
        (True, 3, 0, False),
        (True, 3, 1, True),
        (True, 4, 1, False),
        (True, 0, 5, True),
        (True, 0, 6, None),
        (True, 1, 6, None),
        (True, 2, 6, True),
        (False, 0, 0, False),
        (False, 0, 2, False),
        (False, 0, 3, True),
        (False, 3, 3, False),
        (False, 3, 4, True),
        (False, 0, 6, None),
    ],
)
def test_it_follows_the_counts(weak: bool, right: int, wrong: int, is_weak: bool | None) -> None:
    assert trusted(weak, right, wrong) is is_weak


def test_more_right_never_weakens_and_more_wrong_never_strengthens() -> None:
    order = {None: 0, True: 1, False: 2}
    for weak in (True, False):
        for right in range(12):
            for wrong in range(12):
                here = order[trusted(weak, right, wrong)]
                assert order[trusted(weak, right + 1, wrong)] >= here
                assert order[trusted(weak, right, wrong + 1)] <= here
