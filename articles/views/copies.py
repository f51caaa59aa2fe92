"""Two articles side by side with what they share, and what editors say of copies."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from articles.access import analyst_required, editor_required
from articles.editing import copies
from articles.errors import RefusedError
from articles.queries.article import article_exists
from articles.queries.article_shared import shared_page
from articles.views.numbers import whole


@require_safe
@analyst_required
def article_shared(request: HttpRequest, article_id: int, other_id: int) -> HttpResponse:
    """Both texts, shared passages marked; any two articles may be compared."""
    page = shared_page(article_id, other_id)
    if page is None:
        raise Http404("One of the two articles is not here, or both are the same.")
    return render(request, "article/shared.html", {"page": page})


@require_POST
@editor_required
def article_not_copy(request: HttpRequest, article_id: int) -> HttpResponse:
    """Say that an article is no copy of another one (`other`)."""
    other = whole(request.POST.get("other"))
    if not article_exists(article_id) or other is None or not article_exists(other):
        raise Http404("One of the two articles is not here.")
    by, why = request.user.get_username(), request.POST.get("why", "")
    try:
        change = copies.say_not_copy(article_id, other, by, why)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        _said(request, change.pk, "They are no copies of each other, now and in every later run.")
    return _back(request, article_id)


@require_POST
@editor_required
def article_is_origin(request: HttpRequest, article_id: int) -> HttpResponse:
    """Say that an article is the origin of its copy group."""
    if not article_exists(article_id):
        raise Http404("No article has this number.")
    by, why = request.user.get_username(), request.POST.get("why", "")
    try:
        change = copies.say_origin(article_id, by, why)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        _said(request, change.pk, "This article is the origin, now and in every later run.")
    return _back(request, article_id)


def _said(request: HttpRequest, change_id: int, words: str) -> None:
    messages.success(request, words, extra_tags=reverse("article_undo", args=[change_id]))


def _back(request: HttpRequest, article_id: int) -> HttpResponse:
    """To the comparison that the word was given on (`beside`), else to the article."""
    beside = whole(request.POST.get("beside"))
    if beside is not None and beside != article_id:
        return redirect("article_shared", article_id, beside)
    return redirect(reverse("article", args=[article_id]) + "#copies")
