"""The page of a publisher's edge lines in a real browser: both themes, all widths, by keyboard, without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from articles.editing.edge_lines import add_line, switch_rule
from articles.ingest.clean import LEARNT
from articles.ingest.edge_lines import learn_lines
from articles.models import EdgeLine, Publisher
from newsdesk.accounts.models import User
from tests.browser import LEAST, Desk
from tests.edges_world import CALL, make_pages
from tests.factories import NOON, make_publisher

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Donau" + "dampfschifffahrts" * 8 + "gesellschaft"
SENTENCE = "The Harbour Post is an independent newspaper, read on both shores of the bay since 1881 and owned by its readers."


def _publisher() -> Publisher:
    """One with a learnt line, one left in, one that faded, an own one, and rules that fired."""
    post = make_publisher("Harbour Post")
    make_pages(
        post, 8, CALL, SENTENCE, LONG, removed=[("share", "Share this article"), (LEARNT, "Our weather desk")]
    )
    make_pages(post, 3, first=8, removed=[("contributors", "(Reporting by Ann Li; editing by Bo Chen)")])
    learn_lines([post.pk], NOON + timedelta(days=3))
    EdgeLine.objects.filter(line=LONG).update(is_on=False, decided_by="ada", decided_at=NOON)
    EdgeLine.objects.create(
        publisher=post, key="gone", line="Read our election special", is_on=False, last_seen_at=NOON
    )
    add_line("ada", post.pk, "Tell us what you think")
    switch_rule("ada", post.pk, "follow", is_on=False)
    return post


def test_it_passes_axe_with_everything_on_it_and_with_nothing(desk: Desk, admin: User) -> None:
    post, empty = _publisher(), make_publisher("Empty Post")
    desk.sign_in(admin)
    desk.check_page("edge-lines", reverse("publisher_lines", args=[post.pk]))
    desk.check_page("edge-lines-empty", reverse("publisher_lines", args=[empty.pk]))


def test_lines_are_switched_added_and_taken_back_by_keyboard(desk: Desk, admin: User) -> None:
    post = _publisher()
    desk.sign_in(admin)
    page = desk.open(reverse("publisher_lines", args=[post.pk]))
    switch = page.get_by_role("button", name=f"Leave in: {CALL}")
    switch.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The line stays in from the next reading on.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Take off: {CALL}")).to_be_visible()
    page.get_by_role("button", name="Undo: line switched off").click()
    expect(page.get_by_role("button", name=f"Leave in: {CALL}")).to_be_visible()
    desk.expected_statuses = (422,)
    page.get_by_label("A line that the desk does not see").fill("***")
    page.keyboard.press("Enter")
    expect(page.get_by_text("it needs at least two letters")).to_be_visible()
    assert desk.axe() == []
    desk.shoot("edge-lines-wrong-light-1440")
    page.get_by_label("A line that the desk does not see").fill("Subscribe to the bay")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Leave in: Subscribe to the bay")).to_be_visible()
    desk.look(width=LEAST)
    assert not desk.scrolls_sideways()


def test_it_works_without_script(scriptless: Desk, admin: User) -> None:
    post = _publisher()
    scriptless.sign_in(admin)
    page = scriptless.open(reverse("publisher_lines", args=[post.pk]))
    page.get_by_role("button", name="Leave out: calls to share").click()
    expect(page.get_by_role("button", name="Use: calls to share")).to_be_visible()
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_text("are read again as their turn comes")).to_be_visible()
