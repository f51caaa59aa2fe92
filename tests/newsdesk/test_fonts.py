"""The fonts are cut to what the desk shows, and found among the static files."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont
from pytest_django import Settings

from newsdesk.fonts import FontFinder, made_files, make_fonts

NAMES = [
    "ibm-plex-sans-latin-400-normal.woff2",
    "ibm-plex-sans-latin-600-normal.woff2",
    "ibm-plex-mono-latin-400-normal.woff2",
]


@pytest.fixture
def _data(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.mark.usefixtures("_data")
def test_they_are_made_once_small_and_found_by_the_collector() -> None:
    assert [path.name for path in make_fonts()] == NAMES
    assert make_fonts() == []
    assert sorted(path for path, _ in FontFinder().list([])) == sorted(f"fonts/{name}" for name in NAMES)
    for name in NAMES:
        path = made_files() / "fonts" / name
        assert path.stat().st_size < 24_000
        with TTFont(path) as font:
            assert font.flavor == "woff2"
            assert {ord(letter) for letter in "Aaé€–“”"} <= set(font.getBestCmap())
            assert "fvar" not in font
    with TTFont(made_files() / "fonts" / NAMES[1]) as bold:
        assert bold["OS/2"].usWeightClass == 600


@pytest.mark.usefixtures("_data")
def test_a_desk_without_made_fonts_finds_none() -> None:
    assert list(FontFinder().list([])) == []


def test_the_settings_name_the_finder() -> None:
    assert any(isinstance(finder, FontFinder) for finder in finders.get_finders())
