"""One line for each request, and no log that holds a key: some addresses are as good as a password."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

# Keys of feeds, invitations and new passwords stand in the second part of an address.
_SECRET = re.compile(r"((?:^|[\s\"'(]|https?://[^/\s]+)/(?:feeds|join|password)/)[^/\s?\"']+")


def without_keys(words: str) -> str:
    """The same line with "…" where an address holds a key."""
    return _SECRET.sub(r"\1…", words)


class AccessLogMiddleware:
    """Says who was asked for what, with which answer, after how many milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        spent = (time.perf_counter() - started) * 1000
        who = request.META.get("REMOTE_ADDR") or "-"
        # The words of a search stay out of the log, too: what is asked for is the path.
        logger.info("%s %s %s %s %.0f ms", who, request.method, request.path, response.status_code, spent)
        return response


class NoKeysFilter(logging.Filter):
    """Takes keys out of every line, whoever writes it: Django names the address of what it refuses."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        words = record.getMessage()
        kept = without_keys(words)
        if kept != words:
            record.msg, record.args = kept, ()
        return True
