"""Tells whether a part of the machine lives: what a container asks about itself."""

from __future__ import annotations

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.queries.machine import is_alive

PARTS = ("beat", "fetch", "text", "place", "house")


class Command(BaseCommand):
    """`manage.py alive PART`; exit status 1 when this host's process is silent."""

    help = "Exit 0 when the worker of this queue (or beat) on this host gave its sign of life lately, 1 when it is silent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One part."""
        parser.add_argument("part", choices=PARTS, help="a queue that a worker serves, or beat")
        parser.add_argument("--host", default=socket.gethostname(), help="the host's name; this one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask once."""
        part, host = options["part"], options["host"]
        if not is_alive(part, host, timezone.now()):
            raise CommandError(
                f"{part}@{host} gave no sign of life lately: look at its log, or start it again.",
                returncode=1,
            )
        self.stdout.write(f"{part}@{host} lives.")
