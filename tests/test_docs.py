"""What the README says is true: settings, commands, tasks, map."""

from __future__ import annotations

import re
from pathlib import Path

from newsdesk.settings_table import settings_table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_settings_is_the_one_in_the_code() -> None:
    shown = README.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    assert shown == settings_table(), "run: .venv/bin/python -m newsdesk.settings_table README.md"


def test_every_variable_that_is_read_stands_in_the_table() -> None:
    read = re.compile(r'env\.(?:text|flag|whole|number|words|networks|secret|contact)\(\s*"([A-Z_]+)"')
    found = {
        name
        for path in (ROOT / "newsdesk").rglob("*.py")
        for name in read.findall(path.read_text(encoding="utf-8"))
    }
    found -= {"PYTEST_XDIST_WORKER"}
    assert found
    missing = {name for name in found if f"`{name}`" not in README}
    assert not missing


def test_every_command_is_named() -> None:
    commands = {
        path.stem
        for package in ("newsdesk", "articles", "entities")
        for path in (ROOT / package / "management/commands").glob("*.py")
        if path.stem != "__init__"
    }
    table = README.partition("## Commands")[2].partition("## Map")[0]
    missing = {name for name in commands if f"`{name}" not in table}
    assert not missing
    named = set(re.findall(r"^\| `(\w+)", table, flags=re.MULTILINE)) - {"test"}
    assert named <= commands, f"the README names commands that are not there: {named - commands}"


def test_every_room_on_the_map_is_there() -> None:
    for package in ("newsdesk", "articles", "entities"):
        for room in (ROOT / package).iterdir():
            if room.is_dir() and (room / "__init__.py").exists():
                assert room.name in README or room.name in {
                    "models",
                    "migrations",
                    "management",
                    "templatetags",
                }


def test_every_file_that_the_readme_points_to_exists() -> None:
    for name in re.findall(r"`((?:newsdesk|articles|entities|tests)/[\w/.]+)`", README):
        assert (ROOT / name).exists(), name
