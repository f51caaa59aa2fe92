"""Words of time mean days: told from the article's own day, by the sentence's tense, never guessed where none is meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from articles.events.times import local_time, time_spans

# A Thursday.
DAY = datetime(2021, 3, 11, 9, 30, tzinfo=UTC)

CASES = [
    # weekdays: what was, unless the sentence speaks of what will be
    ("CSIA said Thursday in a statement.", "Thursday", "2021-03-11", "2021-03-11"),
    ("They met on Monday.", "Monday", "2021-03-08", "2021-03-08"),
    ("It will meet on Monday.", "Monday", "2021-03-15", "2021-03-15"),
    ("The vote is due on Friday.", "Friday", "2021-03-12", "2021-03-12"),
    ("The pair are to be arraigned on Tuesday.", "Tuesday", "2021-03-16", "2021-03-16"),
    ("The plan, announced Friday, failed.", "Friday", "2021-03-05", "2021-03-05"),
    ("He said on Wednesday that it would open.", "Wednesday", "2021-03-10", "2021-03-10"),
    ("Shops close until Saturday.", "Saturday", "2021-03-13", "2021-03-13"),
    ("Since Sunday nobody has come.", "Sunday", "2021-03-07", "2021-03-07"),
    ("On Monday the court will hear the case.", "Monday", "2021-03-15", "2021-03-15"),
    ("On Tuesday the court heard the case.", "Tuesday", "2021-03-09", "2021-03-09"),
    ("Thursday's meeting was short.", "Thursday", "2021-03-11", "2021-03-11"),
    ("It sank on Friday night.", "Friday night", "2021-03-05", "2021-03-05"),
    ("It began late Tuesday.", "late Tuesday", "2021-03-09", "2021-03-09"),
    ("He left last Thursday.", "last Thursday", "2021-03-04", "2021-03-04"),
    ("He left last Monday.", "last Monday", "2021-03-08", "2021-03-08"),
    ("He comes next Friday.", "next Friday", "2021-03-19", "2021-03-19"),
    ("He comes this Friday.", "this Friday", "2021-03-12", "2021-03-12"),
    ("It fell this past Saturday.", "this past Saturday", "2021-03-06", "2021-03-06"),
    # near days
    ("It rained yesterday.", "yesterday", "2021-03-10", "2021-03-10"),
    ("It rained the day before yesterday.", "the day before yesterday", "2021-03-09", "2021-03-09"),
    ("It opens tomorrow.", "tomorrow", "2021-03-12", "2021-03-12"),
    ("It opens the day after tomorrow.", "the day after tomorrow", "2021-03-13", "2021-03-13"),
    ("It ended last night.", "last night", "2021-03-10", "2021-03-10"),
    ("It ended this morning.", "this morning", "2021-03-11", "2021-03-11"),
    ("It ends tonight.", "tonight", "2021-03-11", "2021-03-11"),
    # weeks, months, quarters, years around the article
    ("It grew last week.", "last week", "2021-03-01", "2021-03-07"),
    ("It grew this week.", "this week", "2021-03-08", "2021-03-14"),
    ("It grew earlier this week.", "earlier this week", "2021-03-08", "2021-03-11"),
    ("It grows later this month.", "later this month", "2021-03-11", "2021-03-31"),
    ("It grows next month.", "next month", "2021-04-01", "2021-04-30"),
    ("It fell last month.", "last month", "2021-02-01", "2021-02-28"),
    ("It fell last quarter.", "last quarter", "2020-10-01", "2020-12-31"),
    ("It fell last year.", "last year", "2020-01-01", "2020-12-31"),
    ("It grows next year.", "next year", "2022-01-01", "2022-12-31"),
    ("It snowed last weekend.", "last weekend", "2021-03-06", "2021-03-07"),
    ("It was dry last summer.", "last summer", "2020-06-01", "2020-08-31"),
    ("It opens next spring.", "next spring", "2022-03-01", "2022-05-31"),
    # counted
    ("It fell two weeks ago.", "two weeks ago", "2021-02-22", "2021-02-28"),
    ("It fell three days ago.", "three days ago", "2021-03-08", "2021-03-08"),
    ("It fell nearly five years ago.", "nearly five years ago", "2016-01-01", "2016-12-31"),
    ("It fell 12 hours ago.", "12 hours ago", "2021-03-10", "2021-03-10"),
    ("It rose over the past three days.", "over the past three days", "2021-03-08", "2021-03-11"),
    ("It will rise over the next two weeks.", "over the next two weeks", "2021-03-11", "2021-03-25"),
    ("It opens three weeks from now.", "three weeks from now", "2021-03-29", "2021-04-04"),
    # months and days of months
    ("It fell in March.", "in March", "2021-03-01", "2021-03-31"),
    ("It fell in May.", "in May", "2020-05-01", "2020-05-31"),
    ("It will open in May.", "in May", "2021-05-01", "2021-05-31"),
    ("It fell last March.", "last March", "2020-03-01", "2020-03-31"),
    ("It fell in early March.", "in early March", "2021-03-01", "2021-03-10"),
    ("It fell in March 2008.", "in March 2008", "2008-03-01", "2008-03-31"),
    ("He came on March 3.", "March 3", "2021-03-03", "2021-03-03"),
    ("He came on Nov. 10.", "Nov. 10", "2020-11-10", "2020-11-10"),
    ("He comes on June 15.", "June 15", "2021-06-15", "2021-06-15"),
    ("He came on 3 March 2020.", "3 March 2020", "2020-03-03", "2020-03-03"),
    ("He came on March 3rd, 2020.", "March 3rd, 2020", "2020-03-03", "2020-03-03"),
    ("He came on the 3rd of March.", "the 3rd of March", "2021-03-03", "2021-03-03"),
    ("He came on Wednesday, March 3.", "Wednesday, March 3", "2021-03-03", "2021-03-03"),
    ("The fair runs March 5-7.", "March 5-7", "2021-03-05", "2021-03-07"),
    ("From March 30 to April 2 it is shut.", "March 30 to April 2", "2021-03-30", "2021-04-02"),
    ("Filed 2020-05-06.", "2020-05-06", "2020-05-06", "2020-05-06"),
    # years, quarters, edges
    ("He left in 2019.", "in 2019", "2019-01-01", "2019-12-31"),
    ("He left in late 2020.", "in late 2020", "2020-08-31", "2020-12-31"),
    ("It grew between 2015 and 2018.", "between 2015 and 2018", "2015-01-01", "2018-12-31"),
    ("In the 1990s it was new.", "the 1990s", "1990-01-01", "1999-12-31"),
    ("By the end of 2025 it will be done.", "By the end of 2025", "2025-12-31", "2025-12-31"),
    ("It is due by the end of the month.", "by the end of the month", "2021-03-31", "2021-03-31"),
    ("It is due by year-end.", "by year-end", "2021-12-31", "2021-12-31"),
    ("It fell in the third quarter of 2020.", "the third quarter of 2020", "2020-07-01", "2020-09-30"),
    ("Its fourth-quarter profit fell.", "fourth-quarter", "2020-10-01", "2020-12-31"),
    ("Profit rose in Q3 2020.", "Q3 2020", "2020-07-01", "2020-09-30"),
    ("It grew in the first half of 2020.", "the first half of 2020", "2020-01-01", "2020-06-30"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "first", "last"), CASES, ids=[case[0] for case in CASES])
def test_words_of_time_mean_these_days(text: str, words: str, first: str, last: str) -> None:
    (moment,) = time_spans(text, DAY)
    assert (moment.text, moment.first.isoformat(), moment.last.isoformat()) == (words, first, last)
    assert text[moment.start : moment.end] == words


@pytest.mark.parametrize(
    "text",
    [
        "The Sunday Times wrote it.",
        "Shops were full on Black Friday.",
        "It may rain. Prime Minister May said so.",
        "They march on.",
        "Some 2000 people came, 1990 of them by train.",
        "He told USA Today.",
        "In the coming days it will end.",
        "On February 30 nothing happens.",
        "Mondays are quiet.",
    ],
)
def test_what_is_no_time_means_no_day(text: str) -> None:
    assert time_spans(text, DAY) == []


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("Am 3. März 2020 kam er.", "de", date(2020, 3, 3)),
        ("Il est venu le 5 mai 2020.", "fr", date(2020, 5, 5)),
        ("Llegó el 3 de mayo de 2020.", "es", date(2020, 5, 3)),
        ("2020年3月5日他来了", "zh", date(2020, 3, 5)),
        ("Am 03.05.2020 kam er.", "de", date(2020, 5, 3)),
    ],
)
def test_in_other_languages_a_date_that_is_written_out_is_read(text: str, language: str, day: date) -> None:
    (moment,) = time_spans(text, DAY, language)
    assert (moment.first, moment.last, moment.precision) == (day, day, "day")


def test_english_words_of_time_are_not_read_in_other_languages() -> None:
    assert time_spans("Er kam Friday.", DAY, "de") == []


def test_days_count_in_the_zone_of_the_article_itself() -> None:
    late = datetime(2021, 3, 11, 20, 0, tzinfo=UTC)
    there = local_time(late, "Fri, 12 Mar 2021 04:00:00 +0800")
    assert there.utcoffset() == timedelta(hours=8)
    assert time_spans("It fell today.", there)[0].first == date(2021, 3, 12)
    assert time_spans("It fell today.", local_time(late, ""))[0].first == date(2021, 3, 11)
    assert local_time(late, "Thu, 11 Mar 2021 15:00:00 EST").tzinfo == timezone(timedelta(hours=-5))
    assert local_time(late, "11 Mar 2021 15:00 +9900").tzinfo == UTC


def test_the_same_weekday_of_another_article_is_another_day() -> None:
    monday = datetime(2021, 3, 15, 8, 0, tzinfo=UTC)
    assert time_spans("CSIA said Thursday.", monday)[0].first == date(2021, 3, 11)


def test_several_times_of_a_sentence_are_told_in_their_order_and_none_twice() -> None:
    text = (
        "After two weeks of talks that began on March 1, they met on Tuesday and will meet again on Friday."
    )
    assert [moment.text for moment in time_spans(text, DAY)] == ["March 1", "Tuesday", "Friday"]
