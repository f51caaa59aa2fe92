"""Entity pages, directories, comparisons and corrections in a real browser: axe, reflow, keys, and without a script."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Watch
from entities.models import Alias, Entity
from newsdesk.accounts.models import User
from tests.browser import NARROW, Desk
from tests.entity_world import Known, make_known
from tests.stories_world import make_entity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/entities/skagen-steel-ab/"


@pytest.fixture
def known(transactional_db: None) -> Known:
    return make_known(timezone.now())


def test_the_page_of_an_entity_passes_axe_in_all_its_parts(desk: Desk, editor: User, known: Known) -> None:
    desk.sign_in(editor)
    desk.check_page("entity", PAGE)
    desk.look(width=NARROW)
    fits = (
        "[...document.querySelectorAll('.pos')].map(one => one.scrollWidth <= one.parentElement.clientWidth)"
    )
    assert desk.page.evaluate(fits) == [True], "people and their years are seen whole on a phone"
    page = desk.open(f"{PAGE}?all=together&all=names&as=table&show=about&sort=lift&range=1y")
    assert desk.axe() == []
    assert page.locator("details.beside[open]").count() == 1


def test_lists_and_comparisons_pass_axe(desk: Desk, analyst: User, known: Known) -> None:
    Watch.objects.create(user=analyst, entity=known.company)
    desk.sign_in(analyst)
    desk.check_page("entities", "/entities/")
    desk.check_page("compare", "/entities/compare/?a=skagen-steel-ab&b=tessin-ferries-1")
    for path in ("/entities/?kind=company&sort=heat&watched=1", "/entities/compare/?a=nobody", "/?range=7d"):
        desk.open(path)
        assert desk.axe() == [], path


def test_corrections_pass_axe(desk: Desk, editor: User, known: Known) -> None:
    other = make_entity("Skagen Works")
    desk.sign_in(editor)
    desk.check_page("entity-edit", f"{PAGE}edit/")
    desk.check_page("entity-merge", f"{PAGE}merge/?find=skagen&other={other.pk}")


def test_a_key_watches_and_stops(desk: Desk, analyst: User, known: Known) -> None:
    desk.sign_in(analyst)
    page = desk.open(PAGE)
    page.keyboard.press("b")
    page.get_by_text("You watch Skagen Steel AB").wait_for()
    assert Watch.objects.filter(user=analyst, entity=known.company).exists()
    page.keyboard.press("b")
    page.get_by_text("You watch Skagen Steel AB no longer.").wait_for()
    assert not Watch.objects.exists()


def test_the_table_comes_before_the_graph_for_who_goes_by_keys(
    desk: Desk, analyst: User, known: Known
) -> None:
    desk.sign_in(analyst)
    page = desk.open(PAGE)
    page.locator("#co-h").scroll_into_view_if_needed()
    page.get_by_role("link", name="Lift").focus()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.closest('svg') ? 'graph' : 'table'"))
        if reached[-1] == "graph":
            break
    assert reached[-1] == "graph"
    assert len(reached) > 10
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name.split(":")[0])


def test_everything_works_without_a_script(scriptless: Desk, editor: User, known: Known) -> None:
    scriptless.sign_in(editor)
    page = scriptless.open(PAGE)
    page.get_by_role("button", name="Watch").click()
    page.get_by_text("You watch Skagen Steel AB").wait_for()
    page.get_by_role("searchbox", name="Compare with").fill("Tessin Ferries 1")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name="Skagen Steel AB and Tessin Ferries 1").wait_for()
    page.go_back()
    page.get_by_role("link", name="Correct").click()
    page.get_by_label("Description").fill("maker of cables and ropes")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Done: changed its description.").wait_for()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back.").wait_for()
    assert Entity.objects.get(pk=known.company.pk).description == "maker of steel cables"
    page.get_by_role("link", name="Correct").click()
    page.get_by_role("button", name="Make Skagen strong").click()
    page.get_by_text("made the name “Skagen” strong").first.wait_for()
    assert not Alias.objects.get(text="Skagen").weak
