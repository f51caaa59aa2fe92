"""Measure embedding: `python -m tests.benchmarks.embedding [--texts 200]`; a minute, no server.

The desk's own way (texts in, vectors out) against onnxruntime alone on the very same batches, in turns, by processor
time. The bar: at least nine tenths of the bare rate.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence

from newsdesk import env
from tests.benchmarks.copies.prose import piece

BAR = 0.9
ROUNDS = 3


def main() -> int:
    """Read the command line and measure; 0 when the bar was reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.embedding", description=__doc__)
    parser.add_argument("--texts", type=int, default=200, help="articles (default: 200)")
    options = parser.parse_args()
    env.put_default("DJANGO_SETTINGS_MODULE", "newsdesk.settings")
    import django  # noqa: PLC0415 - the settings are named first

    django.setup()
    from articles.events import embedding  # noqa: PLC0415 - after the settings

    sys.stdout.write(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
    )
    pieces = [piece(number) for number in range(1, options.texts + 1)]
    told = {
        "beginnings": [embedding.lead_of(" ".join(one.text.split()[:9]), one.text) for one in pieces],
        "headlines": [" ".join(one.text.split()[: 6 + one.number % 9]) for one in pieces],
    }
    if embedding.embed(["warm"]) is None:
        sys.stdout.write("There is no model: NEWSDESK_EMBEDDING is empty or cannot be used.\n")
        return 1
    model = embedding._model()
    assert model is not None
    is_reached = True
    for what, texts in told.items():
        runs = [model.table.look_up(tokens) for _, tokens in embedding.runs_of(model.tokenizer, texts)]

        def bare(runs: Sequence[object] = runs) -> None:
            for one in runs:
                model.session.run(None, {"embedded": one})

        def ours(texts: list[str] = texts) -> None:
            embedding.embed(texts)

        spent = _in_turns({"bare onnxruntime": bare, "the desk": ours})
        rates = {name: len(texts) / seconds for name, seconds in spent.items()}
        share = rates["the desk"] / rates["bare onnxruntime"]
        is_reached = is_reached and share >= BAR
        sys.stdout.write(
            f"{what}: {len(texts)} texts in {len(runs)} batches; bare onnxruntime {rates['bare onnxruntime']:.1f} a"
            f" processor second, the desk {rates['the desk']:.1f}: {share:.3f} of it (bar {BAR})\n"
        )
    return 0 if is_reached else 1


def _in_turns(ways: dict[str, Callable[[], None]]) -> dict[str, float]:
    """The least processor time of each way, tried in turns so that a busy machine is unfair to none."""
    spent = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.process_time()
            way()
            spent[name] = min(spent[name], time.process_time() - start)
    return spent


if __name__ == "__main__":
    sys.exit(main())
