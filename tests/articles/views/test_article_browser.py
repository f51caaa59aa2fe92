"""The article list and the article in a real browser: axe, reflow, keys, selection, and everything without a script."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.editing.annotations import NoteDraft, attach_note
from articles.editing.workflow import set_article_status
from articles.models import Annotation, Article
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.factories import TEXT, make_article, make_entity, make_event, make_listing, name_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def article(transactional_db: None) -> Article:
    company, person = make_entity("Orne Shipping"), make_entity("Mara Quint", kind="person")
    make_listing(company, "0707")
    made = make_article(sample=True, corrected_at=timezone.now())
    name_in(made, "Orne Shipping", company)
    name_in(made, "Mara Quint", person)
    name_in(made, "Tessin", None, status="ambiguous")
    attach_note(made.pk, "ed", NoteDraft("ferries to run again", "Which ferries, and who says so?", "claim"))
    set_article_status(made.pk, "ed", "in_review", 1)
    make_event("The harbour of Halvard", [made, make_article("Ferries run again")])
    return made


def first_name(article: Article) -> int:
    assert article.revision is not None
    return article.revision.mentions.order_by("start").values_list("id", flat=True)[0]


def test_every_state_of_the_list_passes_axe(desk: Desk, analyst: User, article: Article) -> None:
    desk.sign_in(analyst)
    desk.check_page("articles", "/articles/?q=lang:en+harbour")
    desk.check_page("articles-peek", f"/articles/?peek={article.pk}")
    desk.check_page("articles-none", "/articles/?q=source:tessin-times+lang:de+entity:nobody")


def test_the_list_before_the_first_article_passes_axe(desk: Desk, analyst: User) -> None:
    desk.sign_in(analyst)
    desk.check_page("articles-empty", "/articles/")


def test_every_state_of_an_article_passes_axe(desk: Desk, editor: User, article: Article) -> None:
    desk.sign_in(editor)
    desk.check_page("article", f"/articles/{article.pk}/")
    desk.check_page("article-why", f"/articles/{article.pk}/?why={first_name(article)}")
    desk.check_page("article-note", f"/articles/{article.pk}/?note=2")
    desk.check_page("article-link", f"/articles/{article.pk}/?link=2")


def test_typing_filters_at_once_and_keeps_the_focus(desk: Desk, analyst: User, article: Article) -> None:
    desk.sign_in(analyst)
    page = desk.open("/articles/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("run again")
    page.wait_for_url("**q=run%20again*")
    page.locator("#count", has_text="2 match").wait_for()
    page.keyboard.type(" zebra")
    page.locator(".blank", has_text="Nothing matches").wait_for()
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("run again zebra")


def test_a_row_is_peeked_at_and_closed_by_keys(desk: Desk, analyst: User, article: Article) -> None:
    desk.sign_in(analyst)
    page = desk.open("/articles/")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    page.locator("#peek-h").wait_for()
    expect(page.locator("[data-row].open")).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator("#pane[hidden]").wait_for(state="attached")
    expect(page.locator("[data-row-link]:focus")).to_have_count(1)


def test_a_reason_opens_at_its_passage_and_gives_the_focus_back(
    desk: Desk, analyst: User, article: Article
) -> None:
    desk.sign_in(analyst)
    page = desk.open(f"/articles/{article.pk}/")
    name = page.locator(f"#m{first_name(article)}")
    name.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#slot-1 #why")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("#why").wait_for(state="detached")
    expect(name).to_be_focused()
    expect(page.locator("[data-do]")).to_have_count(0)


def test_selected_words_become_a_note_at_their_code_points(
    desk: Desk, editor: User, article: Article
) -> None:
    desk.sign_in(editor)
    page = desk.open(f"/articles/{article.pk}/")
    page.evaluate(
        """() => {
            const walk = document.createTreeWalker(document.querySelector('[data-n="2"]'), NodeFilter.SHOW_TEXT);
            let node = walk.nextNode();
            while (!node.data.includes("repair cheap")) node = walk.nextNode();
            const at = node.data.indexOf("repair cheap");
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + "repair cheap".length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    page.get_by_role("group", name="For the selected words").get_by_role("button", name="Note").click()
    expect(page.locator("#noting [name=body]")).to_be_focused()
    expect(page.locator("[name=quote]")).to_have_value("repair cheap")
    page.get_by_label("Note", exact=True).fill("Cheap for whom?")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Noted.").wait_for()
    note = Annotation.objects.get(body="Cheap for whom?")
    assert TEXT[note.start : note.end] == "repair cheap"


def test_an_editor_notes_a_paragraph_by_keys_alone(desk: Desk, editor: User, article: Article) -> None:
    desk.sign_in(editor)
    page = desk.open(f"/articles/{article.pk}/")
    page.locator("#p3 [data-do=note]").focus()
    page.keyboard.press("a")
    expect(page.locator("#slot-3 #noting [name=body]")).to_be_focused()
    page.keyboard.type("By keys")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Noted.").wait_for()
    assert Annotation.objects.get(body="By keys").exact == TEXT.split("\n\n")[2]


def test_everything_works_without_a_script(scriptless: Desk, editor: User, article: Article) -> None:
    scriptless.sign_in(editor)
    page = scriptless.open(f"/articles/{article.pk}/")
    page.locator(f"#m{first_name(article)}").click()
    page.get_by_role("button", name="Wrong, no link").click()
    page.get_by_text("is no entity, now and in every later run").wait_for()
    page.locator("#p3").hover()
    page.get_by_role("link", name="Note paragraph 3").click()
    page.get_by_label("Note", exact=True).fill("Without a script")
    page.get_by_role("button", name="Save").click()
    page.locator(".note", has_text="Without a script").wait_for()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back.").wait_for()
    page = scriptless.open("/articles/")
    page.get_by_label("Search articles").fill("run again")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Peek: Ferries run again").click()
    page.locator("#peek-h").wait_for()
