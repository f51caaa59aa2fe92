"""Noise: what moves by itself on a page is no change, what somebody wrote is one, in several languages."""

from __future__ import annotations

import time

import pytest

from articles.ingest.noise import is_noise, is_same_headline, substance_key

LEAD = "The harbour board opened its new quay on Monday."
END = "Ships may call from Tuesday."

MOVES = [
    ("12 comments", "13 comments"),
    ("1,234 views", "1,309 views"),
    ("1.2K views", "14K views"),
    ("Views: 845", "Views: 1,002"),
    ("Comments (4)", "Comments (27)"),
    ("345 people are reading this", "12 people are reading this"),
    ("87 shares", "90 shares"),
    ("12", "57"),
    ("👍 14", "👍 15"),
    ("By John Smith | 10 comments", "By John Smith | 11 comments"),
    ("By John Smith · 5 min ago · 3 shares", "By John Smith · 8 min ago · 4 shares"),
    ("By John Smith, 5 minutes ago", "By John Smith, 2 hours ago"),
    ("5 minutes ago", "1 hour ago"),
    ("Published 5 minutes ago", "Published an hour ago"),
    ("Updated: 10:45", "Updated: 11:02"),
    ("Last updated: 22 Nov 2026, 10:45 GMT", "Last updated: 23 Nov 2026, 08:10 GMT"),
    ("Sunday, 22 November 2026", "Monday, 23 November 2026"),
    ("10:45 AM", "11:15 AM"),
    ("Advertisement", ""),
    ("", "Story continues below advertisement"),
    ("Loading...", ""),
    ("Read more: Ferry fares rise", "Read more: Bridge closed for a week"),
    ("Related", ""),
    ("Most read\n\nFerry fares rise\n\nBridge closed", "Most read\n\nMayor resigns\n\nFerry fares rise"),
    ("Trending now\n1. Mayor resigns", "Trending now\n1. Bridge closed\n2. Mayor resigns"),
    ("vor 5 Minuten", "vor 2 Stunden"),
    ("23 Kommentare", "24 Kommentare"),
    ("Aktualisiert am 22.11.2026, 10:45 Uhr", "Aktualisiert am 22.11.2026, 12:30 Uhr"),
    ("Stand: 22.11.2026 10:45 Uhr", "Stand: 22.11.2026 13:05 Uhr"),
    ("Anzeige", ""),
    ("Lesen Sie auch: Der Hafen wächst", "Lesen Sie auch: Die Brücke ist zu"),
    ("Meistgelesen\n\nDer Hafen wächst", "Meistgelesen\n\nDie Brücke ist zu"),
    ("il y a 5 minutes", "il y a 3 heures"),
    ("14 commentaires", "15 commentaires"),
    ("Mis à jour le 22 novembre 2026 à 10h45", "Mis à jour le 22 novembre 2026 à 11h10"),
    ("Publicité", ""),
    ("Lire aussi : Le port grandit", "Lire aussi : Le pont est fermé"),
    ("hace 5 minutos", "hace 2 horas"),
    ("1.204 visitas", "1.377 visitas"),
    ("Lo más leído\n\nEl puerto crece", "Lo más leído\n\nEl puente está cerrado"),
    ("5 minuti fa", "2 ore fa"),
    ("há 5 minutos", "há 2 horas"),
    ("5 minuten geleden", "2 uur geleden"),
    ("för 5 minuter sedan", "för 2 timmar sedan"),
    ("5 dakika önce", "2 saat önce"),
    ("5 minut temu", "2 godziny temu"),
    ("5 минут назад", "2 часа назад"),
    ("1204 просмотра", "1377 просмотров"),
    ("Обновлено: 22.11.2026 10:45", "Обновлено: 22.11.2026 11:00"),
    ("Самое читаемое\n\nПорт растёт", "Самое читаемое\n\nМост закрыт"),
    ("5分钟前", "2小时前"),
    ("阅读量:1204", "阅读量:1377"),
    ("更新时间:2026-11-22 10:45", "更新时间:2026-11-22 11:00"),
    ("5分前", "2時間前"),
    ("5분 전", "2시간 전"),
    ("조회수 1,204", "조회수 1,377"),
    ("منذ 5 دقائق", "منذ 9 دقائق"),
    ("5 min read", "6 min read"),
    ("Reading time: 5 minutes", "Reading time: 6 minutes"),
    ("Lesezeit: 3 Min", "Lesezeit: 4 Min"),
    ("By John Smith | 22 Nov 2026, 10:45", "By John Smith | 22 Nov 2026, 11:30"),
    ("Kick-off in Bonn | Updated: 10:45", "Kick-off in Bonn | Updated: 11:02"),
]

