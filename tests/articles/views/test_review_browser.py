"""The review pages in a real browser: axe and reflow, each job by keyboard alone, and the next question fetched ahead."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from articles.editing.link_rules import RuleDraft, make_rule
from articles.editing.links import LinkDraft, decide_link
from articles.ingest.link import relink_article
from articles.models import Article, LinkDecision, LinkRule, Mention, Proposal
from articles.queries.review import forget_left
from entities.models import Conflict, Entity, Judgement, Position
from newsdesk.accounts.models import User
from tests.browser import LEAST, Desk
from tests.factories import make_article, make_entity
from tests.review_world import Waiting, contradict, make_waiting, propose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "The harbour was closed, Orne Shipping said.\n\nOrne Shipping expects ferries to run again."


@pytest.fixture
def waiting(transactional_db: None) -> Waiting:
    forget_left()
    return make_waiting()


@pytest.fixture
def harbours(transactional_db: None) -> list[Article]:
    make_entity("Orne Shipping")
    make_entity("Orne Ferries Holding")
    made = [make_article(f"Harbour {n}", TEXT) for n in range(3)]
    with transaction.atomic():
        for one in made:
            relink_article(one.pk)
    return made


def settled(page: Page) -> None:
    """Wait until the answer of the server stands there: what stands there before is only the next question."""
    expect(page.locator("#review:not([aria-busy])")).to_be_visible()


def press(page: Page, key: str, heading: str) -> None:
    """Press a key and wait for the question that follows."""
    page.keyboard.press(key)
    expect(page.locator("#it-h")).to_contain_text(heading)
    settled(page)


def test_each_kind_of_question_passes_axe(desk: Desk, editor: User, waiting: Waiting) -> None:
    Proposal.objects.update(like_entity=waiting.bank, like_why="shares a word")
    waiting.bank.people.create(
        person=make_entity("Old Head", kind="person"), title="Chairman", source="Register", as_of="2024"
    )
    desk.sign_in(editor)
    desk.check_page("review", "/review/")
    for kind in ("name", "same", "fact", "position"):
        desk.check_page(f"review-{kind}", f"/review/?kind={kind}")
    desk.check_page("review-name-form", f"/review/?item=name.{waiting.proposal.pk}&accept=1")
    desk.check_page("review-gone", "/review/?item=name.999999")


def test_an_empty_queue_passes_axe(desk: Desk, editor: User) -> None:
    forget_left()
    desk.sign_in(editor)
    desk.check_page("review-empty", "/review/")
    desk.check_page("rules-empty", "/review/rules/")


def test_the_rules_and_the_preview_pass_axe(desk: Desk, editor: User, harbours: list[Article]) -> None:
    ferries = Entity.objects.get(name="Orne Ferries Holding")
    desk.sign_in(editor)
    path = f"/review/rules/new/?surface=Orne+Shipping&entity={ferries.slug}&article={harbours[0].pk}"
    desk.check_page("rule-new", path)
    decide_link(harbours[0].pk, "ed", LinkDraft("Orne Shipping", ferries.pk))
    rule = make_rule(RuleDraft("Orne Shipping", ferries.pk), "ed", "the group was renamed", harbours[0].pk)
    desk.check_page("rules", f"/review/rules/?rule={rule.subject_id}")


def test_it_works_through_the_queue_by_keyboard_alone(desk: Desk, editor: User, waiting: Waiting) -> None:
    desk.sign_in(editor)
    page = desk.open("/help/")
    desk.go("r")
    expect(page.locator("#it-h")).to_contain_text("Fudal")
    press(page, "y", "Intral Metals")
    expect(page.locator("#review [role=status]").first).to_contain_text("4 left, 1 done today")
    assert Mention.objects.filter(text="Fudal", entity=waiting.bank).count() == 3
    press(page, "n", "Semi Works")
    press(page, "n", "Which country")
    press(page, "2", "Zhao Wei")
    page.keyboard.press("y")
    expect(page.locator("#review .blank")).to_contain_text("Nothing waits for you")
    settled(page)
    assert Proposal.objects.get(pk=waiting.proposal.pk).state == "rejected"
    assert Judgement.objects.get().verdict == "not_same"
    assert Conflict.objects.get().decision == "both"
    assert Position.objects.get().title == "chairman"


def test_skip_and_undo_by_one_key(desk: Desk, editor: User, waiting: Waiting) -> None:
    desk.sign_in(editor)
    page = desk.open("/review/")
    press(page, "s", "Intral Metals")
    expect(page).to_have_url(re.compile(rf"item=name\.{waiting.proposal.pk}\b"))
    press(page, "n", "Semi Works")
    press(page, "u", "Intral Metals")
    assert Proposal.objects.get(pk=waiting.proposal.pk).state == "open"
    expect(page.get_by_role("status").filter(has_text="Taken back.")).to_be_visible()


def test_an_answer_that_is_not_kept_puts_the_question_back_and_says_so(
    desk: Desk, editor: User, waiting: Waiting
) -> None:
    desk.sign_in(editor)
    page = desk.open("/review/")
    expect(page.locator("#it-h")).to_contain_text("Fudal")
    page.evaluate(
        """() => {
          const whole = window.fetch;
          window.restore = () => { window.fetch = whole; };
          window.post = () => new Response("busy", { status: 503, headers: { "X-Request-ID": "r-17" } });
          window.fetch = async (href, init) => (init?.method === "POST" ? window.post() : whole(href, init));
        }"""
    )
    page.keyboard.press("y")
    fault = page.get_by_role("alert").filter(has_text="Not saved")
    expect(fault).to_contain_text("The server answered 503, request r-17. Try again.")
    expect(page.locator("#it-h")).to_contain_text("Fudal")
    expect(page.locator("#it-h")).to_be_focused()
    settled(page)
    page.evaluate("() => { window.post = () => { throw new TypeError('no network'); }; }")
    page.keyboard.press("y")
    expect(fault).to_contain_text("The desk does not answer. Try again.")
    expect(fault).to_have_count(1)
    page.evaluate("window.restore()")
    press(page, "y", "Intral Metals")
    expect(fault).to_have_count(0)
    assert Mention.objects.filter(text="Fudal", entity=waiting.bank).count() == 3


def test_the_list_is_walked_by_j_and_k(desk: Desk, editor: User, waiting: Waiting) -> None:
    desk.sign_in(editor)
    page = desk.open("/review/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    press(page, "Enter", "Semi Works")


def test_a_new_name_is_added_as_proposed_by_one_key_and_one_more(
    desk: Desk, editor: User, waiting: Waiting
) -> None:
    desk.sign_in(editor)
    page = desk.open("/review/?kind=name")
    page.keyboard.press("y")
    expect(page.get_by_role("button", name="Add it")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Intral Metals")
    expect(page).to_have_url(re.compile("accept=1"))
    assert desk.axe() == []
    page.keyboard.press("y")
    expect(page.get_by_role("status").filter(has_text="Intral Metals is added.")).to_be_visible()
    assert Entity.objects.get(name="Intral Metals").kind == "company"


def test_a_form_with_a_fault_keeps_what_was_typed(desk: Desk, editor: User, waiting: Waiting) -> None:
    make_entity("Intral Metals")
    desk.expected_statuses = (422,)
    desk.sign_in(editor)
    page = desk.open(f"/review/?kind=name&item=name.{waiting.proposal.pk}&accept=1")
    page.get_by_label("Description").fill("A foundry: yes, no, skip")
    page.keyboard.press("Enter")
    box = page.get_by_label("It is not the one that we know by this name")
    expect(box).to_be_focused()
    expect(page.get_by_label("Description")).to_have_value("A foundry: yes, no, skip")
    assert desk.axe() == []
    page.keyboard.press("Space")
    page.keyboard.press("y")
    expect(page.get_by_role("status").filter(has_text="Intral Metals is added.")).to_be_visible()
    expect(page).to_have_url(re.compile("kind=name"))
    assert Entity.objects.filter(name="Intral Metals").count() == 2


def test_the_next_question_needs_no_further_request(desk: Desk, editor: User, waiting: Waiting) -> None:
    desk.sign_in(editor)
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    page = desk.open("/review/")
    press(page, "s", "Intral Metals")
    assert len([url for url in asked if f"item=name.{waiting.proposal.pk}" in url]) == 1, (
        "it was fetched ahead"
    )


def test_a_question_that_somebody_else_answered_says_so(desk: Desk, editor: User, waiting: Waiting) -> None:
    desk.sign_in(editor)
    page = desk.open("/review/?kind=fact")
    Conflict.objects.update(decision="ours", decided_by="Ursula")
    page.keyboard.press("y")
    expect(page.get_by_role("alert")).to_contain_text("Ursula has decided this already")
    expect(page.locator("#it-h")).to_have_text("This one is settled")


def test_it_works_without_a_script(scriptless: Desk, editor: User, waiting: Waiting) -> None:
    second = contradict(make_entity("Other Bank", country="HK"))
    scriptless.sign_in(editor)
    page = scriptless.open("/review/?kind=fact")
    expect(page.locator("#it-h")).to_contain_text("Other Bank")
    page.get_by_role("button", name="Keep ours").click()
    expect(page.locator("#it-h")).to_contain_text("Fudal Bank")
    page.get_by_role("button", name="Undo last").click()
    expect(page.locator("#it-h")).to_contain_text("Other Bank")
    assert Conflict.objects.get(pk=second.pk).decision == ""


def test_a_highlight_is_undone_by_one_key_and_the_undo_too(
    desk: Desk, editor: User, harbours: list[Article]
) -> None:
    desk.sign_in(editor)
    article = harbours[0]
    page = desk.open(f"/articles/{article.pk}/")
    page.locator("#p2 a.ent").focus()
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="is no entity")).to_be_visible()
    assert not Mention.objects.filter(revision=article.revision_id, text="Orne Shipping").exists()
    expect(page.get_by_role("heading", name="The same name stands in 2 other articles")).to_be_visible()
    assert desk.axe() == []
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Taken back.")).to_be_visible()
    expect(page.locator("#p2 a.ent")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="It holds again.")).to_be_visible()
    assert LinkDecision.objects.filter(withdrawn_at__isnull=True).count() == 1


def test_the_open_reasons_are_undone_by_the_same_key(
    desk: Desk, editor: User, harbours: list[Article]
) -> None:
    ferries = Entity.objects.get(name="Orne Ferries Holding")
    article = harbours[0]
    decide_link(article.pk, "ed", LinkDraft("Orne Shipping", ferries.pk))
    desk.sign_in(editor)
    page = desk.open(f"/articles/{article.pk}/")
    page.locator("#p1 a.ent").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#why")).to_contain_text("Take the decision back")
    expect(page.locator("#why")).to_be_focused()
    assert desk.axe() == []
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Taken back.")).to_be_visible()
    assert not LinkDecision.objects.filter(withdrawn_at__isnull=True).exists()


def test_a_correction_becomes_a_rule_by_keyboard_alone(
    desk: Desk, editor: User, harbours: list[Article]
) -> None:
    desk.sign_in(editor)
    page = desk.open(f"/articles/{harbours[0].pk}/")
    page.locator("#p1 a.ent").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#why")).to_be_focused()
    page.get_by_label("Another one").focus()
    page.keyboard.type("Orne Ferries Holding")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Look what would change")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What “Orne Shipping” means everywhere")
    page.get_by_label("Reason").focus()
    page.keyboard.type("the group was renamed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="by a rule")).to_be_visible()
    assert LinkRule.objects.get().why == "the group was renamed"
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Taken back.")).to_be_visible()
    assert LinkRule.objects.get().off_at is not None


def test_long_names_do_not_widen_the_narrow_page(desk: Desk, editor: User, waiting: Waiting) -> None:
    propose(
        "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherung" * 2, make_article("Long", "Text.")
    )
    desk.sign_in(editor)
    desk.open("/review/?kind=name", width=LEAST)
    assert not desk.scrolls_sideways()
