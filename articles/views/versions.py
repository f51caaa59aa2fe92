"""The versions of an article: one in full, any two compared."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.article_versions import compare_versions, one_version, where_changed
from articles.views.numbers import whole


@require_safe
@analyst_required
def versions(request: HttpRequest, article_id: int) -> HttpResponse:
    """Leads to the two versions of `from` and `to`, or to those between which what `what` names changed last."""
    before, after = whole(request.GET.get("from")), whole(request.GET.get("to"))
    if before is not None and after is not None:
        return redirect("versions_compare", article_id, before, after)
    pair = where_changed(article_id, request.GET.get("what", ""))
    if pair is None:
        raise Http404("No article with a text has this number.")
    return redirect("versions_compare", article_id, pair.before, pair.after)


@require_safe
@analyst_required
def versions_compare(request: HttpRequest, article_id: int, before: int, after: int) -> HttpResponse:
    """Two versions, what went out and what came in marked."""
    if before == after:
        return redirect("version", article_id, after)
    found = compare_versions(article_id, before, after)
    if found is None:
        raise Http404("This article has not got both versions.")
    return render(request, "article/compare.html", {"one": found, "page": found.page})


@require_safe
@analyst_required
def version(request: HttpRequest, article_id: int, number: int) -> HttpResponse:
    """One version in full."""
    found = one_version(article_id, number)
    if found is None:
        raise Http404("This article has no such version.")
    return render(request, "article/version.html", {"one": found, "page": found.page})
