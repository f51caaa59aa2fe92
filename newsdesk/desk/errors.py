"""The pages for what went wrong: 400, 403, 404, 500 and a form that came too late."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

RETRY_SECONDS = 10
# PostgreSQL's codes for a statement that took too long and a lock that was not to be had.
STOPPED_BY_A_LIMIT = frozenset({"57014", "55P03"})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it by name
    """400: the request makes no sense; nothing of it is repeated on the page."""
    return render(request, "errors/400.html", status=HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the refusal in its own words."""
    return render(request, "errors/403.html", {"refusal": str(exception or "")}, status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it by name
    """404 for every address that leads nowhere."""
    return render(request, "errors/404.html", status=HTTPStatus.NOT_FOUND)


def broken(request: HttpRequest) -> HttpResponse:
    """500, rendered without context processors: what broke may be the database that they ask.

    When it is the database (down, full of clients, or stopped by a limit on time) the page is a 503 that asks to come
    again: nothing was saved, and the next request finds the database by itself once it is back.
    """
    request_id = getattr(request, "request_id", "-")
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        took_too_long = getattr(error.__cause__, "sqlstate", None) in STOPPED_BY_A_LIMIT
        context = {"request_id": request_id, "took_too_long": took_too_long, "seconds": RETRY_SECONDS}
        page = render_to_string("errors/503.html", context)
        headers = {"Retry-After": str(RETRY_SECONDS)}
        return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    page = render_to_string("errors/500.html", {"request_id": request_id})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it by name
    """403 for a form whose token is missing or stale."""
    return render(request, "errors/csrf.html", status=HTTPStatus.FORBIDDEN)
