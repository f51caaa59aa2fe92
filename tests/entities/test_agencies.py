"""Lines that say from which agency a text is, and lines that only look so."""

from __future__ import annotations

import pytest

from entities.agencies import WIRES, names_agency


@pytest.mark.parametrize(
    "line",
    [
        "Photo: AP", "(Reuters)", "REUTERS/Ann Own", "Agence France Presse", "Agence France-Presse", "dpa", "Foto: ANSA",
        "Text by United Press International", "据新华社电", "연합뉴스", "Press Association", "Fonte: Agência Brasil",
    ],
)  # fmt: skip
def test_a_line_names_its_agency(line: str) -> None:
    assert names_agency(line)


@pytest.mark.parametrize(
    "line",
    ["An ap for cooks", "Foto: TT", "SPA hotels", "Map: our own", "Advertisement", "Dpa", "Ani said so"],
)
def test_a_line_with_a_word_alike_names_none(line: str) -> None:
    assert not names_agency(line)


def test_no_form_stands_for_two_agencies() -> None:
    forms = [form.casefold() for wire, others in WIRES.items() for form in (wire, *others)]
    assert len(forms) == len(set(forms))
