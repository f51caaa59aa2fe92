"""A new encryption key: everything is sealed anew, and what cannot be is named."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles.editing.rotation import rotate_keys
from articles.ingest.secrets import seal, unseal
from articles.models import Feed, Subscription
from tests.factories import make_publisher

pytestmark = pytest.mark.django_db


def _feed(name: str, secrets: bytes | None) -> Feed:
    return Feed.objects.create(
        publisher=make_publisher(),
        title=name,
        url=f"https://{name}.example/",
        url_sha256=name.encode().ljust(32),
        host=f"{name}.example",
        next_fetch_at=timezone.now(),
        secrets=secrets,
    )


def _run() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_all_secrets_are_sealed_under_the_new_key_and_counted(settings: Any) -> None:
    feeds = [_feed(f"s{number}", seal({"cookie": f"c={number}"})) for number in range(3)]
    _feed("none", None)
    Subscription.objects.create(
        feed=feeds[0], hub="https://hub.example/", topic="t", token="t", secret=seal({"secret": "s"}),
        renew_at=timezone.now(),
    )  # fmt: skip
    settings.ENCRYPTION_KEYS_OLD = (settings.ENCRYPTION_KEY,)
    settings.ENCRYPTION_KEY = "a new key"
    said = _run()
    assert "3 sources and 1 push subscription" in said
    settings.ENCRYPTION_KEYS_OLD = ()
    for number, feed in enumerate(feeds):
        feed.refresh_from_db()
        assert unseal(feed.secrets) == {"cookie": f"c={number}"}
    assert unseal(Subscription.objects.get().secret) == {"secret": "s"}


def test_what_no_key_opens_is_named_and_left_as_it_is(settings: Any) -> None:
    lost = _feed("lost", seal({"cookie": "a=b"}))
    sealed = bytes(lost.secrets or b"")
    settings.ENCRYPTION_KEY = "a new key"
    kept = _feed("kept", seal({"cookie": "a=b"}))
    assert rotate_keys().unreadable == (("lost", lost.pk),)
    with pytest.raises(CommandError, match=rf"1 could not be read.*“lost” \({lost.pk}\).*KEYS_OLD"):
        _run()
    lost.refresh_from_db()
    kept.refresh_from_db()
    assert bytes(lost.secrets or b"") == sealed
    assert unseal(kept.secrets) == {"cookie": "a=b"}


def test_without_a_key_it_says_what_to_do(settings: Any) -> None:
    _feed("one", seal({"cookie": "a=b"}))
    settings.ENCRYPTION_KEY = ""
    with pytest.raises(CommandError, match="NEWSDESK_ENCRYPTION_KEY"):
        _run()


def test_it_may_be_run_on_an_empty_desk() -> None:
    assert "0 sources" in _run()
