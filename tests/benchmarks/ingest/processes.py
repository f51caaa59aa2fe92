"""What processes cost: seconds of processor time and peak memory of whole trees, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One process: its parent, and the seconds that it and its ended children have used."""

    pid: int
    parent: int
    seconds: float


def tree_of(root: int) -> list[ProcessFacts]:
    """A process and all that descend from it and live; empty when it is gone."""
    facts = {found.pid: found for found in _everything()}
    wanted, tree = [root], []
    while wanted:
        pid = wanted.pop()
        if pid in facts:
            tree.append(facts[pid])
        wanted += [found.pid for found in facts.values() if found.parent == pid]
    return tree


def seconds_of(root: int, *, but: Collection[int] = ()) -> float:
    """Processor seconds of a tree, of its ended members too; live ones named in `but` are left out."""
    return sum(found.seconds for found in tree_of(root) if found.pid not in but)


def parent_of(pid: int) -> int:
    """The process that started this one. Raises ProcessLookupError."""
    facts = _facts(pid)
    if facts is None:
        raise ProcessLookupError(pid)
    return facts.parent


def peak_megabytes(pid: int) -> float:
    """The largest resident set that a process ever had; 0 when it is gone."""
    return _status_megabytes(pid, "VmHWM")


def resident_megabytes(pid: int) -> float:
    """The resident set of a process now; 0 when it is gone."""
    return _status_megabytes(pid, "VmRSS")


def command_of(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _everything() -> list[ProcessFacts]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            facts = _facts(int(folder.name))
            if facts is not None:
                found.append(facts)
    return found


def _facts(pid: int) -> ProcessFacts | None:
    try:
        # The name may hold spaces and brackets; what follows the last bracket is numbers (proc(5)).
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    ticks = sum(int(fields[place]) for place in (11, 12, 13, 14))  # utime, stime, cutime, cstime
    return ProcessFacts(pid, int(fields[1]), ticks / _TICKS)


def _status_megabytes(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)