WRITTEN = [
    ("At least 12 people died.", "At least 15 people died."),
    ("At least 12 people died", "At least 15 people died"),
    ("The shares fell 3.2 percent.", "The shares fell 3.4 percent."),
    ("The shares fell 3.2%.", "The shares fell 3.9%."),
    ("It costs $1,200.", "It costs $1,300."),
    ("$1,200", "$1,300"),
    ("3.2%", "3.9%"),
    ("The company sold 5,000 shares.", "The company sold 6,000 shares."),
    ("The video has 5 million views, the channel said.", "The video has 6 million views, the channel said."),
    ("The police came 5 minutes ago, he said.", "The police came 50 minutes ago, he said."),
    ("The train left at 10:45 on Monday.", "The train left at 10:55 on Monday."),
    ("He was born on 22 November 1966.", "He was born on 23 November 1966."),
    ("The meeting is on 22 November at 10:45 in Ghent", "The meeting is on 23 November at 10:45 in Ghent"),
    ("Updated: the toll is 12", "Updated: the toll is 15"),
    ("Correction: an earlier version named the wrong court.", ""),
    ("", "A court in Ghent objected."),
    ("He said yes.", "He said no."),
    ("polish workers", "Polish workers"),
    ("Mindestens 12 Menschen starben.", "Mindestens 15 Menschen starben."),
    ("Der Preis stieg um 3,2 Prozent.", "Der Preis stieg um 3,4 Prozent."),
    ("Au moins 12 personnes sont mortes.", "Au moins 15 personnes sont mortes."),
    ("Al menos 12 personas murieron.", "Al menos 15 personas murieron."),
    ("Almeno 12 persone sono morte.", "Almeno 15 persone sono morte."),
    ("Погибли 12 человек.", "Погибли 15 человек."),
    ("至少12人死亡。", "至少15人死亡。"),
    ("少なくとも12人が死亡した。", "少なくとも15人が死亡した。"),
    ("12명이 숨졌다.", "15명이 숨졌다."),
    ("قتل 12 شخصا.", "قتل 15 شخصا."),
    ("Ghent 2 Bruges 1", "Ghent 2 Bruges 2"),
    ("Final score: 2 - 1", "Final score: 2 - 3"),
    ("Dead - 12", "Dead - 312"),
    ("Dead | 12", "Dead | 312"),
    ("Estimate: 100 - 120", "Estimate: 100 - 180"),
    ("Killed • 12", "Killed • 15"),
    ("12,345 votes", "22,345 votes"),
    ("12,345 visitors", "22,345 visitors"),
    ("12 May 2024", "14 May 2024"),
    ("Kick-off | 20:45", "Kick-off | 21:00"),
    ("For 200 people", "For 300 people"),
    ("Top stories\n\nToll rises to 12\n\nBridge closed", "Top stories\n\nToll rises to 15\n\nBridge closed"),
    ("Top stories\n\nMayor stays", "Top stories\n\nMayor resigns"),
    ("Trending\n\nMayor stays", "Trending\n\nMayor resigns"),
    ("Most read\n\n1. Toll rises to 12", "Most read\n\n2. Toll rises to 15"),
    ("Most read the letter as a threat.", "Most read the letter as a joke."),
    ("Watch how the board voted on Monday.", "Watch how the board voted on Tuesday."),
]

