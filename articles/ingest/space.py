"""How much room is left where the data lie: below the limit nothing more is fetched."""

from __future__ import annotations

import shutil
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
