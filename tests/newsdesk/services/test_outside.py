"""Somebody else's database and broker: good enough, or one line that says what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from newsdesk.services.addresses import broker_url, socket_path, without_password
from newsdesk.services.errors import ServiceError
from newsdesk.services.outside import check_database, check_redis
from tests.databases import new_database


@pytest.fixture
def latin() -> Iterator[str]:
    """A database of another encoding on the server of the tests; its URL."""
    options = "ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
    with new_database("latin", options) as url:
        yield url


def test_a_good_database_passes() -> None:
    check_database(settings.DATABASE_URL)


def test_another_encoding_is_named(latin: str) -> None:
    with pytest.raises(ServiceError, match="stores text as SQL_ASCII"):
        check_database(latin)


@pytest.mark.parametrize(("limit", "value"), [("OLDEST_POSTGRES", 99), ("OLDEST_VECTOR", (99, 0))])
def test_too_old_a_version_is_named(limit: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"newsdesk.services.outside.{limit}", value)
    with pytest.raises(ServiceError, match=r"is PostgreSQL 18; 99|has vector 0\.\d"):
        check_database(settings.DATABASE_URL)


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:secret@127.0.0.1:1/x", "postgresql:///x?host=/nowhere/at/all", "no address"],
)
def test_a_database_that_does_not_answer_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(ServiceError, match="cannot be reached") as caught:
        check_database(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_good_broker_passes_and_a_forgetful_one_is_warned_of() -> None:
    assert check_redis(settings.REDIS_URL) == ""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            assert "set maxmemory-policy to noeviction" in check_redis(settings.REDIS_URL)
        finally:
            client.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:1/0", "unix:///nowhere/at/all?db=0", "http://x/"])
def test_a_broker_that_does_not_answer_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(ServiceError, match="cannot be reached") as caught:
        check_redis(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("ours", "celerys"),
    [
        ("redis://h:1/2", "redis://h:1/2"),
        ("rediss://:p@h/0", "rediss://:p@h/0"),
        ("unix:///a%20b/v.sock?db=3", "redis+socket:///a%20b/v.sock?virtual_host=3"),
        ("unix:///v.sock", "redis+socket:///v.sock?virtual_host=0"),
        ("unix://me:p@/v.sock?db=1", "redis+socket://me:p@/v.sock?virtual_host=1"),
    ],
)
def test_celery_gets_the_broker_in_its_own_words(ours: str, celerys: str) -> None:
    assert broker_url(ours) == celerys


def test_a_password_is_never_shown() -> None:
    assert without_password("postgresql://me:p%40ss@h:5/x") == "postgresql://me:***@h:5/x"
    assert without_password("postgresql://me@h/x") == "postgresql://me@h/x"


def test_the_socket_of_an_address_is_found() -> None:
    assert socket_path("postgresql://newsdesk@/newsdesk?host=/a%20b") == Path("/a b")
    assert socket_path("postgresql://h/x") is None
    assert socket_path("unix:///a%20b/v.sock?db=0") == Path("/a b/v.sock")
