"""Short names come from full ones by the habits of news."""

from __future__ import annotations

import pytest

from entities.coreference import defined_acronym, find_short, ordinary_acronyms, short_names
from entities.types import EntityKind


@pytest.mark.parametrize(
    ("name", "kind", "short"),
    [
        ("Semiconductor Manufacturing International Corp.", "company", "SMIC"),
        ("Huawei Technologies Co.", "company", "Huawei"),
        ("Hua Hong Semiconductor Ltd.", "company", "Hua Hong"),
        ("China Semiconductor Industry Association", "organization", "CSIA"),
        ("Joe Biden", "person", "Biden"),
        ("Zhou Zixue", "person", "Zhou"),
        ("Ursula von der Leyen", "person", "der Leyen"),
    ],
)
def test_it_derives_the_short_name(name: str, kind: EntityKind, short: str) -> None:
    assert short in {s.text for s in short_names(name, kind)}


@pytest.mark.parametrize(
    ("name", "kind", "never"),
    [
        ("General Motors Co.", "company", "General"),
        ("China Mobile Ltd.", "company", "China"),
        ("Shanghai Fudan Microelectronics Group Co.", "company", "Shanghai"),
        ("Bank of Acme Ltd.", "company", "Bank of"),
        ("Charles Roe Inc.", "company", "Charles"),
        ("Acme Trade Association", "organization", "Acme"),
    ],
)
def test_it_never_shortens_to_a_word_that_means_something_else(
    name: str, kind: EntityKind, never: str
) -> None:
    assert never not in {s.text for s in short_names(name, kind)}


def test_brackets_define_an_acronym_that_fits_the_name() -> None:
    name = "Widget Makers Federation"
    assert defined_acronym(f"{name} (WMF) said", len(name), name) == "WMF"
    assert defined_acronym(f'{name} ("WMF") said', len(name), name) == "WMF"
    assert defined_acronym(f"{name} (USA) said", len(name), name) == ""
    assert defined_acronym(f"{name} (NYSE: WMF) said", len(name), name) == ""


def test_a_surname_behind_another_given_name_is_somebody_else() -> None:
    text = "Biden met Jill Biden and J. Biden; Bidens"
    assert list(find_short(text, "Biden", surname=True)) == [(0, 5)]


@pytest.mark.parametrize(
    ("text", "acronyms"),
    [
        ("Sales of electric boats (EBs) rose.", {"EB", "EBs"}),
        ("A level 2 charger (L2C) burnt.", {"L2C", "L2Cs"}),
        ("The Widget Makers Federation (WMF) met.", set()),
        ("It met the widget Makers federation (WMF).", set()),
        ("Shares of salt boats (SLT) rose.", set()),
    ],
)
def test_acronyms_of_ordinary_words_are_told_from_those_of_names(text: str, acronyms: set[str]) -> None:
    assert ordinary_acronyms(text) == acronyms
