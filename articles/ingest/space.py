"""How much room is left where the data lie: below the limit nothing more is fetched."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings

GIGABYTE = 1024**3


def room(folder: Path) -> tuple[int, int]:
    """Free and total bytes of the disk that holds the folder, or its nearest parent that exists."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def is_short_of_room() -> bool:
    """Whether less is free in the data folder than the setting demands; fetching and reading then pause."""
    return room(Path(settings.DATA_DIR))[0] < settings.MIN_FREE_GB * GIGABYTE


def folder_sizes(folder: Path) -> dict[str, int]:
    """Bytes in each thing that lies directly in the folder, by name; what vanishes meanwhile is not counted."""
    if not folder.is_dir():
        return {}
    sizes: dict[str, int] = {}
    for child in folder.iterdir():
        with suppress(OSError):
            sizes[child.name] = _size(child)
    return sizes


def _size(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    total = 0
    # Folders that may not be read, such as a server's that runs as somebody else, count as nothing.
    for parent, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 - thousands of files
    return total
