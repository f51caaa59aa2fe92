"""Acts on mail: the notices that came together go to the admins as one digest."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.urls import reverse

from articles.jobs import ClaimedJob, claim_jobs, finish_jobs, is_outage, jobs_handed_back, retry_or_fail
from articles.models import Job, Notice

logger = logging.getLogger(__name__)

MAIL_LEASE_SECONDS = 120
MAILED_AT_ONCE = 500
# A mail server that does not take the mail is asked again after these; then the jobs wait for an admin.
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720))
# A digest names so many notices; the rest is on the page.
NAMED = 50

_Claimed = list[tuple[uuid.UUID, list[ClaimedJob]]]


def mail_notices() -> int:
    """Mail what waits for it as one digest, once the quiet period of the oldest is over; how many notices it held.

    The mail goes out between two short transactions: a worker that dies in between sends it twice, never not at all.
    """
    with ExitStack() as stack:
        claimed = _claim(stack)
        try:
            return _mail(claimed)
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("The digest could not be made; each notice is tried alone.", exc_info=error)
        rest = _without_faulty(claimed)
        try:
            return _mail(rest)
        except Exception as error:
            if is_outage(error):
                raise
            return _note_fault(rest, error)


def _without_faulty(claimed: _Claimed) -> _Claimed:
    """What is left when the jobs of which no mail can be made are put off; nothing is sent here."""
    rest: _Claimed = []
    for token, jobs in claimed:
        fit = []
        for job in jobs:
            try:
                notices = list(Notice.objects.filter(pk=job.subject_id).select_related("feed"))
                if notices:
                    digest(notices, admin_addresses()).message()
                fit.append(job)
            except Exception as error:
                if is_outage(error):
                    raise
                _note_fault([(token, [job])], error)
        rest.append((token, fit))
    return rest


def _note_fault(claimed: _Claimed, error: Exception) -> int:
    logger.error("a notice could not be mailed", exc_info=error)
    _put_off(claimed, f"It could not be mailed ({type(error).__name__}); the log of the worker says more.")
    return 0


def _mail(claimed: _Claimed) -> int:
    ids = [job.subject_id for _, jobs in claimed for job in jobs]
    if not ids:
        return 0
    # What is over before it was mailed need not be told.
    notices = list(
        Notice.objects.filter(pk__in=ids, mailed_at__isnull=True, closed_at__isnull=True)
        .select_related("feed")
        .order_by("at", "pk")
    )
    nothing = why_nothing_is_mailed() or ("" if notices else "It was over before it was mailed.")
    if not nothing:
        try:
            digest(notices, admin_addresses()).send()
        except (SMTPException, OSError) as error:
            _put_off(claimed, f"The mail server did not take the mail: {error}")
            return 0
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=Now())
    for token, jobs in claimed:
        finish_jobs(token, [job.id for job in jobs], nothing or "Mailed.")
    return 0 if nothing else len(notices)


def admin_addresses() -> list[str]:
    """Whom notices are mailed to: active admins with an address."""
    people = get_user_model().objects.filter(is_active=True, role="admin").exclude(email="")
    return sorted(people.values_list("email", flat=True))


def why_nothing_is_mailed() -> str:
    """Why notices stay in the desk, in one sentence with what to do; empty when they are mailed."""
    if not settings.EMAIL_URL:
        return "No mail is sent: set EMAIL_URL to a mail server to have notices mailed to admins."
    if not admin_addresses():
        return "No mail is sent: no active admin has an e-mail address."
    return ""


def digest(notices: Sequence[Notice], addresses: Sequence[str]) -> EmailMessage:
    """One plain mail about these notices; links lead to the desk's own address where that is set."""
    lines = []
    for notice in notices[:NAMED]:
        head = f"{_name(notice)}: {notice.get_kind_display().lower()}" if notice.feed else "All sources"
        lines += [head, f"  {notice.words}"]
        if settings.SITE_URL and notice.feed_id:
            lines.append(f"  {settings.SITE_URL}{reverse('source', args=[notice.feed_id])}")
        lines.append("")
    if len(notices) > NAMED:
        lines += [f"And {len(notices) - NAMED} more.", ""]
    if settings.SITE_URL:
        lines.append(f"All notices: {settings.SITE_URL}{reverse('notices')}")
    else:
        lines.append("All notices are on the page Sources, Notices, of your desk.")
    if len(notices) == 1:
        first = notices[0]
        subject = f"{_name(first)} {first.get_kind_display().lower()}" if first.feed else "About all sources"
    else:
        subject = f"{len(notices)} notices about sources"
    return EmailMessage(f"Newsdesk: {subject}", "\n".join(lines) + "\n", None, list(addresses))


def _name(notice: Notice) -> str:
    # A line feed in a subject would be refused, and one in the text would look like a line of ours.
    return " ".join(str(notice.feed).split())[:100]


def _claim(stack: ExitStack) -> _Claimed:
    """All mail that waits, as soon as one of it is due: what came together goes together.

    What the stack is left with undone is given back, should the worker stop or the database go away.
    """
    claimed: _Claimed = []
    token, jobs = claim_jobs(Job.Kind.MAIL, MAILED_AT_ONCE, MAIL_LEASE_SECONDS)
    if not jobs:
        return claimed
    stack.enter_context(jobs_handed_back(token, [job.id for job in jobs]))
    claimed.append((token, jobs))
    waiting = Job.objects.filter(
        kind=Job.Kind.MAIL, state=Job.State.WAITING, lease_until__isnull=True, tries=0, not_before__gt=Now()
    )
    if waiting.update(not_before=Now()):
        token, jobs = claim_jobs(Job.Kind.MAIL, MAILED_AT_ONCE, MAIL_LEASE_SECONDS)
        stack.enter_context(jobs_handed_back(token, [job.id for job in jobs]))
        claimed.append((token, jobs))
    return claimed


def _put_off(claimed: _Claimed, message: str) -> None:
    retries = [wait.total_seconds() for wait in RETRIES]
    for token, jobs in claimed:
        for job in jobs:
            retry_or_fail(token, job, retries, message)
