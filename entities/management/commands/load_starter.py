"""`manage.py load_starter`: the starter knowledge base, once more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entities.errors import SourceDataError
from entities.sources.starter import load_starter


class Command(BaseCommand):
    """A thin door over entities.sources.starter."""

    requires_database = True
    help = "Load the starter set of the knowledge base; adds what is missing, keeps what people changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what was done."""
        try:
            done = load_starter(self.stdout.write)
        except SourceDataError as error:
            raise CommandError(str(error)) from error
        for sentence in done.refused:
            self.stderr.write(sentence)
