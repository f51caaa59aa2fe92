"""`manage.py sample status|load|remove`: what the sample world left in the desk, bring it back, take it away."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from newsdesk.sample.sources import (
    SampleStatus,
    load_sample_sources,
    remove_sample,
    sample_status,
    welcome_sample_back,
)
from newsdesk.sample.world import load_world


class Command(BaseCommand):
    """The door of the sample world on the command line."""

    requires_database = True
    help = "Show, load or remove the sample data: invented publishers and all that came from them."

    def add_arguments(self, parser: CommandParser) -> None:
        """One word says what to do."""
        parser.add_argument("what", choices=["status", "load", "remove"])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Call one act and say what it did."""
        {"status": self._status, "load": self._load, "remove": self._remove}[options["what"]]()

    def _status(self) -> None:
        status = sample_status()
        self.stdout.write(f"In the desk: {_words(status)}.")
        if status.removed:
            self.stdout.write("The sample was removed: `manage.py sample load` brings it back.")

    def _load(self) -> None:
        welcome_sample_back("command line")
        if not settings.SAMPLE_ADDRESS:
            self.stdout.write("The sample world is not being served: the next `manage.py up` loads it.")
            return
        created = load_sample_sources(load_world(), f"http://{settings.SAMPLE_ADDRESS}")
        self.stdout.write(f"{created} new sample feeds; {_words(sample_status())} in the desk.")

    def _remove(self) -> None:
        self.stdout.write(f"Removed: {_words(remove_sample('command line'))}.")


def _words(status: SampleStatus) -> str:
    return (
        f"{status.publishers} sample publishers, {status.feeds} feeds, {status.articles} articles,"
        f" {status.events} events"
    )
