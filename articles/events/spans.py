"""Values that the summing up of events is made of: articles with their linked names, and places in their texts; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal

from entities.sentences import Sentence, casing_of, split_sentences

Field = Literal["title", "text"]

# Between a sentence and a quotation in curly marks, which the lexicon's own cutting leaves together.
_QUOTED = re.compile(r"(?<=[.!?])\s+(?=[“‘][A-Z])|(?<=[.!?][”’])\s+(?=[“‘\"A-Z0-9$€£])")
# Kinds of entities that act for themselves.
ACTORS = frozenset({"person", "company", "organization", "public_body"})


@dataclass(frozen=True, slots=True)
class Name:
    """A linked name in a text: code points, `end` exclusive. `label` is the entity's own name, `country` its ISO code."""

    start: int
    end: int
    text: str
    entity: int
    label: str
    kind: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in an article's current revision: code points of that field, `end` exclusive."""

    article: int
    field: Field
    start: int
    end: int

    def as_json(self) -> dict[str, int | str]:
        """As the digest's rows hold it."""
        return {"article": self.article, "field": self.field, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Report:
    """An article of an event, as it is summed up. `published` bears the zone in which its days count."""

    key: int
    title: str
    text: str
    published: datetime
    language: str = "en"
    is_copy: bool = False
    names: Mapping[Field, tuple[Name, ...]] = field(default_factory=dict)

    def of(self, which: Field) -> str:
        """The text of a field."""
        return self.title if which == "title" else self.text

    def names_in(self, which: Field, start: int = 0, end: int | None = None) -> list[Name]:
        """The linked names that lie between two places of a field, in their order."""
        last = len(self.of(which)) if end is None else end
        return [name for name in self.names.get(which, ()) if start <= name.start and name.end <= last]


def names_by_place(names: Iterable[Name]) -> tuple[Name, ...]:
    """In their order; of names that overlap, the longest."""
    kept: list[Name] = []
    for name in sorted(names, key=lambda one: (one.start, -one.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return tuple(kept)


def lowered(text: str) -> str:
    """In small letters, as long as before: of a letter whose small form is two (U+0130) the place must not move."""
    small = text.lower()
    return (
        small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


@lru_cache(maxsize=128)  # five rules read the same texts one after the other
def sentences_of(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, also where one ends or begins with a quotation in curly marks."""
    found: list[Sentence] = []
    for sentence in split_sentences(text):
        start = sentence.start
        for cut in _QUOTED.finditer(text, sentence.start, sentence.end):
            found.append(Sentence(start, cut.start(), casing_of(text[start : cut.start()])))
            start = cut.end()
        whole = sentence if start == sentence.start else None
        found.append(whole or Sentence(start, sentence.end, casing_of(text[start : sentence.end])))
    return tuple(found)
