"""Door to the small language model that says how alike texts read. Only workers and batch commands call it.

It runs on onnxruntime, in a file that is made from an installed package's weights once in the life of a data folder.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from articles.events.bert import (
    GRAPH_VERSION,
    WeightsError,
    WordTable,
    make_graph,
    read_shape,
    read_weights,
    word_table,
)
from articles.events.features import ANY_LANGUAGE, shard_of
from articles.events.vectors import DIMENSIONS, Embedding

logger = logging.getLogger(__name__)

Rows = NDArray[np.float32]  # n x DIMENSIONS

MOST_TOKENS = 128  # of a text are read: of news, its headline and first two or three paragraphs
# Characters that are looked at for so many tokens; English has five or six in each.
MOST_CHARACTERS = 1500
LONGEST_FIRST_LINE = 200  # characters
# Tokens that go through the model at once. More gain nothing on one processor, but take memory.
TOKENS_A_RUN = 1024
# Counts changes of what is read of an article: vectors of two versions are not compared.
_READING = 1


@dataclass(frozen=True, slots=True)
class _Model:
    """The model as this process holds it."""

    session: Any
    tokenizer: Any
    table: WordTable


class _Kept:
    """The models of this process by name, loaded at the first text; None for one that cannot be used."""

    def __init__(self) -> None:
        self.models: dict[str, _Model | None] = {}
        self.lock = threading.Lock()


_kept = _Kept()


def embedding_model() -> str:
    """The name and version under which vectors are kept, "" when no model is wanted or installed. Loads nothing."""
    package = settings.EMBEDDING
    if not package:
        return ""
    try:
        return f"{package} {metadata.version(package)}/{_READING}"[:60]
    except metadata.PackageNotFoundError:
        return ""


def is_embedded(language: str | None) -> bool:
    """Whether the model reads this language: English, and texts of which nobody knows it."""
    return shard_of(language) in {"en", ANY_LANGUAGE}


def embed(texts: Sequence[str]) -> Rows | None:
    """One unit row (384 x float32) a text, in order; None when there is no model.

    The row of a text depends on nothing but the text: never on what else is asked for.
    """
    model = _model()
    if model is None:
        return None
    rows = np.zeros((len(texts), DIMENSIONS), np.float32)
    for places, tokens in runs_of(model.tokenizer, texts):
        (hidden,) = model.session.run(None, {"embedded": model.table.look_up(tokens)})
        for place, states in zip(places, hidden, strict=True):
            # Text by text: a mean over several at once adds in another order, and differs in the last digit.
            mean = states.mean(axis=0, dtype=np.float64)
            rows[place] = mean / np.linalg.norm(mean)
    return rows


def embed_stories(stories: Sequence[tuple[str, str]]) -> list[Embedding] | None:
    """The vectors of each (title, text), in order; None when there is no model."""
    if _model() is None:
        return None
    wanted = [(lead_of(title, text), title_of(title, text)) for title, text in stories]
    place = {text: at for at, text in enumerate(dict.fromkeys(text for pair in wanted for text in pair))}
    rows = embed(list(place))
    return (
        None if rows is None else [Embedding(rows[place[lead]], rows[place[title]]) for lead, title in wanted]
    )


def title_of(title: str, text: str) -> str:
    """What stands for the title: without one, the first line of the text."""
    return _plain(title) or _plain(text.strip().split("\n", 1)[0][:LONGEST_FIRST_LINE])


def lead_of(title: str, text: str) -> str:
    """The "title. lead" of an article, as much as is read of it."""
    head, body = _plain(title), _plain(text)
    return (f"{head.rstrip('.')}. {body}" if head and body else head or body)[:MOST_CHARACTERS]


def make_ready() -> str:
    """Make the model's file unless it is there; returns its name when it was made now, else "".

    Raises WeightsError when the installed package holds no model that we can read.
    """
    folder = _package_folder()
    if folder is None or _made_file().exists():
        return ""
    with _only_one(_made_file().with_suffix(".turn")):
        if _made_file().exists():
            return ""
        _make_file(folder)
    return _made_file().name


def runs_of(tokenizer: Any, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.int64]]]:
    """(places of texts, their tokens): texts of equally many tokens together, so that none needs padding."""
    found = [one.ids for one in tokenizer.encode_batch([_plain(text)[:MOST_CHARACTERS] for text in texts])]
    by_length: dict[int, list[int]] = {}
    for place, ids in enumerate(found):
        by_length.setdefault(len(ids), []).append(place)
    for length, places in sorted(by_length.items()):
        most = max(1, TOKENS_A_RUN // length)
        for start in range(0, len(places), most):
            some = places[start : start + most]
            yield some, np.array([found[place] for place in some], np.int64)


def _plain(text: str) -> str:
    """One line of sound Unicode: the tokenizer takes no lone surrogate."""
    return " ".join(text[: 2 * MOST_CHARACTERS].encode("utf-8", "replace").decode().split())


def _model() -> _Model | None:
    name = embedding_model()
    if not name:
        return None
    if name not in _kept.models:
        with _kept.lock:
            if name not in _kept.models:
                _kept.models[name] = _load()
    return _kept.models[name]


def _load() -> _Model | None:
    folder = _package_folder()
    if folder is None:
        return None
    try:
        make_ready()
        try:
            return _open(folder)
        except Exception as error:  # noqa: BLE001 - onnxruntime has a class for each way to be broken
            logger.warning("%s cannot be read and is made anew: %s", _made_file().name, error)
            _made_file().unlink(missing_ok=True)
            make_ready()
            return _open(folder)
    except Exception:
        # A worker without it places by words and names alone: better than none at all.
        logger.exception("NEWSDESK_EMBEDDING: the model cannot be used; nothing is told of how texts read")
        return None


def _open(folder: Path) -> _Model:
    # 60 MB and a second that the web processes never pay.
    import onnxruntime  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Runs of many shapes: kept memory and plans for each would only grow.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    session = onnxruntime.InferenceSession(str(_made_file()), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()
    return _Model(session, tokenizer, word_table(read_weights(folder / "model.safetensors"), MOST_TOKENS))


def _package_folder() -> Path | None:
    """Where the package keeps its model. Its code is not run: it would ask for libraries that are not installed."""
    name = settings.EMBEDDING
    spec = find_spec(name) if name else None
    return Path(spec.origin).parent / "model" if spec is not None and spec.origin is not None else None


def _made_file() -> Path:
    name = embedding_model().rpartition("/")[0].replace(" ", "-")
    return Path(settings.DATA_DIR) / "models" / f"{name}-{GRAPH_VERSION}.onnx"


def _make_file(folder: Path) -> None:
    weights = read_weights(folder / "model.safetensors")
    width = weights["embeddings.LayerNorm.weight"].shape[0]
    if width != DIMENSIONS:
        raise WeightsError(
            f"NEWSDESK_EMBEDDING: {folder.parent.name} gives {width} figures a text, not {DIMENSIONS}"
        )
    made = make_graph(weights, read_shape(folder))
    target = _made_file()
    unfinished = target.with_suffix(f".{os.getpid()}.new")
    with unfinished.open("wb") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Run the block while no other process is in it; the kernel ends the turn with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
