"""The page of a publisher's edge lines: what it says of each line and rule, its switches, its states."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.editing.edge_lines import add_line, switch_rule
from articles.ingest.clean import LEARNT
from articles.ingest.edge_lines import PAGES_COMPARED, learn_lines
from articles.models import EdgeLine, Job, PageRules, Publisher
from articles.queries.edge_lines import SHOWN_LINES, lines_page
from entities.models import Change
from newsdesk.accounts.models import User
from tests.edges_world import CALL, make_pages
from tests.factories import NOON, make_article, make_publisher
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=3)


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def _url(publisher: Publisher, name: str = "publisher_lines", *more: int) -> str:
    return reverse(name, args=[publisher.pk, *more])


def _words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def _learnt() -> tuple[Publisher, EdgeLine]:
    post = make_publisher("Post")
    make_pages(post, 4, CALL)
    learn_lines([post.pk], LATER)
    return post, EdgeLine.objects.get()


def test_it_says_how_lines_come_to_be_learnt_when_there_are_none(signed_in: Client) -> None:
    publisher = make_publisher()
    words = _words(signed_in.get(_url(publisher)))
    assert "no article of this publisher has a text yet" in words
    assert "None has taken anything off its newest articles" in words
    assert "nothing to read again" in words
    make_pages(publisher, 2)
    words = _words(signed_in.get(_url(publisher)))
    assert "at least three articles about different things" in words
    assert "Read again" in words
    assert signed_in.get(reverse("publisher_lines", args=[999_999])).status_code == 404


def test_it_shows_learnt_lines_with_their_counts(signed_in: Client) -> None:
    post, _ = _learnt()
    make_pages(post, 2, first=4, removed=[(LEARNT, CALL)])
    learn_lines([post.pk], LATER)
    words = _words(signed_in.get(_url(post)))
    assert CALL in words
    assert "Taken off : learnt by the desk" in words
    assert "At the edges of 6 of 6 texts, taken off 2 of them" in words


def test_it_says_that_a_line_faded(signed_in: Client) -> None:
    post, _ = _learnt()
    make_pages(post, PAGES_COMPARED, first=4)
    learn_lines([post.pk], LATER)
    words = _words(signed_in.get(_url(post)))
    assert "Not taken off : faded: in none of the newest 30 texts" in words
    make_pages(post, 1, CALL, first=40)
    learn_lines([post.pk], LATER)
    assert "seen again, too seldom yet" in _words(signed_in.get(_url(post)))


def test_a_switch_says_what_it_did_and_offers_to_take_it_back(signed_in: Client) -> None:
    post, line = _learnt()
    answer = signed_in.post(_url(post, "publisher_line_switch", line.pk), {"on": "0"})
    assert answer["Location"] == _url(post)
    said = list(get_messages(answer.wsgi_request))
    change = Change.objects.get(act="line switched off")
    assert said[0].extra_tags == reverse("publisher_lines_undo", args=[change.pk])
    words = _words(signed_in.get(_url(post)))
    assert "Left in : decided by" in words
    assert "such lines: taken off → left in" in words
    assert signed_in.post(said[0].extra_tags)["Location"] == _url(post)
    assert EdgeLine.objects.get().is_on is True
    for address in (_url(post, "publisher_line_switch", 999_999), said[0].extra_tags):
        answer = signed_in.post(address, {"on": "1"})
        assert answer.status_code == 302
        assert [message.level_tag for message in get_messages(answer.wsgi_request)][-1] == "error"


def test_an_own_line_is_added_and_a_wrong_one_stays_in_its_field(signed_in: Client) -> None:
    post = make_publisher("Post")
    answer = signed_in.post(_url(post, "publisher_line_add"), {"line": "<i>***</i> 7" * 40})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "is it a paragraph?" in html
    assert "&lt;i&gt;***" in html
    assert 'aria-invalid="true"' in html
    assert signed_in.post(_url(post, "publisher_line_add"), {"line": CALL}).status_code == 302
    words = _words(signed_in.get(_url(post)))
    assert "Not seen in the newest texts" in words
    assert "Last seen" not in words


def test_rules_that_fired_are_shown_with_counts_an_example_and_a_switch(signed_in: Client) -> None:
    post = make_publisher("Post")
    make_pages(post, 3, removed=[("share", "Share this"), ("tags", "Tags: sea"), ("share", "Share on X")])
    make_pages(post, 1, first=3, removed=[("share", "Share it all"), ("retired-rule", "Old")])
    words = _words(signed_in.get(_url(post)))
    assert "Calls to share share 7 lines in 4 articles, such as Share it all in article" in words
    assert "Tags and topics tags 3 lines in 3 articles" in words
    assert "retired-rule" not in words
    answer = signed_in.post(_url(post, "publisher_rule_switch"), {"rule": "share", "on": "0"})
    assert answer["Location"] == _url(post)
    assert PageRules.objects.get().rules_off == ["share"]
    assert "left out for this publisher" in _words(signed_in.get(_url(post)))
    signed_in.post(_url(post, "publisher_rule_switch"), {"rule": "share", "on": "1"})
    assert PageRules.objects.get().rules_off == []
    signed_in.post(_url(post, "publisher_rule_switch"), {"rule": "nonsense", "on": "0"})
    assert PageRules.objects.get().rules_off == []


def test_a_rule_that_is_left_out_stays_to_be_switched_on_again(signed_in: Client) -> None:
    post = make_publisher("Post")
    switch_rule("ada", post.pk, "follow", is_on=False)
    words = _words(signed_in.get(_url(post)))
    assert "It has taken nothing off lately" in words
    assert "Use" in words


def test_the_newest_articles_are_read_again(signed_in: Client) -> None:
    post = make_publisher("Post")
    made = make_pages(post, 12)
    html = signed_in.get(_url(post)).content.decode()
    assert '<option value="10">10 articles</option><option value="12">' in html
    answer = signed_in.post(_url(post, "publisher_again"), {"count": "10", "page": "lines"})
    assert answer["Location"] == _url(post)
    asked = set(Job.objects.filter(kind=Job.Kind.READ).values_list("subject_id", flat=True))
    assert asked == {article.pk for article in made[2:]}
    for wrong in ("0", "x", "", "99999"):
        answer = signed_in.post(_url(post, "publisher_again"), {"count": wrong, "page": "lines"})
        assert "Choose 1 to" in str(list(get_messages(answer.wsgi_request))[-1])


def test_pages_lead_to_it_and_an_article_names_its_rules(signed_in: Client) -> None:
    feed = make_source("Post")
    article = make_article("Ferries", publisher=feed.publisher)
    article.revisions.update(removed=[["share", "Share this"], [LEARNT, CALL], ["retired-rule", "Old"]])
    for address in (
        reverse("source", args=[feed.pk]),
        reverse("publisher", args=[feed.publisher_id]),
        reverse("article", args=[article.pk]),
    ):
        assert f'href="{_url(feed.publisher)}"' in signed_in.get(address).content.decode(), address
    words = _words(signed_in.get(reverse("article", args=[article.pk])))
    assert "Share this calls to share" in words
    assert f"{CALL} lines learnt from this publisher’s pages" in words
    assert "Old retired-rule" in words


def test_readers_see_the_rules_and_no_way_to_the_page_of_admins(client: Client, analyst: User) -> None:
    article = make_article("Ferries")
    article.revisions.update(removed=[["share", "Share this"]])
    client.force_login(analyst)
    html = client.get(reverse("article", args=[article.pk])).content.decode()
    assert "calls to share" in html
    assert _url(article.publisher) not in html


def test_the_number_of_queries_does_not_grow(signed_in: Client) -> None:
    counts = []
    for number in (10, 100):
        post = make_publisher(f"Post {number}")
        make_pages(post, number // 2, removed=[("share", "Share this"), ("tags", "Tags: x")])
        EdgeLine.objects.bulk_create(
            EdgeLine(publisher=post, key=f"line {n}", line=f"Line {n}", articles=n, last_seen_at=NOON)
            for n in range(number)
        )
        add_line("ada", post.pk, f"Own line {number}")
        with CaptureQueriesContext(connection) as queries:
            assert signed_in.get(_url(post)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14  # two of them are the session and the user


def test_of_very_many_lines_the_busiest_are_shown() -> None:
    post = make_publisher("Post")
    EdgeLine.objects.bulk_create(
        EdgeLine(publisher=post, key=f"line {n}", line=f"Line {n}", articles=n, last_seen_at=NOON)
        for n in range(SHOWN_LINES + 7)
    )
    page = lines_page(post.pk)
    assert page is not None
    assert (len(page.rows), page.more) == (SHOWN_LINES, 7)
    assert page.rows[0].line.articles == SHOWN_LINES + 6
