"""Feeds of events for every filter of the list: for people who are signed in, and by key for feed readers."""

from __future__ import annotations

import hashlib
from datetime import UTC, timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.event_feeds import event_feed, reader_of_key
from articles.queries.event_lists import EventFilter, read_filter
from articles.queries.feed_files import as_atom, as_json_feed, updated_at
from articles.queries.times import Range, read_range

FORMS = {"atom": ("application/atom+xml", as_atom), "json": ("application/feed+json", as_json_feed)}
NO_FEED = "Events come as atom or json."
HOUR = 3_600  # seconds
FRESH = 300  # seconds for which a reader need not ask again


@require_safe
@analyst_required
def events_feed(request: HttpRequest, form: str) -> HttpResponseBase:
    """The events of a filter as a feed, for somebody who is signed in."""
    return _feed(request, form)


@require_safe
def events_feed_by_key(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The same for a feed reader: the key in the address says whose it is; no cookie is asked for or set."""
    reader = reader_of_key(key)
    if reader is None:
        raise Http404("There is no such feed.")
    if not _may_read(reader):
        answer = HttpResponse(
            "Too many questions from your feed readers within this hour. Ask less often.",
            status=429,
            content_type="text/plain; charset=utf-8",
        )
        answer["Retry-After"] = str(HOUR)
        return answer
    return _feed(request, form)


def _may_read(reader: int) -> bool:
    """Count one more reading of the hour that began with the first; False above NEWSDESK_EVENT_FEED_READS."""
    name = f"event-feed:{reader}"
    if cache.add(name, 1, HOUR):
        return True
    try:
        return int(cache.incr(name)) <= settings.EVENT_FEED_READS
    except ValueError:  # the hour ended between the two lines
        return True


def _asked(request: HttpRequest) -> tuple[EventFilter, Range]:
    return read_filter(request.GET), read_range(request.GET.get("range", ""), timezone.now(), default="7d")


def _feed(request: HttpRequest, form: str) -> HttpResponseBase:
    if form not in FORMS:
        raise Http404(NO_FEED)
    kind, write = FORMS[form]
    wanted, span = _asked(request)
    dormant_before = span.until - timedelta(days=settings.EVENT_DORMANT_DAYS)
    feed = event_feed(wanted, span, UTC, dormant_before, settings.EVENT_FEED_ENTRIES)
    site = settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")
    home = f"{site}{reverse('events')}?{wanted.address(span.code)}"
    body = write(feed, site, home, f"{site}{request.get_full_path()}")
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    updated = int(updated_at(feed).timestamp())
    answer = HttpResponse(body, content_type=f"{kind}; charset=utf-8")
    answer["ETag"], answer["Last-Modified"] = etag, http_date(updated)
    answer["Cache-Control"] = f"private, max-age={FRESH}"
    return get_conditional_response(request, etag, updated, answer) or answer


@require_safe
@analyst_required
def events_feeds(request: HttpRequest) -> HttpResponse:
    """The addresses of the feeds of a filter, and how a feed reader gets them."""
    wanted, span = _asked(request)
    site = settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")
    context = {
        "address": wanted.address(span.code),
        "wanted": wanted,
        "span": span,
        "site": site,
        "has_key": bool(getattr(request.user, "feed_key_sha256", None)),
        "entries": settings.EVENT_FEED_ENTRIES,
    }
    return render(request, "events/feeds.html", context)
