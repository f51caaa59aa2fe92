"""The directories: people, companies, organisations and public bodies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.directory import PLURALS, SORTS, EntityFilter, entities_page
from articles.queries.times import WORDS, read_range
from articles.views.entity import user_of


@require_safe
@analyst_required
def entity_list(request: HttpRequest) -> HttpResponse:
    """Entities by the beginning of a name and by filters; those named most in the range first."""
    span = read_range(request.GET.get("range", ""), timezone.now(), default="7d")
    asked = request.GET
    wanted = EntityFilter(
        text=asked.get("text", "").strip(),
        kind=asked.get("kind", ""),
        country=asked.get("country", ""),
        exchange=asked.get("exchange", ""),
        watched=asked.get("watched") == "1",
        sort=asked.get("sort", "") if asked.get("sort") in SORTS else "",
        after=asked.get("after", ""),
    )
    page = entities_page(wanted, span, user_of(request))
    context = {
        "page": page,
        "span": span,
        "wanted": wanted,
        "sorts": SORTS,
        "title": PLURALS.get(wanted.kind, PLURALS[""]),
        "ranges": WORDS,
    }
    return render(request, "entities/list.html", context)
