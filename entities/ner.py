"""Door to the language model: texts in, the spans that it calls names out. Only workers and batch commands call it."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from entities.names import plain_form
from entities.types import NamedSpan, TextField

if TYPE_CHECKING:
    from spacy.language import Language

logger = logging.getLogger(__name__)

# Names need the word vectors and the recogniser; the rest of a pipeline costs more than both together.
_UNUSED = (
    "parser", "tagger", "morphologizer", "lemmatizer", "attribute_ruler", "senter", "sentencizer", "textcat",
    "textcat_multilabel", "entity_linker",
)  # fmt: skip
_PIECE = 8_000  # characters; longer texts are cut, so that memory does not grow with them
_CUT = re.compile(r"\n+|[.!?]\s|\s")
# Pieces read at once: 4 full ones peak at 389 MB, 8 at 591, 32 at 1,536, and take the same time.
_BATCH = 4
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WRAP = re.compile(r"(?<=\S)\n(?=\S)")


class _Kept:
    """The pipeline of this process, loaded at the first text."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.pipeline: Language | None = None
        self.lock = threading.Lock()


_kept = _Kept()


def ner_model_name() -> str:
    """The name of the pipeline that reads names, "" when none is wanted. What it found is kept under this name."""
    return settings.NER_MODEL


def is_ner_installed() -> bool:
    """Whether the pipeline that is wanted is there, by name or as a folder; its code is not run."""
    name = ner_model_name()
    try:
        return Path(name).is_dir() or find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def read_names(texts: Sequence[tuple[str, str]], language: str) -> list[list[NamedSpan]] | None:
    """What the model calls names in each (title, text); offsets are code points of the given strings.

    None when no model is wanted, none is installed under the name, or it knows another language than `language`
    (ISO 639; "" is taken for the model's own).
    """
    pipeline = _pipeline()
    if pipeline is None or language[:2].lower() not in ("", pipeline.lang):
        return None
    pieces = list(_pieces(texts))
    found: list[list[NamedSpan]] = [[] for _ in texts]
    # What a zone has read is forgotten behind it: the vocabulary of a worker does not grow for ever.
    with pipeline.memory_zone():
        docs = pipeline.pipe((piece for _, _, _, piece in pieces), batch_size=_BATCH)
        for (index, field, at, _), doc in zip(pieces, docs, strict=True):
            found[index].extend(
                NamedSpan(field, at + span.start_char, at + span.end_char, span.label_) for span in doc.ents
            )
    return found


def _pieces(texts: Sequence[tuple[str, str]]) -> Iterator[tuple[int, TextField, int, str]]:
    """(which text, its field, where the piece starts, the piece); a piece ends at a line, a sentence or a word."""
    for index, (title, text) in enumerate(texts):
        fields: tuple[tuple[TextField, str], ...] = (("title", title), ("text", text))
        for field, raw in fields:
            plain = readable(raw)
            at = 0
            while at < len(plain):
                end = min(len(plain), at + _PIECE)
                if end < len(plain):
                    cuts = [m.end() for m in _CUT.finditer(plain, at + _PIECE // 2, end)]
                    lines = [cut for cut in cuts if plain[cut - 1] == "\n"]
                    stops = [cut for cut in cuts if plain[cut - 2] in ".!?"]
                    end = max(lines or stops or cuts or [end])
                if plain[at:end].strip():
                    yield index, field, at, plain[at:end]
                at = end


def readable(text: str) -> str:
    """The text as the model reads it best, as long as it was: plain quotes and dashes, wrapped lines joined."""
    return _WRAP.sub(" ", _SURROGATE.sub(" ", plain_form(text)))


def _pipeline() -> Language | None:
    name = ner_model_name()
    if _kept.name == name:
        return _kept.pipeline
    with _kept.lock:
        if _kept.name != name:
            _kept.pipeline = _load(name) if name else None
            _kept.name = name
    return _kept.pipeline


def _load(name: str) -> Language | None:
    import spacy  # noqa: PLC0415 - 300 MB and seconds that the web processes never pay

    try:
        return spacy.load(name, exclude=list(_UNUSED))
    except OSError:
        logger.warning("NEWSDESK_NER_MODEL: no pipeline %r is installed; names are linked without it", name)
        return None
