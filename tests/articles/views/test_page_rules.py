"""The page about a publisher's rules: its form, the preview, saving, undoing, reading again; with and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.editing.page_rules import RulesDraft, save_rules
from articles.models import Article, Job, PageRules, Publisher
from articles.queries.page_rules import SHOWN_ARTICLES, rules_page
from entities.models import Change
from newsdesk.accounts.models import User
from tests.factories import make_article, make_publisher
from tests.feedworld import FeedWorld
from tests.pages_world import BOX, harbour_post
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

World = tuple[FeedWorld, Publisher]


@pytest.fixture
def post(settings: Any) -> Iterator[World]:
    with harbour_post() as (world, publisher):
        settings.FETCH_PORTS = frozenset({world.port})
        settings.FETCH_HOST_SECONDS = 0.0
        yield world, publisher


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def _url(publisher: Publisher) -> str:
    return reverse("publisher_pages", args=[publisher.pk])


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_it_has_a_form_and_says_that_there_are_no_rules(signed_in: Client) -> None:
    publisher = make_publisher()
    answer = signed_in.get(_url(publisher))
    words = _words(answer.content.decode())
    assert answer.status_code == 200
    assert "No rules: the desk finds the article by itself" in words
    assert "No article of this publisher has its text from a page yet" in words
    assert "nothing to read again" in words


def test_it_says_that_no_publisher_has_this_number(signed_in: Client) -> None:
    assert signed_in.get(reverse("publisher_pages", args=[999_999])).status_code == 404


def test_opening_it_asks_nobody(signed_in: Client, post: World) -> None:
    world, publisher = post
    assert "No page is tried yet" in signed_in.get(_url(publisher)).content.decode()
    assert not world.answers


def test_a_button_shows_the_page_before_and_after_without_script(signed_in: Client, post: World) -> None:
    _, publisher = post
    article = Article.objects.filter(publisher=publisher, url__endswith="/story").get()
    typed = {
        "keep": ".story-text",
        "remove": ".box",
        "title": "h1",
        "article": article.pk,
        "version": 0,
        "try": "1",
    }
    html = signed_in.post(_url(publisher), typed).content.decode()
    assert "<!doctype html>" in html
    assert f"<del>{BOX}" in html
    assert "words now," in html
    assert "by rule" in html
    assert "“.box” (remove) took out 1 place." in html
    assert ".story-text</textarea>" in html
    assert not PageRules.objects.exists()


def test_the_script_gets_the_preview_alone(signed_in: Client, post: World) -> None:
    _, publisher = post
    article = Article.objects.filter(publisher=publisher, url__endswith="/story").get()
    headers = {"HX-Request": "true", "HX-Target": "trial"}
    answer = signed_in.post(_url(publisher), {"keep": "div[", "article": article.pk}, headers=headers)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<form" not in html
    assert "“div[” cannot be used" in html
    answer = signed_in.post(_url(publisher), {"address": "https://elsewhere.example/"}, headers=headers)
    assert "not where this publisher" in answer.content.decode()
    assert answer.status_code == 200


def test_a_part_of_the_page_becomes_what_is_kept_without_script(signed_in: Client, post: World) -> None:
    _, publisher = post
    article = Article.objects.filter(publisher=publisher, url__endswith="/story").get()
    html = signed_in.post(_url(publisher), {"article": article.pk, "try": "1"}).content.decode()
    assert 'value="div.story-text"' in html
    html = signed_in.post(
        _url(publisher), {"article": article.pk, "keep": "old", "use": "div.story-text"}
    ).content.decode()
    assert "div.story-text</textarea>" in html
    assert "old</textarea>" not in html


def test_markup_of_a_page_reaches_nobody(signed_in: Client, post: World) -> None:
    world, publisher = post
    bodies = dict(world.bodies)
    evil = "<img src=x onerror=alert(1)>"
    lines = f"<p>{'The harbour was closed again on Monday, said the board. ' * 9}&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    bodies["/story"] = (
        f"<html><head><title>{evil}</title></head><body><div class='<b>x'>{lines}</div></body></html>".encode()
    )
    world.bodies = bodies
    html = signed_in.post(
        _url(publisher), {"address": world.url("/story"), "keep": "div", "try": "1"}
    ).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html


def test_saving_puts_the_rules_in_force_and_offers_to_undo(signed_in: Client) -> None:
    publisher = make_publisher()
    answer = signed_in.post(_url(publisher), {"keep": "main", "version": "0", "save": "1"}, follow=True)
    change = Change.objects.get(subject_kind="page_rules")
    undo = reverse("publisher_pages_undo", args=[change.pk])
    assert PageRules.objects.get().keep == "main"
    assert undo in answer.content.decode()
    signed_in.post(undo)
    assert PageRules.objects.get().keep == ""


def test_a_selector_that_cannot_be_used_is_named_by_its_field(signed_in: Client) -> None:
    publisher = make_publisher()
    answer = signed_in.post(_url(publisher), {"date": "time[", "version": "0", "save": "1"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_date_error"' in html
    assert "“time[” cannot be used" in html
    assert not PageRules.objects.exists()


def test_what_somebody_saved_meanwhile_is_told_and_the_typed_text_stays(signed_in: Client) -> None:
    publisher = make_publisher()
    save_rules("bea", publisher.pk, RulesDraft(keep="main"), version=0)
    typed = {"keep": "article.mine", "version": "0", "save": "1"}
    html = signed_in.post(_url(publisher), typed).content.decode()
    assert "bea changed these rules" in html
    assert "article.mine</textarea>" in html
    version = re.search(r'name="version" value="(\d+)"', html)
    assert version is not None
    signed_in.post(_url(publisher), {**typed, "version": version[1]})
    assert PageRules.objects.get().keep == "article.mine"


def test_the_newest_articles_are_read_again_by_a_button(signed_in: Client, post: World) -> None:
    _, publisher = post
    again = reverse("publisher_again", args=[publisher.pk])
    answer = signed_in.post(again, {"count": "2"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("publisher_pages", args=[publisher.pk])
    html = answer.content.decode()
    assert "2 articles are read again" in html
    assert "2 of them wait to be read" in _words(html)
    assert Job.objects.filter(kind=Job.Kind.READ).count() == 2
    for count in ("", "0", "99999999999999999999", "x"):
        assert "Choose 1 to 200" in signed_in.post(again, {"count": count}, follow=True).content.decode()


def test_an_article_that_is_asked_for_comes_first_and_no_other_publishers(
    signed_in: Client, post: World
) -> None:
    _, publisher = post
    oldest = Article.objects.filter(publisher=publisher).order_by("published_at")[0]
    page = rules_page(publisher.pk, asked_for=oldest.pk)
    assert page is not None
    assert page.articles[0].id == oldest.pk
    assert len(page.articles) == 3
    other = make_article(publisher=make_publisher("Elsewhere"))
    page = rules_page(publisher.pk, asked_for=other.pk)
    assert page is not None
    assert other.pk not in [one.id for one in page.articles]


def test_it_asks_the_database_as_often_for_many_articles_as_for_few(
    signed_in: Client,
) -> None:
    counts = []
    for name, articles in (("Few", 2), ("Many", SHOWN_ARTICLES + 5)):
        publisher = make_publisher(name)
        for n in range(articles):
            make_article(f"Story {n}", publisher=publisher, published_at=timezone.now())
        for n in range(articles):
            save_rules("ada", publisher.pk, RulesDraft(keep=f".part-{n}"), version=n)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert signed_in.get(_url(publisher)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


def test_admins_find_the_rules_from_publisher_source_and_article(signed_in: Client, analyst: User) -> None:
    feed = make_source("Harbour Post")
    article = make_article(publisher=feed.publisher)
    for place in (
        reverse("publisher", args=[feed.publisher.pk]),
        reverse("source", args=[feed.pk]),
        reverse("article", args=[article.pk]),
    ):
        assert _url(feed.publisher) in signed_in.get(place).content.decode()
    client = Client()
    client.force_login(analyst)
    assert _url(feed.publisher) not in client.get(reverse("article", args=[article.pk])).content.decode()


def test_lines_of_the_history_say_each_selector(signed_in: Client) -> None:
    publisher = make_publisher()
    save_rules("ada", publisher.pk, RulesDraft(keep="main\narticle"), version=0)
    assert "main, article" in _words(signed_in.get(_url(publisher)).content.decode())
