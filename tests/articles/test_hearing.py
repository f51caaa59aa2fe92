"""An idle worker looks now and then whether it has gone deaf; a busy one does not."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from articles import hearing
from articles.hearing import DEAF_SECONDS, Hearing, do_messages_wait


def test_it_looks_only_after_a_while_without_a_message_and_then_not_at_once_again() -> None:
    ears = Hearing(100.0)
    assert not ears.is_to_look(100.0 + DEAF_SECONDS - 0.1, is_busy=False)
    assert ears.is_to_look(100.0 + DEAF_SECONDS, is_busy=False)
    assert not ears.is_to_look(101.0 + DEAF_SECONDS, is_busy=False)
    ears.note(110.0 + DEAF_SECONDS)
    assert not ears.is_to_look(109.0 + 2 * DEAF_SECONDS, is_busy=False)


def test_work_counts_as_hearing() -> None:
    ears = Hearing(100.0)
    assert not ears.is_to_look(100.0 + 2 * DEAF_SECONDS, is_busy=True)
    assert not ears.is_to_look(101.0 + 2 * DEAF_SECONDS, is_busy=False)


def test_it_knows_whether_messages_wait_in_its_own_queues(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        hearing, "_BROKER_SECONDS", 120.0
    )  # the broker of the tests may stand still for a while
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.rpush("trial of hearing", "a message")
        try:
            assert do_messages_wait(["nobody's", "trial of hearing"])
            assert not do_messages_wait(["nobody's"])
        finally:
            broker.delete("trial of hearing")


def test_a_broker_that_is_away_leaves_nobody_deaf(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert not do_messages_wait(["fetch"])
