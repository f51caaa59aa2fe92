"""The article list: rows, filters, peek, fragments, states, files, and what it costs."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.annotations import NoteDraft, attach_note
from articles.models import Article
from newsdesk.accounts.models import User
from tests.factories import make_article, make_entity, make_event, make_listing, make_publisher, name_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(analyst: User) -> Client:
    client = Client()
    client.force_login(analyst)
    return client


def fill(number: int) -> None:
    """Articles with names, notes and events, as many as wanted."""
    company = make_entity(f"Orne Shipping {number}")
    make_listing(company, str(7000 + number))
    for place in range(number):
        article = make_article(f"Story {place} of {number}", "Orne Shipping sails. " * 3)
        name_in(article, "Orne Shipping", company)
        make_event(f"Event {place}", [article])
        attach_note(article.pk, "ed", NoteDraft("sails", "Where to?"))


def queries(browser: Client, path: str, **headers: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(path, headers=headers).status_code == 200
    return len(caught)


def test_it_shows_rows_with_everything_a_row_has(browser: Client) -> None:
    company = make_entity("Orne Shipping")
    make_listing(company, "0707")
    article = make_article("Harbour closed", sample=True, corrected_at=timezone.now())
    name_in(article, "Orne Shipping", company)
    for place, name in enumerate(("Mara Quint", "Halvard", "Tessin")):
        name_in(article, name, make_entity(name, kind="person" if not place else "place"))
    attach_note(article.pk, "ed", NoteDraft("ferries", "Which?"))
    page = browser.get("/articles/").content.decode()
    for words in ("Harbour closed", "Tessin Times", "0707", "+1", "sample", "corrected", "1 article"):
        assert words in page, words
    assert f"/articles/{article.pk}/" in page


def test_it_costs_the_same_for_ten_and_twenty_rows(browser: Client) -> None:
    fill(10)
    ten = queries(browser, "/articles/")
    fill(20)
    assert queries(browser, "/articles/") == ten <= 12
    assert queries(browser, "/articles/?q=sails+entity:orne-shipping-20") <= 12


def test_a_fragment_costs_less_and_leaves_the_page_out(browser: Client) -> None:
    fill(10)
    headers = {"HX-Request": "true", "HX-Target": "results"}
    assert queries(browser, "/articles/?q=sails", **headers) <= 6
    answer = browser.get("/articles/?q=sails", headers=headers)
    assert b"<html" not in answer.content
    assert b"10 match" in answer.content
    assert len(answer.content) < 20_480
    pane = browser.get(
        f"/articles/?peek={Article.objects.all()[0].pk}", headers={**headers, "HX-Target": "pane"}
    )
    assert pane.content.lstrip().startswith(b"<aside")


def test_it_pages_by_cursor_without_gap_or_overlap(browser: Client) -> None:
    for place in range(30):
        make_article(f"Story {place}", published_at=timezone.now() - timedelta(hours=place))
    first = browser.get("/articles/")
    after = first.context["page"].after
    second = browser.get("/articles/", {"after": after})
    ids = [row.id for answer in (first, second) for day in answer.context["page"].days for row in day.rows]
    assert len(ids) == len(set(ids)) == 30
    assert second.context["page"].after == ""


@pytest.mark.parametrize(
    "query",
    ["?after=junk", "?peek=junk", "?peek=99999999999999999999", "?range=junk", "?q=%00", "?f=x&f=%F0"],
)
def test_it_answers_whatever_the_address_says(browser: Client, query: str) -> None:
    make_article()
    assert browser.get(f"/articles/{query}").status_code == 200


def test_it_reads_a_time_range_of_the_address(browser: Client) -> None:
    # Titles that no random token of a page can hold by chance.
    make_article("Told today", published_at=timezone.now() - timedelta(hours=2))
    make_article("Told long ago", published_at=timezone.now() - timedelta(days=20))
    assert "Told long ago" not in browser.get("/articles/?range=7d").content.decode()
    assert "Told long ago" in browser.get("/articles/?range=30d").content.decode()
    assert "Told long ago" in browser.get("/articles/?range=all&q=since:24h").content.decode()


def test_it_peeks_without_a_script(browser: Client) -> None:
    article = make_article()
    page = browser.get(f"/articles/?peek={article.pk}").content.decode()
    assert 'id="peek-h"' in page
    assert "Fishermen at Tessin" in page


def test_it_says_what_to_do_when_there_is_nothing_yet(browser: Client) -> None:
    assert "No article yet" in browser.get("/articles/").content.decode()


def test_it_says_which_filter_to_drop_and_what_that_gives(browser: Client) -> None:
    make_article("A bridge", publisher=make_publisher("Coast Daily"))
    page = browser.get("/articles/?q=source:coast-daily+lang:de").content.decode()
    assert "Nothing matches" in page
    assert "Drop lang: de" in page
    assert "1 match" in page
    assert "Drop source" not in page


def test_it_shows_foreign_markup_as_text(browser: Client) -> None:
    make_article("<script>alert(1)</script> & more", "<b>x</b>")
    page = browser.get("/articles/?peek=" + str(Article.objects.get().pk)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_it_exports_the_view_as_files_no_spreadsheet_runs(browser: Client) -> None:
    company = make_entity("Orne Shipping")
    name_in(
        make_article('=HYPERLINK("http://evil.example")', "Orne Shipping, said “x”.\n\nMore"),
        "Orne Shipping",
        company,
    )
    make_article("Not in the view", "nothing")
    rows = list(csv.DictReader(io.StringIO(browser.get("/articles/export.csv?q=orne").content.decode())))
    assert [row["title"] for row in rows] == ['\'=HYPERLINK("http://evil.example")']
    assert rows[0]["entities"] == "Orne Shipping"
    (whole,) = json.loads(browser.get("/articles/export.json?q=orne").content)
    assert whole["title"].startswith("=HYPERLINK")
    assert set(whole) >= {"title", "link", "snippet", "source", "published", "entities"}
    assert browser.get("/articles/export.xml").status_code == 404


def test_it_exports_no_more_than_the_limit_and_says_so(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.queries.articles.EXPORTED", 2)
    for place in range(3):
        make_article(f"Story {place}")
    answer = browser.get("/articles/export.csv")
    assert len(list(csv.DictReader(io.StringIO(answer.content.decode())))) == 2
    assert answer["X-Newsdesk-Capped"] == "2"
    assert "capped" in answer["Content-Disposition"]
    assert "X-Newsdesk-Capped" not in browser.get("/articles/export.csv?q=source:tessin-times+lang:de")
