"""Where measurement data lies that is not part of the project; tests that need it skip without it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from django.conf import settings


def shared(name: str) -> Path:
    """A folder or file of the shared data, or a skip that says what is missing."""
    root = Path(os.environ.get("NEWSDESK_SHARED", "") or Path(settings.BASE_DIR).parent / "shared")
    path = root / "data" / name
    if not path.exists():
        pytest.skip(f"no shared data here: {path} is missing")
    return path


def unpacked(path: Path) -> bytes:
    """A file's bytes, without its gzip."""
    body = path.read_bytes()
    return gzip.decompress(body) if path.suffix == ".gz" else body
