"""Notices reach the admins as one mail, through a real mail server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from django.utils import timezone

from articles.editing import mailing
from articles.editing.mailing import RETRIES, mail_notices, why_nothing_is_mailed
from articles.jobs import add_jobs
from articles.models import Feed, Job, Notice
from newsdesk.accounts.models import User
from tests.mail_server import MailServer, mail_server
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A mail server that the settings point to."""
    with mail_server() as server:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.SITE_URL = "https://desk.example"
        yield server


def _told(name: str, kind: str = "failing", *, seconds: float = 0.0, **columns: Any) -> Notice:
    notice = Notice.objects.create(feed=make_source(name), kind=kind, words=f"{name} has trouble.", **columns)
    add_jobs(Job.Kind.MAIL, [(notice.pk, "", 0, None)], seconds=seconds)
    return notice


def test_notices_that_come_together_are_one_mail_to_all_admins_with_an_address(
    server: MailServer, admin: User, editor: User
) -> None:
    User.objects.create_user("abe", "abe@desk.example", "correct horse 12", role="admin")
    User.objects.create_user("gone", "gone@desk.example", "correct horse 12", role="admin", is_active=False)
    User.objects.create_user("mute", "", "correct horse 12", role="admin")
    first = _told("Harbour Ledger")
    later = _told("Tessin Times", "silent", seconds=200)
    assert mail_notices() == 2
    assert mail_notices() == 0
    [(recipients, message)] = server.received
    assert recipients == ["abe@desk.example", "ada@desk.example"]
    assert message["Subject"] == "Newsdesk: 2 notices about sources"
    text = message.get_content().replace("\r\n", "\n")
    assert "Harbour Ledger: fails\n  Harbour Ledger has trouble.\n" in text
    assert f"https://desk.example/sources/{later.feed_id}/" in text
    assert "All notices: https://desk.example/sources/notices/" in text
    assert Notice.objects.filter(pk__in=[first.pk, later.pk], mailed_at__isnull=False).count() == 2
    assert set(Job.objects.values_list("state", "message")) == {("done", "Mailed.")}


def test_nothing_is_mailed_before_the_quiet_period_of_the_first_is_over(
    server: MailServer, admin: User
) -> None:
    _told("Harbour Ledger", seconds=60)
    assert mail_notices() == 0
    assert server.received == []


def test_what_is_over_before_it_was_mailed_is_not_mailed(server: MailServer, admin: User) -> None:
    _told("Harbour Ledger", closed_at=timezone.now())
    assert mail_notices() == 0
    assert server.received == []
    assert Job.objects.get().state == "done"


def test_one_notice_is_named_in_the_subject_and_no_title_can_add_a_header(
    server: MailServer, admin: User
) -> None:
    notice = _told("Harbour Ledger")
    notice.feed.title = "Harbour\r\nBcc: all@example.org"  # type: ignore[union-attr]
    notice.feed.save(update_fields=["title"])  # type: ignore[union-attr]
    assert mail_notices() == 1
    message = server.received[0][1]
    assert message["Subject"] == "Newsdesk: Harbour Bcc: all@example.org fails"
    assert message["Bcc"] is None


def test_a_mail_server_that_refuses_is_asked_again_and_then_an_admin_sees_it(
    server: MailServer, admin: User
) -> None:
    server.refusal = "451 the cellar is flooded"
    notice = _told("Harbour Ledger")
    for number in range(len(RETRIES)):
        assert mail_notices() == 0
        job = Job.objects.get()
        assert (job.state, job.tries) == ("waiting", number + 1)
        assert "cellar" in job.message
        assert job.not_before > timezone.now() + RETRIES[number] - timedelta(seconds=30)
        Job.objects.update(not_before=timezone.now())
    assert mail_notices() == 0
    assert Job.objects.get().state == "failed"
    server.refusal = ""
    Job.objects.update(state="waiting")
    assert mail_notices() == 1
    notice.refresh_from_db()
    assert notice.mailed_at is not None


def test_a_mail_server_that_is_down_loses_nothing(server: MailServer, admin: User, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    _told("Harbour Ledger")
    assert mail_notices() == 0
    assert Job.objects.get().tries == 1


def test_a_fresh_notice_does_not_shorten_the_wait_of_one_that_was_refused(
    server: MailServer, admin: User
) -> None:
    server.refusal = "451 later"
    _told("Harbour Ledger")
    mail_notices()
    server.refusal = ""
    _told("Tessin Times")
    assert mail_notices() == 1
    assert Job.objects.get(state="waiting").tries == 1


def test_without_anybody_to_mail_to_the_job_says_so(server: MailServer, editor: User) -> None:
    _told("Harbour Ledger")
    assert mail_notices() == 0
    assert Job.objects.get().message == "No mail is sent: no active admin has an e-mail address."


def test_without_a_mail_server_the_desk_says_what_to_set(settings: Any, admin: User) -> None:
    settings.EMAIL_URL = ""
    assert "EMAIL_URL" in why_nothing_is_mailed()


def test_a_flood_of_notices_is_still_one_readable_mail(
    server: MailServer, admin: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(mailing, "NAMED", 3)
    settings.SITE_URL = ""
    for number in range(5):
        _told(f"Paper {number}")
    assert mail_notices() == 5
    text = server.received[0][1].get_content()
    assert "And 2 more." in text
    assert "on the page Sources, Notices" in text


def test_a_notice_of_which_no_mail_can_be_made_holds_up_no_other(server: MailServer, admin: User) -> None:
    good = _told("Harbour Ledger")
    # The page of a source with such a number has no address, so that no mail can lead to it.
    Feed.objects.filter(pk=make_source("Tessin Times").pk).update(id=-5)
    bad = Notice.objects.create(feed_id=-5, kind="failing", words="It has trouble.")
    add_jobs(Job.Kind.MAIL, [(bad.pk, "", 0, None)])
    assert mail_notices() == 1
    [(_, message)] = server.received
    assert "Harbour Ledger" in message["Subject"]
    assert Job.objects.get(subject_id=good.pk).state == "done"
    job = Job.objects.get(subject_id=bad.pk)
    assert (job.state, job.tries, job.attempts, job.lease_token) == ("waiting", 1, 0, None)
    assert "NoReverseMatch" in job.message


def test_a_database_that_goes_away_gives_the_mail_back_uncounted(
    server: MailServer, admin: User, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.articles.editing.test_mailing.LostDatabase"
    _told("Harbour Ledger")
    with pytest.raises(OperationalError):
        mail_notices()
    job = Job.objects.get()
    assert (job.state, job.tries, job.attempts, job.lease_token) == ("waiting", 0, 0, None)


class LostDatabase(BaseEmailBackend):
    """The database goes away while mail is sent."""

    def send_messages(self, _messages: Any) -> int:
        """Never sends."""
        raise OperationalError("server closed the connection unexpectedly")
