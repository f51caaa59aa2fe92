"""Which part of a page htmx asks for."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


def wanted_part(request: HttpRequest) -> str:
    """The id of the element that the answer goes into; empty when the whole page is wanted."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if not htmx or htmx.history_restore_request:
        return ""
    return htmx.target or ""
