"""Settings are read or refused in one sentence that names them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsdesk import env

ROOT = Path(__file__).resolve().parents[2]


def test_ports_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "8080, 65535")
    assert env.ports("X") == {8080, 65535}
    monkeypatch.delenv("X")
    assert env.ports("X") == frozenset()


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "8080;1", "９"])
def test_what_is_no_port_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(env.SettingError, match=r"X: .* is no port"):
        env.ports("X")


def test_a_choice_is_one_of_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "loud")
    with pytest.raises(env.SettingError, match=r"X='loud' .* write one of A, B"):
        env.choice("X", "A", among=("A", "B"))
    monkeypatch.delenv("X")
    assert env.choice("X", "A", among=("A", "B")) == "A"


@pytest.mark.parametrize("value", ["smtp://u:secret@h:99999999", "http://h", "smtp://", "h:25", "smtp://[h"])
def test_an_address_that_cannot_be_read_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(env.SettingError, match="X cannot be read") as caught:
        env.url("X", schemes=("smtp", "smtps"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_number_is_finite(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(env.SettingError, match="X="):
        env.number("X", 1.0)


def in_another_process(code: str, **more: str) -> str:
    setup = "import django; from django.conf import settings; django.setup()\n"
    answer = subprocess.run(
        [sys.executable, "-c", setup + code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "newsdesk.settings", **more},
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    return answer.stdout.strip()


def test_behind_a_proxy_wrong_passwords_are_counted_by_the_address_it_names() -> None:
    code = (
        "from allauth.account.adapter import get_adapter; from django.test import RequestFactory\n"
        "request = RequestFactory().get('/', HTTP_X_FORWARDED_FOR='192.0.2.9, 203.0.113.7', REMOTE_ADDR='10.0.0.1')\n"
        "print(get_adapter().get_client_ip(request))"
    )
    # The last name is the proxy's own word; what stands before it anybody can write.
    assert in_another_process(code, NEWSDESK_TRUSTED_PROXY="True") == "203.0.113.7"
    assert in_another_process(code, NEWSDESK_TRUSTED_PROXY="False") == "10.0.0.1"


def test_nothing_is_served_under_a_key_that_everybody_can_read(tmp_path: Path) -> None:
    code = (
        "from django.core.exceptions import ImproperlyConfigured\n"
        "try:\n    import newsdesk.wsgi\nexcept ImproperlyConfigured as error:\n    print(error)"
    )
    said = in_another_process(code, NEWSDESK_DATA=str(tmp_path), NEWSDESK_SECRET_KEY="")
    assert "NEWSDESK_SECRET_KEY is not set" in said
    assert in_another_process(code, NEWSDESK_DATA=str(tmp_path), NEWSDESK_SECRET_KEY="k" * 50) == ""


def test_cookies_are_secure_when_the_desk_is_reached_by_https() -> None:
    code = "print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT)"
    assert in_another_process(code, NEWSDESK_HTTPS="True") == "True True True"
    assert in_another_process(code, NEWSDESK_HTTPS="False") == "False False False"


@pytest.mark.parametrize(
    ("value", "read"),
    [("ops@desk.example", "ops@desk.example"), ("mailto:ops@desk.example", "ops@desk.example"),
     ("https://desk.example/contact", "https://desk.example/contact"), ("", "")],
)  # fmt: skip
def test_a_contact_is_a_mail_address_or_a_web_address(
    monkeypatch: pytest.MonkeyPatch, value: str, read: str
) -> None:
    monkeypatch.setenv("X", value)
    assert env.contact("X") == read


@pytest.mark.parametrize(
    "value", ["ops", "ops@desk", "desk.example", "a@b.c (me)", "ops@dösk.example", "ftp://a.example"]
)
def test_what_is_no_contact_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(env.SettingError, match=r"X=.* write a mail address, or a web address"):
        env.contact("X")
