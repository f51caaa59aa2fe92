"""What is taken off the edges of a publisher's articles, for admins: learnt lines, own lines, rules, each with a switch."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from articles.access import admin_required
from articles.editing import edge_lines
from articles.errors import RefusedError
from articles.ingest.clean import LEARNT_CHARACTERS
from articles.queries.edge_lines import ARTICLES_COUNTED, lines_page
from articles.views.sources import by

OFF, ON = "0", "1"


@require_safe
@admin_required
def publisher_lines(request: HttpRequest, publisher_id: int) -> HttpResponse:
    """Learnt lines and rules of residue of one publisher, with counts."""
    return _page(request, publisher_id)


@require_POST
@admin_required
def publisher_line_add(request: HttpRequest, publisher_id: int) -> HttpResponse:
    """A line of an admin's own; what cannot be taken stands in its field with the reason."""
    line = request.POST.get("line", "")
    try:
        change = edge_lines.add_line(by(request), publisher_id, line)
    except RefusedError as error:
        return _page(request, publisher_id, typed=line, problem=str(error))
    _say(request, change.pk, "Such a line is taken off from the next reading on.")
    return redirect("publisher_lines", publisher_id)


@require_POST
@admin_required
def publisher_line_switch(request: HttpRequest, publisher_id: int, line_id: int) -> HttpResponse:
    """One line on or off."""
    is_on = request.POST.get("on") == ON
    try:
        change = edge_lines.switch_line(by(request), publisher_id, line_id, is_on=is_on)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        words = "is taken off" if is_on else "stays in"
        _say(request, change.pk, f"The line {words} from the next reading on.")
    return redirect("publisher_lines", publisher_id)


@require_POST
@admin_required
def publisher_rule_switch(request: HttpRequest, publisher_id: int) -> HttpResponse:
    """One rule of residue on or off for this publisher."""
    is_on = request.POST.get("on") == ON
    try:
        change = edge_lines.switch_rule(by(request), publisher_id, request.POST.get("rule", ""), is_on=is_on)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        words = "used" if is_on else "left out"
        _say(request, change.pk, f"The rule is {words} for this publisher from the next reading on.")
    return redirect("publisher_lines", publisher_id)


@require_POST
@admin_required
def publisher_lines_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one decision about lines or rules back."""
    try:
        publisher_id = edge_lines.undo_line_change(by(request), change_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources")
    messages.success(request, "Taken back.")
    return redirect("publisher_lines", publisher_id)


def _page(request: HttpRequest, publisher_id: int, *, typed: str = "", problem: str = "") -> HttpResponse:
    page = lines_page(publisher_id)
    if page is None:
        raise Http404("No publisher has this number.")
    context = {
        "page": page,
        "publisher": page.publisher,
        "typed": typed,
        "problem": problem,
        "longest": LEARNT_CHARACTERS,
        "counted": ARTICLES_COUNTED,
    }
    return render(request, "publishers/lines.html", context, status=422 if problem else 200)


def _say(request: HttpRequest, change_id: int, words: str) -> None:
    messages.success(request, words, extra_tags=reverse("publisher_lines_undo", args=[change_id]))
