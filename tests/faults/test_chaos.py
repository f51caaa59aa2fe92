"""A short storm with a fixed seed over a whole desk; the long one is `python -m tests.faults.chaos`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from newsdesk.services.pytest_plugin import PATIENCE
from tests.workers import ROOT

SEED, SECONDS, FEEDS = 7, 10, 16


@pytest.mark.slow
def test_a_short_storm_breaks_no_invariant() -> None:
    # A storm has services and limits of its own.
    others = {"DATABASE_URL", "REDIS_URL", *PATIENCE}
    environment = {name: value for name, value in os.environ.items() if name not in others}
    options = ["--minutes", str(SECONDS / 60), "--seed", str(SEED), "--feeds", str(FEEDS)]
    answer = subprocess.run(
        [sys.executable, "-m", "tests.faults.chaos", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1000,
        check=False,
    )
    assert answer.returncode == 0, f"{answer.stdout}\n{answer.stderr[-2000:]}"
    assert "BROKEN" not in answer.stdout
    assert answer.stdout.count("kept") >= 8
