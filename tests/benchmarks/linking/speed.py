"""The whole step against the language model alone, and the automaton alone, turn by turn in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from entities.compiled import Lexicon
from entities.lexicon import current_lexicon
from entities.linking import link_text
from entities.names import prepare
from entities.ner import ner_model_name, read_names
from entities.recognition import find_names
from entities.sentences import split_sentences
from tests.benchmarks.linking.knowledge import say
from tests.benchmarks.linking.texts import texts

ROUNDS = 3
AT_ONCE = 32  # texts that the model reads together
WHOLE_BAR = 0.75  # of the model's rate
AUTOMATON_BAR = 50.0  # times the model's rate

Read = Callable[[Sequence[str], Lexicon], object]


def measure() -> bool:
    """Print texts a CPU second of each and their ratios; whether both bars were reached."""
    all_texts = texts()
    batches = [all_texts[at : at + AT_ONCE] for at in range(0, len(all_texts), AT_ONCE)]
    lexicon = current_lexicon()
    characters = sum(map(len, all_texts))
    say(
        f"{len(all_texts):,} texts, {characters:,} characters, {len(lexicon.rows):,} names, {ner_model_name()}"
    )
    readers: dict[str, Read] = {"model": _model, "whole": _whole, "names": _names, "link": _link}
    rounds: dict[str, list[float]] = {name: [] for name in readers}
    for turn in range(ROUNDS + 1):
        spent = dict.fromkeys(readers, 0.0)
        for number, batch in enumerate(batches):
            # Who comes first finds the memory colder: they take turns.
            names = list(readers)
            shift = (number + turn) % len(names)
            for name in names[shift:] + names[:shift]:
                began = time.process_time()
                readers[name](batch, lexicon)
                spent[name] += time.process_time() - began
        if not turn:
            continue  # the first turn loads what is loaded late
        for name, seconds in spent.items():
            rounds[name].append(seconds)
        say("  ".join(f"{name} {len(all_texts) / seconds:,.1f}/CPU-s" for name, seconds in spent.items()))
    whole = statistics.median(m / w for m, w in zip(rounds["model"], rounds["whole"], strict=True))
    alone = statistics.median(m / n for m, n in zip(rounds["model"], rounds["names"], strict=True))
    link = statistics.median(rounds["link"]) / len(all_texts) * 1000
    say(f"linking without the model: {link:.2f} ms a text")
    say(
        f"FIGURE whole_to_model={whole:.3f} bar={WHOLE_BAR} automaton_to_model={alone:.1f} bar={AUTOMATON_BAR}"
    )
    return whole >= WHOLE_BAR and alone >= AUTOMATON_BAR


def _model(batch: Sequence[str], _lexicon: Lexicon) -> object:
    return read_names([("", text) for text in batch], "en")


def _whole(batch: Sequence[str], lexicon: Lexicon) -> object:
    spans = read_names([("", text) for text in batch], "en")
    if spans is None:
        raise SystemExit("The language model is not installed; there is nothing to compare with.")
    return [
        link_text("", text, lexicon, language="en", spans=found)
        for text, found in zip(batch, spans, strict=True)
    ]


def _link(batch: Sequence[str], lexicon: Lexicon) -> object:
    return [link_text("", text, lexicon, language="en") for text in batch]


def _names(batch: Sequence[str], lexicon: Lexicon) -> object:
    found = []
    for text in batch:
        prepared = prepare(text)
        found.append(find_names(prepared.plain, prepared.scan, lexicon, split_sentences(prepared.plain)))
    return found
