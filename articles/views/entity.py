"""The page of one entity."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.entity import entity_page, slug_now
from articles.queries.times import WORDS, read_range
from articles.views.folding import folding_of


@require_safe
@analyst_required
def entity(request: HttpRequest, slug: str) -> HttpResponse:
    """Who or what it is and where it is named; the address of a merged entity leads to the one that stands."""
    target = slug_now(slug)
    if target is not None:
        return redirect("entity", target, permanent=True)
    span = read_range(request.GET.get("range", ""), timezone.now(), default="30d")
    folding, _ = folding_of(request)
    page = entity_page(slug, span, folding=folding)
    if page is None:
        raise Http404("No entity has this name.")
    context = {"page": page, "span": span, "ranges": WORDS, "as_table": request.GET.get("as") == "table"}
    return render(request, "entity/entity.html", context)
