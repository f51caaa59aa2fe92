"""What is found: made copies of real articles through the batch command, and events, which must not suffer from copies."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Of the copies part: what must be found at least; no pair of different stories may be called copies.
COPY_BARS = {"light": 0.99, "abridge": 0.99, "heavy": 0.96}
# BCubed F1 of the events part, below which placing has lost something.
EVENT_BARS = {"basil300": 0.967, "ecbplus": 0.891, "headlines": 0.829}
NO_WINDOW = ("--window-days", "0")


def measure_figures() -> bool:
    """Run each set through `group_articles` and score it; whether every bar was reached."""
    shared = Path(os.environ.get("NEWSDESK_SHARED", "") or ROOT.parent / "shared")
    if not (shared / "data" / "clustering").exists():
        _say(f"There is no data in {shared}: name the folder in NEWSDESK_SHARED.")
        return False
    copies = _score(shared, "neardup", NO_WINDOW)
    reached = copies["false_pairs"] == 0 and all(copies[kind] >= bar for kind, bar in COPY_BARS.items())
    for name, bar in EVENT_BARS.items():
        found = _score(shared, name, NO_WINDOW if name == "ecbplus" else ())
        reached = reached and round(found["bcubed_f1"], 3) >= bar
    _say("every bar was reached" if reached else f"a bar was missed: {COPY_BARS}, {EVENT_BARS}")
    return reached


def _score(shared: Path, name: str, options: Sequence[str]) -> Mapping[str, float]:
    """The figures of one set, as the scorer's last line gives them."""
    data = str(shared / "data" / "clustering")
    with tempfile.TemporaryDirectory() as folder:
        lines, answers = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        _run([str(shared / "bench" / "inputs.py"), "events", data, "--set", name], lines)
        _run([str(ROOT / "manage.py"), "group_articles", *options, str(lines)], answers)
        told = _run([str(shared / "bench" / "score_events.py"), data, str(answers), "--set", name])
    _say(told.rstrip())
    pairs = (pair.partition("=") for pair in told.rstrip().splitlines()[-1].split()[1:])
    return {key: float(value) for key, _, value in pairs}


def _run(arguments: Sequence[str], into: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    if into is not None:
        into.write_text(done.stdout, "utf-8")
    return done.stdout


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
