"""Pages on which editors decide about events: each is looked at first, done by a form, and taken back by one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Event, Membership, StorylineLink
from articles.queries.review import forget_left
from articles.queries.review_placements import placement_question
from newsdesk.accounts.models import User
from tests.doubts_world import Doubts, make_doubts

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubts(db: None) -> Doubts:
    forget_left()
    return make_doubts(timezone.now())


@pytest.fixture
def signed_in(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def places() -> dict[int, int]:
    return dict(Membership.objects.values_list("article_id", "event_id"))


def take_back(client: Client, page: str) -> str:
    """Press the Undo of the message that stands on a page."""
    found = re.search(r'class="toast".*?action="([^"]+)"', page, re.DOTALL)
    assert found is not None, "no undo is offered"
    answer = client.post(found[1], follow=True)
    assert "Taken back." in answer.text
    return answer.text


def test_articles_are_ticked_looked_at_split_off_and_taken_back(signed_in: Client, doubts: Doubts) -> None:
    path, before = f"/events/{doubts.here.pk}/split/", places()
    first = signed_in.get(path).text
    assert first.count('type="checkbox" name="article"') == 3, "the copy has no box of its own"
    assert "1 copy follows: Lion City Business" in first
    chosen = doubts.articles[0].pk
    preview = signed_in.get(path, {"article": chosen}).text
    assert "1 copy of its text goes along." in preview
    assert places() == before, "to look at it changes nothing"
    done = signed_in.post(path, {"article": chosen, "why": "another bridge"}, follow=True)
    now = places()
    assert now[chosen] == now[doubts.articles[3].pk] == done.context["page"].id != doubts.here.pk
    assert "split this event off from another" in done.text
    assert "another bridge" in done.text
    take_back(signed_in, done.text)
    assert places() == before
    all_of_it = [one.pk for one in doubts.articles[:4]]
    assert "leave at least one" in signed_in.post(path, {"article": all_of_it}, follow=True).text
    assert "leave at least one" in signed_in.get(path, {"article": all_of_it}).text
    assert "load the page again" in signed_in.post(path, {}, follow=True).text


def test_two_events_are_told_apart_and_joining_says_so(signed_in: Client, doubts: Doubts) -> None:
    here, there = doubts.here.pk, doubts.there.pk
    path = f"/events/{here}/not-same/"
    looked = signed_in.get(path, {"to": there}).text
    assert doubts.there.title in looked
    assert "Keep them apart" in looked
    done = signed_in.post(path, {"to": there, "why": "other cables"}, follow=True).text
    assert "said that this is not the same event as" in done
    assert "other cables" in signed_in.get(f"/events/{here}/join/", {"to": there}).text
    assert "said already" in signed_in.post(path, {"to": there}, follow=True).text
    take_back(signed_in, done)
    assert "other cables" not in signed_in.get(f"/events/{here}/join/", {"to": there}).text
    assert "Choose the event" in signed_in.post(path, {}, follow=True).text


def test_an_article_is_kept_out_of_an_event(signed_in: Client, doubts: Doubts) -> None:
    article, path = doubts.articles[1], f"/events/{doubts.here.pk}/not-same/"
    assert "for an event of its own" in signed_in.get(path, {"article": article.pk}).text
    done = signed_in.post(path, {"article": article.pk}, follow=True)
    assert done.context["page"].id == places()[article.pk] != doubts.here.pk
    assert "never placed in this event" in signed_in.get(path, {"article": article.pk}).text


def test_a_type_is_corrected_and_given_back(signed_in: Client, doubts: Doubts) -> None:
    Event.objects.filter(pk=doubts.here.pk).update(
        type="accident",
        type_why=[{"code": "trigger", "words": "“cracked” in three headlines", "weight": 0.4}],
    )
    path = f"/events/{doubts.here.pk}/type/"
    assert "“cracked” in three headlines" in signed_in.get(path).text
    done = signed_in.post(path, {"type": "legal", "why": "court"}, follow=True).text
    assert "set the type to legal action (it was accident)" in done
    assert "let the desk choose again" in signed_in.get(path).text
    take_back(signed_in, done)
    assert Event.objects.get(pk=doubts.here.pk).type == "accident"
    assert "no type" in signed_in.post(path, {"type": "great"}, follow=True).text


def test_a_place_is_confirmed_from_the_page_of_the_event(signed_in: Client, doubts: Doubts) -> None:
    article = doubts.articles[1]
    done = signed_in.post(f"/articles/{article.pk}/confirm/", follow=True).text
    row = Membership.objects.get(article=article)
    assert (row.unsure, row.checked_by) == ("", "ed")
    assert "confirmed that an article belongs here" in done
    assert "decided this already" in signed_in.post(f"/articles/{article.pk}/confirm/", follow=True).text
    take_back(signed_in, done)
    assert Membership.objects.get(article=article).unsure == "runner_up"


def test_developments_are_decided_linked_and_read_by_all(
    signed_in: Client, doubts: Doubts, analyst: User
) -> None:
    here, there = doubts.here, doubts.there
    Event.objects.filter(pk=here.pk).update(first_at=timezone.now() - timedelta(days=40))
    why = [{"code": "names", "words": "both speak of Skagen Steel AB", "weight": 0.6}]
    link = StorylineLink.objects.create(earlier=here, later=there, score=0.6, why=why)
    path = f"/events/{there.pk}/developments/"
    assert "both speak of Skagen Steel AB" in signed_in.get(path).text
    form = {"status": "confirmed", "event": here.pk}
    done = signed_in.post(f"/events/storylines/{link.pk}/", form, follow=True)
    assert done.context["page"].id == here.pk, "back to where it was decided"
    assert "linked this event with" in done.text
    assert "The whole story" in signed_in.get(path).text
    reader = Client()
    reader.force_login(analyst)
    read = reader.get(path)
    assert here.title in read.text
    assert "<form" not in read.text.split("<main")[1].split("</main>")[0]
    assert reader.post(path, {"to": here.pk}).status_code == 403
    take_back(signed_in, done.text)
    assert StorylineLink.objects.get().status == "suggested"
    StorylineLink.objects.all().delete()
    assert "Link them" in signed_in.get(path, {"to": here.pk}).text
    signed_in.post(path, {"to": here.pk, "why": "one bridge"})
    assert StorylineLink.objects.get().status == "confirmed"
    for bad in ({"status": "x"}, {}):
        assert signed_in.post(f"/events/storylines/{link.pk}/", bad, follow=True).status_code == 200


def test_the_number_of_a_joined_event_finds_its_articles_where_they_are(
    signed_in: Client, doubts: Doubts
) -> None:
    signed_in.post(f"/events/{doubts.here.pk}/join/", {"to": doubts.there.pk})
    found = signed_in.get("/articles/", {"q": f"event:{doubts.there.pk}", "range": "all"}).text
    assert all(article.title in found for article in doubts.articles)


@pytest.mark.parametrize("page", ["join", "split", "not-same", "rename", "status", "type", "developments"])
def test_addresses_of_a_joined_event_lead_on_to_the_same_page(
    signed_in: Client, doubts: Doubts, page: str
) -> None:
    signed_in.post(f"/events/{doubts.here.pk}/join/", {"to": doubts.there.pk})
    answer = signed_in.get(f"/events/{doubts.there.pk}/{page}/?find=cables")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/events/{doubts.here.pk}/{page}/?find=cables",
    )
    assert signed_in.get(f"/events/999999/{page}/").status_code == 404


def test_a_doubt_is_confirmed_moved_and_undone_in_the_review_queue(signed_in: Client, doubts: Doubts) -> None:
    before = places()
    key = placement_question(doubts.here.pk, doubts.there.pk).key
    page = signed_in.get("/review/", {"kind": "placement"}).text
    assert f"Do these belong to “{doubts.here.title}”?" in page
    assert 'data-key="y"' in page
    assert re.search(rf'name="to" value="{doubts.there.pk}" data-key="n"', page)
    assert re.search(r'name="to" value="" data-key="2"', page)
    assert "came second" in page, "an older rule kept no parts of the runner-up"
    kept = {
        "code": "next_best",
        "words": "the next best event",
        "weight": 0.3,
        "detail": {"lead": 0.2, "days": -0.05},
    }
    for row in Membership.objects.exclude(unsure=""):
        Membership.objects.filter(pk=row.pk).update(why=[*row.why, kept])
    page = " ".join(signed_in.get("/review/", {"kind": "placement"}).text.split())
    assert '+0.20</span> its first sentences</p><p><span class="mono">−0.05</span> other days' in page
    assert "the next best event" not in page
    path, where = f"/review/placements/{doubts.here.pk}/", {"item": key, "in_kind": "placement"}
    one, two = doubts.articles[1].pk, doubts.articles[2].pk
    done = signed_in.post(path, where | {"article": [one], "confirm": "1"}, follow=True).text
    assert "It stays in this event." in done
    assert Membership.objects.get(article_id=one).checked_by == "ed"
    assert "Does this belong to" in signed_in.get("/review/", {"item": key}).text, (
        "the other one is asked still"
    )
    moved = signed_in.post(path, where | {"article": [two], "to": doubts.there.pk}, follow=True).text
    assert places()[two] == doubts.there.pk
    assert "Nothing of this kind waits" in moved or "Nothing waits for you" in moved
    assert "moved to another event" in moved
    back = take_back_last(signed_in, moved)
    assert places() == before
    assert "Does this belong to" in back, "its question stands there again"
    for bad, words in (
        ({}, "Say whether they belong"),
        ({"confirm": "1"}, "tick at least one"),
        ({"confirm": "1", "article": [999_999]}, "no event yet"),
    ):
        assert words in signed_in.post(path, where | bad, follow=True).text


def take_back_last(client: Client, page: str) -> str:
    """Press Undo last of the review page."""
    found = re.search(r'action="(/review/changes/\d+/undo/)"', page)
    assert found is not None
    return client.post(found[1], {"in_kind": "placement"}, follow=True).text


def test_an_undone_doubt_goes_to_a_new_event(signed_in: Client, doubts: Doubts) -> None:
    key = placement_question(doubts.here.pk, doubts.there.pk).key
    both = [one.pk for one in doubts.articles[1:3]]
    form = {"item": key, "article": both, "to": ""}
    done = signed_in.post(f"/review/placements/{doubts.here.pk}/", form, follow=True)
    assert "They were moved." in done.text
    assert len({places()[pk] for pk in both} - {doubts.here.pk, doubts.there.pk}) == 1
