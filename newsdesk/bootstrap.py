"""Builds `.venv` from the hashed lock and runs commands inside it; needs Python's own library alone."""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

BASE = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
NEWEST = (3, 13)
RUN = "run"
TEST = "test"
_HEARTBEAT_SECONDS = 10
_LOCKS = {RUN: "requirements.lock", TEST: "requirements-test.lock"}


class BootstrapError(Exception):
    """The environment cannot be made; the message is one line that says what to do."""


def main(argv: Sequence[str]) -> int:
    """Run the command in `argv`, inside a complete environment. Returns the exit status."""
    command = argv[1] if len(argv) > 1 else "help"
    try:
        python = Environment(BASE).ensure(TEST if command == "test" else RUN)
    except BootstrapError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; the next start goes on from here.\n")
        return 130
    if command == "test":
        os.chdir(BASE)
        _become(python, ["-m", "pytest", *_test_options(argv[2:]), *argv[2:]])
    if command in {"version", "--version"}:
        # Answered here, so that an image can make its environment before the rest of the code is copied into it.
        sys.stdout.write(f"Newsdesk {own_version()}\n")
        return 0
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        _become(python, [str(BASE / "manage.py"), *argv[1:]])
    # Django and all that lies on it exist only inside the environment.
    from newsdesk.commands import run_command  # noqa: PLC0415

    return run_command(argv)


def _test_options(given: Sequence[str]) -> list[str]:
    """How the whole suite is shared out: many of its tests wait, so there is one process more than cores.

    Whoever names files or words of tests runs them in one process, as pytest does by itself.
    """
    if any(not option.startswith("--") for option in given) or "--collect-only" in given:
        return []
    return ["-n", str(_usable_cores() + 1), "--dist", "loadfile", "--no-loadscope-reorder"]


