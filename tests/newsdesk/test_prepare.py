"""What is made before the desk serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from entities import lexicon
from entities.models import Entity
from newsdesk.prepare import prepare_names


@pytest.mark.django_db(transaction=True)
def test_the_names_are_compiled_into_the_data_folder_once(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.LEXICON_CHECK_SECONDS = 0.0
    Entity.objects.create(slug="orne", name="Orne Shipping", kind="company")
    lexicon._kept = lexicon._Kept()
    prepare_names()
    (compiled,) = (tmp_path / "lexicon").glob("*.names")
    made = compiled.stat().st_mtime_ns
    lexicon._kept = lexicon._Kept()
    prepare_names()
    assert compiled.stat().st_mtime_ns == made
