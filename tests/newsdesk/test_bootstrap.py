"""The environment is complete or built anew, and odd machines get one line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from newsdesk import bootstrap
from newsdesk.bootstrap import RUN, TEST, BootstrapError, Environment, pinned_lines

LOCKS = bootstrap.BASE / "newsdesk"


class QuickEnvironment(Environment):
    """An environment whose packages are a marker file; what is built and when is the real thing."""

    def __init__(self, base: Path, *, dies_while: str = "") -> None:
        super().__init__(base)
        self.dies_while = dies_while
        self.steps: list[str] = []

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if name == self.dies_while:
            raise KeyboardInterrupt

    def _make_empty(self) -> None:
        self._step("make")
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.touch()

    def _install_uv(self) -> None:
        self._step("installer")

    def _install(self, kind: str) -> None:
        self._step(f"install {kind}")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "a checkout" / "newsdesk"
    folder.mkdir(parents=True)
    (folder / "requirements.lock").write_text("a==1\n")
    (folder / "requirements-test.lock").write_text("a==1\nb==1\n")
    return folder.parent


def test_it_builds_once_and_then_leaves_the_environment_alone(base: Path) -> None:
    first, second = QuickEnvironment(base), QuickEnvironment(base)
    assert first.ensure(RUN) == base / ".venv/bin/python"
    second.ensure(RUN)
    assert (first.steps, second.steps) == (["make", "installer", "install run"], [])


@pytest.mark.parametrize("step", ["make", "installer", "install run"])
def test_it_builds_anew_what_was_interrupted(base: Path, step: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        QuickEnvironment(base, dies_while=step).ensure(RUN)
    again = QuickEnvironment(base)
    assert not again.is_complete(RUN)
    again.ensure(RUN)
    assert again.steps[0] == "make"
    assert again.is_complete(RUN)


def test_it_brings_an_environment_of_an_older_lock_up_to_date_in_place(base: Path) -> None:
    QuickEnvironment(base).ensure(RUN)
    (base / "newsdesk/requirements.lock").write_text("a==2\n")
    again = QuickEnvironment(base)
    again.ensure(RUN)
    assert again.steps == ["install run"]


def test_it_adds_the_test_tools_and_keeps_them(base: Path) -> None:
    QuickEnvironment(base).ensure(RUN)
    for_tests, for_run = QuickEnvironment(base), QuickEnvironment(base)
    for_tests.ensure(TEST)
    for_run.ensure(RUN)
    assert (for_tests.steps, for_run.steps) == (["install test"], [])
    (base / "newsdesk/requirements-test.lock").write_text("a==1\nb==2\n")
    later = QuickEnvironment(base)
    later.ensure(RUN)
    assert later.steps == ["install test"]


def test_it_builds_anew_where_a_checkout_was_moved_to(base: Path, tmp_path: Path) -> None:
    QuickEnvironment(base).ensure(RUN)
    moved = QuickEnvironment(base.rename(tmp_path / "moved"))
    moved.ensure(RUN)
    assert moved.steps[0] == "make"


def test_an_environment_that_is_a_link_to_another_checkouts_leaves_that_one_alone(
    base: Path, tmp_path: Path
) -> None:
    QuickEnvironment(base).ensure(TEST)
    other = tmp_path / "other"
    (other / "newsdesk").mkdir(parents=True)
    for lock in (base / "newsdesk").iterdir():
        (other / "newsdesk" / lock.name).write_bytes(lock.read_bytes())
    (other / ".venv").symlink_to(base / ".venv")
    QuickEnvironment(other).ensure(RUN)
    assert not (other / ".venv").is_symlink()
    assert QuickEnvironment(base).is_complete(TEST)


def test_two_at_once_build_once(base: Path) -> None:
    builders = [QuickEnvironment(base) for _ in range(4)]
    threads = [threading.Thread(target=builder.ensure, args=(RUN,)) for builder in builders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(builder.steps.count("make") for builder in builders) == 1


@pytest.mark.parametrize("version", [(3, 10, 4), (2, 7, 18)])
def test_an_older_python_is_told_in_one_line(version: tuple[int, ...]) -> None:
    program = (
        f"import runpy, sys; sys.version_info = {version}; runpy.run_path('manage.py', run_name='__main__')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=bootstrap.BASE, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert answer.stderr.startswith("Newsdesk needs Python 3.11")
    assert answer.stderr.count("\n") == 1


def test_a_newer_python_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    with pytest.raises(BootstrapError, match=r"run it with python3\.13"):
        bootstrap.check_python()


def test_a_python_without_venv_is_told_what_to_install(base: Path) -> None:
    program = (
        "import sys\n"
        "import importlib.util\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'ensurepip' else real(name, *rest)\n"
        "from pathlib import Path\n"
        "from newsdesk import bootstrap\n"
        f"bootstrap.BASE = Path({str(base)!r})\n"
        "sys.exit(bootstrap.main(['manage.py', 'check']))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=bootstrap.BASE, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert re.fullmatch(
        r"This Python has no venv module: install the package python3\.\d+-venv .*\n", answer.stderr
    )


def test_the_limits_are_those_of_the_project() -> None:
    project = tomllib.loads((bootstrap.BASE / "pyproject.toml").read_text())["project"]
    newest = f"{bootstrap.NEWEST[0]}.{bootstrap.NEWEST[1] + 1}"
    assert project["requires-python"] == f">={bootstrap.OLDEST[0]}.{bootstrap.OLDEST[1]},<{newest}"


def test_the_locks_hold_hashes_and_no_address_and_tests_hold_all_that_runs() -> None:
    pins = {}
    for kind in (RUN, TEST):
        text = (LOCKS / bootstrap._LOCKS[kind]).read_text()
        assert "://" not in text
        pins[kind] = set(re.findall(r"^([\w.-]+==[^ ;\\]+)", text, re.MULTILINE))
        assert text.count("--hash=sha256:") > len(pins[kind]) > 50
    assert pins[RUN] < pins[TEST]


def test_the_installer_is_cut_from_the_lock_with_its_hashes() -> None:
    lock = "tzdata==1 \\\n    --hash=sha256:aa\nuv==0.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via x\nvine==5\n"
    assert (
        pinned_lines(lock, "uv") == "uv==0.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via x\n"
    )
    with pytest.raises(BootstrapError, match="does not name pip"):
        pinned_lines(lock, "pip")


def test_the_version_is_told_before_the_rest_of_the_code_is_there(tmp_path: Path) -> None:
    (tmp_path / "newsdesk").mkdir()
    for name in ("manage.py", "pyproject.toml", "newsdesk/bootstrap.py", "newsdesk/__init__.py"):
        shutil.copy(bootstrap.BASE / name, tmp_path / name)
    program = (
        "import sys; from newsdesk import bootstrap\n"
        "bootstrap.Environment.ensure = lambda self, kind: self.python\n"
        "sys.exit(bootstrap.main(['manage.py', 'version']))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert re.fullmatch(r"Newsdesk \d+\.\d+\.\d+\n", answer.stdout)


@pytest.mark.parametrize("given", [(), ("--durations=25",), ("--maxfail=1", "--lf")])
def test_the_whole_suite_is_shared_out_among_processes(given: tuple[str, ...]) -> None:
    assert bootstrap._test_options(given)[0] == "-n"


@pytest.mark.parametrize(
    "given", [("tests/test_docs.py",), ("-k", "feeds"), ("-n", "2"), ("-x",), ("--collect-only",)]
)
def test_chosen_tests_run_as_pytest_runs_them(given: tuple[str, ...]) -> None:
    assert bootstrap._test_options(given) == []
