"""One-time tokens: made, shown once, kept as sha256 only."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 16  # 128 bits: beyond guessing, short enough for a line of mail


def new_token() -> str:
    """A fresh token as it stands in a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_sha256(token: str) -> bytes:
    """What is stored of a token. It is random, so no salt or slow hash is needed."""
    return hashlib.sha256(token.encode()).digest()
