"""What is found: the labelled sets through the batch command, against the knowledge base of a fresh set-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from entities.words import words

ROOT = Path(__file__).parents[3]
# What must be reached, by set and by the name that the scorer gives to the figure.
BARS: dict[str, dict[str, float]] = {
    "finentity": {"linked_precision": 0.96, "linked_recall": 0.62, "mention_f1": 0.80},
    "news-fair": {"span_f1": 0.68},
    "aida-conll-dev": {"span_f1": 0.72},
}
BY_NAME_BAR = 0.95  # over both sets with names of companies
BY_NAME_SETS = ("news-fair", "aida-conll-dev")
# Labels on these words are no names: whoever reads names and not pronouns cannot have them.
PRONOUNS = words(
    "i he his her she you its it my him me they we our their hers us your himself herself itself themselves who"
)


def measure_figures() -> bool:
    """Link and score each set; whether every bar was reached."""
    shared = Path(os.environ.get("NEWSDESK_SHARED", "") or ROOT.parent / "shared")
    data = shared / "data" / "linking"
    if not data.exists():
        _say(f"There is no data in {shared}: name the folder in NEWSDESK_SHARED.")
        return False
    _say(_run(["-m", "django", "migrate", "--verbosity", "0"]))
    _say(
        _run(
            [
                "-c",
                "import django; django.setup(); from entities.sources import load_knowledge_base; load_knowledge_base(print)",
            ]
        )
    )
    reached = True
    found: dict[str, Mapping[str, float]] = {}
    for name, bars in BARS.items():
        found[name] = _score(shared, name)
        for figure, bar in bars.items():
            value = found[name][figure]
            reached = reached and round(value, 3) >= bar
            _say(f"{name} {figure} {value:.3f} (bar {bar:.2f}){'' if round(value, 3) >= bar else ' MISSED'}")
    _say(_ceiling(data / "news-fair.jsonl"))
    n = {name: found[name]["company_by_name_n"] for name in BY_NAME_SETS}
    right = sum(found[name]["company_by_name"] * n[name] for name in BY_NAME_SETS)
    by_name = right / sum(n.values()) if sum(n.values()) else 0.0
    _say(f"company links by name {by_name:.3f} of {sum(n.values()):.0f} (bar {BY_NAME_BAR:.2f})")
    reached = reached and round(by_name, 3) >= BY_NAME_BAR
    _say("every bar was reached" if reached else "a bar was missed")
    return reached


def _score(shared: Path, name: str) -> Mapping[str, float]:
    """The figures of one set, as the scorer's last line gives them."""
    data = str(shared / "data" / "linking")
    with tempfile.TemporaryDirectory() as folder:
        lines, answers = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        _run([str(shared / "bench" / "inputs.py"), "linking", data, "--set", name], lines)
        _run(["-m", "django", "link_text", str(lines)], answers)
        told = _run([str(shared / "bench" / "score_linking.py"), data, str(answers), "--set", name])
        if name == "finentity":
            _say(_without_damaged(shared, Path(folder), answers))
        if name == "news-fair":
            _say(_names_alone(shared, Path(folder), answers, name))
    _say(told.rstrip())
    return _last_figures(told)


def _last_figures(told: str) -> dict[str, float]:
    pairs = (pair.partition("=") for pair in told.rstrip().splitlines()[-1].split()[1:])
    return {key: float(value) for key, _, value in pairs}


def _without_damaged(shared: Path, folder: Path, answers: Path) -> str:
    """The precision of links where the labels stand on whole words.

    In some paragraphs each curly quote has become two characters after the labels were set, so that every label
    behind one stands beside its name: a right link there counts as wrong.
    """
    rows = json.loads((shared / "data" / "linking" / "finentity.json").read_text("utf-8"))
    damaged = {
        f"finentity-{i}"
        for i, row in enumerate(rows)
        if any(_cuts_words(row["content"], label["start"], label["end"]) for label in row["annotations"])
    }
    empty = [
        {"content": "", "annotations": []} if f"finentity-{i}" in damaged else row
        for i, row in enumerate(rows)
    ]
    (folder / "finentity.json").write_text(json.dumps(empty), "utf-8")
    kept = [json.loads(line) for line in answers.read_text("utf-8").splitlines()]
    whole = folder / "whole.jsonl"
    whole.write_text(
        "\n".join(json.dumps({**row, "mentions": []} if row["id"] in damaged else row) for row in kept),
        "utf-8",
    )
    told = _run([str(shared / "bench" / "score_linking.py"), str(folder), str(whole), "--set", "finentity"])
    precision = _last_figures(told)["linked_precision"]
    return f"finentity without the {len(damaged)} paragraphs whose labels cut words apart: linked_precision {precision:.3f}"


def _cuts_words(text: str, start: int, end: int) -> bool:
    inside = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    return (
        inside != inside.strip()
        or (before.isalnum() and inside[:1].isalnum())
        or (after.isalnum() and inside[-1:].isalnum())
        or "\ufffd" in inside
    )


def _names_alone(shared: Path, folder: Path, answers: Path, name: str) -> str:
    """The figures where labels on pronouns and ordinary nouns count neither way, as the scorer treats `coref` labels."""
    lines = (shared / "data" / "linking" / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        for label in row["labels"]:
            label["coref"] = label.get("coref") or not _is_name(row["text"][slice(*label["span"])])
    (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    told = _run([str(shared / "bench" / "score_linking.py"), str(folder), str(answers), "--set", name])
    figures = _last_figures(told)
    parts = ", ".join(f"{part} {figures[f'span_{part}']:.3f}" for part in ("precision", "recall", "f1"))
    return f"{name} with labels on pronouns and ordinary nouns neither right nor wrong: span {parts}"


def _is_name(words: str) -> bool:
    return words.lower() not in PRONOUNS and any(c.isupper() for c in words)


def _ceiling(path: Path) -> str:
    """How much of the set's labels are names at all, and the span F1 of somebody who finds exactly these."""
    names = labels = 0
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        low, high = row["evaluation_span"]
        for label in row["labels"]:
            start, end = label["span"]
            inside = low <= start and end <= high and not label.get("parent")
            if label["type"] in ("QUANTITY", "DATETIME") or not inside:
                continue
            words = row["text"][start:end]
            labels += 1
            names += _is_name(words)
    best = 2 * names / (names + labels)
    return (
        f"{path.stem}: {names} of {labels} labels are names, the others pronouns and ordinary nouns;"
        f" whoever finds every name and nothing else reaches span F1 {best:.3f}"
    )


def _run(arguments: list[str], into: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    if into is not None:
        into.write_text(done.stdout, "utf-8")
    return done.stdout


def _say(words: str) -> None:
    if words:
        sys.stdout.write(words.rstrip() + "\n")
        sys.stdout.flush()
