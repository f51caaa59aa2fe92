"""What a running `up` tells other processes about itself, in one file of the data folder."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from newsdesk.services import processes


@dataclass(slots=True)
class RunRecord:
    """A running `up`: who it is, where its desk and services are, which children it started.

    `children` are (name, pid, start mark); a mark tells a process from a later one with the same number.
    """

    pid: int
    mark: str
    address: str = ""
    database_url: str = ""
    redis_url: str = ""
    children: list[tuple[str, int, str]] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        """Whether the process that wrote this still runs."""
        return processes.start_mark(self.pid) == self.mark


def own_record() -> RunRecord:
    """A record of this process."""
    return RunRecord(os.getpid(), processes.start_mark(os.getpid()) or "")


def read_record(data: Path) -> RunRecord | None:
    """The last `up` on this data folder, alive or killed; None when there was none or it ended in order."""
    try:
        values = json.loads(_path(data).read_text(encoding="utf-8"))
        values["children"] = [tuple(child) for child in values["children"]]
        return RunRecord(**values)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_record(data: Path, record: RunRecord) -> None:
    """Replace the file in one step; addresses may hold passwords, so it is ours alone."""
    unfinished = _path(data).with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file)
    unfinished.replace(_path(data))


def remove_record(data: Path) -> None:
    """Say that `up` has ended."""
    _path(data).unlink(missing_ok=True)


def _path(data: Path) -> Path:
    return data / "run.json"
