"""Groups a stream of articles into events and copies, one JSON object a line in and out."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from articles.events.stream import group_lines

LONGEST_WINDOW_DAYS = 36_500


class Command(BaseCommand):
    """`manage.py group_articles [--window-days N] [FILE...]`; needs no database."""

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

    def handle(self, *_args: object, **options: Any) -> None:
        """Write a line for each article, in order, as soon as it is placed."""
        days = options["window_days"]
        failed = 0
        for row in group_lines(_lines(options["files"]), timedelta(days=days) if days else None):
            failed += "error" in row
            self.stdout.write(json.dumps(row, ensure_ascii=False))
            self.stdout.flush()
        if failed:
            message = f"{failed} lines could not be used; each says why."
            raise CommandError(message, returncode=1)


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