SAME = [
    ("He said “yes”.", 'He said "yes".'),
    ("It’s done", "It's done"),
    ("a\u00a0b", "a b"),
    ("caf\u00e9", "cafe\u0301"),
    ("one-two", "one\u2011two"),
    ("co\u00adoperate", "cooperate"),
    ("in\u200bvisible", "invisible"),
    ("Wait...", "Wait…"),
    ("One. \n\nTwo.", "One.\nTwo."),
    ("１２ people", "12 people"),
]


def around(line: str) -> str:
    return f"{LEAD}\n\n{line}\n\n{END}"


@pytest.mark.parametrize(("before", "after"), MOVES)
def test_what_moves_by_itself_is_noise(before: str, after: str) -> None:
    assert is_noise(around(before), around(after))
    assert is_noise(around(after), around(before))
    assert is_noise(f"{LEAD}\n\n{before}", f"{LEAD}\n\n{after}"), "at the end too"


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_what_somebody_wrote_is_a_change(before: str, after: str) -> None:
    assert not is_noise(around(before), around(after))
    assert not is_noise(f"{before}\n\n{LEAD}", f"{after}\n\n{LEAD}")


@pytest.mark.parametrize(("before", "after"), SAME)
def test_other_signs_for_the_same_are_noise(before: str, after: str) -> None:
    assert is_noise(around(before), around(after))


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_a_change_beside_noise_is_a_change(before: str, after: str) -> None:
    assert not is_noise(around(f"12 comments\n\n{before}"), around(f"13 comments\n\n{after}"))


@pytest.mark.parametrize(
    ("before", "after"),
    [("312", "412"), ("3,000", "4,000"), ("Monday, 13 May 2024", "Tuesday, 14 May 2024"), ("10:45", "11:15")],
)
def test_a_bare_number_or_day_inside_of_a_text_is_written(before: str, after: str) -> None:
    assert not is_noise(
        *(f"{LEAD}\n\n{END}\n\nDead\n\n{line}\n\nHurt\n\n{LEAD}\n\n{END}" for line in (before, after))
    )
    assert is_noise(*(f"{LEAD}\n\n{line}\n\n{END}\n\nDead\n\nHurt\n\n{LEAD}" for line in (before, after)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Bonn - Ulm: 2 - 1", "Bonn - Ulm: 2 - 4"),
        ("Dead | 12", "Dead | 13"),
        ("Votes - 10:45", "Votes - 11:45"),
    ],
)
def test_every_number_of_a_headline_counts(before: str, after: str) -> None:
    assert not is_same_headline(before, after)


@pytest.mark.parametrize(("before", "after"), [(a, b) for a, b in SAME if "\n" not in a])
def test_other_signs_make_no_other_headline(before: str, after: str) -> None:
    assert is_same_headline(before, after)


def test_texts_that_differ_in_noise_only_have_one_key() -> None:
    assert substance_key(around("12 comments")) == substance_key(around("13 comments"))
    assert substance_key(around("Dead - 12")) != substance_key(around("Dead - 13"))


def test_what_follows_a_list_of_headlines_counts_again() -> None:
    text = "Most read\n\nMayor resigns\n\nThe quay has 3 berths."
    assert not is_noise(text, text.replace("3", "4"))


@pytest.mark.parametrize(
    "text", ["1 " * 200_000, "a|" * 200_000, "12:30 " * 100_000, ("x" * 150 + "\n") * 20_000, "- " * 79]
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    is_noise(text, text + "\nend")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "part", ["1 ", "12:30 ", "jan ", "5 min ", "1,", "ad ", "updated ", "- ", "views 1 ", "1 a "]
)
def test_no_short_line_takes_long(part: str) -> None:
    line = (part * 160)[:155] + "x§"
    started = time.process_time()
    is_noise(line, line + "y")
    assert time.process_time() - started < 2
