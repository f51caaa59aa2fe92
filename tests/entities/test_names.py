"""Names are brought to comparable forms without losing where they stand."""

from __future__ import annotations

import unicodedata

import pytest

from entities.names import (
    fold,
    initials,
    is_capitals,
    is_common,
    names_a_firm,
    ordinary_case,
    plain_form,
    prepare,
    scan_form,
    strip_legal,
    written_suffix_end,
)


@pytest.mark.parametrize(
    ("name", "base", "suffix"),
    [
        ("Hua Hong Semiconductor Ltd.", "Hua Hong Semiconductor", "Ltd."),
        ("Shanghai Fudan Microelectronics Group Co.", "Shanghai Fudan Microelectronics", "Group Co."),
        ("Huawei Technologies Co., Ltd.", "Huawei Technologies", "Co., Ltd."),
        ("The Boeing Company", "Boeing", "Company"),
        ("Deere & Company", "Deere", "& Company"),
        ("Novo Nordisk A/S", "Novo Nordisk", "A/S"),
        ("Grupo Bimbo, S.A.B. de C.V.", "Grupo Bimbo", "S.A.B. de C.V."),
        ("Johnson & Johnson", "Johnson & Johnson", ""),
        ("U.S.", "U.S.", ""),
        ("AS Roma", "AS Roma", ""),
        ("Limited", "Limited", ""),
    ],
)
def test_it_takes_the_legal_form_off(name: str, base: str, suffix: str) -> None:
    stripped = strip_legal(name)
    assert (stripped.base, stripped.suffix) == (base, suffix)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Intel Corp. rose", " rose"),
        ("Intel Corp, which", ", which"),
        ("Intel Co., Ltd. said", " said"),
        ("Intel Group Co. surged", " surged"),
        ("Intel Corporate affairs", " Corporate affairs"),
        ("Intel co-workers", " co-workers"),
        ("Intel as a whole", " as a whole"),
    ],
)
def test_a_written_legal_form_belongs_to_the_name(text: str, rest: str) -> None:
    assert text[written_suffix_end(text, len("Intel")) :] == rest


def test_initials_take_the_legal_form_in() -> None:
    found = initials("Semiconductor Manufacturing International Corp.")
    assert {"SMI", "SMIC"} <= found
    assert "CSIA" in initials("China Semiconductor Industry Association")
    assert "BOA" in initials("Bank of America")


def test_the_plain_form_is_as_long_as_the_text_for_every_character() -> None:
    text = "".join(chr(code) for code in range(1, 0x3000) if not 0xD800 <= code < 0xE000)
    assert len(plain_form(text)) == len(text)
    assert len(scan_form(plain_form(text))) == len(text)


def test_quotes_dashes_and_accents_become_plain() -> None:
    assert plain_form("Nestl\u00e9\u2019s \u201cX\u201d \u2014 \uff21") == 'Nestle\'s "X" - A'


def test_the_scan_form_keeps_only_the_capitals_that_begin_words() -> None:
    assert scan_form("Shares of INTEL and eBay") == scan_form("Shares Of Intel And ebay")
    assert scan_form("intel") != scan_form("Intel")


def test_folding_makes_spellings_equal() -> None:
    assert fold("  Nestl\u00c9  S.A. ") == "nestle s.a."
    assert fold("Stra\u00dfe") == "strasse"


def test_capitals_and_common_words_are_told() -> None:
    assert is_capitals("AT&T")
    assert not is_capitals("3M")
    assert is_common("First Capital")
    assert not is_common("Huawei")
    assert names_a_firm("Co., Ltd.")
    assert not names_a_firm("Group")


def test_prepared_offsets_lead_back_to_the_input() -> None:
    text = "A long first line that a mail program has wrapped after Hua  Hong\n   Semiconductor and then more.\n\nNew"
    prepared = prepare(text)
    at = prepared.plain.index("Hua Hong Semiconductor")
    start, end = prepared.source_span(at, at + len("Hua Hong Semiconductor"))
    assert text[start:end] == "Hua  Hong\n   Semiconductor"
    assert "\n" in prepared.plain


def test_decomposed_accents_are_joined_and_found_again() -> None:
    text = unicodedata.normalize("NFD", "Shares of Nestl\u00e9 rose")
    prepared = prepare(text)
    at = prepared.plain.index("Nestle")
    start, end = prepared.source_span(at, at + 6)
    assert unicodedata.normalize("NFC", text[start : end + 1]).startswith("Nestl\u00e9")


def test_addresses_are_blanked_out() -> None:
    assert "Intel" not in prepare("see https://www.example.org/Intel or press@Intel.example, @Intel").plain


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("WOOLWORTHS HOLDINGS LIMITED", "Woolworths Holdings Limited"),
        ("BANK OF CHINA LIMITED", "Bank of China Limited"),
        ("HSBC HOLDINGS PLC", "HSBC Holdings PLC"),
        ("IT HOLDINGS LTD", "IT Holdings LTD"),
        ("MACY'S INC.", "Macy's INC."),
        ("E.ON SE", "E.ON SE"),
        ("SMIC", "SMIC"),
        ("Intel Corp.", "Intel Corp."),
    ],
)
def test_names_in_capitals_are_written_as_sentences_write_them_and_initials_stay(
    name: str, written: str
) -> None:
    assert ordinary_case(name) == written
