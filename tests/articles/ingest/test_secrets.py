"""Secrets of sources: sealed at rest, opened for the door alone, and a clear word when they cannot be opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken

from articles.errors import RefusedError, UnreadableSecretsError
from articles.ingest.fetch import fetch_one
from articles.ingest.policy import policy_from_settings
from articles.ingest.secrets import request_for, request_from, reseal, seal, unseal
from articles.types import FetchFailure, FetchRequest
from tests.servers import FEED, LoopbackServer, text_reply

VALUES = {
    "username": "ana",
    "password": "geheim ü",
    "header:X-Key": "k3y",
    "proxy": "http://p:q@proxy.example:80",
}


@dataclass(frozen=True)
class Row:
    """As much of a feed as asking needs."""

    url: str = "https://a.example/feed"
    etag: str = '"v1"'
    last_modified: str = "Sat, 21 Nov 2026 10:00:00 GMT"
    sample: bool = False
    user_agent: str = "Reader/1"
    secrets: bytes | memoryview | None = None


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    sealed = seal(VALUES)
    assert unseal(sealed) == unseal(memoryview(sealed)) == VALUES
    assert b"geheim" not in sealed
    assert seal(VALUES) != sealed
    assert unseal(None) == unseal(b"") == {}


def test_a_former_key_opens_what_it_sealed_and_no_other_does(settings: Any) -> None:
    sealed = seal(VALUES)
    settings.ENCRYPTION_KEYS_OLD = (settings.ENCRYPTION_KEY,)
    settings.ENCRYPTION_KEY = "another key"
    assert unseal(sealed) == VALUES
    anew = reseal(sealed)
    settings.ENCRYPTION_KEYS_OLD = ()
    assert unseal(anew) == VALUES
    with pytest.raises(UnreadableSecretsError, match="NEWSDESK_ENCRYPTION_KEYS_OLD"):
        unseal(sealed)
    with pytest.raises(UnreadableSecretsError, match="rotate_keys"):
        reseal(sealed)


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(seal(VALUES))
    sealed[40] ^= 1
    with pytest.raises(UnreadableSecretsError):
        unseal(bytes(sealed))


def test_the_operators_key_itself_seals_nothing(settings: Any) -> None:
    key = Fernet.generate_key()
    settings.ENCRYPTION_KEY = key.decode()
    with pytest.raises(InvalidToken):
        Fernet(key).decrypt(seal(VALUES))


def test_without_a_key_it_says_what_to_do(settings: Any) -> None:
    settings.ENCRYPTION_KEY = ""
    with pytest.raises(RefusedError, match="NEWSDESK_ENCRYPTION_KEY"):
        seal(VALUES)
    answer = request_for(Row(secrets=b"x"))
    assert isinstance(answer, FetchFailure)
    assert "NEWSDESK_ENCRYPTION_KEY" in answer.message


def test_a_row_becomes_the_question_it_asks() -> None:
    request = request_for(Row(secrets=seal(VALUES)))
    assert request == FetchRequest(
        url="https://a.example/feed",
        etag='"v1"',
        last_modified="Sat, 21 Nov 2026 10:00:00 GMT",
        user_agent="Reader/1",
        username="ana",
        password="geheim ü",
        headers={"X-Key": "k3y"},
        proxy="http://p:q@proxy.example:80",
    )
    assert "geheim" not in repr(request)
    plain = request_for(Row(sample=True), with_validators=False)
    assert plain == FetchRequest("https://a.example/feed", sample=True, user_agent="Reader/1")


def test_a_row_whose_secrets_no_key_opens_is_a_failure_that_says_what_to_do(settings: Any) -> None:
    row = Row(secrets=seal(VALUES))
    settings.ENCRYPTION_KEY = "another key"
    failure = request_for(row)
    assert isinstance(failure, FetchFailure)
    assert (failure.url, failure.kind) == (row.url, "secrets")
    for words in ("NEWSDESK_ENCRYPTION_KEYS_OLD", "rotate_keys", "Edit page"):
        assert words in failure.message


@pytest.mark.parametrize("rubbish", [b"x", b"\xff" * 200, json.dumps(VALUES).encode()])
def test_rubbish_in_the_row_is_a_failure_and_no_crash(rubbish: bytes) -> None:
    assert isinstance(request_for(Row(secrets=rubbish)), FetchFailure)


def test_a_preview_sends_what_is_not_stored_yet() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        request = request_from(server.url("/"), {"username": "ana", "password": "x", "header:X-Key": "k"})
        fetch_one(request, policy_from_settings())
        assert server.asked[0].headers["x-key"] == "k"
        assert server.asked[0].headers["authorization"].startswith("Basic ")
