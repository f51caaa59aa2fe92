"""The event list."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.event_lists import ORDERS, SILENCE, TYPES, events_page, read_filter
from articles.queries.events import STATUSES
from articles.queries.times import WORDS, read_range
from articles.queries.today import articles_on_their_way


@require_safe
@analyst_required
def event_list(request: HttpRequest) -> HttpResponse:
    """Events of the range and the filters of the address, in its order."""
    now = timezone.now()
    span = read_range(request.GET.get("range", ""), now, default="7d")
    wanted = read_filter(request.GET)
    dormant_before = now - timedelta(days=settings.EVENT_DORMANT_DAYS)
    page = events_page(wanted, span, timezone.get_current_timezone(), dormant_before)
    context = {
        "page": page,
        "span": span,
        "wanted": wanted,
        "address": wanted.address(span.code),
        "statuses": STATUSES,
        "types": TYPES,
        "silences": SILENCE,
        "orders": ORDERS,
        "ranges": WORDS,
        "waiting": articles_on_their_way(),
    }
    return render(request, "events/list.html", context)
