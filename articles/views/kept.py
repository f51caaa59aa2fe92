"""Secrets typed into a form that was not accepted yet: held sealed in the session, so that nobody types them twice."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from articles.errors import UnreadableSecretsError
from articles.ingest.secrets import seal, unseal

KEY = "kept_secrets"
MOST = 5  # forms that one person has open


def keep(request: HttpRequest, values: Mapping[str, str]) -> str:
    """Hold values for a form; the name under which it finds them again, empty for nothing."""
    if not values:
        return ""
    held: dict[str, Any] = request.session.get(KEY, {})
    token = secrets.token_urlsafe(24)
    newest = list(held.items())[-(MOST - 1) :]
    request.session[KEY] = {**dict(newest), token: seal(values).decode("ascii")}
    return token


def kept(request: HttpRequest, token: str) -> dict[str, str]:
    """What a form held before; nothing when it is not there (any more)."""
    sealed = request.session.get(KEY, {}).get(token)
    if not isinstance(sealed, str):
        return {}
    try:
        return unseal(sealed.encode("ascii"))
    except UnreadableSecretsError:
        return {}


def forget(request: HttpRequest, token: str) -> None:
    """The form is done with them."""
    held = dict(request.session.get(KEY, {}))
    if held.pop(token, None) is not None:
        request.session[KEY] = held
