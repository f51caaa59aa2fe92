"""Brings a database and the collected files to what this version needs; safe to run at any time, by several."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from articles.editing.entity_merges import merge_twin
from articles.events.bert import WeightsError
from articles.events.embedding import make_ready
from entities.lexicon import current_lexicon
from entities.sources import load_knowledge_base
from newsdesk.accounts.first_admin import FIRST_ADMIN, make_first_admin, new_password
from newsdesk.fonts import make_fonts
from newsdesk.sample.sources import is_sample_removed, load_sample_sources
from newsdesk.sample.starter_sources import load_starter_sources
from newsdesk.sample.world import load_world
from newsdesk.services.locks import only_one
from newsdesk.services.supervisor import ANSWER_MARK, SAMPLE_IS_REMOVED

Say = Callable[[str], None]
# Any number will do, as long as it is always the same.
_ADVISORY_LOCK = 7_041_964


def prepare_database(say: Say) -> None:
    """Apply the migrations and load the knowledge base, each when it is wanted."""
    with _alone_in_the_database():
        _migrate(say)
        load_knowledge_base(say, merge=merge_twin)


def prepare_names() -> None:
    """Compile the names of the knowledge base for all processes, unless their file lies in the data folder.

    Whoever corrects a link first after an update would wait for it otherwise.
    """
    current_lexicon()


def prepare_sources(say: Say, *, with_starter: bool) -> None:
    """Add the starter sources, and those of the sample world while it is served; never what a person removed."""
    added = load_starter_sources() if with_starter else 0
    if added:
        say(f"{added} starter sources added")
    if not settings.SAMPLE_ADDRESS:
        return
    if is_sample_removed():
        say(f"{ANSWER_MARK}{SAMPLE_IS_REMOVED}")
        return
    added = load_sample_sources(load_world(), f"http://{settings.SAMPLE_ADDRESS}")
    if added:
        say(f"{added} sources of the sample world added")


def prepare_first_admin(say: Say) -> None:
    """Make the first admin when there is none, and say the password this once."""
    password = settings.ADMIN_PASSWORD or new_password()
    if make_first_admin(password) is not None:
        shown = (
            "as NEWSDESK_ADMIN_PASSWORD says" if settings.ADMIN_PASSWORD else f"{password}  (shown this once)"
        )
        say(f"{ANSWER_MARK}Sign in as {FIRST_ADMIN}, password: {shown}")


def prepare_files(say: Say) -> None:
    """Make the fonts, collect the static files, and make the file of the model that tells how alike texts read."""
    with only_one(Path(settings.DATA_DIR) / "files.turn"):
        if make_fonts():
            say("fonts made")
        call_command("collectstatic", interactive=False, verbosity=0)
        try:
            if make_ready():
                say("language model made ready")
        except WeightsError as error:  # articles are placed by words and names alone then
            say(f"the language model cannot be used: {error}")


def known_migrations() -> set[str]:
    """Every migration of this version, as "app.name"."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or ()}


def _migrate(say: Say) -> None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        say(f"making the tables ({len(waiting)} migrations)")
        call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def _alone_in_the_database() -> Iterator[None]:
    with connection.cursor() as cursor:
        # Migrations and the first load are longer than any page may take.
        cursor.execute(
            "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
        )
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        cursor.execute("SET lock_timeout = '60s'")
    try:
        yield
    finally:
        # Closing gives the lock back and forgets the time limits we lifted.
        connection.close()
