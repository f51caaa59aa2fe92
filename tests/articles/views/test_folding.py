"""Copies folded in the article list: nothing is lost, counts are true, one click or one setting unfolds them."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, CopyGroup
from articles.queries import articles as reads
from newsdesk.accounts.models import User
from tests.copies_world import make_copies
from tests.factories import make_article, make_entity, make_event, make_listing, make_publisher, name_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(analyst: User) -> Client:
    client = Client()
    client.force_login(analyst)
    return client


def tell(number: int, start: int = 0) -> list[Article]:
    """So many articles, a minute apart, the newest first; all of one day, whatever the time is."""
    newest = (timezone.now() - timedelta(days=1)).replace(hour=12)
    papers = [make_publisher(f"Paper {place}") for place in range(5)]
    return [
        make_article(
            f"Story {start + place}",
            "Orne Shipping sails at dawn.",
            publisher=papers[place % 5],
            published_at=newest - timedelta(minutes=place),
        )
        for place in range(number)
    ]


def queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(path).status_code == 200
    return len(caught)


def test_copies_stand_under_their_origin_and_are_counted(browser: Client) -> None:
    told = tell(4)
    make_copies(told[3], [(told[0], "verbatim"), (told[2], "abridged")])
    answer = browser.get("/articles/")
    (day,) = answer.context["page"].days
    assert [(fold.row.id, [copy.id for copy in fold.copies]) for fold in day.folds] == [
        (told[1].pk, []),
        (told[3].pk, [told[0].pk, told[2].pk]),
    ]
    assert "2 of 4 shown, 2 folded" in answer.text
    assert "+2 copies" in answer.text
    assert "Paper 0 and Paper 2" in answer.text
    for article in told:
        assert f'href="/articles/{article.pk}/"' in answer.text


def test_a_copy_whose_origin_does_not_match_stands_itself(browser: Client) -> None:
    told = tell(4)
    make_copies(told[3], [(told[0], "verbatim"), (told[1], "abridged")])
    Article.objects.filter(pk=told[3].pk).update(publisher=make_publisher("Coastwire"))
    answer = browser.get("/articles/?q=source:paper-1")
    assert [row.id for day in answer.context["page"].days for row in day.rows] == [told[1].pk]
    assert "abridged copy of Coastwire" in answer.text


def test_the_address_wins_over_the_setting_and_is_kept_in_links(browser: Client, analyst: User) -> None:
    told = tell(3)
    make_copies(told[2], [(told[0], "verbatim")])
    for setting, address, folded in (
        (True, "", 1),
        (False, "", 0),
        (True, "?fold=0", 0),
        (False, "?fold=1", 1),
        (True, "?fold=maybe", 1),
    ):
        User.objects.filter(pk=analyst.pk).update(fold_copies=setting)
        answer = browser.get(f"/articles/{address}")
        assert answer.context["page"].folded == folded, (setting, address)
        assert answer.context["page"].shown == 3 - folded
        other = "fold=0" if folded else "fold=1"
        assert other in answer.text
    page = browser.get("/articles/?fold=0&q=lang:en").text
    for link in (
        "q=lang%3Aen+since%3A7d&amp;fold=0",
        f"fold=0&amp;peek={told[0].pk}",
        'name="fold" value="0"',
    ):
        assert link in page, link


def test_the_setting_is_on_the_account_page(browser: Client, analyst: User) -> None:
    page = browser.get("/account/").text
    assert "Fold copies" in page
    form = {"theme": "auto", "density": "compact", "timezone": "UTC", "single_key_shortcuts": "on"}
    browser.post("/account/", form)
    analyst.refresh_from_db()
    assert not analyst.fold_copies
    browser.post("/account/", form | {"fold_copies": "on"})
    analyst.refresh_from_db()
    assert analyst.fold_copies


def test_a_fold_is_open_when_one_of_its_rows_is_peeked_at(browser: Client) -> None:
    told = tell(2)
    make_copies(told[1], [(told[0], "verbatim")])
    assert "<details>" in browser.get("/articles/").text
    assert "<details open>" in browser.get(f"/articles/?peek={told[0].pk}").text
    assert "<details open>" not in browser.get(f"/articles/?peek={told[1].pk}").text


@pytest.mark.parametrize("seed", range(4))
def test_no_match_is_lost_or_met_twice_over_the_pages(
    browser: Client, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)  # noqa: S311 - a repeatable list, no secret
    monkeypatch.setattr(reads, "PAGE", draw.randrange(2, 9))
    monkeypatch.setattr(reads, "READ", 3 * reads.PAGE)
    told = tell(60)
    left = draw.sample(told, 40)
    while left:
        members = [left.pop() for _ in range(min(len(left), draw.randrange(2, 12)))]
        make_copies(members[0], [(article, draw.choice(["verbatim", "abridged"])) for article in members[1:]])
    for address in ({}, {"fold": "0"}, {"q": "lang:en dawn"}):
        after, met, standing = "", [], 0
        for _ in range(len(told)):
            page = browser.get("/articles/", {**address, "after": after}).context["page"]
            folds = [fold for day in page.days for fold in day.folds]
            assert len(folds) == page.shown <= reads.PAGE
            standing += len(folds)
            met += [row.id for fold in folds for row in (fold.row, *fold.copies)]
            after = page.after
            if not after:
                break
        assert sorted(met) == sorted(article.pk for article in told)
        assert (standing == len(told)) == ("fold" in address)


def test_it_costs_the_same_for_ten_and_for_a_hundred_rows_with_copies(browser: Client) -> None:
    def fill(number: int) -> None:
        company = make_entity(f"Orne Shipping {number}")
        make_listing(company, str(7000 + number))
        told = tell(number, start=number)
        for article in told:
            name_in(article, "Orne Shipping", company)
        for place in range(0, number - 4, 5):
            make_copies(told[place], [(article, "verbatim") for article in told[place + 1 : place + 4]])

    fill(10)
    ten = queries(browser, "/articles/")
    fill(100)
    assert queries(browser, "/articles/") == ten <= 12
    assert queries(browser, "/articles/?fold=0") == ten


def test_files_have_every_row_and_say_what_it_is_a_copy_of(browser: Client) -> None:
    told = tell(3)
    make_copies(told[2], [(told[0], "verbatim")])
    rows = list(csv.DictReader(io.StringIO(browser.get("/articles/export.csv").text)))
    assert [row["copy_of"] for row in rows] == [told[2].url, "", ""]
    whole = json.loads(browser.get("/articles/export.json?fold=1").content)
    assert [row["copy_of"] for row in whole] == [told[2].url, "", ""]
    CopyGroup.objects.update(origin=None)
    assert len(json.loads(browser.get("/articles/export.json").content)) == 3


def test_copies_are_a_facet_only_where_there_are_some(browser: Client) -> None:
    told = tell(3)
    assert "is%3Acopy" not in browser.get("/articles/").text
    make_copies(told[2], [(told[0], "verbatim")])
    facets = browser.get("/articles/").context["page"].facets
    assert [(value.value, value.words, value.n) for value in facets.text] == [
        ("original", "Originals", 2),
        ("copy", "Copies", 1),
    ]
    assert "is%3Acopy" in browser.get("/articles/").text


def newest_folds(answer: Any, name: str) -> Any:
    """The folded rows of Today's newest articles, or of an entity's latest ones."""
    found = getattr(answer.context["page"], name)
    return getattr(found, "folds", found)


def test_today_and_an_entity_fold_their_newest_articles(browser: Client, analyst: User) -> None:
    company = make_entity("Orne Shipping")
    told = tell(14)
    for article in told:
        name_in(article, "Orne Shipping", company)
    make_copies(told[2], [(told[0], "verbatim"), (told[1], "abridged")])
    for path, name in (("/?range=7d", "newest"), ("/entities/orne-shipping/", "latest")):
        answer = browser.get(path)
        folds = newest_folds(answer, name)
        assert [fold.row.id for fold in folds] == [article.pk for article in told[2:12]]
        assert [copy.id for copy in folds[0].copies] == [told[0].pk, told[1].pk]
        assert "+2 copies" in answer.text
        plain = browser.get(f"{path}{'&' if '?' in path else '?'}fold=0")
        assert [fold.row.id for fold in newest_folds(plain, name)] == [a.pk for a in told[:10]]
    User.objects.filter(pk=analyst.pk).update(fold_copies=False)
    assert "+2 copies" not in browser.get("/?range=7d").text


def test_the_timeline_of_an_event_obeys_the_setting_and_loses_no_text(browser: Client, analyst: User) -> None:
    told = tell(6)
    make_copies(told[5], [(told[0], "verbatim"), (told[1], "verbatim")])
    elsewhere = make_article("Told elsewhere", published_at=timezone.now() - timedelta(hours=9))
    make_copies(elsewhere, [(told[2], "abridged"), (told[4], "verbatim")])
    event = make_event("A harbour", told)

    def standing() -> tuple[list[int], list[int]]:
        answer = browser.get(f"/events/{event.pk}/")
        entries = [entry for day in answer.context["page"].days for entry in day.entries]
        folded = [one.id for entry in entries for one in entry.copies]
        return [entry.own.id for entry in entries if entry.own], folded

    stand, folded = standing()
    assert stand == [told[5].pk, told[4].pk, told[3].pk]
    assert set(folded) == {told[0].pk, told[1].pk, told[2].pk}
    User.objects.filter(pk=analyst.pk).update(fold_copies=False)
    assert standing() == ([article.pk for article in reversed(told)], [])
