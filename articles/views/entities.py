"""The entity list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.entities import KINDS, EntityFilter, entities_page
from articles.queries.times import WORDS, read_range


@require_safe
@analyst_required
def entity_list(request: HttpRequest) -> HttpResponse:
    """Entities by the beginning of a name, or those named most in the range."""
    span = read_range(request.GET.get("range", ""), timezone.now(), default="7d")
    wanted = EntityFilter(
        text=request.GET.get("text", "").strip(),
        kind=request.GET.get("kind", ""),
        after=request.GET.get("after", ""),
    )
    page = entities_page(wanted, span)
    context = {"page": page, "span": span, "wanted": wanted, "kinds": KINDS, "ranges": WORDS}
    return render(request, "entities/list.html", context)
