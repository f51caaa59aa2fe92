"""Runs a management command, with a database under it when it needs one."""

import os
import sys
from collections.abc import Sequence

import django
from django.core.management import execute_from_command_line, get_commands, load_command_class
from django.core.management.base import BaseCommand

from newsdesk import env
from newsdesk.services.errors import ServiceError

# Django's own commands that talk to the database; they take it as it is.
_DJANGO_COMMANDS = {
    "changepassword", "clearsessions", "createsuperuser", "dbshell", "dumpdata", "flush", "inspectdb",
    "loaddata", "migrate", "remove_stale_contenttypes", "shell", "showmigrations", "sqlsequencereset",
}  # fmt: skip


def run_command(argv: Sequence[str]) -> int:
    """Run `manage.py` with these arguments; returns the exit status. What a person can mend is one line and 2."""
    env.put_default("DJANGO_SETTINGS_MODULE", "newsdesk.settings")
    try:
        _see_to_its_database(argv)
        execute_from_command_line(list(argv))
    except (env.SettingError, ServiceError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def _see_to_its_database(argv: Sequence[str]) -> None:
    """A command says `requires_database = True` when it reads the prepared knowledge base."""
    if len(argv) < 2 or {"-h", "--help", "--version"}.intersection(argv):  # noqa: PLR2004 - program and command
        return
    django.setup()
    app = get_commands().get(argv[1])
    if app is None:
        return
    command = app if isinstance(app, BaseCommand) else load_command_class(app, argv[1])
    is_prepared = bool(getattr(command, "requires_database", False))
    if is_prepared or argv[1] in _DJANGO_COMMANDS:
        # Half of the application: only these commands want it.
        from newsdesk.services.borrow import ensure_database  # noqa: PLC0415

        ensure_database(is_prepared=is_prepared)
