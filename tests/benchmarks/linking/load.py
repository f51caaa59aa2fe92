"""How long the names take to compile, how long a worker takes to open what was compiled, and its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import transaction

from entities.lexicon import current_lexicon, names_changed
from tests.benchmarks.linking.knowledge import say

ROUNDS = 5
SHARE_BAR = 0.1  # of the time to compile
MEMORY_BAR = 250.0  # MB

_WORKER = """
import gc, json, resource, sys, time
from pathlib import Path
import django
django.setup()
from entities.lexicon import read_lexicon
from entities.linking import link_text
from tests.benchmarks.linking.texts import texts
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
before = resident()
wall, cpu = time.monotonic(), time.process_time()
lexicon = read_lexicon(Path(sys.argv[1]))
wall, cpu = time.monotonic() - wall, time.process_time() - cpu
opened = resident()
for text in texts():
    link_text("", text, lexicon, language="en")
print(json.dumps({"wall": wall, "cpu": cpu, "before": before, "opened": opened, "used": resident()}))
"""


def measure() -> bool:
    """Compile once, open in fresh processes; whether both bars were reached."""
    wall, cpu = time.monotonic(), time.process_time()
    lexicon = current_lexicon()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    (path,) = (Path(settings.DATA_DIR) / "lexicon").glob("*.names")
    size = path.stat().st_size / 1e6
    say(
        f"compiled {len(lexicon.rows):,} names of {len(lexicon.entities):,} entities: {wall:.2f} s, {cpu:.2f} CPU-s; {size:.1f} MB"
    )
    with transaction.atomic():
        names_changed([next(iter(lexicon.entities))])
    renewed = time.monotonic()
    current_lexicon()
    say(f"known after one entity was changed: {time.monotonic() - renewed:.3f} s")
    opened = [_open(path) for _ in range(ROUNDS)]
    for one in opened:
        say(
            f"opened in {one['wall']:.3f} s, {one['cpu']:.3f} CPU-s; memory {one['before']:.0f} MB before,"
            f" {one['opened']:.0f} opened, {one['used']:.0f} after the texts"
        )
    share = min(one["cpu"] for one in opened) / cpu
    memory = max(one["used"] for one in opened)
    say(f"FIGURE load_to_build={share:.4f} bar={SHARE_BAR} worker_mb={memory:.0f} bar={MEMORY_BAR:.0f}")
    return share <= SHARE_BAR and memory <= MEMORY_BAR


def _open(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, str(path)], capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told
