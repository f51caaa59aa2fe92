"""Secrets of sources, encrypted at rest: what an admin entered goes in sealed and comes out for the fetch door alone."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from articles.errors import RefusedError, UnreadableSecretsError
from articles.ingest.credentials import HEADER
from articles.types import FetchFailure, FetchRequest

# Says what the derived key is for; another use of the same master key gets another key (RFC 5869, 3.2).
_PURPOSE = b"newsdesk: secrets of sources, 1"
_KEY_BYTES = 32
_REMEDY = (
    "the encryption key has changed. Name the former one in NEWSDESK_ENCRYPTION_KEYS_OLD and run "
    "`manage.py rotate_keys`, or enter them anew"
)

Sealed = bytes | memoryview


class Asked(Protocol):
    """What a row must know of itself to be fetched: a Feed, or what was claimed of one."""

    @property
    def url(self) -> str: ...
    @property
    def etag(self) -> str: ...
    @property
    def last_modified(self) -> str: ...
    @property
    def sample(self) -> bool: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def secrets(self) -> Sealed | None: ...


def seal(values: Mapping[str, str]) -> bytes:
    """Encrypt named secrets (Fernet: AES-128-CBC, HMAC-SHA256), under the current key.

    Raises RefusedError when the desk has no key yet.
    """
    return _keys().encrypt(json.dumps(dict(sorted(values.items()))).encode())


def unseal(sealed: Sealed | None) -> dict[str, str]:
    """What was sealed, by name; nothing for nothing.

    Tried are the current key and then those of NEWSDESK_ENCRYPTION_KEYS_OLD. Raises UnreadableSecretsError, whose
    message says what to do, when none of them opens it.
    """
    if not sealed:
        return {}
    try:
        values = json.loads(_keys().decrypt(bytes(sealed)))
    except (InvalidToken, ValueError):
        raise UnreadableSecretsError(f"The secrets cannot be read: {_REMEDY}.") from None
    return {str(name): str(value) for name, value in values.items()}


def reseal(sealed: Sealed) -> bytes:
    """The same secrets under the current key. Raises UnreadableSecretsError."""
    try:
        return _keys().rotate(bytes(sealed))
    except InvalidToken:
        raise UnreadableSecretsError(f"The secrets cannot be read: {_REMEDY}.") from None


def request_for(feed: Asked, *, with_validators: bool = True) -> FetchRequest | FetchFailure:
    """The question that a feed's row asks, secrets included; never raises.

    Secrets that cannot be read are the answer already: a FetchFailure of kind `secrets` that says what to do, and
    that `fetch_many` passes on in its place. `with_validators=False` asks for everything anew.
    """
    try:
        values = unseal(feed.secrets)
    except UnreadableSecretsError:
        return FetchFailure(
            feed.url,
            "secrets",
            "This source's user name, cookie, headers or proxy cannot be read: "
            f"{_REMEDY} on the source's Edit page.",
        )
    except RefusedError as error:
        return FetchFailure(feed.url, "secrets", f"This source's secrets cannot be read: {error}")
    request = FetchRequest(
        url=feed.url,
        etag=feed.etag if with_validators else "",
        last_modified=feed.last_modified if with_validators else "",
        sample=feed.sample,
        user_agent=feed.user_agent,
    )
    return _with(request, values) if values else request


def request_from(url: str, values: Mapping[str, str], *, user_agent: str = "") -> FetchRequest:
    """The question about an address with secrets that are not stored yet: what a preview asks."""
    return _with(FetchRequest(url=url, user_agent=user_agent), values)


def _with(request: FetchRequest, values: Mapping[str, str]) -> FetchRequest:
    return replace(
        request,
        username=values.get("username", ""),
        password=values.get("password", ""),
        cookie=values.get("cookie", ""),
        proxy=values.get("proxy", ""),
        headers={
            name.removeprefix(HEADER): value for name, value in values.items() if name.startswith(HEADER)
        },
    )


def _keys() -> MultiFernet:
    if not settings.ENCRYPTION_KEY:
        raise RefusedError(
            "There is no encryption key yet: run `manage.py up` once, or set NEWSDESK_ENCRYPTION_KEY."
        )
    return _derived((settings.ENCRYPTION_KEY, *settings.ENCRYPTION_KEYS_OLD))


@lru_cache(maxsize=4)
def _derived(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(key: str) -> bytes:
    """A Fernet key from whatever the operator wrote (HKDF, RFC 5869)."""
    raw = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(key.encode())
    return urlsafe_b64encode(raw)
