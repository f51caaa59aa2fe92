"""What the tests of the sample world share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def shared_example() -> str:
    """The text of the worked example, where the reference data lies beside the checkout."""
    shared = Path(os.environ.get("NEWSDESK_SHARED", str(Path(settings.BASE_DIR).parent / "shared")))
    path = shared / "data" / "example" / "csia-sia.txt"
    if not path.is_file():
        pytest.skip("the reference data is not beside this checkout")
    return path.read_text(encoding="utf-8")
