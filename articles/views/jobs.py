"""Jobs, for admins: what is due, runs, waits or is in trouble; trying again, dropping, and taking that back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from articles.access import admin_required
from articles.editing import jobs
from articles.errors import RefusedError
from articles.queries.jobs import STATES, jobs_page, read_job_filter


def _by(request: HttpRequest) -> str:
    """Who acts, as the history names them."""
    return request.user.get_username()


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was filtered, if the form says how; anything else of it is ignored."""
    query = read_job_filter(request.POST.dict()).as_query()
    return redirect(f"{reverse('jobs')}?{query}" if query else "jobs")


@require_safe
@admin_required
def job_list(request: HttpRequest) -> HttpResponse:
    """Counts by kind and state, and the jobs of one filter."""
    page = jobs_page(read_job_filter(request.GET.dict()), timezone.now())
    return render(request, "jobs/list.html", {"page": page, "wanted": page.wanted, "states": STATES})


@require_POST
@admin_required
def job_retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Do one job again."""
    try:
        change = jobs.retry_job(_by(request), job_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is due again.", extra_tags=reverse("job_undo", args=[change.pk]))
    return _back(request)


@require_POST
@admin_required
def job_drop(request: HttpRequest, job_id: int) -> HttpResponse:
    """Never do this job; the toast offers to undo it."""
    try:
        change = jobs.drop_job(_by(request), job_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Dropped.", extra_tags=reverse("job_undo", args=[change.pk]))
    return _back(request)


@require_POST
@admin_required
def jobs_retry(request: HttpRequest) -> HttpResponse:
    """Do all failed or quarantined jobs of the filter again."""
    wanted = read_job_filter(request.POST.dict())
    states = ["failed", "quarantined"] if wanted.state == "trouble" else [wanted.state]
    done = jobs.retry_jobs(_by(request), wanted.kind, states)
    words = f"{done.retried} job{'' if done.retried == 1 else 's'} due again."
    messages.success(request, f"{words} {done.left} are left: press again." if done.left else words)
    return _back(request)


@require_POST
@admin_required
def job_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take back that a job was retried or dropped."""
    try:
        jobs.undo_job_change(_by(request), change_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back.")
    return _back(request)


@require_POST
@admin_required
def article_retry(request: HttpRequest, article_id: int) -> HttpResponse:
    """Take the step again that failed for an article."""
    try:
        jobs.retry_article(_by(request), article_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is tried again; reload the page in a minute.")
    return redirect("article", article_id)
