"""The form in which texts are indexed and queries asked: rules, without a database."""

from __future__ import annotations

import pytest

from articles.search.folding import Group, read_words, search_form, search_limit, stemming


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("café CAFÉ cafe\u0301", "cafe CAFE cafe"),
        ("“chips” — don’t «cité» ¿que? €5", "chips don t cite que? 5"),
        ("Ørsted, Łódź, Straße, Æther, İstanbul", "Orsted, Lodz, Strasse, AEther, Istanbul"),
        ("Rolls-Royce and/or <b>", "Rolls Royce and or b"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("Ёлка, Йод", "Елка, Йод"),
        ("λόγος", "λογοσ"),
        ("مُحَمَّد", "محمد"),
        ("हिन्दी", "हिन्दी"),
        ("ＳＭＩＣ ﬁrst", "SMIC first"),
        ("中国芯片。产业", "中国 国芯 芯片 产业"),
        ("5G网络", "5G 网络"),
        ("ガス ｶﾞｽ", "ガス ガス"),
        ("삼성전자", "삼성 성전 전자"),
        ("芯", "芯"),
        ("plain words, as they are", "plain words, as they are"),
    ],
)
def test_a_text_is_brought_to_the_form_that_people_type(text: str, words: str) -> None:
    assert " ".join(search_form(text).split()) == words


def test_many_different_letters_are_folded_like_few() -> None:
    alphabet = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿœæß“”’—"
    assert search_form(alphabet) == "aaaaaaceeeeiiiinoooooouuuuyyoeaess    "
    assert "".join(search_form(letter) for letter in alphabet) == search_form(alphabet)


@pytest.mark.parametrize(
    ("words", "groups", "has_phrase"),
    [
        ('"working group" -met', [Group("'working group'", ("'met'",))], True),
        ("a or b c", [Group("'a'", ()), Group("'b' & 'c'", ())], False),
        ("or a OR", [Group("'a'", ())], False),
        ("O'Neill Rolls-Royce", [Group("'O Neill' & 'Rolls Royce'", ())], True),
        ("WHO said", [Group("'said'", (), "'WHO'")], False),
        ("WHO IS IT", [Group("'WHO' & 'IS' & 'IT'")], False),
        ("chips AND cars", [Group("'chips' & 'AND' & 'cars'")], False),
        ("AT&T", [Group("'ATandT'")], False),
        ("semi*", [Group("'semi':*", ())], False),
        ("'semi' \\ *", [Group("'semi'", ())], False),
        ("芯", [Group("'芯':*", ())], False),
        ("中国芯", [Group("'中国 国芯'", ())], True),
        ('-"not this"', [Group("", ("'not this'",))], True),
        ('"never closed', [Group("'never closed'", ())], True),
        ("' - \" \\ & | ! ( ) : *", [], False),
    ],
)
def test_words_are_read_as_people_write_them(words: str, groups: list[Group], has_phrase: bool) -> None:
    read = read_words(words)
    assert list(read.groups) == groups
    assert read.has_phrase is has_phrase


@pytest.mark.parametrize(
    ("words", "language", "configs"),
    [
        ("tariff", "", ("english",)),
        ("Häuser", "de", ("german",)),
        ("Häuser", "de-AT", ("german",)),
        ("tariff", "pl", ()),
        ("Москва", "", ("english", "russian")),
        ("λόγος", "", ("english", "greek")),
        ("أحمد", "", ("english", "arabic")),
    ],
)
def test_words_are_stemmed_by_the_language_asked_for_or_by_their_script(
    words: str, language: str, configs: tuple[str, ...]
) -> None:
    assert read_words(words, language).configs == configs


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("english", False)),
        ("en-GB", ("english", False)),
        ("", ("english", True)),
        ("und", ("english", True)),
        ("de", ("german", True)),
        ("nb", ("norwegian", True)),
        ("pl", ("simple", False)),
        ("zh-Hant", ("simple", False)),
    ],
)
def test_a_text_is_stemmed_in_its_language(language: str, expected: tuple[str, bool]) -> None:
    assert stemming(language) == expected


@pytest.mark.parametrize(
    ("words", "language", "said"),
    [
        ("tariff", "", ""),
        ("tariff", "en", ""),
        ("芯片", "", "pairs of characters"),
        ("", "ja", "pairs of characters"),
        ("", "pl", "as they are written"),
        ("", "de", "accents are not told apart"),
    ],
)
def test_what_is_limited_is_said_and_only_where_it_is(words: str, language: str, said: str) -> None:
    limit = search_limit(words, language)
    assert said in limit
    assert bool(limit) is bool(said)
