"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

from articles.queries.review import COUNT_KEY
from newsdesk.accounts.models import User
from tests.browser import chromium, desk

__all__ = ["chromium", "desk"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that start whole desks go first, so that no worker is left alone with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Argon2 is slow on purpose; hundreds of people of tests need not be."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    """Whitenoise warns about a folder that set-up has not made; the tests serve from the source folders."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _known_review_count() -> None:
    """The rail's number is counted once a minute: no test's queries depend on which one came first."""
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
