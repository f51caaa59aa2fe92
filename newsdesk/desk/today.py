"""Today: what is new, in one range of time that the address holds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.times import WORDS, read_range
from articles.queries.today import today_page
from articles.views.folding import folding_of


@require_safe
@analyst_required
def today(request: HttpRequest) -> HttpResponse:
    """Figures, top events, newest articles, who is named, and the state of the sources."""
    span = read_range(request.GET.get("range", ""), timezone.now())
    folding, _ = folding_of(request)
    page = today_page(span, int(str(request.user.pk)), folding=folding)
    return render(request, "today/today.html", {"page": page, "span": span, "ranges": WORDS})
