"""Dates in the ways that feeds and pages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from articles.ingest.dates import read_date, read_date_parts


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("Mon, 25 Jun 2018 10:00:00 GMT", "2018-06-25T10:00:00"),
        ("Mon, 25 Jun 2018 10:00:00 EDT", "2018-06-25T14:00:00"),
        ("Mon, 25 Jun 2018 10:00:00 +0530", "2018-06-25T04:30:00"),
        ("Mo, 25 Jun 2018", "2018-06-25T00:00:00"),
        ("25 June 2018 10:00", "2018-06-25T10:00:00"),
        ("Sat, 01 Nov 03 10:00:00 GMT", "2003-11-01T10:00:00"),
        ("2018-06-25T10:00:00Z", "2018-06-25T10:00:00"),
        ("2018-06-25T10:00:00.123456+02:00", "2018-06-25T08:00:00"),
        ("2018-06-25 10:00", "2018-06-25T10:00:00"),
        ("2018-06-25", "2018-06-25T00:00:00"),
        ("20180625", "2018-06-25T00:00:00"),
        ("June 25, 2018 3:04 pm EST", "2018-06-25T20:04:00"),
        ("Thu Jan  1 19:48:21 UTC 2004", "2004-01-01T19:48:21"),
        ("22. März 2026 10:00", "2026-03-22T10:00:00"),
        ("lunes, 3 de marzo de 2025 10:00", "2025-03-03T10:00:00"),
        ("Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00"),
        ("2003-12-31T24:00:00Z", "2004-01-01T00:00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
    ],
)
def test_it_reads_a_date(raw: str, iso: str) -> None:
    assert read_date(raw) == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "2026-02-30",
        "99999-01-01",
        "9999-12-31T23:00:00-05:00",
        "25 Foo 2018",
        "x" * 5000,
        "0",
    ],
)
def test_it_gives_none_for_what_is_no_date(raw: str) -> None:
    assert read_date(raw) is None


def test_it_keeps_the_zone_as_written_and_says_whether_there_is_a_clock() -> None:
    found = read_date_parts("2018-06-25T23:30:00-05:00")
    assert found is not None
    assert found[0].isoformat() == "2018-06-25T23:30:00-05:00"
    assert found[1] is True
    day = read_date_parts("25 June 2018")
    assert day is not None
    assert day[1] is False
