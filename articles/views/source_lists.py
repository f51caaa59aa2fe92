"""Lists of sources in and out: OPML and JSON with a dry run, and the page before secrets leave the desk."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.access import admin_required
from articles.editing import source_lists
from articles.errors import NewsdeskError, RefusedError
from articles.forms import ListForm, ListTextForm, PasswordAgainForm
from articles.queries.sources_list import sources_for_export
from articles.views.sources import by, form_status


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def sources_import(request: HttpRequest) -> HttpResponse:
    """The dry run of a file: what would be added and what not, and why, line by line."""
    form = ListForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        body = form.cleaned_data["file"].read()
        try:
            listed = source_lists.read_list(body)
            packed = source_lists.pack_list(listed)
        except NewsdeskError as error:
            form.add_error("file", str(error))
        else:
            lines = source_lists.plan_list(listed)
            context |= {
                "lines": lines,
                "new": sum(not line.problem for line in lines),
                "by_place": source_lists.counts_places(body),
                "secrets": sum(bool(source.secrets) for source in listed),
                "text_form": ListTextForm(initial={"packed": packed}),
            }
    return render(request, "sources/import.html", context, status=form_status(form))


@require_POST
@admin_required
def sources_import_apply(request: HttpRequest) -> HttpResponse:
    """Add what the dry run showed, all or none."""
    form = ListTextForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The list did not arrive whole. Choose the file again.")
        return redirect("sources_import")
    try:
        added = source_lists.import_list(by(request), source_lists.unpack_list(form.cleaned_data["packed"]))
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources_import")
    messages.success(request, f"{added} source{'' if added == 1 else 's'} added.")
    return redirect("sources")


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@admin_required
def sources_export(_request: HttpRequest) -> HttpResponse:
    """Every source but the sample's, as OPML."""
    text = source_lists.write_opml_list(sources_for_export())
    return _file(text, "text/x-opml", "newsdesk-sources.opml")


@require_safe
@admin_required
def sources_export_json(_request: HttpRequest) -> HttpResponse:
    """The same as JSON with all that people decided, without secrets."""
    text = source_lists.write_json_list(sources_for_export(), timezone.now())
    return _file(text, "application/json", "newsdesk-sources.json")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def sources_export_page(request: HttpRequest) -> HttpResponse:
    """What can be exported; with secrets only here, with one's password, and recorded."""
    form = PasswordAgainForm(request.POST or None)
    feeds = sources_for_export()
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        if not ratelimit.consume(request, action="reauthenticate", user=user):
            form.add_error("password", "Too many tries. Wait some minutes.")
        elif not user.check_password(form.cleaned_data["password"]):
            form.add_error("password", "This is not your password.")
        else:
            try:
                text = source_lists.write_json_list(feeds, timezone.now(), with_secrets=True)
            except RefusedError as error:
                form.add_error(None, str(error))
            else:
                source_lists.record_secret_export(by(request), feeds)
                return _file(text, "application/json", "newsdesk-sources-with-secrets.json")
    context = {
        "form": form,
        "total": len(feeds),
        "with_secrets": sum(bool(feed.secret_names) for feed in feeds),
    }
    return render(request, "sources/export.html", context, status=form_status(form))
