"""`manage.py prepare`: bring the database and the static files to what this version needs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from newsdesk.prepare import (
    prepare_database,
    prepare_files,
    prepare_first_admin,
    prepare_names,
    prepare_sources,
)
from newsdesk.services.borrow import borrowed_database


class Command(BaseCommand):
    """A thin door over newsdesk.prepare; `up` runs it at each start, a team's compose file once a deployment."""

    help = "Make the tables, the starter knowledge base and sources, the first admin and the static files."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the options."""
        parser.add_argument(
            "--no-starter-sources", action="store_true", help="do not add the starter sources"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over."""
        prepare_files(self.stdout.write)
        with borrowed_database(is_prepared=False):
            prepare_database(self.stdout.write)
            prepare_names()
            prepare_sources(self.stdout.write, with_starter=not options["no_starter_sources"])
            prepare_first_admin(self.stdout.write)
