"""The page of one article: its text with names and notes, and the panel for one question or one form."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.views.fragments import wanted_part
from articles.views.panels import panel_of, show_article

SLOT = "slot-"  # ids of the places in the page that a panel goes to


@require_safe
@analyst_required
def article_page(request: HttpRequest, article_id: int) -> HttpResponse:
    """The article; with `why`, `note`, `link` or `edit` a panel is open, and htmx gets that panel alone."""
    wants = wanted_part(request)
    panel = panel_of(request, article_id)
    if wants.startswith(SLOT):
        if panel is None:
            raise Http404("Nothing is known of this any more. Load the page again.")
        answer = render(request, "article/panel.html", {"panel": panel, "article_id": article_id})
    else:
        answer = show_article(request, article_id, panel)
    patch_vary_headers(answer, ["HX-Request", "HX-Target"])
    return answer
