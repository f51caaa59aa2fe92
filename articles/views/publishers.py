"""Publishers, for admins: name, owner, country, language, and their sources."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import admin_required
from articles.editing import publishers
from articles.editing.publishers import PublisherDraft
from articles.errors import RefusedError
from articles.forms import PublisherForm
from articles.queries.source_page import publisher_detail
from articles.views.sources import by, form_status


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def publisher_edit(request: HttpRequest, publisher_id: int) -> HttpResponse:
    """One publisher: what a person decides about it, who has the same owner, its sources, its history."""
    detail = publisher_detail(publisher_id)
    if detail is None:
        raise Http404("No publisher has this number.")
    if request.method == "POST":
        form = PublisherForm(request.POST)
        if form.is_valid():
            draft = PublisherDraft(**form.cleaned_data)
            try:
                change = publishers.edit_publisher(by(request), publisher_id, draft, timezone.localdate())
            except RefusedError as error:
                form.add_error(None, str(error))
            else:
                undo = reverse("publisher_undo", args=[change.pk]) if change else ""
                messages.success(request, "Saved." if change else "Nothing was different.", extra_tags=undo)
                return redirect("publisher", publisher_id)
    else:
        form = PublisherForm(initial=asdict(publishers.draft_of(detail.publisher)))
    context = {"form": form, "detail": detail, "publisher": detail.publisher}
    return render(request, "sources/publisher.html", context, status=form_status(form))


@require_POST
@admin_required
def publisher_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one change of a publisher back."""
    try:
        publisher_id = publishers.undo_publisher_change(by(request), change_id, timezone.localdate())
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources")
    messages.success(request, "Taken back.")
    return redirect("publisher", publisher_id)
