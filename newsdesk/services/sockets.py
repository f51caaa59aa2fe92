"""Private folders with short names for the servers' Unix sockets."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from newsdesk.services.errors import ServiceError

# The kernel allows 104 bytes (macOS) or 108 (Linux) for a socket's path; PostgreSQL appends 15 of them.
_LONGEST_FOLDER = 80


def socket_folder(data: Path, name: str, owner: int) -> Path:
    """A folder of mode 0700 for the sockets of the service `name` on this data folder, owned by `owner`.

    The name follows from the data folder, so that a later process finds a running server. A folder of that
    name that belongs to somebody else, or is a link, is never used.
    """
    path = socket_folder_path(data, name)
    try:
        path.mkdir(mode=0o700)
        if owner != os.getuid():
            os.chown(path, owner, -1)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise ServiceError(f"{path} belongs to another user; remove it or set TMPDIR to another folder.")
    path.chmod(0o700)
    return path


def remove_socket_folder(data: Path, name: str) -> None:
    """Forget the sockets of a service that has ended."""
    shutil.rmtree(socket_folder_path(data, name), ignore_errors=True)


def socket_folder_path(data: Path, name: str) -> Path:
    """Where that folder is, whether it exists or not."""
    key = hashlib.sha256(f"{data.resolve()}\0{name}".encode()).hexdigest()[:12]
    temporary = Path(tempfile.gettempdir())
    path = temporary / f"newsdesk-{key}"
    if len(os.fsencode(path)) > _LONGEST_FOLDER:
        path = Path("/tmp") / path.name  # noqa: S108
    return path
