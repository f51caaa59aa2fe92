"""The event list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.events import STATUSES, EventFilter, events_page
from articles.queries.times import WORDS, read_range


@require_safe
@analyst_required
def event_list(request: HttpRequest) -> HttpResponse:
    """Events that were told within the range of the address, the latest told first."""
    span = read_range(request.GET.get("range", ""), timezone.now(), default="7d")
    wanted = EventFilter(
        text=request.GET.get("text", "").strip(),
        status=request.GET.get("status", ""),
        only_new=request.GET.get("new") == "1",
        after=request.GET.get("after", ""),
    )
    page = events_page(wanted, span, timezone.get_current_timezone())
    context = {"page": page, "span": span, "wanted": wanted, "statuses": STATUSES, "ranges": WORDS}
    return render(request, "events/list.html", context)
