"""Reads pages as JSON Lines and writes the articles in them, one JSON object a line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.errors import NewsdeskError
from articles.ingest.policy import sandbox_from_settings
from articles.ingest.sandbox import Sandbox
from articles.types import ExtractedPage


class Command(BaseCommand):
    """`manage.py extract_text [FILE...]`; needs no database."""

    help = 'Read lines of {"id", "url", "html"} and write title, text, date and authors; exit 1 if a line failed.'
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files."""
        parser.add_argument(
            "files", nargs="*", metavar="FILE", help="JSON Lines; standard input when none is named"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Write a line for each line, in order, as soon as it is done."""
        failed = 0
        with sandbox_from_settings(size=1) as sandbox:
            for line in _lines(options["files"]):
                row = _answer(line, sandbox)
                failed += "error" in row
                self.stdout.write(_json(row))
                self.stdout.flush()
        if failed:
            raise CommandError(f"{failed} lines could not be read", returncode=1)


def _lines(files: list[str]) -> Iterable[bytes]:
    """The lines that hold anything, as bytes: a broken one must not end the run."""
    if not files:
        yield from (line for line in sys.stdin.buffer if line.strip())
    for name in files:
        try:
            with Path(name).open("rb") as stream:
                yield from (line for line in stream if line.strip())
        except OSError as error:
            raise CommandError(f"{name} cannot be read: {error.strerror}", returncode=2) from error


def _answer(line: bytes, sandbox: Sandbox) -> dict[str, Any]:
    key: Any = None
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            return {"id": None, "error": "This line is no JSON object."}
        key = row.get("id")
        html = row.get("html")
        if not isinstance(html, str):
            return {"id": key, "error": "This line has no html."}
        url = row.get("url")
        page = sandbox.extract_page(html, url if isinstance(url, str) else "")
    except NewsdeskError as error:
        return {"id": key, "error": str(error)}
    except (ValueError, RecursionError):
        return {"id": None, "error": "This line is no JSON."}
    return {"id": key, **_page(page)}


def _page(page: ExtractedPage) -> dict[str, Any]:
    return {
        "title": page.title or None,
        "text": page.text or None,
        "authors": list(page.authors),
        "published": _time(page),
        "published_from": page.published_from,
        "language": page.language or None,
        "canonical_url": page.canonical_url or None,
        "site_name": page.site_name or None,
        "problems": list(page.problems),
    }


def _json(row: dict[str, Any]) -> str:
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, in an id that must come back as it was
        return json.dumps(row)
    return text


def _time(page: ExtractedPage) -> str | None:
    return page.published.isoformat() if page.published else None
