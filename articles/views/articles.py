"""The article list: search, filters, peek, and the same view as a file."""

from __future__ import annotations

from datetime import UTC

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.errors import SearchTooSlowError
from articles.queries.article import peek_at
from articles.queries.articles import articles_page, export_rows
from articles.queries.exports import as_csv, as_json
from articles.queries.times import WORDS
from articles.search.language import RANGES, Query, read_query
from articles.views.folding import folding_of
from articles.views.fragments import wanted_part
from articles.views.numbers import whole


def _query(request: HttpRequest) -> Query:
    """The query of an address: chips in `f`, typed text in `q`, and `range` as a time filter."""
    query = read_query([*request.GET.getlist("f"), request.GET.get("q", "")])
    span = request.GET.get("range", "")
    if span == "all":
        return query.without_key("since")
    return query.having("since", span) if span in RANGES else query


@require_safe
@analyst_required
def article_list(request: HttpRequest) -> HttpResponse:
    """The newest matches, by day; a fragment while somebody types, the pane alone while somebody peeks."""
    wants = wanted_part(request)
    query, after = _query(request), request.GET.get("after", "")
    peeked = whole(request.GET.get("peek"))
    pane = None if peeked is None else peek_at(peeked)
    folding, asked = folding_of(request)
    context: dict[str, object] = {
        "query": query,
        "peek": pane,
        "after": after,
        "ranges": WORDS,
        "folding": folding,
        "fold_asked": asked,
    }
    if wants == "pane":
        answer = HttpResponse(render_to_string("articles/pane.html", context))
    else:
        zone = timezone.get_current_timezone()
        context["page"] = articles_page(query, after, timezone.now(), zone, folding=folding)
        if wants == "results":
            answer = HttpResponse(render_to_string("articles/results.html", context | {"fragment": True}))
        else:
            answer = render(request, "articles/list.html", context)
    patch_vary_headers(answer, ["HX-Request", "HX-Target"])
    return answer


@require_safe
@analyst_required
def article_export(request: HttpRequest, form: str) -> HttpResponse:
    """The matches of a query as CSV or JSON: title, link and snippet; the name of a capped file says so."""
    if form not in {"csv", "json"}:
        raise Http404("Articles come as csv or json.")
    try:
        export = export_rows(_query(request), timezone.now(), timezone.get_current_timezone())
    except SearchTooSlowError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    kind, text = (
        ("text/csv", as_csv(export.rows)) if form == "csv" else ("application/json", as_json(export.rows))
    )
    answer = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    capped = f"-capped-at-{export.capped}" if export.capped else ""
    name = f"newsdesk-articles-{timezone.now().astimezone(UTC):%Y%m%d-%H%M}{capped}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    if export.capped:
        answer["X-Newsdesk-Capped"] = str(export.capped)
    return answer
