"""Editing by forms, as without a script: notes, links, status, undo, refusals and conflicts."""

from __future__ import annotations

import pytest
from django.test import Client

from articles.editing.annotations import edit_note
from articles.models import Annotation, Article, LinkDecision, Mention
from entities.history import history_of
from entities.models import Entity
from newsdesk.accounts.models import User
from tests.factories import TEXT, make_article, make_entity, make_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def article(db: None) -> Article:
    return make_article()


def note(browser: Client, article: Article, **fields: object) -> Annotation:
    start = TEXT.index("Orne Shipping expects")
    form = {
        "quote": "ferries to run again",
        "body": "Which?",
        "tag": "",
        "start": start,
        "number": 2,
        **fields,
    }
    answer = browser.post(f"/articles/{article.pk}/notes/", form)
    assert (answer.status_code, answer["Location"]) == (302, f"/articles/{article.pk}/#p2")
    return Annotation.objects.latest("id")


def test_it_gives_a_form_that_attaches_what_it_shows(browser: Client, article: Article) -> None:
    page = browser.get(f"/articles/{article.pk}/?note=2")
    form = page.context["panel"].form
    assert form.initial["quote"] == TEXT.split("\n\n")[1]
    made = note(browser, article, **form.initial, body="On all of it")
    assert made.exact == TEXT.split("\n\n")[1]
    assert "On all of it" in browser.get(f"/articles/{article.pk}/").content.decode()


def test_it_prefills_the_selected_words(browser: Client, article: Article) -> None:
    start = TEXT.index("🌊")
    page = browser.get(f"/articles/{article.pk}/?note=2&from={start}&to={start + 9}")
    assert page.context["panel"].form.initial["quote"] == "🌊 and the"


