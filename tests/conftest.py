"""Fixtures that every test may ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase, override_settings
from psycopg.sql import SQL, Identifier, Literal
from pytest_django import DjangoDbBlocker

from articles import wakeups
from articles.events import database, suggesting
from articles.queries.review import COUNT_KEY
from entities.lexicon import forget_lexicon
from newsdesk import env
from newsdesk.accounts.models import User
from newsdesk.services.locks import only_one
from tests.browser import VISITS, chromium, desk, patience, patient_reader, scriptless

__all__ = ["chromium", "desk", "patience", "patient_reader", "scriptless"]

# A PostgreSQL that stands still for a while on a busy machine makes a test slower, not red. Every connection of this
# process, those of a live server's threads too, is made by this one dictionary.
connection.settings_dict["OPTIONS"]["connect_timeout"] = 100


# Names by which a file waits for what is not this process alone.
_WAITS = {
    "wait_until",
    "subprocess",
    "threading",
    "Thread",
    "ThreadPoolExecutor",
    "Worker",
    "Process",
    "serving",
}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Before tests are chosen by their marks."""
    if isinstance(item, pytest.Function) and _WAITS.intersection(vars(item.module)):
        item.add_marker(pytest.mark.processes)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start whole desks go first, then those with a browser: no worker is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    browser = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.path not in slow, item.path not in browser))
    for item in items:
        # They wait for many processes; what hangs ends all the same.
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))


SLOW_SECONDS = 1200


TEMPLATE = "newsdesk_template"
_IDLE = r"(idle_in_transaction_session_timeout=)\w+"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Of the processes that share the tests out, the first makes the tables; the others copy its database."""
    # A test keeps one transaction open however long it does something else in it on a slow machine.
    options = connection.settings_dict["OPTIONS"]
    options["options"] = re.sub(_IDLE, r"\g<1>1200s", str(options["options"]))
    if not env.text("PYTEST_XDIST_WORKER"):
        return
    with django_db_blocker.unblock(), only_one(Path(settings.DATA_DIR) / "template.turn"):
        _make_template()
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def _make_template() -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if cursor.fetchone():
            return
        cursor.execute(SQL("CREATE DATABASE {}").format(Identifier(TEMPLATE)))
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = TEMPLATE
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


# Row 7 of one table is no row of another: whoever takes the id of this for the id of that finds nothing, in every
# order of the tests, instead of now and then the row that happens to bear the same number.
_APART = 1_000_000
_NUMBER_APART = """
SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, place * %s)
FROM (SELECT schemaname, sequencename, row_number() OVER (ORDER BY sequencename) AS place
      FROM pg_sequences WHERE schemaname = 'public') AS numbered
"""


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Nothing is dropped, which a session that is just ending could forbid: the server goes with all its databases."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The tables' ids start far apart; sequences take no part in a rollback, and no test winds one back."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_NUMBER_APART, [_APART])


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Argon2 is slow on purpose; hundreds of people of tests need not be."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


# What migrations put there; no test changes it.
_OF_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}
# Rows of one table from which on Django's own way, to truncate them all, is the shorter one.
_MANY = 3000
# Keys between tables are checked when all are empty. The history, which takes no deletion, takes this one.
_DELETE = """
BEGIN; SET CONSTRAINTS ALL DEFERRED; ALTER TABLE entities_change DISABLE TRIGGER USER; {};
SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE entities_change ENABLE TRIGGER USER; COMMIT
"""
_empty_all: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def _empty_what_was_filled(case: TransactionTestCase) -> None:
    """Django truncates every table, the empty ones too, and makes its permissions anew: half a second a test."""
    VISITS.wait()
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - _OF_MIGRATIONS)
    counted = SQL("SELECT {}, (SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS few)")
    counts = SQL(" UNION ALL ").join(
        counted.format(Literal(table), Identifier(table), Literal(_MANY)) for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(counts)
        filled = {table: rows for table, rows in cursor.fetchall() if rows}
        if any(rows == _MANY for rows in filled.values()):
            _empty_all(case)
            return
        if not filled:
            return
        delete = SQL("; ").join(SQL("DELETE FROM {}").format(Identifier(table)) for table in sorted(filled))
        cursor.execute(SQL(_DELETE).format(delete))


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_what_was_filled)
        VISITS.count(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    """Whitenoise warns about a folder that set-up has not made; the tests serve from the source folders."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _no_memories() -> None:
    """What a process remembers is of the tests before: names, events, heartbeats, wrong passwords, reads of an hour.

    The rail's number is counted once a minute: no test's queries depend on which one came first.
    """
    forget_lexicon()
    for memory in (database._held, suggesting._looked, wakeups._noted_at):
        memory.clear()
    cache.clear()
    cache.set(COUNT_KEY, 0, None)


@pytest.fixture
def analyst(db: None) -> User:
    """Somebody who browses."""
    return User.objects.create_user(
        "ana", "ana@desk.example", "correct horse 12", role="analyst", first_name="Ana"
    )


@pytest.fixture
def editor(db: None) -> User:
    """Somebody who annotates and corrects."""
    return User.objects.create_user(
        "ed", "ed@desk.example", "correct horse 12", role="editor", first_name="Ed"
    )


@pytest.fixture
def admin(db: None) -> User:
    """Somebody who manages sources and people."""
    return User.objects.create_user(
        "ada", "ada@desk.example", "correct horse 12", role="admin", first_name="Ada"
    )
