"""Sources, for admins: the list, one source, adding with a preview, acts, and lists in OPML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.access import admin_required
from articles.editing import opml_lists, preview, sources
from articles.editing.sources import SourceDraft
from articles.errors import NewsdeskError, ParseFailedError, RefusedError
from articles.forms import AddressForm, OpmlForm, OpmlTextForm, SourceForm
from articles.queries.source_page import source_detail
from articles.queries.sources_list import (
    SourceFilter,
    publisher_names,
    sources_for_export,
    sources_page,
)
from entities.history import history_of


def _by(request: HttpRequest) -> str:
    """Who acts, as the history names them."""
    return request.user.get_username()


def _status(form: AddressForm | SourceForm | OpmlForm) -> HTTPStatus:
    """422 for a form that was not accepted."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@require_safe
@admin_required
def source_list(request: HttpRequest) -> HttpResponse:
    """All sources, worst first, with the state of the last 24 hours."""
    wanted = SourceFilter(
        health=request.GET.get("health", ""),
        q=request.GET.get("q", ""),
        sort=request.GET.get("sort", "health"),
        after=request.GET.get("after", ""),
    )
    page = sources_page(wanted, timezone.now())
    return render(request, "sources/list.html", {"page": page, "wanted": wanted})


@require_safe
@admin_required
def source_page(request: HttpRequest, source_id: int) -> HttpResponse:
    """One source: its state in words, its last runs, what it brought, its history."""
    detail = source_detail(source_id, timezone.now())
    if detail is None:
        raise Http404("No source has this number.")
    context = {"detail": detail, "feed": detail.feed, "changes": history_of(sources.SUBJECT, source_id)}
    return render(request, "sources/source.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def source_add(request: HttpRequest) -> HttpResponse:
    """Look at an address; nothing is stored. The preview carries the form that adds the source."""
    form = AddressForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if form.is_bound and form.is_valid():
        try:
            found = preview.look_at(form.cleaned_data["address"], timezone.now())
        except RefusedError as error:
            form.add_error("address", str(error))
        else:
            initial = {
                "url": found.url,
                "title": found.title,
                "publisher": found.title,
                "language": found.language,
            }
            context |= {
                "preview": found,
                "source_form": SourceForm(initial=initial),
                "publishers": publisher_names(),
            }
    return render(request, "sources/add.html", context, status=_status(form))


@require_POST
@admin_required
def source_create(request: HttpRequest) -> HttpResponse:
    """Subscribe to what was previewed."""
    form = SourceForm(request.POST)
    if form.is_valid():
        try:
            feed = sources.add_source(_by(request), SourceDraft(**form.cleaned_data))
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"“{feed.title}” is added and will be fetched within seconds.")
            return redirect("source", feed.pk)
    context = {"source_form": form, "form": AddressForm(), "publishers": publisher_names()}
    return render(request, "sources/add.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def source_edit(request: HttpRequest, source_id: int) -> HttpResponse:
    """Name, publisher, section, language and address of a source."""
    detail = source_detail(source_id, timezone.now())
    if detail is None:
        raise Http404("No source has this number.")
    feed = detail.feed
    if request.method == "POST":
        form = SourceForm(request.POST)
        if form.is_valid():
            try:
                change = sources.edit_source(_by(request), source_id, SourceDraft(**form.cleaned_data))
            except RefusedError as error:
                form.add_error(None, str(error))
            else:
                undo = reverse("source_undo", args=[change.pk]) if change else ""
                messages.success(request, "Saved." if change else "Nothing was different.", extra_tags=undo)
                return redirect("source", source_id)
    else:
        initial = asdict(SourceDraft(feed.url, feed.title, feed.publisher.name, feed.section, feed.language))
        form = SourceForm(initial=initial)
    context = {"form": form, "feed": feed, "publishers": publisher_names()}
    return render(request, "sources/edit.html", context, status=_status(form))


def _act(
    request: HttpRequest, source_id: int, act: Callable[[str, int], object], done: str, nothing: str
) -> HttpResponse:
    """Do one act on one source, say so with its undo, and go back to the source."""
    try:
        change = act(_by(request), source_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources")
    pk = getattr(change, "pk", None)
    if change is None:
        messages.info(request, nothing)
    else:
        messages.success(request, done, extra_tags=reverse("source_undo", args=[pk]))
    return redirect("source", source_id)


@require_POST
@admin_required
def source_pause(request: HttpRequest, source_id: int) -> HttpResponse:
    """Stop fetching."""
    return _act(
        request, source_id, sources.pause_source, "Paused. What it brought stays.", "It was paused already."
    )


@require_POST
@admin_required
def source_resume(request: HttpRequest, source_id: int) -> HttpResponse:
    """Fetch again."""
    return _act(
        request, source_id, sources.resume_source, "Resumed; it is fetched now.", "It was active already."
    )


@require_POST
@admin_required
def source_use_address(request: HttpRequest, source_id: int) -> HttpResponse:
    """Apply the proposed new address."""
    return _act(
        request, source_id, sources.apply_proposed_address, "The new address is used.", "It was used already."
    )


@require_POST
@admin_required
def source_fetch(request: HttpRequest, source_id: int) -> HttpResponse:
    """Make it due at once."""
    try:
        sources.fetch_now(_by(request), source_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources")
    messages.success(request, "It is next. Reload in some seconds to see what came.")
    return redirect("source", source_id)


@require_POST
@admin_required
def source_remove(request: HttpRequest, source_id: int) -> HttpResponse:
    """Unsubscribe; the toast offers to undo it."""
    try:
        change = sources.remove_source(_by(request), source_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        undo = reverse("source_undo", args=[change.pk])
        messages.success(
            request, f"“{change.before['title']}” is removed; its articles stay.", extra_tags=undo
        )
    return redirect("sources")


@require_POST
@admin_required
def source_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one change of a source back."""
    try:
        feed = sources.undo_source_change(_by(request), change_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources")
    messages.success(request, "Taken back.")
    return redirect("source", feed.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def sources_import(request: HttpRequest) -> HttpResponse:
    """The dry run of an OPML file: what would be added and what not, and why."""
    form = OpmlForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            drafts = opml_lists.read_list(form.cleaned_data["file"].read())
        except NewsdeskError as error:
            form.add_error("file", str(error))
        else:
            lines = sources.plan_import(drafts)
            context |= {
                "lines": lines,
                "new": sum(not line.problem for line in lines),
                "text_form": OpmlTextForm(initial={"opml": opml_lists.write_list(drafts)}),
            }
    return render(request, "sources/import.html", context, status=_status(form))


@require_POST
@admin_required
def sources_import_apply(request: HttpRequest) -> HttpResponse:
    """Add what the dry run showed, all or none."""
    form = OpmlTextForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The list did not arrive whole. Choose the file again.")
        return redirect("sources_import")
    try:
        added = sources.import_sources(_by(request), opml_lists.read_list(form.cleaned_data["opml"].encode()))
    except (ParseFailedError, RefusedError) as error:
        messages.error(request, str(error))
        return redirect("sources_import")
    messages.success(request, f"{added} source{'' if added == 1 else 's'} added.")
    return redirect("sources")


@require_safe
@admin_required
def sources_export(_request: HttpRequest) -> HttpResponse:
    """Every source but the sample's, as OPML."""
    answer = HttpResponse(
        opml_lists.write_sources(sources_for_export()), content_type="text/x-opml; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="newsdesk-sources.opml"'
    return answer
