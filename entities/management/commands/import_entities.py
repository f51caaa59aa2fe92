"""`manage.py import_entities TABLE FILE`: a table that a user has goes into the knowledge base."""

import argparse
import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entities.errors import SourceDataError
from entities.sources.tables.formats import FORMATS
from entities.sources.tables.importing import import_table
from entities.sources.tables.rows import Origin


class Command(BaseCommand):
    """A thin door over entities.sources.tables."""

    requires_database = True
    help = "Import companies, people, markets or numbers from a table; repeatable."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """The kinds of tables are listed line by line."""
        forms = "\n".join(f"  {one.name:<17}{one.words}" for one in FORMATS.values())
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=f"kinds of tables:\n{forms}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **kwargs,
        )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """A kind, a file, and how to go about it."""
        parser.add_argument("table", choices=sorted(FORMATS), metavar="TABLE", help="the kind of table")
        parser.add_argument("file", type=Path, help="CSV or JSON, also packed with gzip")
        parser.add_argument(
            "--source", help="what is written as the source of its facts (else the kind's name)"
        )
        parser.add_argument(
            "--as-of", help="the date of the table: YYYY, YYYY-MM or YYYY-MM-DD (else this month)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="count what would change, and change nothing"
        )
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="write faulty lines with reasons here (CSV)"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Import and say what was done, what contradicts, and what was left out."""
        form = options["table"]
        origin = None
        if options["source"] or options["as_of"]:
            origin = Origin((options["source"] or form)[:120], (options["as_of"] or "")[:10])
        try:
            told = import_table(
                form,
                options["file"],
                self.stderr.write,
                origin=origin,
                dry_run=options["dry_run"],
            )
        except SourceDataError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(("Nothing was changed. It would be: " if options["dry_run"] else "") + str(told))
        for why, (number, first, _) in sorted(told.rejects.items(), key=lambda item: -item[1][0]):
            self.stdout.write(f"  {number:>8,} left out, the first is line {first}: {why}")
        for sentence in told.refused[:50]:
            self.stdout.write(f"  refused: {sentence}")
        if len(told.refused) > 50:  # noqa: PLR2004 - a screenful
            self.stdout.write(f"  and {len(told.refused) - 50:,} more refused")
        if options["rejects"]:
            with options["rejects"].open("w", encoding="utf-8", newline="") as stream:
                table = csv.writer(stream)
                table.writerow(["line", "why"])
                table.writerows(told.bad)
