"""The folder that holds everything a desk must not lose: made, closed to others, given its keys."""

import base64
import os
import secrets
from pathlib import Path

from newsdesk.services.errors import ServiceError

SECRET_KEY_FILE = "secret_key"  # noqa: S105
ENCRYPTION_KEY_FILE = "encryption_key"


def prepare_data_folder(data: Path) -> None:
    """Make the folder and its keys when they are missing. Raises ServiceError when we may not write there."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        # As root PostgreSQL runs as `nobody`, who must be able to walk through (not to list).
        data.chmod(0o711 if os.getuid() == 0 else 0o700)
        probe = data / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
        # 32 random bytes in url-safe base64: the form that Fernet takes.
        _make_key(data / ENCRYPTION_KEY_FILE, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        _make_key(data / SECRET_KEY_FILE, secrets.token_urlsafe(60))
    except OSError as error:
        raise ServiceError(
            f"The data folder {data} cannot be written ({error.strerror}): choose another with --data."
        ) from error


def _make_key(path: Path, value: str) -> None:
    if path.exists():
        return
    # Written beside and linked into place: a key is whole or absent, and the first of two writers wins.
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
