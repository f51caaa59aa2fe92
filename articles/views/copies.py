"""Two articles side by side with what they share, and what editors say of copies."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.article_shared import shared_page


@require_safe
@analyst_required
def article_shared(request: HttpRequest, article_id: int, other_id: int) -> HttpResponse:
    """Both texts, shared passages marked; any two articles may be compared."""
    page = shared_page(article_id, other_id)
    if page is None:
        raise Http404("One of the two articles is not here, or both are the same.")
    return render(request, "article/shared.html", {"page": page})
