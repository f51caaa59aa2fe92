"""Acts: what the texts of an event say is summed up; each event once for all that changed of it meanwhile."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from articles.events.digest import RULE_VERSION, Digest, digest_of
from articles.events.spans import Field, Name, Report, names_by_place
from articles.events.stories import reasons_as_rows
from articles.events.suggesting import suggest_storylines_at_times
from articles.events.times import local_time
from articles.events.titles import TITLED_FROM, Headline, choose_headline
from articles.jobs import (
    ClaimedJob,
    add_jobs_within,
    claim_jobs,
    finish_jobs,
    holds_job,
    is_outage,
    retry_or_fail,
)
from articles.models import Article, ArticleCopy, Event, EventDigest, Job, Membership, Mention, Progress

logger = logging.getLogger(__name__)

# An event over which summing up trips is tried again after so many seconds each, then an admin must look at it.
TRIED_AGAIN_AFTER = (60.0, 600.0)
LONGEST_MESSAGE = 500
# Events that wait at most when older ones are asked for after an update: what is done in about half a minute.
MISSING_AT_ONCE = 200
# The batch of those jobs: they go when nothing of today is due.
BEHIND = 1
BACKLOG_STEP = "events to sum up"  # of Progress; 1 while there may be more of them than were asked for
IS_GONE = "The event is gone, or has no article."


def ask_for_digests(event_ids: Iterable[int]) -> None:
    """Have these events summed up NEWSDESK_DIGEST_SECONDS from now, in the caller's transaction.

    Asked for again meanwhile, an event is summed up once, at the time of the first asking. Call it after the events'
    rows were written or locked: whoever sums one up locks its row before its job.
    """
    add_jobs_within(Job.Kind.DIGEST, event_ids, settings.DIGEST_SECONDS)


def ask_for_digests_of(article_ids: Iterable[int]) -> None:
    """Have the events of these articles summed up anew: what they say, or whom they name, has changed."""
    placed = Membership.objects.filter(article_id__in=list(article_ids))
    ask_for_digests(placed.values_list("event_id", flat=True))


def ask_for_missing_digests(_now: datetime) -> tuple[int, bool]:
    """Have events summed up that never were, or by an older rule: a few, the newest first; how many.

    The answer's second part, whether to go on at once, is always False: while MISSING_AT_ONCE events wait none is asked
    for, and the next ones are when those are done (`ask_for_more_digests`). What failed, was set aside or dropped is
    left to whoever looks after the jobs.
    """
    waiting = Job.objects.filter(kind=Job.Kind.DIGEST, state=Job.State.WAITING)
    room = MISSING_AT_ONCE - waiting[:MISSING_AT_ONCE].count()
    known = Job.objects.filter(kind=Job.Kind.DIGEST, subject_id=OuterRef("pk")).exclude(state=Job.State.DONE)
    events = Event.objects.filter(~Exists(known), merged_into__isnull=True, article_count__gt=0)
    stale = events.exclude(digest__rule_version=RULE_VERSION)
    ids = list(stale.order_by("-last_at", "-pk").values_list("pk", flat=True)[:room]) if room > 0 else []
    add_jobs_within(Job.Kind.DIGEST, ids, settings.DIGEST_SECONDS, batch=BEHIND)
    Progress.objects.update_or_create(step=BACKLOG_STEP, defaults={"number": int(len(ids) >= room)})
    return len(ids), False


def ask_for_more_digests(now: datetime) -> int:
    """Go on with `ask_for_missing_digests` when it left some; how many. One small query on a desk without such."""
    if not Progress.objects.filter(step=BACKLOG_STEP, number=1).exists():
        return 0
    return ask_for_missing_digests(now)[0]


def claim_digests(limit: int, lease_seconds: float) -> tuple[uuid.UUID, list[ClaimedJob]]:
    """Claim up to `limit` events that are to be summed up, longest due first; none when nothing is due.

    Those that tidying asked for come when no other is due.
    """
    token, jobs = claim_jobs(Job.Kind.DIGEST, limit, lease_seconds, among=f"AND j.batch < {BEHIND}")
    return (token, jobs) if jobs else claim_jobs(Job.Kind.DIGEST, limit, lease_seconds)


def digest_claimed(token: uuid.UUID, jobs: Sequence[ClaimedJob], is_over: Callable[[], bool]) -> int:
    """Sum up claimed events, each in a transaction of its own, until the time is over; how many jobs are done.

    One that cannot be summed up is tried again, then waits for an admin; trouble with the database is raised.
    """
    for done, job in enumerate(jobs):
        if is_over():
            return done
        try:
            if not holds_job(token, job.id):
                continue  # asked for anew meanwhile: whoever claims it then sums up what is then
            suggest_storylines_at_times(job.subject_id, time.monotonic())
            _digest(job.subject_id, token, job)
        except Exception as error:
            if is_outage(error):
                raise
            logger.exception("event %s could not be summed up", job.subject_id)
            message = f"It could not be summed up ({type(error).__name__}: {error})."[:LONGEST_MESSAGE]
            retry_or_fail(token, job, TRIED_AGAIN_AFTER, message)
    return len(jobs)


def digest_event(event_id: int) -> bool:
    """Sum an event up now; whether there was anything to sum up: an event that stands for itself, with articles."""
    return _digest(event_id)


def _digest(event_id: int, token: uuid.UUID | None = None, job: ClaimedJob | None = None) -> bool:
    """Read without a lock, then write what differs; an event that changed meanwhile has been asked for anew."""
    version = (
        Event.objects.filter(pk=event_id, merged_into__isnull=True).values_list("version", flat=True).first()
    )
    lead, title = _lead_of(event_id) if version is not None else (None, "")
    found = digest_of(_reports(event_id, lead), lead) if lead is not None else None
    with transaction.atomic():
        _hold_article(lead)
        event = Event.objects.select_for_update().filter(pk=event_id).first()
        if job is not None and token is not None and not holds_job(token, job.id):
            return False
        is_told = (
            event is not None and event.merged_into_id is None and version is not None and found is not None
        )
        if event is not None and is_told and found is not None and version is not None:
            _write(event, lead, title, version, found)
        else:
            EventDigest.objects.filter(event_id=event_id).delete()
        if job is not None and token is not None:
            finish_jobs(token, [job.id], "" if is_told else IS_GONE)
    return is_told


def _write(event: Event, lead: int | None, title: str, version: int, found: Digest) -> None:
    """Write what differs from what stands; what a person said of the event's title and type stays."""
    columns: dict[str, Any] = {"dek": found.dek, "lead_id": lead}
    if title and not event.titled_by and event.version == version:
        columns["title"] = title  # another one when an older rule chose it, or its article's was mended
    if not event.typed_by:
        columns |= {"type": found.type.type, "type_why": reasons_as_rows(found.type.reasons)}
    changed = {name: value for name, value in columns.items() if getattr(event, name) != value}
    if changed:
        Event.objects.filter(pk=event.pk).update(**changed)
    row = {
        "built_from": version,
        "rule_version": RULE_VERSION,
        "summary": found.summary,
        "slots": found.slots,
        "times": found.times,
        "unconfirmed": found.unconfirmed,
    }
    standing = EventDigest.objects.filter(pk=event.pk).values(*row).first()
    if standing != row:
        EventDigest.objects.bulk_create(
            [EventDigest(event_id=event.pk, **row)],
            update_conflicts=True,
            unique_fields=["event"],
            update_fields=[*row, "built_at"],
        )


