"""The page of one event."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import EDITORS, analyst_required
from articles.queries.event import event_page
from articles.views.folding import folding_of


@require_safe
@analyst_required
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """What an event is, who says so and how it grew; the address of a joined one leads to where its articles are."""
    folding, _ = folding_of(request)
    edits = getattr(request.user, "role", "") in EDITORS
    page = event_page(
        event_id, timezone.get_current_timezone(), timezone.now(), folding=folding, suggestions=edits
    )
    if page is None:
        raise Http404("No event has this number.")
    if isinstance(page, int):
        return redirect("event", page)  # not for ever: a join can be taken back
    return render(request, "event/event.html", {"page": page, "folding": folding})
