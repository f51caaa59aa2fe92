"""Sources, for admins: the list with its filters, and one act for many of them."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from articles.access import admin_required
from articles.editing import sources_bulk
from articles.errors import RefusedError
from articles.forms import BulkForm
from articles.queries.notices import open_notices
from articles.queries.sources_list import (
    HEALTH_WORDS,
    SourceFilter,
    filter_choices,
    matching_ids,
    read_filter,
    sources_page,
)
from articles.views.numbers import whole

SHOWN_LINES = 200
SHOWN_NOTICES = 3


def by(request: HttpRequest) -> str:
    """Who acts, as the history names them."""
    return request.user.get_username()


@require_safe
@admin_required
def source_list(request: HttpRequest) -> HttpResponse:
    """All sources, worst first, with the state of the last 24 hours."""
    wanted = read_filter(request.GET.dict())
    page = sources_page(wanted, timezone.now())
    notices = open_notices()
    context = {
        "page": page,
        "wanted": wanted,
        "choices": filter_choices(),
        "health_present": [
            (code, words, page.counts[code]) for code, words in HEALTH_WORDS.items() if page.counts[code]
        ],
        "health_words": [(code, words, page.counts[code]) for code, words in HEALTH_WORDS.items()],
        "acts": [(code, words, value) for code, (_, words, value) in sources_bulk.ACTS.items()],
        "notices": notices.new[:SHOWN_NOTICES],
        "more_notices": max(0, len(notices.new) - SHOWN_NOTICES),
        "publisher_name": page.rows[0].publisher if page.rows and wanted.publisher else wanted.publisher,
    }
    return render(request, "sources/list.html", context)


def _chosen(form: BulkForm, request: HttpRequest) -> list[int]:
    """The sources that a form means: all of a filter, those of the step before, or those that are ticked."""
    if form.cleaned_data["whole"]:
        return matching_ids(_filter_of(form), timezone.now())
    named = (
        form.cleaned_data["chosen"].split(",") if form.cleaned_data["chosen"] else request.POST.getlist("id")
    )
    return [number for text in named if (number := whole(text)) is not None]


def _filter_of(form: BulkForm) -> SourceFilter:
    return read_filter(QueryDict(form.cleaned_data["filter"]).dict())


def _back(form: BulkForm) -> str:
    query = form.cleaned_data.get("filter", "")
    return reverse("sources") + (f"?{query}" if query else "")


@require_POST
@admin_required
def sources_bulk_plan(request: HttpRequest) -> HttpResponse:
    """The dry run of one act for many sources: what would change in each, before anything is stored."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The form did not arrive whole. Choose again.")
        return redirect("sources")
    try:
        wish = sources_bulk.read_wish(form.cleaned_data["act"], form.cleaned_data["value"])
        lines = sources_bulk.plan_bulk(_chosen(form, request), wish)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect(_back(form))
    meant = [line for line in lines if not line.problem]
    context = {
        "lines": lines[:SHOWN_LINES],
        "more": max(0, len(lines) - SHOWN_LINES),
        "meant": len(meant),
        "left_out": len(lines) - len(meant),
        "chosen": ",".join(str(line.id) for line in meant),
        "wish": wish,
        "label": sources_bulk.ACTS[wish.act][1],
        "filter": form.cleaned_data["filter"],
        "back": _back(form),
    }
    return render(request, "sources/bulk.html", context)


@require_POST
@admin_required
def sources_bulk_apply(request: HttpRequest) -> HttpResponse:
    """Do to many sources what the dry run showed."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The form did not arrive whole. Choose again.")
        return redirect("sources")
    try:
        wish = sources_bulk.read_wish(form.cleaned_data["act"], form.cleaned_data["value"])
        done = sources_bulk.apply_bulk(by(request), _chosen(form, request), wish)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        undo = reverse("sources_bulk_undo", args=[done.change.pk]) if done.change else ""
        messages.success(
            request,
            f"{sources_bulk.ACTS[wish.act][1]}: {done.done} source{'' if done.done == 1 else 's'}.",
            extra_tags=undo,
        )
    return redirect(_back(form))


@require_POST
@admin_required
def sources_bulk_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take back what was done to many sources at once."""
    try:
        count = sources_bulk.undo_bulk(by(request), change_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Taken back for {count} source{'' if count == 1 else 's'}.")
    return redirect("sources")


def form_status(*forms: object) -> HTTPStatus:
    """422 when any of the forms was not accepted."""
    has_errors = any(getattr(form, "errors", None) for form in forms)
    return HTTPStatus.UNPROCESSABLE_ENTITY if has_errors else HTTPStatus.OK
