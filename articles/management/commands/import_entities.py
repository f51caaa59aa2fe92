"""`manage.py import_entities TABLE [FILE|--download]`: a table goes into the knowledge base."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.errors import RefusedError
from articles.ingest.downloads import ADDRESSES, download_table
from articles.queries.exports import harmless
from entities.errors import SourceDataError
from entities.sources.facts import DATE
from entities.sources.tables import own, wikidata
from entities.sources.tables.formats import FORMATS
from entities.sources.tables.importing import Told, import_table
from entities.sources.tables.rows import Origin

_SCREENFUL = 50
_STOPPED = 130  # as a shell says that Ctrl-C ended a program


class Command(BaseCommand):
    """A thin door over entities.sources.tables and articles.ingest.downloads."""

    requires_database = True
    help = (
        "Import companies, people, markets, numbers, posts or ownership from a table. Repeatable: a second time adds "
        "nothing, and an import that was stopped goes on. Facts that contradict ours wait in the review queue."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """The kinds of tables are listed line by line, and the columns of those that users write themselves."""
        forms = "\n".join(f"  {one.name:<17}{one.words}" for one in FORMATS.values())
        columns = [(module.__doc__ or "").partition("\n\n")[2].rstrip() for module in (own, wikidata)]
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=f"kinds of tables:\n{forms}\n\nown: {columns[0]}\n\nwikidata: {columns[1]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **kwargs,
        )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """A kind, a file or a download, and how to go about it."""
        parser.add_argument("table", choices=sorted(FORMATS), metavar="TABLE", help="the kind of table")
        parser.add_argument(
            "file", type=Path, nargs="?", help="CSV or JSON, also packed with gzip, zip or bzip2"
        )
        parser.add_argument(
            "--download",
            action="store_true",
            help=f"get the public table instead of reading a file ({', '.join(ADDRESSES)}); the addresses are settings",
        )
        parser.add_argument(
            "--source", help="what is written as the source of its facts (else the kind's own)"
        )
        parser.add_argument(
            "--as-of",
            help="the date of the table: YYYY, YYYY-MM or YYYY-MM-DD (else the download's day, or this month)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="count what would change, and change nothing"
        )
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="write faulty lines with reasons here (CSV)"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Import and say what was done, what contradicts, and what was left out."""
        form, path = options["table"], options["file"]
        as_of = options["as_of"] or ""
        if as_of and not DATE.fullmatch(as_of):
            raise CommandError(f"--as-of is {as_of}: YYYY, YYYY-MM or YYYY-MM-DD is wanted.", returncode=2)
        if (path is None) != options["download"]:
            raise CommandError("Give a file, or --download, and not both.", returncode=2)
        try:
            if path is None:
                got = download_table(form, self.stderr.write)
                path, as_of = got.path, as_of or got.as_of
            told = import_table(
                form,
                path,
                self.stderr.write,
                origin=Origin((options["source"] or "")[:120], as_of),
                dry_run=options["dry_run"],
            )
        except (SourceDataError, RefusedError) as error:
            raise CommandError(str(error), returncode=2) from error
        except KeyboardInterrupt as error:
            words = "nothing was changed" if options["dry_run"] else "what was stored stays"
            raise CommandError(
                f"Stopped: {words}. `import_entities {form} {path}` goes on.", returncode=_STOPPED
            ) from error
        self._say(told, is_dry=options["dry_run"])
        if options["rejects"]:
            with options["rejects"].open("w", encoding="utf-8", newline="") as stream:
                table = csv.writer(stream, quoting=csv.QUOTE_ALL)
                table.writerow(["line", "why"])
                table.writerows((line, harmless(why)) for line, why in told.bad)

    def _say(self, told: Told, *, is_dry: bool) -> None:
        self.stdout.write(("Nothing was changed. It would be: " if is_dry else "") + str(told))
        for why, (number, first, _) in sorted(told.rejects.items(), key=lambda item: -item[1][0]):
            self.stdout.write(f"  {number:>8,} left out, the first is line {first}: {why}")
        for sentence in told.refused[:_SCREENFUL]:
            self.stdout.write(f"  refused: {sentence}")
        if len(told.refused) > _SCREENFUL:
            self.stdout.write(f"  and {len(told.refused) - _SCREENFUL:,} more refused")
