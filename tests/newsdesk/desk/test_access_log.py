"""Every request leaves a line, and no line holds what opens a door."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from newsdesk.desk.access_log import NoKeysFilter, without_keys


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("/feeds/Zk3y-_a9/events.atom", "/feeds/…/events.atom"),
        ("Too Many Requests: /feeds/Zk3y/events.json", "Too Many Requests: /feeds/…/events.json"),
        ('"GET https://desk.example/join/t0ken/ HTTP/1.1"', '"GET https://desk.example/join/…/ HTTP/1.1"'),
        ("/password/3-c0de-secret/", "/password/…/"),
        ("/events/feeds/?range=7d", "/events/feeds/?range=7d"),
        ("/sources/12/", "/sources/12/"),
    ],
)
def test_keys_in_addresses_are_left_out(line: str, kept: str) -> None:
    assert without_keys(line) == kept


def test_a_line_of_any_part_is_cleaned() -> None:
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 1, "%s: %s", ("Not Found", "/feeds/k3y/events.atom"), None
    )
    assert NoKeysFilter().filter(record)
    assert record.getMessage() == "Not Found: /feeds/…/events.atom"


@pytest.mark.django_db
def test_a_request_is_told_with_its_answer(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="newsdesk.desk.access_log"):
        client.get("/healthz?q=words")
    said = [record.getMessage() for record in caplog.records if record.name == "newsdesk.desk.access_log"]
    assert len(said) == 1
    assert said[0].startswith("127.0.0.1 GET /healthz 200 ")
