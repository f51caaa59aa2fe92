"""The page of one event."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.event import event_page, leads_to
from articles.views.folding import folding_of


@require_safe
@analyst_required
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """The timeline of an event; the address of a joined one leads to where its articles are."""
    target = leads_to(event_id)
    if target is not None:
        return redirect("event", target, permanent=True)
    folding, _ = folding_of(request)
    page = event_page(event_id, timezone.get_current_timezone(), folding=folding)
    if page is None:
        raise Http404("No event has this number.")
    return render(request, "event/event.html", {"page": page, "folding": folding})
