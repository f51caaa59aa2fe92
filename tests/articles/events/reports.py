"""Articles for tests of what is told of events: names are linked wherever their words stand."""

from __future__ import annotations

from datetime import UTC, datetime

from articles.events.spans import Field, Name, Report, names_by_place

# words: (entity, kind, country, the entity's own name)
PEOPLE_AND_HOUSES: dict[str, tuple[int, str, str, str]] = {
    "Norland Chip Association": (1, "organization", "NO", "Norland Chip Association"),
    "NCA": (1, "organization", "NO", "Norland Chip Association"),
    "Sudmark Chip Council": (2, "organization", "SU", "Sudmark Chip Council"),
    "American Chip Board": (3, "organization", "US", "American Chip Board"),
    "Harlow Motors": (10, "company", "GB", "Harlow Motors"),
    "Harlow": (10, "company", "GB", "Harlow Motors"),
    "Orne Shipping": (11, "company", "NO", "Orne Shipping"),
    "Tessin Air": (12, "company", "CH", "Tessin Air"),
    "Volta Cells": (13, "company", "US", "Volta Cells"),
    "Anna Berg": (20, "person", "NO", "Anna Berg"),
    "Jon Dale": (21, "person", "GB", "Jon Dale"),
    "Ministry of Trade": (30, "public_body", "NO", "Ministry of Trade"),
    "Harbour Post": (31, "organization", "NO", "Harbour Post"),
    "Halvard": (40, "place", "NO", "Halvard"),
}
DAY = datetime(2021, 3, 11, 9, 30, tzinfo=UTC)  # a Thursday


def report(
    text: str,
    title: str = "",
    *,
    key: int = 1,
    published: datetime = DAY,
    is_copy: bool = False,
    language: str = "en",
) -> Report:
    """An article in which the names above are linked."""
    names: dict[Field, tuple[Name, ...]] = {"title": _names(title), "text": _names(text)}
    return Report(key, title, text, published, language, is_copy, names)


def _names(text: str) -> tuple[Name, ...]:
    found = []
    for words, (entity, kind, country, label) in PEOPLE_AND_HOUSES.items():
        at = text.find(words)
        while at >= 0:
            found.append(Name(at, at + len(words), words, entity, label, kind, country))
            at = text.find(words, at + 1)
    return names_by_place(found)
