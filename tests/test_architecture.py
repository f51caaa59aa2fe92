"""The shape of the code, checked by reading it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("newsdesk", "articles", "entities")
TOP_LEVEL = {
    "manage.py", "newsdesk", "articles", "entities", "templates", "static", "tests", "pyproject.toml",
    "docker-compose.yml", "README.md", "LICENSE",
}  # fmt: skip
BANNED_WORDS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "manager",
    "handler",
    "service",
    "processor",
}


def modules(*places: str) -> list[Path]:
    return [
        path
        for place in places
        for path in sorted((ROOT / place).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def doors() -> list[Path]:
    found = modules("articles/views", "articles/management", "newsdesk/management", "entities/management")
    found += [ROOT / "articles/tasks.py"]
    found += [path for path in modules("newsdesk/desk", "newsdesk/accounts") if path.stem.endswith("views")]
    return found


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(tree: ast.AST, attribute: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == attribute
        ):
            yield node


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in modules(*PACKAGES, "tests")
        if (path.name != "__init__.py" or path.stat().st_size) and not ast.get_docstring(tree_of(path))
    ]
    assert not silent, f"no docstring: {silent}"


def test_no_module_is_a_drawer() -> None:
    drawers = [
        name_of(path) for path in modules(*PACKAGES) if set(path.stem.lower().split("_")) & BANNED_WORDS
    ]
    assert not drawers, f"names that say nothing about what is inside: {drawers}"


def test_doors_hold_no_queries() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in doors()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert not found, f"these query the database: name the read in a queries module: {found}"


def test_saves_name_their_fields() -> None:
    whole = [
        f"{name_of(path)}:{call.lineno}"
        for path in modules(*PACKAGES)
        for call in calls(tree_of(path), "save")
        if not call.args  # a model's save takes no position: this is a file
        and not {keyword.arg for keyword in call.keywords} & {"update_fields", "force_insert", "commit"}
    ]
    assert not whole, f"these write whole rows: {whole}"


def test_the_top_level_is_the_agreed_one() -> None:
    here = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and path.name != "var"}
    assert here == TOP_LEVEL


def test_no_machine_of_ours_is_named() -> None:
    named = [
        f"{name_of(path)} names {word}"
        for path in [*modules(*PACKAGES, "tests"), ROOT / "manage.py"]
        for word in ("/" + "work/", "pypi." + "org", "registry." + "npmjs", "python" + "hosted")
        if word in path.read_text()
    ]
    assert not named


def test_templates_hold_no_inline_script_or_style() -> None:
    """The content security policy refuses both; and stored text is escaped by Django, never trusted."""
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert templates
    found = [
        f"{name_of(path)} holds {words}"
        for path in templates
        for words in ("style=", "<style", " onclick=", "|safe")
        if words in path.read_text()
    ]
    found += [
        f"{name_of(path)} holds an inline script"
        for path in templates
        for line in path.read_text().splitlines()
        if "<script" in line and "src=" not in line and 'type="application/json"' not in line
    ]
    assert not found


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    for lock in (ROOT / "newsdesk").glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text
        requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert requirements
        for requirement in requirements:
            assert "==" in requirement
            assert requirement.rstrip().endswith("\\"), f"{requirement} has no hash"
