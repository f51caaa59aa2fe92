"""Says whether the fetch door would connect to an address, and why not; sends nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.ingest.fetch import explain_url
from articles.ingest.policy import policy_from_settings


class Command(BaseCommand):
    """`manage.py check_url URL...`; needs no database."""

    help = "Say for each address whether it would be fetched. Exit 0 when all would, 1 when any is refused."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the addresses."""
        parser.add_argument("urls", nargs="+", metavar="URL", help="the address as it would be fetched")

    def handle(self, *_args: object, **options: Any) -> None:
        """Write one line for each address."""
        # The exception for the sample world is for its own rows only, never for an address that somebody names.
        policy = policy_from_settings(sample=False)
        refused = 0
        for url in options["urls"]:
            verdict = explain_url(url, policy)
            refused += not verdict.is_open
            self.stdout.write(f"{url}: {verdict.message}")
        if refused:
            raise CommandError(f"{refused} of {len(options['urls'])} would be refused", returncode=1)
