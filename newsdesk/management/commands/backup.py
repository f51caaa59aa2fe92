"""`manage.py backup FILE`: the whole desk in one file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from newsdesk.backup import write_backup
from newsdesk.services.borrow import borrowed_database


class Command(BaseCommand):
    """A thin door over newsdesk.backup."""

    help = "Write the database (and the keys, when asked) to one file, while the desk works on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments."""
        parser.add_argument("file", type=Path, help="file to write; must not exist")
        parser.add_argument(
            "--with-keys", action="store_true", help="include the secret and the encryption key"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over."""
        with borrowed_database(is_prepared=False):
            manifest = write_backup(
                settings.DATABASE_URL, options["file"], settings.DATA_DIR, with_keys=options["with_keys"]
            )
        rows = sum(table.rows for table in manifest.tables.values())
        self.stdout.write(f"{options['file']}: {len(manifest.tables)} tables, {rows} rows")
