"""Help, health and the two probes."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.machine import disk_use
from newsdesk.desk.queries import health_checks, readiness_problem


@require_safe
@analyst_required
def help_page(request: HttpRequest) -> HttpResponse:
    """The keys that work for this user and where things are."""
    return render(request, "desk/help.html")


@require_safe
@analyst_required
def health(request: HttpRequest) -> HttpResponse:
    """The machine behind the desk, in words, and the room that the data take."""
    now = timezone.now()
    return render(request, "desk/health.html", {"checks": health_checks(now), "disk": disk_use(now)})


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is up; asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """The database is reachable and migrated; 503 with the reason otherwise."""
    problem = readiness_problem()
    if problem:
        return HttpResponse(f"{problem}\n", content_type="text/plain", status=HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse("ready\n", content_type="text/plain")
