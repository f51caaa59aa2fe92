"""The sample world is as large and as varied as the desk needs, and says the same on every start."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsdesk.sample.world import (
    CONTENT_FOLDER,
    SampleArticle,
    SampleContentError,
    SampleWorld,
    edition_at,
    load_world,
)

STARTED = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
WORLD = load_world()
# What the working group of the chip associations takes up again, weeks later.
EARLIER = "17-chip-associations-first-talks"


def by_key(key: str) -> SampleArticle:
    return next(article for article in WORLD.articles if article.key == key)


def words_of(article: SampleArticle) -> int:
    return sum(len(paragraph.split()) for paragraph in article.paragraphs)


def test_it_has_enough_publishers_articles_and_events() -> None:
    assert len(WORLD.publishers) >= 12
    assert len(WORLD.articles) >= 70
    tellers = {
        event: {article.publisher for article in WORLD.articles if article.event == event}
        for event in {article.event for article in WORLD.articles}
    }
    assert len(tellers) >= 11
    assert min(map(len, tellers.values())) >= 4


def test_at_least_three_owners_hold_several_publishers() -> None:
    owners = Counter(publisher.owner for publisher in WORLD.publishers)
    assert sum(1 for count in owners.values() if count >= 2) >= 3
    assert len({publisher.name for publisher in WORLD.publishers}) == len(WORLD.publishers)


def test_its_feeds_come_in_all_forms() -> None:
    feeds = [publisher.feed for publisher in WORLD.publishers]
    assert {feed.format for feed in feeds} == {"rss", "atom", "json"}
    assert {feed.content for feed in feeds} == {"full", "summary"}
    assert {feed.validators for feed in feeds} == {"both", "etag", "last-modified", "none"}
    assert sum(1 for feed in feeds if feed.fails_with) == 1
    assert sum(1 for feed in feeds if feed.moved_from) == 1


def test_every_page_style_has_a_template() -> None:
    styles = {publisher.style for publisher in WORLD.publishers}
    assert len(styles) >= 5
    assert all((CONTENT_FOLDER / "pages" / f"{style}.html").is_file() for style in styles)


def test_written_articles_are_of_a_newspaper_s_length() -> None:
    # What stands behind a question about cookies, and under a film, is never read.
    written = [one for one in WORLD.articles if not one.copy_of and one.page in {"article", "paywall"}]
    assert [article.key for article in written if not 120 <= words_of(article) <= 450] == []
    assert all(len(article.paragraphs) >= 3 for article in written)


def test_wire_copies_are_verbatim_and_credited_and_some_are_abridged() -> None:
    copies = [article for article in WORLD.articles if article.copy_of]
    originals = {copy.key: by_key(copy.copy_of) for copy in copies}
    assert len(copies) >= 10
    assert all(copy.credit == "Corvane Wire" for copy in copies)
    assert all(set(copy.paragraphs) <= set(originals[copy.key].paragraphs) for copy in copies)
    assert any(copy.paragraphs == originals[copy.key].paragraphs for copy in copies)
    assert any(len(copy.paragraphs) < len(originals[copy.key].paragraphs) for copy in copies)
    assert all(copy.appears >= originals[copy.key].appears for copy in copies)


def test_outlets_disagree_about_a_number_in_one_event() -> None:
    told = " ".join(
        paragraph
        for article in WORLD.articles
        if article.event == "10-customs-template"
        for paragraph in article.paragraphs
    )
    assert "2,400 delegates" in told
    assert "3,000" in told


def test_its_dates_lie_within_the_last_six_days_and_differ_by_the_hour() -> None:
    shown = [
        edition
        for publisher in WORLD.publishers
        for edition in WORLD.editions(publisher.slug, started=STARTED, now=STARTED)
        if edition.article.event != EARLIER
    ]
    ages = [STARTED - edition.published for edition in shown]
    assert min(ages) > timedelta(minutes=30)
    assert max(ages) < timedelta(days=6)
    assert len({edition.published.astimezone(UTC).hour for edition in shown}) >= 20


def test_no_original_says_where_it_was_before_it_happened() -> None:
    early = [article.key for article in WORLD.articles if article.appears < article.happened]
    assert early == []


def test_pieces_appear_while_one_watches() -> None:
    live = sorted(
        article.appears.total_seconds() for article in WORLD.articles if article.appears > timedelta(0)
    )
    assert len(live) >= 6
    gaps = [later - earlier for earlier, later in zip([0.0, *live], live, strict=False)]
    assert all(20 <= gap <= 40 for gap in gaps[:4])
    assert all(gap >= 120 for gap in gaps[4:])


def test_a_live_piece_is_not_there_a_second_early() -> None:
    article = min(
        (article for article in WORLD.articles if article.appears > timedelta(0)), key=lambda a: a.appears
    )
    publisher = WORLD.publishers_by_slug[article.publisher]
    moment = STARTED + article.appears
    assert edition_at(article, publisher, started=STARTED, now=moment - timedelta(seconds=1)) is None
    assert edition_at(article, publisher, started=STARTED, now=moment) is not None


def test_the_corrected_article_changes_after_a_while_and_owns_up() -> None:
    article = by_key("northgate-herald/brightmoor-offers-for-oakhanger")
    publisher = WORLD.publishers_by_slug[article.publisher]
    assert article.correction is not None
    late = STARTED + article.correction.after
    before = edition_at(article, publisher, started=STARTED, now=late - timedelta(seconds=1))
    after = edition_at(article, publisher, started=STARTED, now=late)
    assert before is not None
    assert after is not None
    assert "£421m" in before.title
    assert before.updated == before.published
    assert "£412m" in after.title
    assert "£412m" in after.summary
    assert after.paragraphs[-1].startswith("Correction:")
    assert not any("£421m" in paragraph for paragraph in after.paragraphs[:-1])
    assert after.updated == late
    assert (after.article.guid, after.path) == (before.article.guid, before.path)


def test_weekdays_follow_the_event_and_are_equal_in_every_zone() -> None:
    wire = by_key("corvane-wire/csia-sia-working-group")
    copy = by_key("lakefront-dispatch/chinese-chip-group-working-group")
    editions = [
        edition_at(article, WORLD.publishers_by_slug[article.publisher], started=STARTED, now=STARTED)
        for article in (wire, copy)
    ]
    first, second = editions
    assert first is not None
    assert second is not None
    assert first.paragraphs == second.paragraphs
    day = (STARTED + wire.happened).strftime("%A")
    assert f"on {day}." in first.paragraphs[0]
    assert "{" not in " ".join([*first.paragraphs, first.title, first.summary])


def test_no_placeholder_is_left_in_any_text() -> None:
    late = STARTED + timedelta(days=1)
    texts = [
        text
        for publisher in WORLD.publishers
        for edition in WORLD.editions(publisher.slug, started=STARTED, now=late)
        for text in (edition.title, edition.summary, *edition.paragraphs)
    ]
    assert [text for text in texts if "{" in text or "}" in text] == []


def test_the_same_start_gives_the_same_world() -> None:
    again = load_world()
    assert again.articles == WORLD.articles
    now = STARTED + timedelta(minutes=10)
    for publisher in WORLD.publishers:
        ours = WORLD.editions(publisher.slug, started=STARTED, now=now)
        assert ours == again.editions(publisher.slug, started=STARTED, now=now)


def test_the_example_s_facts_are_all_there() -> None:
    told = " ".join(
        paragraph
        for article in WORLD.articles
        if article.event == "01-chip-working-group"
        for paragraph in article.paragraphs
    )
    for name in (
        "China Semiconductor Industry Association", "Semiconductor Manufacturing International Corp.",
        "Hua Hong Semiconductor Ltd.", "Shanghai Fudan Microelectronics Group Co.", "Intel Corp.", "Qualcomm Inc.",
        "Huawei Technologies Co.", "Tsinghua Unigroup", "Intralink", "Li Keqiang", "Joe Biden", "Stewart Randall",
        "Zhou Zixue", "Xu Zhijun", "Zhao Weiguo", "$300 billion", "0981.HK", "(NASDAQ: INTC)",
    ):  # fmt: skip
        assert name in told, name


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('publisher = "nobody"\nslug = "a"\ntitle = "A"\nhours_before = 1\ntext = "x"', "nobody"),
        ('publisher = "one"\nslug = "a"\ntitle = "A"\nhours_before = 1\ncopy_of = "one/b"', "one/b"),
        ('publisher = "one"\nslug = "a"\ntitle = "A"\ntext = "x"', "hours_before"),
    ],
)
def test_a_faulty_content_file_is_named(tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "publishers.toml").write_text(
        '[[publisher]]\nslug = "one"\nname = "One"\nowner = "O"\ncountry = "GB"\nlanguage = "en"\ntagline = "t"\n'
        'section = "s"\nstyle = "blog"\nlink = "{slug}"\nutc_offset = 0\n'
        'feed = { format = "rss", path = "f", content = "full" }\n'
    )
    (tmp_path / "events" / "fault.toml").write_text(f"happened_hours_before = 2\n[[article]]\n{row}\n")
    with pytest.raises(SampleContentError, match=r"fault\.toml") as caught:
        load_world(tmp_path)
    assert said in str(caught.value)


def test_no_sentence_of_the_example_is_repeated(shared_example: str) -> None:
    """Ten words in a row are no accident, unless they are names alone."""
    theirs = runs_of_words(shared_example, 10)
    ours = {
        run for article in WORLD.articles for text in article.paragraphs for run in runs_of_words(text, 10)
    }
    assert sorted(theirs & ours) == []


def runs_of_words(text: str, length: int) -> set[str]:
    words = re.findall(r"[\w%$]+", text.lower())
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}


def test_a_world_without_articles_shows_empty_fronts() -> None:
    empty: SampleWorld = replace(WORLD, articles=())
    assert empty.editions("harbour-ledger", started=STARTED, now=STARTED) == ()
