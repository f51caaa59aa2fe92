"""Files of articles that no spreadsheet runs."""

from __future__ import annotations

import pytest

from articles.queries.exports import harmless


@pytest.mark.parametrize(
    "text", ["=cmd|/C calc", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "\uff201"]
)
def test_what_a_spreadsheet_would_run_becomes_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Halvard = Orne", "1-2", "a@example.com"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
