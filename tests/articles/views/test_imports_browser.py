"""The page of imports in a real browser: axe, both themes, 320 px."""

from __future__ import annotations

import pytest
from django.utils import timezone

from entities.models import ImportRun
from newsdesk.accounts.models import User
from tests.browser import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_passes_axe_empty_and_full(desk: Desk, admin: User) -> None:
    desk.sign_in(admin)
    desk.check_page("imports-none", "/entities/imports/")
    for name, ended in (("equities.bz2", timezone.now()), ("stopped.csv", None)):
        ImportRun.objects.create(
            form="finance_database", file=name, file_sha256="0" * 64, lines=209_287, finished_at=ended,
            counts={"added": {"entities": 13_793, "aliases": 54_047}, "updated": {"securities": 3144}, "known": 96_181,
                    "conflicts": 3997, "refused": 12},
            rejects=[{"why": "The market is not one that we keep.", "n": 113_106, "first": 3, "bad": False},
                     {"why": "The ticker is not well formed.", "n": 2, "first": 9, "bad": True}],
        )  # fmt: skip
    desk.check_page("imports-some", "/entities/imports/")