def _hold_article(article_id: int | None) -> None:
    """Keep the article from going while the event's row points to it; before the event's row, as placing locks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM articles_article WHERE id = %s FOR KEY SHARE", [article_id])


def _lead_of(event_id: int) -> tuple[int | None, str]:
    """The article with the best headline, and that; of an event that a person named the one that bears its name.

    (None, "") when it has no article.
    """
    rows = list(
        Membership.objects.filter(event_id=event_id)
        .order_by("id")
        .values_list(
            "article_id",
            "article__title",
            "article__published_at",
            "article__copy__kind",
            "event__title",
            "event__titled_by",
        )[:TITLED_FROM]
    )
    headlines = [
        Headline(key, title, published, is_copy=kind not in {None, ArticleCopy.Kind.ORIGIN})
        for key, title, published, kind, *_ in rows
        if title.strip()
    ]
    if not headlines:
        return (rows[0][0] if rows else None), ""
    titled_by = rows[0][5]
    borne = [one for one in headlines if one.text == rows[0][4]] if titled_by else []
    chosen = choose_headline(borne or headlines)
    return chosen.key, "" if titled_by else chosen.text


def _reports(event_id: int, lead: int | None) -> list[Report]:
    """The articles that are read: the lead, the first and the newest, none that only repeats another's text."""
    members = Article.objects.filter(membership__event_id=event_id, revision__isnull=False)
    told = members.filter(Q(copy__isnull=True) | Q(copy__kind=ArticleCopy.Kind.ORIGIN) | Q(pk=lead))
    half = -(-settings.DIGEST_ARTICLES // 2)
    ids = set(told.order_by("published_at", "pk").values_list("pk", flat=True)[:half])
    ids |= set(told.order_by("-published_at", "-pk").values_list("pk", flat=True)[:half])
    rows = list(
        Article.objects.filter(pk__in=[*ids, *([lead] if lead is not None else [])], revision__isnull=False)
        .order_by("pk")
        .values_list(
            "pk", "revision_id", "revision__title", "revision__text", "published_at", "published_raw", "language", "copy__kind",
        )
    )  # fmt: skip
    names = _names([row[1] or 0 for row in rows])
    return [
        Report(
            key=pk,
            title=title or "",
            text=text or "",
            published=local_time(published, raw),
            language=language,
            is_copy=kind not in {None, ArticleCopy.Kind.ORIGIN},
            names=names.get(revision or 0, {}),
        )
        for pk, revision, title, text, published, raw, language, kind in rows
    ]


def _names(revision_ids: Sequence[int]) -> dict[int, dict[Field, tuple[Name, ...]]]:
    """The linked names of texts by field; what was merged into another entity speaks for that one."""
    entity = "entity__merged_into"
    rows = Mention.objects.filter(
        revision_id__in=revision_ids, status=Mention.Status.LINKED, entity__isnull=False
    ).values_list(
        "revision_id", "field", "start", "end", "text",
        Coalesce(entity, "entity"), Coalesce(f"{entity}__name", "entity__name"),
        Coalesce(f"{entity}__kind", "entity__kind"), Coalesce(f"{entity}__country", "entity__country"),
    )  # fmt: skip
    found: dict[int, dict[Field, list[Name]]] = {}
    for revision, where, *rest in rows:
        which: Field = "title" if where == "title" else "text"
        found.setdefault(revision, {}).setdefault(which, []).append(Name(*rest))
    return {
        revision: {which: names_by_place(names) for which, names in fields.items()}
        for revision, fields in found.items()
    }
