"""A container learns whether its own process lives, by the signs that the process leaves."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles.models import Heartbeat

pytestmark = pytest.mark.django_db


def _sign(part: str, name: str, *, seconds: float) -> None:
    Heartbeat.objects.create(part=part, name=name, at=timezone.now() - timedelta(seconds=seconds))


def test_who_gave_a_sign_lately_lives() -> None:
    _sign("fetch", "fetch@desk-1", seconds=-600)
    said = StringIO()
    call_command("alive", "fetch", host="desk-1", stdout=said)
    assert said.getvalue() == "fetch@desk-1 lives.\n"


@pytest.mark.parametrize(
    ("part", "name", "seconds"),
    [
        ("fetch", "fetch@desk-1", 3600),
        ("fetch", "fetch@desk-2", -600),
        ("text", "text@desk-1", -600),
        ("beat", "beat@desk-1", -600),
    ],
    ids=["silent", "of another host", "of another queue", "beat"],
)
def test_who_did_not_is_told_so_and_the_status_is_1(part: str, name: str, seconds: float) -> None:
    _sign(part, name, seconds=seconds)
    with pytest.raises(CommandError, match="fetch@desk-1 gave no sign of life lately") as refused:
        call_command("alive", "fetch", host="desk-1")
    assert refused.value.returncode == 1


def test_beat_lives_by_its_ticks() -> None:
    _sign("beat", "beat@desk-1", seconds=-600)
    call_command("alive", "beat", host="desk-1", stdout=StringIO())
