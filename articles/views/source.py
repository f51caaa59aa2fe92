"""The page of one source: its plan, its fetches, what ails it and what helps; and the acts on it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from articles.access import admin_required
from articles.editing import preview, sources
from articles.errors import RefusedError
from articles.queries.source_page import fetch_log, source_detail, source_head
from articles.views.numbers import whole
from articles.views.sources import by

NO_SOURCE = "No source has this number."
# htmx ends its polling at this answer; what it brings is shown.
STOP_POLLING = 286


@require_safe
@admin_required
def source_page(request: HttpRequest, source_id: int) -> HttpResponse:
    """One source; with `?log=` the course of a fetch that was asked for stands at its head."""
    now = timezone.now()
    detail = source_detail(source_id, now)
    if detail is None:
        raise Http404(NO_SOURCE)
    asked = whole(request.GET.get("log"))
    log = fetch_log(source_id, asked, now) if asked is not None else None
    context = {"detail": detail, "feed": detail.feed, "log": log, "asked": asked}
    return render(request, "sources/source.html", context)


@require_safe
@admin_required
def source_log(request: HttpRequest, source_id: int, change_id: int) -> HttpResponse:
    """The course of one asked-for fetch, for a page that polls; the last answer ends the polling."""
    log = fetch_log(source_id, change_id, timezone.now())
    if log is None:
        raise Http404("Nobody asked for this fetch.")
    context = {"log": log, "asked": change_id, "source_id": source_id}
    return render(request, "sources/log.html", context, status=STOP_POLLING if log.is_over else 200)


def _act(
    request: HttpRequest, source_id: int, act: Callable[[str, int], object], done: str, nothing: str
) -> HttpResponse:
    """Do one act on one source, say so with its undo, and go back to the source."""
    try:
        change = act(by(request), source_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("source", source_id) if source_head(source_id) else redirect("sources")
    if change is None:
        messages.info(request, nothing)
    else:
        pk = getattr(change, "pk", None)
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
    """Apply an address that was found, or without one the address that is proposed."""
    url = request.POST.get("url", "").replace("\0", "").strip()[:2000]

    def act(who: str, feed_id: int) -> object:
        if url:
            return sources.use_address(who, feed_id, url)
        return sources.apply_proposed_address(who, feed_id)

    return _act(request, source_id, act, "The new address is used.", "It was used already.")


@require_POST
@admin_required
def source_fetch(request: HttpRequest, source_id: int) -> HttpResponse:
    """Make it due at once, and show how the fetch goes."""
    try:
        change = sources.fetch_now(by(request), source_id, full=bool(request.POST.get("full")))
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("source", source_id) if source_head(source_id) else redirect("sources")
    return redirect(f"{reverse('source', args=[source_id])}?log={change.pk}")


@require_POST
@admin_required
def source_find(request: HttpRequest, source_id: int) -> HttpResponse:
    """Look for other feeds on the source's site; nothing is stored."""
    feed = source_head(source_id)
    if feed is None:
        raise Http404(NO_SOURCE)
    context: dict[str, object] = {"feed": feed}
    try:
        context["found"] = preview.find_feeds_of(source_id, timezone.now())
    except RefusedError as error:
        context["problem"] = str(error)
    return render(request, "sources/find.html", context)


@require_POST
@admin_required
def source_remove(request: HttpRequest, source_id: int) -> HttpResponse:
    """Unsubscribe; the toast offers to undo it."""
    try:
        change = sources.remove_source(by(request), source_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        undo = reverse("source_undo", args=[change.pk])
        lost = " Its user name, password and the like were forgotten." if change.before.get("secrets") else ""
        messages.success(
            request, f"“{change.before['title']}” is removed; its articles stay.{lost}", extra_tags=undo
        )
    return redirect("sources")


@require_POST
@admin_required
def source_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one change of a source back."""
    try:
        feed = sources.undo_source_change(by(request), change_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources")
    messages.success(request, "Taken back.")
    return redirect("source", feed.pk)
