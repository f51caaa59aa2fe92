"""Gives every request an id that answers, error pages and log lines share."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

# A proxy's own id is kept when it is harmless; anything else is replaced, for it is printed in logs.
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{4,64}\Z")

current_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdMiddleware:
    """Sets `request.request_id` and echoes it as X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if ACCEPTED.match(given) else uuid.uuid4().hex[:12]
        request.request_id = name  # type: ignore[attr-defined]  # read by templates and error pages
        token = current_id.set(name)
        try:
            response = self.get_response(request)
        finally:
            current_id.reset(token)
        response["X-Request-ID"] = name
        return response


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every log record; "-" outside of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        # Django logs "Internal Server Error" after the middleware has returned: the request still knows its id.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or current_id.get()
        return True
