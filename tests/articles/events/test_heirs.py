"""A rebuilt event continues the one of before with which it shares most, and what people decided goes before that."""

from __future__ import annotations

import pytest

from articles.events.heirs import succeed


@pytest.mark.parametrize(
    ("was", "now", "owners", "heirs", "leads_to"),
    [
        pytest.param({1: 7, 2: 7, 3: 8}, {1: 1, 2: 1, 3: 2}, {}, {1: 7, 2: 8}, {}, id="nothing changed"),
        pytest.param({1: 7, 2: 7, 3: 8}, {1: 1, 2: 1, 3: 1}, {}, {1: 7}, {8: 1}, id="two joined: the larger stays"),
        pytest.param({1: 7, 2: 8}, {1: 1, 2: 1}, {}, {1: 7}, {8: 1}, id="of equals the older stays"),
        pytest.param({1: 7, 2: 7, 3: 7}, {1: 1, 2: 2, 3: 2}, {}, {1: None, 2: 7}, {}, id="split: the larger keeps it"),
        pytest.param({1: 7, 2: 7}, {1: 1, 2: 2}, {}, {1: 7, 2: None}, {}, id="of equal parts the first"),
        pytest.param(
            {1: 7, 2: 7, 3: 8}, {1: 1, 2: 1, 3: 1}, {1: 8}, {1: 8}, {7: 1}, id="what people decided goes before"
        ),
        pytest.param(
            {1: 7, 2: 7, 3: 7, 4: 8, 5: 8},
            {1: 1, 2: 1, 3: 2, 4: 2, 5: 2},
            {},
            {1: 7, 2: 8},
            {},
            id="articles change places",
        ),
        pytest.param({}, {}, {}, {}, {}, id="nothing"),
    ],
)  # fmt: skip
def test_it_settles_who_continues_whom(
    was: dict[int, int],
    now: dict[int, int],
    owners: dict[int, int],
    heirs: dict[int, int | None],
    leads_to: dict[int, int],
) -> None:
    found = succeed(was, now, owners)
    assert dict(found.heirs) == heirs
    assert dict(found.leads_to) == leads_to
