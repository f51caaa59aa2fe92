"""What is found: labelled sets through the batch command and the scorer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
# BCubed F1 and precision, the least that must be reached with embeddings: a false merge is worse than a split.
BARS: Mapping[str, tuple[float, float]] = {
    "basil300": (0.975, 0.95),
    "ecbplus": (0.90, 0.87),
    "headlines": (0.835, 0.90),
}
ORDERED = "ecbplus"
ORDERS = range(1, 6)
MOST_SPREAD = 0.03


def measure_sets(*, with_embedding: bool) -> bool:
    """Score each set, and repeat one; whether every bar was reached and the repetition was the same to the byte."""
    shared = _shared()
    if shared is None:
        return False
    reached = True
    for name, (least_f1, least_precision) in BARS.items():
        answers, found = _score(shared, name, with_embedding=with_embedding)
        f1, precision = found["bcubed_f1"], found["bcubed_precision"]
        good = round(f1, 3) >= least_f1 and round(precision, 3) >= least_precision
        reached = reached and good
        _say(f"{name}: F1 {f1:.3f} (bar {least_f1}), precision {precision:.3f} (bar {least_precision})")
        if name == ORDERED:
            again, _ = _score(shared, name, with_embedding=with_embedding)
            _say(f"{name} once more: {'identical' if again == answers else 'DIFFERENT'}")
            reached = reached and again == answers
    _say("every bar was reached" if reached else "a bar was missed")
    return reached


def measure_orders(*, with_embedding: bool) -> bool:
    """Score one set in five orders of its articles; whether F1 differs by no more than it may."""
    shared = _shared()
    if shared is None:
        return False
    found = [_score(shared, ORDERED, seed, with_embedding=with_embedding)[1]["bcubed_f1"] for seed in ORDERS]
    spread = max(found) - min(found)
    _say(f"{ORDERED}: F1 {', '.join(f'{one:.3f}' for one in found)}; spread {spread:.3f} (bar {MOST_SPREAD})")
    return round(spread, 3) <= MOST_SPREAD


def _shared() -> Path | None:
    shared = Path(os.environ.get("NEWSDESK_SHARED", "") or ROOT.parent / "shared")
    if (shared / "data" / "clustering").exists():
        return shared
    _say(f"There is no data in {shared}: name the folder in NEWSDESK_SHARED.")
    return None


def _score(
    shared: Path, name: str, seed: int | None = None, *, with_embedding: bool
) -> tuple[bytes, Mapping[str, float]]:
    """What the command answered, and the figures of the scorer's last line."""
    data = str(shared / "data" / "clustering")
    order = [] if seed is None else ["--order-seed", str(seed)]
    options = [] if with_embedding else ["--no-embedding"]
    if name == ORDERED:  # its articles have no dates
        options += ["--window-days", "0"]
    with tempfile.TemporaryDirectory() as folder:
        lines, answers = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        lines.write_bytes(_run([str(shared / "bench" / "inputs.py"), "events", data, "--set", name, *order]))
        answers.write_bytes(_run(["-m", "django", "group_articles", *options, str(lines)]))
        told = _run([str(shared / "bench" / "score_events.py"), data, str(answers), "--set", name]).decode()
        pairs = (pair.partition("=") for pair in told.rstrip().splitlines()[-1].split()[1:])
        return answers.read_bytes(), {key: float(value) for key, _, value in pairs}


def _run(arguments: Sequence[str]) -> bytes:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
