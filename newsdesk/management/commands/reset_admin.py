"""`manage.py reset_admin`: the way back in for who lost the admin's password."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from newsdesk.accounts.first_admin import FIRST_ADMIN, new_password, reset_admin


class Command(BaseCommand):
    """A thin door over newsdesk.accounts.first_admin."""

    requires_database = True
    help = "Give a user a new password and the admin's role; its second factors and sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the argument."""
        parser.add_argument("username", nargs="?", default=FIRST_ADMIN, help=f"the user ({FIRST_ADMIN})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over, and print the password once."""
        password = settings.ADMIN_PASSWORD or new_password()
        user = reset_admin(options["username"], password)
        shown = "as NEWSDESK_ADMIN_PASSWORD says" if settings.ADMIN_PASSWORD else password
        self.stdout.write(f"{user.get_username()} is admin; password: {shown}")