def _usable_cores() -> int:
    """The cores that this process may use, which in a container can be fewer than the machine has; twelve at most.

    Each test process takes a database of the broker, which has sixteen, and a PostgreSQL takes a hundred sessions.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 12)


def own_version() -> str:
    """The version of this checkout."""
    return str(tomllib.loads((BASE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def _become(python: Path, arguments: Sequence[str]) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python, [str(python), *arguments])  # noqa: S606


class Environment:
    """The `.venv` of one checkout."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.folder = base / ".venv"
        self.stamp = self.folder / ".complete"
        self.python = self.folder / "bin" / "python"

    def ensure(self, kind: str) -> Path:
        """Make the environment complete for `kind` (RUN or TEST) and return its Python.

        A complete one is left alone, one of an older lock is brought up to date, anything else is built anew.
        """
        if self.is_complete(kind):
            return self.python
        check_python()
        # The lock file of the packages serves as the lock against a second builder too.
        with _alone(self._lock(RUN)):
            if not self.is_complete(kind):
                self._build(kind)
        return self.python

    def is_complete(self, kind: str) -> bool:
        """Whether the last build ended well, with this Python and these very locks."""
        try:
            stamp = self.stamp.read_text(encoding="utf-8")
        except OSError:
            return False
        # The test tools come on top of what runs, so their environment serves for both.
        kinds = [TEST] if kind == TEST else [RUN, TEST]
        return self.python.exists() and stamp in [self._expected_stamp(each) for each in kinds]

    def _expected_stamp(self, kind: str) -> str:
        digest = hashlib.sha256(self._lock(kind).read_bytes()).hexdigest()
        return f"{self._stamp_of_place()}\n{kind} {digest}\n"

    def _stamp_of_place(self) -> str:
        # The scripts inside carry the folder's path, so a moved checkout needs a new environment.
        return f"python {sys.version.split()[0]} in {self.folder}"

    def _lock(self, kind: str) -> Path:
        return self.base / "newsdesk" / _LOCKS[kind]

    def _build(self, kind: str) -> None:
        if self.folder.is_symlink():
            self.folder.unlink()  # what it leads to belongs to another checkout
        old = self.stamp.read_text(encoding="utf-8") if self.stamp.exists() else ""
        is_sound = self.python.exists() and old.startswith(self._stamp_of_place() + "\n")
        if is_sound and f"\n{TEST} " in old:
            kind = TEST
        self.stamp.unlink(missing_ok=True)
        if not is_sound:
            _say(f"making {self.folder} (Python {sys.version.split()[0]})")
            self._make_empty()
            _say("installing the installer")
            self._install_uv()
        _say(f"installing {self._lock(kind).read_text(encoding='utf-8').count('==')} packages")
        self._install(kind)
        unfinished = self.stamp.with_suffix(".new")
        unfinished.write_text(self._expected_stamp(kind), encoding="utf-8")
        unfinished.replace(self.stamp)
        _say("the environment is complete")

    def _make_empty(self) -> None:
        if self.folder.is_file():
            self.folder.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)
        # From the Python below us: an environment made from an environment would break with it.
        below = getattr(sys, "_base_executable", None) or sys.executable
        _run([below, "-m", "venv", str(self.folder)], "Python could not make a virtual environment")

    def _install_uv(self) -> None:
        pinned = pinned_lines(self._lock(RUN).read_text(encoding="utf-8"), "uv")
        with tempfile.NamedTemporaryFile("w", suffix=".lock", dir=self.folder) as file:
            file.write(pinned)
            file.flush()
            _run([*self._pip(), "--require-hashes", "-r", file.name], "The package uv could not be installed")

    def _install(self, kind: str) -> None:
        lock = str(self._lock(kind))
        sync = [
            str(self.python),
            "-m",
            "uv",
            "pip",
            "sync",
            "--require-hashes",
            "--python",
            str(self.python),
            lock,
        ]
        try:
            _run(sync, "uv could not install the packages", extra=_uv_settings())
        except BootstrapError as error:
            # pip knows settings (proxies, certificates, mirrors) that uv does not read. It takes minutes.
            _say(f"{error}; trying pip")
            _run([str(self.python), "-m", "ensurepip"], "pip is missing")
            _run([*self._pip(), "--require-hashes", "-r", lock], "The packages could not be installed")

    def _pip(self) -> list[str]:
        return [
            str(self.python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]


def check_python() -> None:
    """Raise BootstrapError when this Python is too new for the lock, or lacks the venv module."""
    if sys.version_info[:2] > NEWEST:
        raise BootstrapError(
            f"Newsdesk's packages are locked for Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]};"
            f" this is Python {sys.version.split()[0]}: run it with python{NEWEST[0]}.{NEWEST[1]}."
        )
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise BootstrapError(
            f"This Python has no venv module: install the package {package} (apt install {package}) and run again."
        )


def pinned_lines(lock: str, package: str) -> str:
    """The lines of one package in a hashed lock: its version and its hashes."""
    found = re.search(rf"^{re.escape(package)}==.*(?:\n[ \t].*)*", lock, re.MULTILINE)
    if found is None:
        raise BootstrapError(f"The lock does not name {package}: compile it again.")
    return found.group() + "\n"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another process is making the environment; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], failure: str, extra: dict[str, str] | None = None) -> None:
    environment = {**os.environ, **(extra or {})}
    # A Python home or path of the caller's would reach into the environment we make.
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    started = time.monotonic()
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        while True:
            try:
                output, _ = child.communicate(timeout=_HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                _say(f"still at it ({time.monotonic() - started:.0f} s)")
            except BaseException:
                child.kill()
                raise
    if child.returncode != 0:
        words = [line.strip() for line in output.splitlines() if line.strip()]
        raise BootstrapError(f"{failure}: {' '.join(words[-3:]) or f'status {child.returncode}'}")


def _uv_settings() -> dict[str, str]:
    """What makes uv work on odd machines: the system's certificates, and no cache where none can be kept."""
    settings = {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true", "UV_NO_PROGRESS": "1"}
    settings = {name: value for name, value in settings.items() if name not in os.environ}
    try:
        cache = Path(os.environ.get("UV_CACHE_DIR") or "~/.cache/uv").expanduser()
        cache.mkdir(parents=True, exist_ok=True)
        is_writable = os.access(cache, os.W_OK)
    except (OSError, RuntimeError):
        is_writable = False
    return settings if is_writable else {**settings, "UV_NO_CACHE": "1"}


def _say(words: str) -> None:
    sys.stderr.write(f"newsdesk: {words}\n")
    sys.stderr.flush()
