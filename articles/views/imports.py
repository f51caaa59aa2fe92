"""The page of imports: what tables brought into the knowledge base."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.access import editor_required
from articles.queries.imports import imports_page


@require_safe
@editor_required
def import_list(request: HttpRequest) -> HttpResponse:
    """Every import, newest first, with its counts and what was left out."""
    return render(request, "entities/imports.html", {"page": imports_page(request.GET.get("after", ""))})
