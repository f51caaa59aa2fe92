"""`manage.py restore FILE`: a desk from its backup."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from newsdesk.backup import restore_backup
from newsdesk.prepare import known_migrations, prepare_database
from newsdesk.services.borrow import borrowed_database
from newsdesk.services.errors import ServiceError
from newsdesk.services.runfile import read_record


class Command(BaseCommand):
    """A thin door over newsdesk.backup."""

    help = "Put a backup into an empty database, compare it row by row, and bring it to this version."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments."""
        parser.add_argument("file", type=Path, help="file that `backup` wrote")
        parser.add_argument("--replace", action="store_true", help="throw away what the database holds now")
        parser.add_argument("--with-keys", action="store_true", help="take the keys out of the backup too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over."""
        record = read_record(settings.DATA_DIR)
        if record is not None and record.is_alive:
            raise ServiceError(f"Newsdesk runs on this data folder (process {record.pid}): stop it first.")
        with borrowed_database(is_prepared=False):
            manifest = restore_backup(
                settings.DATABASE_URL,
                options["file"],
                settings.DATA_DIR,
                known_migrations=known_migrations(),
                replace=options["replace"],
                with_keys=options["with_keys"],
            )
            prepare_database(self.stderr.write)
        rows = sum(table.rows for table in manifest.tables.values())
        self.stdout.write(
            f"Restored {len(manifest.tables)} tables, {rows} rows, of {manifest.made_at}; all compared."
        )
        if not options["with_keys"]:
            self.stdout.write("Keys were not restored: secrets of feeds need the old encryption key.")
