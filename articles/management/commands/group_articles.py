"""Groups a stream of articles into events and copies, one JSON object a line in and out."""

from __future__ import annotations

import json
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from articles.events.embedding import embed_stories, is_embedded
from articles.events.stream import ArticleLine, group_batches
from articles.events.vectors import Embedding

LONGEST_WINDOW_DAYS = 36_500
# Lines that go through the language model together, of those that are there already: nobody waits for a batch to fill.
MOST_AT_ONCE = 32


class Command(BaseCommand):
    """`manage.py group_articles [--window-days N] [--no-embedding] [FILE...]`; needs no database."""

    help = (
        "Read articles as JSON lines (id, title, text, published, source, language) in stream order and write "
        "the event and the copy group of each; exit 1 if any line could not be used."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files and the window."""
        parser.add_argument(
            "files", nargs="*", metavar="FILE", help="files to read instead of standard input"
        )
        parser.add_argument(
            "--window-days",
            type=_days,
            default=settings.EVENT_WINDOW_DAYS,
            help="how far back an article may join an event; 0 for any distance (default: %(default)s)",
        )

        parser.add_argument(
            "--no-embedding",
            action="store_true",
            help="compare by words, names, figures and days alone, without the language model: many times as fast",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Write a line for each article, in order, as soon as it is placed."""
        days = options["window_days"]
        failed = 0
        window = timedelta(days=days) if days else None
        embed = None if options["no_embedding"] else _embed
        for row in group_batches(_batches(_lines(options["files"])), window, embed):
            failed += "error" in row
            self.stdout.write(json.dumps(row, ensure_ascii=False))
            self.stdout.flush()
        if failed:
            message = f"{failed} lines could not be used; each says why."
            raise CommandError(message, returncode=1)


def _embed(articles: Sequence[ArticleLine]) -> list[Embedding | None]:
    """What the language model makes of the articles that it can read; nothing where there is no model."""
    read = [at for at, article in enumerate(articles) if is_embedded(article.language)]
    made = embed_stories([(articles[at].title, articles[at].text) for at in read]) if read else None
    found: list[Embedding | None] = [None] * len(articles)
    for at, embedding in zip(read, made or (), strict=False):
        found[at] = embedding
    return found


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    """The lines as they come: a single one when the next is not there yet, else several at once."""
    waiting: Queue[str | BaseException | None] = Queue(MOST_AT_ONCE)
    threading.Thread(target=_hand_over, args=(lines, waiting), daemon=True).start()
    while True:
        batch: list[str] = []
        one = waiting.get()
        while isinstance(one, str):
            batch.append(one)
            if len(batch) == MOST_AT_ONCE:
                break
            try:
                one = waiting.get_nowait()
            except Empty:
                break
        if batch:
            yield batch
        if isinstance(one, BaseException):
            raise one
        if one is None:
            return


def _hand_over(lines: Iterator[str], waiting: Queue[str | BaseException | None]) -> None:
    try:
        for line in lines:
            waiting.put(line)
    except BaseException as error:  # noqa: BLE001 - whoever takes the lines raises it
        waiting.put(error)
    else:
        waiting.put(None)


def _lines(files: list[str]) -> Iterator[str]:
    if not files:
        yield from (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    for name in files:
        try:
            with Path(name).open("rb") as stream:
                yield from (line.decode("utf-8", "replace") for line in stream)
        except OSError as error:
            message = f"{name} cannot be read: {error.strerror}."
            raise CommandError(message, returncode=2) from error


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) > LONGEST_WINDOW_DAYS:
        message = f"{text!r} is not a number of days from 0 to {LONGEST_WINDOW_DAYS}"
        raise ArgumentTypeError(message)
    return int(text)
