"""Today and the palette."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, Event
from articles.queries.times import read_range
from articles.queries.today import today_page
from newsdesk.accounts.models import User
from tests.sources_world import make_runs, make_source
from tests.stories_world import make_world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ["24h", "7d", "30d", "1y"])
def test_its_bars_add_up_to_the_figures(code: str) -> None:
    now = timezone.now()
    make_world(now)
    page = today_page(read_range(code, now), user_id=0)
    for figure in (page.articles, page.new_events):
        assert sum(figure.bars) == figure.total
        assert figure.n == (figure.bars[-1] if code == "24h" else figure.total)
    assert (page.articles.n, page.new_events.n) == ((4, 1) if code == "24h" else (8, 2))


def test_its_top_events_are_those_of_the_range(analyst: User, client: Client) -> None:
    world = make_world(timezone.now())
    Article.objects.filter(membership__event=world.events["bridge"]).update(
        published_at=timezone.now() - timedelta(days=3)
    )
    Event.objects.filter(pk=world.events["bridge"].pk).update(last_at=timezone.now() - timedelta(days=3))
    client.force_login(analyst)
    day, week = client.get("/"), client.get("/?range=7d")
    assert [row.title for row in day.context["page"].events] == [
        "Orne Energy to build forty turbines off Tessin"
    ]
    assert len(week.context["page"].events) == 2
    for row in week.context["page"].events:
        assert sum(row.course) == row.new == row.articles == 4
    assert 'href="/articles/?q=since%3A7d"' in week.text


def test_only_admins_see_the_failing_sources(analyst: User, admin: User, client: Client) -> None:
    make_world(timezone.now())
    client.force_login(analyst)
    assert "Sources failing" not in client.get("/").text
    client.force_login(admin)
    assert "Sources failing" in client.get("/").text


def test_it_says_what_to_do_before_the_first_story(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    assert "Nothing has come in yet" in client.get("/").text


def test_it_says_that_articles_are_being_read_while_no_event_stands(analyst: User, client: Client) -> None:
    make_world(timezone.now())
    Event.objects.all().delete()
    client.force_login(analyst)
    assert "No event was told" in client.get("/").text
    Article.objects.update(stage="new")
    page = client.get("/").text
    assert "8 articles are being read" in page
    assert "No event was told" not in page


def test_a_range_that_does_not_exist_is_the_usual_one(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    assert client.get("/?range=%00'x").context["span"].code == "24h"


def test_the_strip_of_fetches_says_which_hours_failed(admin: User, client: Client) -> None:
    now = timezone.now()
    make_runs(make_source("Harbour Post", last_outcome="stored"), now, "..=x")
    make_source("Island Cable", last_outcome="offline")
    client.force_login(admin)
    ingestion = client.get("/").context["page"].ingestion
    assert (ingestion.fetches, ingestion.unchanged, ingestion.failed) == (4, 1, 1)
    assert ingestion.strip[-4:] == ("ok", "ok", "ok", "bad")
    assert (ingestion.ok, ingestion.unanswered, ingestion.failing, ingestion.sources) == (1, 1, 0, 2)


def test_the_figures_are_those_of_the_lists_they_lead_to(analyst: User, client: Client) -> None:
    make_world(timezone.now())
    client.force_login(analyst)
    for code in ("24h", "7d"):
        page = client.get("/", {"range": code}).context["page"]
        assert client.get("/events/", {"range": code, "new": "1"}).context["page"].total == page.new_events.n
        listed = client.get("/articles/", {"q": f"since:{code}"})
        assert f"{page.articles.n} match" in listed.text


def test_the_palette_finds_names_tickers_events_and_pages(analyst: User, client: Client) -> None:
    make_world(timezone.now())
    client.force_login(analyst)
    for text, address in (
        ("skag", "/entities/skagen-steel-ab/"),
        ("SKST", "/entities/skagen-steel-ab/"),
        ("turbines forty", "/events/"),
        ("ent", "/entities/"),
        ("no such thing", "/articles/?q=no+such+thing"),
    ):
        answer = client.get("/palette/", {"q": text}, headers={"HX-Request": "true"})
        assert f'data-href="{address}' in answer.text, text
        assert "<html" not in answer.text


def test_the_palette_is_a_page_without_script(analyst: User, client: Client) -> None:
    make_world(timezone.now())
    client.force_login(analyst)
    assert 'href="/entities/skagen-steel-ab/"' in client.get("/palette/?q=skagen").text


def test_the_palette_hides_what_only_admins_may_open(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    assert "/sources/" not in client.get("/palette/", headers={"HX-Request": "true"}).text


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'", '"', "\x00", "a:b & !c", "<script>", "中文", "x" * 5000]
)
def test_the_palette_takes_any_text(analyst: User, client: Client, text: str) -> None:
    make_world(timezone.now())
    client.force_login(analyst)
    answer = client.get("/palette/", {"q": text}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<script>" not in answer.text
