"""The knowledge base that is measured: as it ships, and with a table of listed companies when one is given."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

# Models and what imports them come after the set-up.
from entities.models import Alias, Entity  # noqa: E402
from entities.sources import load_knowledge_base  # noqa: E402
from entities.sources.tables.importing import import_table  # noqa: E402


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def make(listings: Path | None) -> None:
    """Fill an empty database."""
    call_command("migrate", verbosity=0, interactive=False)
    load_knowledge_base(say)
    if listings is not None:
        began = time.monotonic()
        told = import_table("listings", listings, lambda _words: None)
        say(f"{told} ({time.monotonic() - began:.0f} s)")
    say(f"{Entity.objects.count():,} entities, {Alias.objects.count():,} names")
