"""The page of one event: who says so, what the texts say, how it grew, why each article is here; and its states."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Event, EventDigest, Membership
from newsdesk.accounts.models import User
from tests.event_world import SILENT, make_doubts, make_told, make_told_event
from tests.stories_world import make_article, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(db: None) -> list[Article]:
    return make_told(timezone.now().replace(microsecond=0) - timedelta(days=1))


@pytest.fixture
def event(told: list[Article]) -> Event:
    return make_told_event(told)


def page_of(client: Client, event: Event) -> Any:
    return client.get(f"/events/{event.pk}/")


def test_it_counts_texts_and_owners_and_never_publishers(event: Event, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    answer = page_of(client, event)
    heading = re.search(r'<h2 id="ind-h">(.*?)</h2>', answer.text)
    assert heading
    words = re.sub("<[^>]+>", "", heading[1])
    assert words == "5 articles, 5 publishers, 2 independent: 2 repeat Kestrel Wire"
    listed = re.findall(r'href="(/articles/[^"]+)"', heading[1])
    pages = [client.get(link.replace("&amp;", "&")).context["page"] for link in listed]
    assert [page.shown + page.folded for page in pages] == [5, 3, 2]


def test_each_sentence_leads_to_its_words_in_the_article(event: Event, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    text = page_of(client, event).text
    links = re.findall(r'href="(/articles/\d+/\?cite=[^"#]+)#cited"', text)
    assert len(links) >= 5
    found = set()
    for link in links:
        page = client.get(link).text
        assert page.count('id="cited"') == 1, link
        found.add(re.sub("<[^>]+>", "", "".join(re.findall(r'<mark class="cited"[^>]*>(.*?)</mark>', page))))
    assert "SIA did not respond to a request for comment." in found
    assert "last Thursday" in found


def test_words_that_are_gone_from_an_article_are_said_to_be_so(
    event: Event, analyst: User, client: Client
) -> None:
    client.force_login(analyst)
    link = re.search(r'href="(/articles/\d+/\?cite=[^"#]+)#cited"', page_of(client, event).text)
    assert link
    article = Article.objects.get(pk=int(link[1].split("/")[2]))
    assert article.revision is not None
    type(article.revision).objects.filter(pk=article.revision.pk).update(text="Something else altogether.")
    page = client.get(link[1])
    assert page.context["page"].is_cited_lost
    assert 'id="cited"' not in page.text


def test_it_says_what_kind_of_event_and_what_is_not_confirmed(
    event: Event, analyst: User, client: Client
) -> None:
    client.force_login(analyst)
    text = page_of(client, event).text
    for words in (
        "Partnership or agreement", "“agreed” in 3 texts", "Not confirmed by SIA", "3.1 × its usual", "2.0 × the day before",
        "Thu 2 June 2022", "CSIA News reported first", "17 min later", "did not answer", "7.9\u00a0%",
    ):  # fmt: skip
        assert words in text, words


def test_copies_are_folded_but_not_hidden(
    event: Event, told: list[Article], analyst: User, client: Client
) -> None:
    client.force_login(analyst)
    page = page_of(client, event)
    entries = [entry for day in page.context["page"].days for entry in day.entries]
    assert [len(entry.copies) for entry in entries if entry.own is None] in ([2], [1, 1])
    assert all(f"/articles/{one.pk}/" in page.text for one in told)
    unfolded = client.get(f"/events/{event.pk}/?fold=0").context["page"]
    assert sum(entry.own is not None for day in unfolded.days for entry in day.entries) == 5


def test_each_article_says_why_it_is_here_and_what_came_next(
    event: Event, told: list[Article], editor: User, client: Client
) -> None:
    make_doubts(event, told, timezone.now())
    client.force_login(editor)
    text = " ".join(page_of(client, event).text.split())
    for words in (
        '<td>+0.30</td><td>shares CSIA</td>', 'together <span class="mono">0.41</span>',
        'it joins at <span class="mono">0.40</span>',
        '<span class="mono">0.19</span> behind', "close to the bar", "looked at by mina", "Near, but kept apart",
    ):  # fmt: skip
        assert words in text, words


def test_a_quote_that_names_several_parties_stands_once_with_all_of_them(
    event: Event, told: list[Article], analyst: User, client: Client
) -> None:
    (one,) = EventDigest.objects.get(event=event).unconfirmed
    others = [{**one, "party": "CSIA", "entity": None}, {**one, "party": "Skagen Steel", "code": "denied"}]
    EventDigest.objects.filter(event=event).update(unconfirmed=[one, *others])
    client.force_login(analyst)
    text = page_of(client, event).text
    assert text.count(f"<q>{SILENT}</q>") == 1
    assert "CSIA News: SIA, CSIA: did not answer; Skagen Steel denies it" in text
    assert "Denied by Skagen Steel; Not confirmed by SIA, CSIA" in text


def test_the_next_best_says_what_spoke_for_it_and_adds_nothing_to_the_chosen(
    event: Event, told: list[Article], analyst: User, client: Client
) -> None:
    make_doubts(event, told, timezone.now())
    parts = {"names": 0.31, "figures": -0.09}
    why = [
        {"code": "names", "words": "shares CSIA", "weight": 0.41},
        {"code": "next_best", "words": "the next best event", "weight": 0.22, "detail": parts},
    ]
    Membership.objects.filter(article=told[4]).update(why=why)
    client.force_login(analyst)
    text = " ".join(page_of(client, event).text.split())
    assert (
        'behind: whom it names <span class="mono">+0.31</span>, other figures <span class="mono">−0.09'
        in text
    )
    assert "<td>the next best event</td>" not in text, "the parts of the score add up to it"


def test_what_is_not_read_in_other_languages_is_said(
    event: Event, told: list[Article], analyst: User, client: Client
) -> None:
    client.force_login(analyst)
    assert "Left out:" not in page_of(client, event).text
    Article.objects.filter(pk=told[4].pk).update(language="de")
    left_out = "Left out: 1 article in German, since only English texts are read for this."
    assert left_out in page_of(client, event).text
    Article.objects.update(language="de")
    EventDigest.objects.filter(event=event).update(slots={}, unconfirmed=[], summary=[])
    text = page_of(client, event).text
    assert "Who did what, where and when is read from English texts only; these are in German." in text
    assert "Whether somebody did not answer is read in English texts only." in text


def test_developments_wait_for_an_editor(
    event: Event, told: list[Article], analyst: User, editor: User, client: Client
) -> None:
    make_doubts(event, told, timezone.now())
    client.force_login(analyst)
    text = page_of(client, event).text
    assert "The group meets" in text
    assert "confirmed by ed" in text
    assert "First talks" not in text
    client.force_login(editor)
    text = page_of(client, event).text
    assert "First talks" in text
    assert "both name CSIA and SIA" in text


def test_an_event_of_one_article_that_is_not_summed_up_says_so(analyst: User, client: Client) -> None:
    lone = make_event("Alone", [make_article("Alone", "Text.", timezone.now())])
    client.force_login(analyst)
    text = page_of(client, lone).text
    assert "Not summed up yet" in text
    assert "One article so far: nobody else tells it." in text
    assert "not looked at yet" in text
    assert "too few to say" in text
    assert 'class="plot spread' not in text


def test_a_silent_event_is_dormant(analyst: User, client: Client, settings: Any) -> None:
    old = make_event("Old", [make_article("Old", "Text.", timezone.now() - timedelta(days=3, hours=2))])
    client.force_login(analyst)
    assert "No new article for 3 days: dormant" in page_of(client, old).text
    settings.EVENT_DORMANT_DAYS = 4.0
    assert "dormant" not in page_of(client, old).text


def test_an_event_whose_articles_are_gone_still_has_a_page(
    event: Event, analyst: User, client: Client
) -> None:
    Membership.objects.filter(event=event).delete()
    Event.objects.filter(pk=event.pk).update(article_count=0, publisher_count=0, owner_count=0)
    client.force_login(analyst)
    answer = page_of(client, event)
    assert answer.status_code == 200
    assert "Its articles are gone" in answer.text
    assert "?cite=" not in answer.text


def test_the_page_costs_at_most_twelve_queries_whatever_its_size(
    event: Event, analyst: User, client: Client
) -> None:
    client.force_login(analyst)

    def cost(of: Event) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert page_of(client, of).status_code == 200
        return len(seen)

    few = cost(event)
    now = timezone.now()
    many = make_event("Many", [make_article(f"R {n}", "Text.", now, publisher=f"P {n}") for n in range(20)])
    EventDigest.objects.create(event=many, built_from=1, rule_version="digest-1")
    assert cost(many) <= few <= 12
