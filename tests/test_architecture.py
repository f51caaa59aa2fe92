"""The shape of the code, checked by reading it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "path",
    [path for path in modules(*PACKAGES, "tests") if path.parts[-1] != "__init__.py" or path.stat().st_size],
    ids=name_of,
)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name_of)
def test_no_module_is_a_drawer(path: Path) -> None:
    words = set(path.stem.lower().split("_"))
    assert not words & BANNED_WORDS, f"{path.name} says nothing about what is inside"


@pytest.mark.parametrize("path", doors(), ids=name_of)
def test_doors_hold_no_queries(path: Path) -> None:
    tree = ast.parse(path.read_text())
    lines = [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    assert not lines, f"{path.name} queries the database in lines {lines}: name the read in a queries module"


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name_of)
def test_saves_name_their_fields(path: Path) -> None:
    tree = ast.parse(path.read_text())
    whole = [
        call.lineno
        for call in calls(tree, "save")
        if not call.args  # a model's save takes no position: this is a file
        and not {keyword.arg for keyword in call.keywords} & {"update_fields", "force_insert", "commit"}
    ]
    assert not whole, f"{path.name} writes whole rows in lines {whole}"


def test_the_top_level_is_the_agreed_one() -> None:
    here = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and path.name != "var"}
    assert here == TOP_LEVEL


@pytest.mark.parametrize("path", [*modules(*PACKAGES, "tests"), ROOT / "manage.py"], ids=name_of)
def test_no_machine_of_ours_is_named(path: Path) -> None:
    text = path.read_text()
    for word in ("/" + "work/", "pypi." + "org", "registry." + "npmjs", "python" + "hosted"):
        assert word not in text, f"{path} names {word}"


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=name_of)
def test_templates_hold_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    assert "style=" not in text, "the content security policy refuses inline styles"
    assert "<style" not in text
    assert " onclick=" not in text
    assert "|safe" not in text, "stored text is escaped by Django, never trusted"
    for line in text.splitlines():
        if "<script" in line:
            assert "src=" in line or 'type="application/json"' in line, f"inline script in {path.name}"


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    for lock in (ROOT / "newsdesk").glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text
        requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert requirements
        for requirement in requirements:
            assert "==" in requirement
            assert requirement.rstrip().endswith("\\"), f"{requirement} has no hash"
