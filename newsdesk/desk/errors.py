"""The pages for what went wrong: 400, 403, 404, 500 and a form that came too late."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


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
    """500, rendered without context processors: what broke may be the database that they ask."""
    page = render_to_string("errors/500.html", {"request_id": getattr(request, "request_id", "-")})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it by name
    """403 for a form whose token is missing or stale."""
    return render(request, "errors/csrf.html", status=HTTPStatus.FORBIDDEN)
