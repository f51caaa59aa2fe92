"""Door: JSON Lines with texts in, JSON Lines with the names in them out; nothing is stored."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from entities.lexicon import current_lexicon
from entities.linking import link_text
from entities.queries import EntityCard, entity_cards
from entities.recognition import Lexicon
from entities.types import Candidate, FoundMention, LinkedText, Why


class Command(BaseCommand):
    """`manage.py link_text [FILE ...]`: reads standard input when no file is named."""

    help = "Link the names in texts: {id, title?, text, language?} lines in, mentions with reasons out."
    requires_database = True  # a running desk's, else one for the life of this command
    requires_migrations_checks = False
    requires_system_checks = ()  # the pages are no business of a batch command

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One optional list of files."""
        parser.add_argument(
            "files", nargs="*", metavar="FILE", help="JSON Lines files; standard input when none"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Exit status 1 when any line failed, 2 when a file cannot be read."""
        lexicon = current_lexicon()
        cards: dict[int, EntityCard] = {}
        failed = 0
        for number, line in enumerate(_lines(options["files"]), start=1):
            if not line.strip():
                continue
            answer = answer_line(line, number, lexicon, cards)
            failed += "error" in answer
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        if failed:
            sys.exit(1)


def _lines(files: Iterable[str]) -> Iterator[str]:
    names = list(files)
    if not names:
        yield from _decoded(sys.stdin)
        return
    for name in names:
        try:
            with Path(name).open(encoding="utf-8", errors="replace") as file:
                yield from file
        except OSError as problem:
            raise CommandError(f"{name} cannot be read: {problem.strerror}", returncode=2) from problem


def _decoded(stream: TextIO) -> Iterator[str]:
    for raw in stream.buffer:
        yield raw.decode("utf-8", "replace")


def answer_line(line: str, number: int, lexicon: Lexicon, cards: dict[int, EntityCard]) -> dict[str, Any]:
    """What is written for one line; a line that is no such object gets an error that says why."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as problem:
        return {"id": None, "error": f"line {number} is not JSON: {problem}"}
    if not isinstance(row, dict):
        return {"id": None, "error": f"line {number} is not a JSON object"}
    key = row.get("id")
    for name in ("title", "text", "language"):
        if not isinstance(row.get(name), str | None):
            return {"id": key, "error": f"line {number}: `{name}` must be text or null"}
    if row.get("text") is None and row.get("title") is None:
        return {"id": key, "error": f"line {number} has neither `text` nor `title`"}
    linked = link_text(
        row.get("title") or "", row.get("text") or "", lexicon, language=row.get("language") or ""
    )
    _fetch_cards(linked, cards)
    return {
        "id": key,
        "mentions": [_mention(m, cards) for m in linked.mentions],
        "roles": [
            {
                "person": r.person,
                "title": r.title,
                "organization": r.organization or None,
                "start": r.start,
                "end": r.end,
                "quote": r.quote,
            }
            for r in linked.roles
        ],
    }


def _fetch_cards(linked: LinkedText, cards: dict[int, EntityCard]) -> None:
    wanted = {m.entity_id for m in linked.mentions if m.entity_id is not None}
    wanted |= {c.entity_id for m in linked.mentions for c in m.candidates}
    missing = wanted - cards.keys()
    if missing:
        cards.update(entity_cards(missing))


def _mention(mention: FoundMention, cards: dict[int, EntityCard]) -> dict[str, Any]:
    return {
        "field": mention.field,
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "kind": mention.kind,
        "status": mention.status,
        "entity": _entity(cards.get(mention.entity_id)) if mention.entity_id is not None else None,
        "candidates": [_candidate(c, cards) for c in mention.candidates],
        "score": mention.score,
        "why": _why(mention.why),
    }


def _entity(card: EntityCard | None) -> dict[str, Any] | None:
    if card is None:
        return None
    return {
        "slug": card.slug,
        "name": card.name,
        "kind": card.kind,
        "identifiers": card.identifiers,
        "listings": [{"ticker": x.ticker, "mic": x.mic, "isin": x.isin or None} for x in card.listings],
    }


def _candidate(candidate: Candidate, cards: dict[int, EntityCard]) -> dict[str, Any]:
    return {
        **(_entity(cards.get(candidate.entity_id)) or {}),
        "score": candidate.score,
        "why": _why(candidate.why),
    }


def _why(parts: Iterable[Why]) -> list[dict[str, Any]]:
    return [{"code": part.code, "words": part.words, "weight": part.weight} for part in parts]
