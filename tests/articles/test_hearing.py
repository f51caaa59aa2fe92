"""An idle worker looks now and then whether it has gone deaf; a busy one does not."""

from __future__ import annotations

from typing import Any

import redis

from articles.hearing import DEAF_SECONDS, Hearing, do_messages_wait


def test_it_looks_only_after_a_while_without_a_message_and_then_not_at_once_again() -> None:
    hearing = Hearing(100.0)
    assert not hearing.is_to_look(100.0 + DEAF_SECONDS - 0.1, is_busy=False)
    assert hearing.is_to_look(100.0 + DEAF_SECONDS, is_busy=False)
    assert not hearing.is_to_look(101.0 + DEAF_SECONDS, is_busy=False)
    hearing.note(110.0 + DEAF_SECONDS)
    assert not hearing.is_to_look(109.0 + 2 * DEAF_SECONDS, is_busy=False)


def test_work_counts_as_hearing() -> None:
    hearing = Hearing(100.0)
    assert not hearing.is_to_look(100.0 + 2 * DEAF_SECONDS, is_busy=True)
    assert not hearing.is_to_look(101.0 + 2 * DEAF_SECONDS, is_busy=False)


def test_it_knows_whether_messages_wait_in_its_own_queues(settings: Any) -> None:
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
