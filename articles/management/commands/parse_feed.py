"""Reads feed files and writes what they say, one JSON object a line."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.errors import NewsdeskError
from articles.ingest.policy import feed_limits_from_settings, sandbox_from_settings
from articles.ingest.sandbox import Sandbox
from articles.types import ParsedEntry, ParsedFeed


class Command(BaseCommand):
    """`manage.py parse_feed FILE... [--url URL]`; needs no database."""

    help = (
        "Read feed files (.gz accepted) and write one JSON object for each; exit 1 if any could not be read."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files and the address they were served from."""
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="feed bytes as served; - reads standard input"
        )
        parser.add_argument(
            "--url", default="", help="where the feed was found: relative links start from there"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Write a line for each file, in order, as soon as it is read."""
        largest = feed_limits_from_settings().max_bytes
        failed = 0
        with sandbox_from_settings(size=1) as sandbox:
            for name in options["files"]:
                row = _row(name, options["url"], sandbox, largest)
                failed += "error" in row
                self.stdout.write(json.dumps(row, ensure_ascii=False))
                self.stdout.flush()
        if failed:
            raise CommandError(f"{failed} of {len(options['files'])} files could not be read", returncode=1)


def _row(name: str, url: str, sandbox: Sandbox, largest: int) -> dict[str, Any]:
    try:
        body = _read(name, largest)
        return {"file": name, **_feed(sandbox.parse_feed(body, url))}
    except NewsdeskError as error:
        return {"file": name, "error": str(error)}
    except (OSError, EOFError, zlib.error) as error:
        return {"file": name, "error": f"{name} cannot be read: {getattr(error, 'strerror', None) or error}."}


def _read(name: str, largest: int) -> bytes:
    """The file's bytes, at most one more than may be parsed, so that a packed bomb stays packed."""
    if name == "-":
        return sys.stdin.buffer.read(largest + 1)
    path = Path(name)
    if path.suffix == ".gz":
        with gzip.open(path) as stream:
            return stream.read(largest + 1)
    with path.open("rb") as stream:
        return stream.read(largest + 1)


def _feed(feed: ParsedFeed) -> dict[str, Any]:
    return {
        "format": feed.format,
        "title": feed.title or None,
        "link": feed.link or None,
        "language": feed.language or None,
        "entries": [_entry(entry) for entry in feed.entries],
        "problems": list(feed.problems),
    }


def _entry(entry: ParsedEntry) -> dict[str, Any]:
    return {
        "guid": entry.guid or None,
        "url": entry.url or None,
        "title": entry.title or None,
        "authors": list(entry.authors),
        "published": entry.published.isoformat() if entry.published else None,
        "updated": entry.updated.isoformat() if entry.updated else None,
        "summary_html": entry.summary_html or None,
        "content_html": entry.content_html or None,
        "categories": list(entry.categories),
        "source_name": entry.source_name or None,
    }
