"""Seals the secrets of sources anew under the current encryption key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.editing.rotation import rotate_keys
from articles.errors import RefusedError


class Command(BaseCommand):
    """`manage.py rotate_keys`; may be run again at any time."""

    requires_database = True
    help = (
        "Seal all secrets of sources under NEWSDESK_ENCRYPTION_KEY. Name the former keys in "
        "NEWSDESK_ENCRYPTION_KEYS_OLD before, and drop them afterwards. Exit 1 when some cannot be read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over, and say how many."""
        try:
            done = rotate_keys()
        except RefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Sealed under the current key: the secrets of {done.feeds} sources and {done.subscriptions} push subscriptions."
        )
        if done.unreadable:
            names = ", ".join(f"“{title}” ({pk})" for title, pk in done.unreadable[:20])
            raise CommandError(
                f"{len(done.unreadable)} could not be read with any known key: {names}. Name the key they were "
                "sealed with in NEWSDESK_ENCRYPTION_KEYS_OLD, or enter them anew on their Edit pages.",
                returncode=1,
            )
