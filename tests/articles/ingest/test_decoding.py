"""Bytes are read by the set they are in, whatever the labels say."""

from __future__ import annotations

import pytest

from articles.ingest.decoding import decode

_XML = '<?xml version="1.0" encoding="{0}"?><t>{1}</t>'


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "é中"),
        ("iso-8859-1", "é"),
        ("windows-1252", "“é”"),
        ("koi8-r", "жук"),
        ("windows-1251", "жук"),
        ("gb2312", "中国"),
        ("shift_jis", "日本"),
        ("euc-kr", "한국"),
        ("iso-2022-jp", "日本"),
        ("utf-16", "中"),
    ],
)
def test_it_believes_the_declaration_when_the_bytes_agree(encoding: str, text: str) -> None:
    assert text in decode(_XML.format(encoding, text).encode(encoding))[0]


def test_utf8_bytes_win_over_a_wrong_header() -> None:
    assert decode("é".encode(), "text/xml; charset=iso-8859-1") == ("é", "utf-8")


def test_a_wrong_declaration_does_not_lose_the_text() -> None:
    assert "é" in decode(_XML.format("utf-8", "é").encode("windows-1252"))[0]


def test_the_header_wins_over_the_meta_element() -> None:
    body = b"<meta charset=windows-1251>" + "ж".encode("koi8-r")
    assert decode(body, "text/html; charset=koi8-r")[0].endswith("ж")


def test_one_broken_letter_does_not_change_the_set() -> None:
    text, name = decode(("é" * 50).encode() + b"\xe9" + ("ü" * 50).encode())
    assert name == "utf-8"
    assert text.count("\ufffd") == 1


@pytest.mark.parametrize(
    "label", ["utf-7", "unicode_escape", "hex", "rot13", "cp037", "idna", "punycode", "klingon", "zlib"]
)
def test_a_label_cannot_hide_markup(label: str) -> None:
    body = _XML.format(label, "+ADw-script+AD4-").encode() + b"\xe9"
    assert "<script>" not in decode(body, f"text/xml; charset={label}")[0]


def test_utf16_without_a_mark_is_seen() -> None:
    assert decode("<rss/>".encode("utf-16-le"))[0] == "<rss/>"
    assert decode("<rss/>".encode("utf-16-be"))[0] == "<rss/>"


def test_single_letters_of_windows_1252_in_utf_8_are_read() -> None:
    body = (
        "Zürich, Genève, Köln, Łódź, Århus, Gdańsk, 東京, 北京, café, naïve ".encode() * 3
        + b"it\x92s caf\xe9 \x93now\x94 "
    )
    text, name = decode(body * 3)
    assert name == "utf-8"
    assert text.count("it\u2019s café \u201cnow\u201d") == 3


def test_a_cut_letter_is_lost_and_no_other() -> None:
    text, _ = decode("東京と北京と上海と香港、台北".encode()[:-1])
    assert text == "東京と北京と上海と香港、台\ufffd"
