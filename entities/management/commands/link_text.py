"""Door: JSON Lines with texts in, JSON Lines with the names in them out; nothing is stored."""

from __future__ import annotations

import argparse
import json
import queue
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from entities.compiled import Lexicon
from entities.lexicon import current_lexicon
from entities.linking import link_text
from entities.ner import read_names
from entities.queries import EntityCard, entity_cards
from entities.types import Candidate, FoundMention, FoundRole, NamedSpan, Why

_Line = tuple[int, str]  # its number and what it says

AT_ONCE = 32  # lines that the language model reads together


@dataclass(frozen=True, slots=True)
class _Text:
    """One well-formed line."""

    number: int
    id: Any
    title: str
    text: str
    language: str


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
        lines = (
            (number, line) for number, line in enumerate(_lines(options["files"]), start=1) if line.strip()
        )
        for batch in in_batches(lines, AT_ONCE):
            for answer in answer_batch(batch, lexicon, cards):
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


def in_batches(items: Iterator[_Line], most: int) -> Iterator[list[_Line]]:
    """What has come by now, in order and at most so many at once: nobody who sends one line waits for the next.

    An error of the source is raised behind all that came before it.
    """
    waiting: queue.Queue[_Line | Exception | None] = queue.Queue(maxsize=2 * most)

    def read_on() -> None:
        try:
            for item in items:
                waiting.put(item)
            waiting.put(None)
        except Exception as problem:  # noqa: BLE001 - handed to the reader, who raises it
            waiting.put(problem)

    threading.Thread(target=read_on, daemon=True).start()
    while True:
        batch: list[_Line] = []
        came = waiting.get()
        while isinstance(came, tuple):
            batch.append(came)
            if len(batch) == most or waiting.empty():
                break
            came = waiting.get()
        if batch:
            yield batch
        if isinstance(came, Exception):
            raise came
        if came is None:
            return


def answer_batch(
    batch: Sequence[_Line], lexicon: Lexicon, cards: dict[int, EntityCard]
) -> Iterator[dict[str, Any]]:
    """What is written for some (number, line), in their order; a line that is no such object gets an error."""
    read = [_read(line, number) for number, line in batch]
    spans = _names_read([row for row in read if isinstance(row, _Text)])
    for row in read:
        if not isinstance(row, _Text):
            yield row
            continue
        linked = link_text(
            row.title,
            row.text,
            lexicon,
            language=row.language,
            spans=spans.get(row.number),
            besides=True,
        )
        mentions = sorted((*linked.mentions, *linked.besides), key=lambda m: (m.field != "title", m.start))
        _fetch_cards(mentions, cards)
        yield {
            "id": row.id,
            "mentions": [_mention(m, cards) for m in mentions],
            "roles": [_role(role) for role in linked.roles],
        }


def _read(line: str, number: int) -> _Text | dict[str, Any]:
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
    return _Text(number, key, row.get("title") or "", row.get("text") or "", row.get("language") or "")


def _names_read(texts: Sequence[_Text]) -> dict[int, list[NamedSpan]]:
    """What the language model calls names in each text, by line; a language without a model has no entry."""
    by_language: dict[str, list[_Text]] = defaultdict(list)
    for text in texts:
        by_language[text.language].append(text)
    found: dict[int, list[NamedSpan]] = {}
    for language, same in by_language.items():
        spans = read_names([(text.title, text.text) for text in same], language)
        if spans is not None:
            found.update(zip((text.number for text in same), spans, strict=True))
    return found


def _role(role: FoundRole) -> dict[str, Any]:
    return {
        "person": role.person,
        "title": role.title,
        "organization": role.organization or None,
        "former": role.former,
        "start": role.start,
        "end": role.end,
        "quote": role.quote,
    }


def _fetch_cards(mentions: Sequence[FoundMention], cards: dict[int, EntityCard]) -> None:
    wanted = {m.entity_id for m in mentions if m.entity_id is not None}
    wanted |= {c.entity_id for m in mentions for c in m.candidates}
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
        "form": mention.form,
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
