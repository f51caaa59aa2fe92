"""The page of notices: what stands, in words, with a button to say that one has seen to it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Job, Notice
from articles.queries.notices import open_notices
from newsdesk.accounts.models import User
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

PAGE = "/sources/notices/"


@pytest.fixture
def desk_of_admin(client: Client, admin: User) -> Client:
    """A client signed in as an admin."""
    client.force_login(admin)
    return client


def words(answer: Any) -> str:
    """The visible text of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def _tell(name: str, kind: str = "failing", **columns: Any) -> Notice:
    return Notice.objects.create(
        feed=make_source(name), kind=kind, words=f"{name}: the server answered 403.", **columns
    )


def test_it_says_that_all_is_well_and_what_to_set_for_mail(desk_of_admin: Client) -> None:
    page = words(desk_of_admin.get(PAGE))
    assert "Nothing to tell" in page
    assert "set EMAIL_URL" in page


def test_it_says_that_notices_are_mailed_where_they_are(desk_of_admin: Client, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    assert "get the same by mail" in words(desk_of_admin.get(PAGE))
    User.objects.update(email="")
    assert "no active admin has an e-mail address" in words(desk_of_admin.get(PAGE))


def test_it_shows_what_stands_newest_first_with_a_link_to_each_source(desk_of_admin: Client) -> None:
    failing = _tell("Kowloon Wire")
    Notice.objects.update(at=timezone.now() - timedelta(hours=5))
    _tell("Weekly", "silent")
    Notice.objects.create(kind="offline", words="No public source has answered.")
    _tell("Old Foundry", "gone", closed_at=timezone.now())
    answer = desk_of_admin.get(PAGE)
    page = words(answer)
    assert "3 new" in page
    assert page.index("All sources") < page.index("Weekly fell silent") < page.index("Kowloon Wire fails")
    assert f'href="/sources/{failing.feed_id}/"' in answer.content.decode()
    assert "Old Foundry" not in page


def test_a_notice_that_was_seen_counts_no_more_but_stands(desk_of_admin: Client) -> None:
    notice = _tell("Kowloon Wire")
    assert "1 new" in words(desk_of_admin.get(PAGE))
    desk_of_admin.post(f"/sources/notices/{notice.pk}/seen/")
    page = words(desk_of_admin.get(PAGE))
    assert "nothing new, 1 seen" in page
    assert "by ada" in page
    assert "Mark all as seen" not in page


def test_all_are_seen_by_one_button(desk_of_admin: Client) -> None:
    _tell("One")
    _tell("Two", "healed")
    answer = desk_of_admin.post("/sources/notices/seen/", follow=True)
    assert "2 notices marked as seen." in words(answer)
    assert [row.feed_title for row in open_notices().seen] == ["One"]


def test_a_notice_that_is_gone_is_told_in_words(desk_of_admin: Client) -> None:
    answer = desk_of_admin.post("/sources/notices/999999/seen/", follow=True)
    assert "not here any more" in words(answer)


def test_a_mail_that_is_stuck_is_shown(desk_of_admin: Client) -> None:
    Job.objects.create(
        kind="mail",
        subject_id=1,
        not_before=timezone.now(),
        tries=2,
        message="The mail server did not take the mail: 451",
    )
    assert "A mail is stuck The mail server did not take the mail: 451" in words(desk_of_admin.get(PAGE))


def test_a_title_is_text_and_nothing_else(desk_of_admin: Client) -> None:
    notice = _tell("Odd")
    notice.feed.title = "<script>alert(1)</script>"  # type: ignore[union-attr]
    notice.feed.save(update_fields=["title"])  # type: ignore[union-attr]
    assert "<script>alert" not in desk_of_admin.get(PAGE).content.decode()


def test_the_list_costs_the_same_for_many_notices() -> None:
    def queries(count: int) -> int:
        for number in range(count):
            _tell(f"Paper {count} {number}")
        with CaptureQueriesContext(connection) as seen:
            open_notices()
        return len(seen)

    assert queries(10) == queries(100) == 2
