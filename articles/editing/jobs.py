"""Acts: an admin tries jobs again or drops them; what was asked is in the history and can be taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from articles.errors import RefusedError
from articles.jobs import ARTICLE_KINDS, STAGE_KINDS, add_jobs
from articles.models import Article, Event, Feed, Job
from entities.history import record_change
from entities.models import Change

SUBJECT = "job"
# Of a whole filter so many are tried again at once; the others at the next click.
MOST_AT_ONCE = 1000

_TROUBLE = (Job.State.FAILED, Job.State.QUARANTINED)
_STEP = {Job.Kind.READ: "text", Job.Kind.PLACE: "event"}
_WAITS_IN = {Job.Kind.READ: Article.Stage.NEW, Job.Kind.PLACE: Article.Stage.LINKED}
_STAGES_OF_TROUBLE = (Article.Stage.FAILED, Article.Stage.QUARANTINED)


@dataclass(frozen=True, slots=True)
class RetriedJobs:
    """How many jobs were opened anew, and how many of the filter are left for another click."""

    retried: int
    left: int


def retry_job(by: str, job_id: int) -> Change:
    """Do a job again, now: one that failed, was set aside or dropped, or that was put off.

    Raises RefusedError when there is no such job, it is done, or a worker has it whose lease still runs.
    """
    with transaction.atomic():
        job = _locked(job_id)
        if job.state == Job.State.DONE:
            raise RefusedError("The job is done: there is nothing to try again.")
        leased = Job.objects.filter(pk=job.pk, state=Job.State.WAITING, lease_until__gte=Now())
        if leased.exists():
            raise RefusedError("A worker is doing this job right now: look again in a minute.")
        before = _as_it_is(job)
        _open([job])
        return record_change(SUBJECT, job.pk, by, "retry_job", before=before, after={"state": "waiting"})


def drop_job(by: str, job_id: int) -> Change:
    """Never do this job, unless it is asked for anew; whoever does it now loses it.

    Raises RefusedError when there is no such job or it is done or dropped.
    """
    with transaction.atomic():
        job = _locked(job_id)
        if job.state in {Job.State.DONE, Job.State.DROPPED}:
            raise RefusedError("The job is over: there is nothing to drop.")
        before = _as_it_is(job)
        message = f"Dropped by {by}."
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.DROPPED, message=message, finished_at=Now(), lease_until=None, lease_token=None
        )
        if job.kind in STAGE_KINDS:
            words = f"Its {_STEP[Job.Kind(job.kind)]} is not looked for: {by} dropped the job."
            waiting = Article.objects.filter(pk=job.subject_id, stage=_WAITS_IN[Job.Kind(job.kind)])
            waiting.update(stage=Article.Stage.FAILED, message=words)
        return record_change(SUBJECT, job.pk, by, "drop_job", before=before, after={"state": "dropped"})


def retry_jobs(by: str, kind: str, states: Collection[str]) -> RetriedJobs:
    """Do all failed or quarantined jobs of a kind ("" = every kind) again, oldest first; up to 1,000 a call."""
    wanted = [state for state in _TROUBLE if state in states]
    found = Job.objects.filter(state__in=wanted)
    if kind:
        found = found.filter(kind=kind)
    with transaction.atomic():
        ids = list(found.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
        articles = found.filter(pk__in=ids, kind__in=ARTICLE_KINDS).values_list("subject_id", flat=True)
        _lock_articles(articles)
        jobs = list(found.select_for_update().filter(pk__in=ids).order_by("pk"))
        if jobs:
            _open(jobs)
            after = {"kind": kind, "states": [str(state) for state in wanted], "jobs": len(jobs)}
            record_change("jobs", 0, by, "retry_jobs", after=after)
        return RetriedJobs(len(jobs), found.count())


def retry_article(by: str, article_id: int) -> None:
    """Take the step again that failed or was set aside for this article; without such a step its text is read anew.

    Raises RefusedError when there is no such article or it waits already.
    """
    with transaction.atomic():
        article = Article.objects.select_for_update().filter(pk=article_id).first()
        if article is None:
            raise RefusedError("There is no such article: it may have been deleted.")
        jobs = Job.objects.select_for_update().filter(subject_id=article_id, kind__in=STAGE_KINDS)
        stuck = list(jobs.filter(state__in=[*_TROUBLE, Job.State.DROPPED]).order_by("-pk"))
        before = {"stage": article.stage, "message": article.message}
        if stuck:
            _open(stuck[:1])
        elif article.stage in {Article.Stage.NEW, Article.Stage.LINKED}:
            raise RefusedError("The article is on its way already: reload its page in a minute.")
        else:
            _open_article(article_id, Job.Kind.READ)
            add_jobs(Job.Kind.READ, [(article_id, "", article.batch, article.published_at)])
        record_change("article", article_id, by, "retry_article", before=before)


def undo_job_change(by: str, change_id: int) -> Change:
    """Take back that a job was retried or dropped, as long as nobody has worked on it since. Raises RefusedError."""
    with transaction.atomic():
        change = Change.objects.filter(pk=change_id, subject_kind=SUBJECT).first()
        if change is None or change.act not in {"retry_job", "drop_job"}:
            raise RefusedError("This change of a job is not known: it may have been tidied away.")
        if Change.objects.filter(undoes=change).exists():
            raise RefusedError("That was taken back already.")
        job = _locked(change.subject_id)
        stands = Job.State.DROPPED if change.act == "drop_job" else Job.State.WAITING
        if job.state != stands or job.lease_token is not None:
            raise RefusedError("The job has gone on since: it cannot be put back.")
        was: dict[str, Any] = change.before
        Job.objects.filter(pk=job.pk).update(
            state=was["state"],
            message=was["message"],
            tries=was["tries"],
            not_before=was["not_before"],
            finished_at=was["finished_at"],
        )
        if was.get("stage"):
            Article.objects.filter(pk=job.subject_id).update(stage=was["stage"], message=was["words"])
        return record_change(SUBJECT, job.pk, by, f"undo_{change.act}", undoes=change)


def _locked(job_id: int) -> Job:
    """The job, locked after its article, as everywhere. Raises RefusedError when there is none."""
    job = Job.objects.filter(pk=job_id).first()
    if job is not None and job.kind in ARTICLE_KINDS:
        _lock_articles([job.subject_id])
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise RefusedError("There is no such job any more: it was done and tidied away.")
    return job


def _lock_articles(article_ids: Collection[int]) -> None:
    list(
        Article.objects.select_for_update().filter(pk__in=list(article_ids)).order_by("pk").values_list("pk")
    )


def _as_it_is(job: Job) -> dict[str, Any]:
    """What an undo needs."""
    before: dict[str, Any] = {
        "kind": job.kind,
        "subject": job.subject_id,
        "state": job.state,
        "message": job.message,
        "tries": job.tries,
        "not_before": job.not_before.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
    }
    if job.kind in STAGE_KINDS:
        article = Article.objects.filter(pk=job.subject_id).values("stage", "message").first()
        before |= {"stage": article["stage"], "words": article["message"]} if article else {}
    elif job.kind in {Job.Kind.SUBSCRIBE, Job.Kind.PUSH}:
        feed = Feed.objects.filter(pk=job.subject_id).values_list("title", flat=True).first()
        before |= {"title": feed} if feed else {}
    elif job.kind == Job.Kind.DIGEST:
        event = Event.objects.filter(pk=job.subject_id).values_list("title", flat=True).first()
        before |= {"title": event} if event else {}
    return before


def _open(jobs: Collection[Job]) -> None:
    """Make these jobs due, with nothing counted against them, and their articles wait for them again."""
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
        state=Job.State.WAITING,
        not_before=Now(),
        tries=0,
        attempts=0,
        message="",
        finished_at=None,
        lease_until=None,
        lease_token=None,
    )
    for kind in STAGE_KINDS:
        subjects = [job.subject_id for job in jobs if job.kind == kind]
        if subjects:
            _open_articles(subjects, kind)


def _open_article(article_id: int, kind: Job.Kind) -> None:
    _open_articles([article_id], kind)


def _open_articles(article_ids: Collection[int], kind: Job.Kind) -> None:
    stuck = Q(stage__in=_STAGES_OF_TROUBLE)
    Article.objects.filter(stuck, pk__in=article_ids).update(stage=_WAITS_IN[kind], message="")
