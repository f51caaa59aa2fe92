"""File locks that end with the process that holds them."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """An advisory lock on a file; the kernel frees it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def _open(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def try_exclusive(self) -> bool:
        """Take the lock for us alone, or turn our shared lock into that; False when others hold it.

        After a False our own shared lock may be gone: the kernel's change of kind is not atomic.
        """
        try:
            fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait_exclusive(self, seconds: float) -> bool:
        """Try for so many seconds; False when the others kept it all that time."""
        deadline = time.monotonic() + seconds
        while not self.try_exclusive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def share(self) -> None:
        """Hold the lock together with others."""
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Run the block while no other process is in a block with the same file; waits for its turn."""
    lock = FileLock(path)
    fcntl.flock(lock._open(), fcntl.LOCK_EX)  # noqa: SLF001
    try:
        yield
    finally:
        lock.release()
