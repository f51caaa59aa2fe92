"""Names that the language model reads in texts: kept with the revision, so that linking it anew needs no model.

Only the worker that reads texts runs the model. Whoever links anew elsewhere uses what is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from articles.models import RevisionNames
from entities.lexicon import current_lexicon
from entities.ner import ner_model_name, read_names
from entities.types import NamedSpan, TextField

logger = logging.getLogger(__name__)

FAILED = "Its names are linked without the language model, which failed"


@dataclass(frozen=True, slots=True)
class NamesRead:
    """What the model called names in one text. `spans` None: no model read it, for the language has none, none is
    wanted, or it failed; then `problem` says so in a sentence, and nothing is kept, so that it is tried again.
    """

    model: str
    spans: tuple[NamedSpan, ...] | None
    problem: str = ""


def make_ready() -> None:
    """Load the names, and the model if one is wanted: seconds that should not pass while a row is locked."""
    current_lexicon()
    read_one("", "", "")  # may fail


def read_one(title: str, text: str, language: str) -> NamesRead:
    """Run the model over a text. It may fail: no article stops for it."""
    try:
        found = read_names([(title, text)], language)
    except Exception as error:
        logger.exception("the language model failed")
        return NamesRead("", None, f"{FAILED} ({type(error).__name__}).")
    return NamesRead("", None) if found is None else NamesRead(ner_model_name(), tuple(found[0]))


def keep_names(revision_id: int, names: NamesRead) -> None:
    """Keep what was read with its revision, in the place of what another model read; what failed is not kept."""
    if names.problem:
        return
    spans = [[span.field, span.start, span.end, span.label] for span in names.spans or ()]
    RevisionNames.objects.bulk_create(
        [RevisionNames(revision_id=revision_id, model=names.model[:80], spans=spans)],
        update_conflicts=True,
        unique_fields=["revision"],
        update_fields=["model", "spans"],
    )


def kept_names(revision_id: int) -> tuple[NamedSpan, ...] | None:
    """What the model once called names in a revision, by field and place; None when none read it."""
    return kept_in([revision_id]).get(revision_id)


def kept_in(revision_ids: Collection[int]) -> dict[int, tuple[NamedSpan, ...]]:
    """The same for some revisions, one query; those that no model read are absent."""
    rows = RevisionNames.objects.filter(revision_id__in=revision_ids).exclude(model="")
    return {
        revision_id: tuple(NamedSpan(_field(field), start, end, label) for field, start, end, label in spans)
        for revision_id, spans in rows.values_list("revision_id", "spans")
    }


def _field(name: str) -> TextField:
    return "title" if name == "title" else "text"