def test_it_keeps_what_was_typed_when_the_words_are_not_there(browser: Client, article: Article) -> None:
    form = {"quote": "words of mine", "body": "My long note", "start": 0, "number": 2}
    answer = browser.post(f"/articles/{article.pk}/notes/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "do not stand in the text" in page
    assert "My long note" in page
    assert page.index('id="slot-2"') < page.index('id="noting"') < page.index('id="p3"')


def test_it_shows_both_texts_when_somebody_was_first(browser: Client, article: Article) -> None:
    made = note(browser, article)
    edit_note(made.pk, "ann", "Text of Ann", "", made.version)
    answer = browser.post(f"/articles/notes/{made.pk}/edit/", {"body": "Text of Ed", "tag": "", "version": 1})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Text of Ann" in page
    assert "Text of Ed" in page
    assert answer.context["panel"].form["version"].value() == 2
    answer = browser.post(f"/articles/notes/{made.pk}/edit/", {"body": "Both", "tag": "", "version": 2})
    assert answer.status_code == 302
    assert Annotation.objects.get(pk=made.pk).body == "Both"


def test_it_does_not_delete_what_was_changed_unseen(browser: Client, article: Article) -> None:
    made = note(browser, article)
    edit_note(made.pk, "ann", "Better words", "", made.version)
    answer = browser.post(f"/articles/notes/{made.pk}/delete/", {"version": 1})
    assert answer.status_code == 409
    assert "Better words" in answer.content.decode()
    assert browser.post(f"/articles/notes/{made.pk}/delete/", {"version": 2}).status_code == 302
    assert browser.get(f"/articles/notes/{made.pk}/edit/").status_code == 404


def test_it_offers_to_undo_in_the_toast_and_in_the_history(browser: Client, article: Article) -> None:
    note(browser, article)
    (change,) = history_of("article", article.pk)
    page = browser.get(f"/articles/{article.pk}/").content.decode()
    assert page.count(f"/articles/changes/{change.pk}/undo/") == 2
    answer = browser.post(f"/articles/changes/{change.pk}/undo/")
    assert answer["Location"] == f"/articles/{article.pk}/"
    assert not Annotation.objects.filter(deleted_at__isnull=True).exists()
    assert "taken back" in browser.get(f"/articles/{article.pk}/").content.decode()


@pytest.mark.parametrize(
    "typed", ["Orne Shipping Group", "0707", "0707.XHKG", "0707 xhkg", "orne-shipping-group"]
)
def test_it_links_words_to_what_was_typed(browser: Client, article: Article, typed: str) -> None:
    company = make_entity("Orne Shipping Group")
    make_listing(company, "0707")
    form = {"surface": "Fishermen", "entity": typed, "everywhere": "on", "why": "they own it", "number": 3}
    answer = browser.post(f"/articles/{article.pk}/links/", form)
    assert answer["Location"] == f"/articles/{article.pk}/#p3"
    found = Mention.objects.get(revision=article.revision_id, text="Fishermen")
    assert (found.entity_id, found.decided_by) == (company.pk, "ed")
    page = browser.get(f"/articles/{article.pk}/?why={found.pk}").content.decode()
    assert "ed decided this" in page
    assert "because they own it" in page


def test_it_decides_one_place_when_everywhere_is_not_ticked(browser: Client, article: Article) -> None:
    make_entity("Orne Ferries", aliases=["OF"])
    start = TEXT.rindex("Orne Shipping")
    form = {"surface": "Orne Shipping", "slug": "orne-ferries", "start": start, "field": "text"}
    browser.post(f"/articles/{article.pk}/links/", form)
    assert [row.start for row in Mention.objects.filter(text="Orne Shipping", entity__isnull=False)] == [
        start
    ]


def test_it_finds_the_one_place_in_the_paragraph_of_the_form(browser: Client, article: Article) -> None:
    make_entity("Orne Ferries")
    form = {
        **browser.get(f"/articles/{article.pk}/?link=2").context["panel"].form.initial,
        "surface": "ferries",
    }
    answer = browser.post(f"/articles/{article.pk}/links/", {**form, "entity": "orne-ferries"})
    assert answer.status_code == 302
    assert Mention.objects.get(text="ferries").start == TEXT.index("ferries")


def test_it_says_that_a_name_is_no_entity(browser: Client, article: Article) -> None:
    form = {"surface": "Mara Quint", "nothing": "1", "everywhere": "on"}
    assert browser.post(f"/articles/{article.pk}/links/", form).status_code == 302
    assert LinkDecision.objects.get().entity_id is None
    assert "people said: Mara Quint" in browser.get(f"/articles/{article.pk}/").content.decode()


def test_it_asks_which_one_when_several_are_called_so(browser: Client, article: Article) -> None:
    make_entity("Orne One", aliases=["Orne"])
    make_entity("Orne Two", aliases=["Orne"])
    answer = browser.post(
        f"/articles/{article.pk}/links/", {"surface": "Fishermen", "entity": "Orne", "number": 3}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="orne-one"' in page
    assert 'value="orne-two"' in page
    assert not LinkDecision.objects.exists()


def test_it_offers_the_best_known_first_even_when_a_ticker_of_another_reads_so(
    browser: Client, article: Article
) -> None:
    branch = make_entity("Orne Overseas")
    make_listing(branch, "ORNE", "XKLS")
    head = make_entity("Orne One", aliases=["Orne"])
    Entity.objects.filter(pk=head.pk).update(prominence=0.8)
    Entity.objects.filter(pk=branch.pk).update(prominence=0.2)
    form = {"surface": "Fishermen", "entity": "Orne", "number": 3}
    page = browser.post(f"/articles/{article.pk}/links/", form).content.decode()
    assert -1 < page.find('value="orne-one"') < page.find('value="orne-overseas"')


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"surface": "Fishermen", "entity": "Nobody We Know"}, "No entity is called"),
        ({"surface": "Fishermen", "entity": ""}, "Write whom it means"),
        ({"surface": "Not there", "nothing": "1"}, "does not stand in this article"),
        ({"surface": "", "entity": "x"}, "This field is required"),
    ],
)
def test_it_refuses_a_link_with_a_reason(
    browser: Client, article: Article, form: dict[str, str], words: str
) -> None:
    answer = browser.post(f"/articles/{article.pk}/links/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_it_sets_the_status_once_a_version(browser: Client, article: Article) -> None:
    form = {"status": "reviewed", "version": 1}
    assert browser.post(f"/articles/{article.pk}/status/", form).status_code == 302
    assert (
        browser.post(f"/articles/{article.pk}/status/", {"status": "rejected", "version": 1}).status_code
        == 409
    )
    assert browser.post(f"/articles/{article.pk}/status/", {"status": "x", "version": 2}).status_code == 422
    assert browser.post(f"/articles/{article.pk}/status/", {}).status_code == 422
    assert Article.objects.get(pk=article.pk).status == "reviewed"
    assert browser.post("/articles/999999/status/", form).status_code == 404


def test_analysts_change_nothing(analyst: User, article: Article) -> None:
    client = Client()
    client.force_login(analyst)
    for path, form in (
        (f"/articles/{article.pk}/notes/", {"quote": "ferries", "body": "x"}),
        (f"/articles/{article.pk}/links/", {"surface": "ferries", "nothing": "1"}),
        (f"/articles/{article.pk}/status/", {"status": "reviewed", "version": 1}),
        ("/articles/changes/1/undo/", {}),
    ):
        assert client.post(path, form).status_code == 403, path
    assert history_of("article", article.pk) == []
