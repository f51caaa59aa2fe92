"""What editors decide about events: moving an article, joining two, the title, the status; and taking it back."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import editor_required
from articles.errors import RefusedError
from articles.events import judging
from articles.forms import EventStatusForm, RenameForm, TargetForm
from articles.queries.event import event_head, preview_join, preview_move, standing_of
from articles.queries.events import STATUSES, FoundEvent, find_events, related_events
from articles.views.numbers import whole

GONE = "No event has this number, or it was joined with another one."


def _by(request: HttpRequest) -> str:
    return request.user.get_username()


def _undo(change_id: int) -> str:
    return reverse("event_undo", args=[change_id])


def _choices(find: str, event_id: int) -> list[FoundEvent]:
    """Events to choose from: by words, else those that speak of the same entities."""
    if not find:
        return related_events(event_id)
    return [event for event in find_events(find) if event.id != event_id]


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def event_move(request: HttpRequest, article_id: int) -> HttpResponse:
    """Move an article: find the event, look at what would change (`?to=`), then do it."""
    standing = standing_of(article_id)
    if standing is None:
        raise Http404("The article has no event yet.")
    if request.method == "POST":
        form = TargetForm(request.POST)
        if not form.is_valid():
            messages.error(request, "The form did not arrive whole. Choose again.")
            return redirect("event_move", article_id)
        try:
            judged = judging.move_article(
                article_id, form.cleaned_data["to"], _by(request), form.cleaned_data["why"]
            )
        except RefusedError as error:
            messages.error(request, str(error))
            return redirect("event_move", article_id)
        messages.success(request, "The article is in this event now.", extra_tags=_undo(judged.change_id))
        return redirect("event", judged.event_id)
    find, to = request.GET.get("find", "").strip(), request.GET.get("to", "")
    chosen = to == "new" or whole(to) is not None
    context = {
        "standing": standing,
        "find": find,
        "found": _choices(find, standing.event_id),
        "to": "" if to == "new" else to,
        "preview": preview_move(article_id, whole(to)) if chosen else None,
    }
    return render(request, "event/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def event_join(request: HttpRequest, event_id: int) -> HttpResponse:
    """Join another event with this one: find it, look at what would change (`?to=`), then do it."""
    head = event_head(event_id)
    if head is None:
        raise Http404(GONE)
    if request.method == "POST":
        form = TargetForm(request.POST)
        other = form.cleaned_data["to"] if form.is_valid() else None
        if other is None:
            messages.error(request, "Choose the event that is to be joined with this one.")
            return redirect("event_join", event_id)
        try:
            judged = judging.join_events(event_id, other, _by(request), form.cleaned_data["why"])
        except RefusedError as error:
            messages.error(request, str(error))
            return redirect("event_join", event_id)
        messages.success(request, "The two events are one now.", extra_tags=_undo(judged.change_id))
        return redirect("event", judged.event_id)
    find, to = request.GET.get("find", "").strip(), whole(request.GET.get("to"))
    context = {
        "head": head,
        "find": find,
        "found": _choices(find, event_id),
        "to": to,
        "preview": preview_join(event_id, to) if to is not None else None,
    }
    return render(request, "event/join.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def event_rename(request: HttpRequest, event_id: int) -> HttpResponse:
    """Give an event a title that no machine changes, or give the choice back."""
    head = event_head(event_id)
    if head is None:
        raise Http404(GONE)
    form = RenameForm(request.POST or None, initial={"title": head["title"]})
    if request.method == "POST" and form.is_valid():
        try:
            judged = judging.rename_event(
                event_id, form.cleaned_data["title"], _by(request), form.cleaned_data["why"]
            )
        except RefusedError as error:
            form.add_error("title", str(error))
        else:
            messages.success(request, "The event has its title.", extra_tags=_undo(judged.change_id))
            return redirect("event", judged.event_id)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "event/rename.html", {"form": form, "head": head}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def event_status(request: HttpRequest, event_id: int) -> HttpResponse:
    """Say how far an event is."""
    head = event_head(event_id)
    if head is None:
        raise Http404(GONE)
    if request.method == "POST":
        form = EventStatusForm(request.POST)
        if form.is_valid():
            try:
                judged = judging.set_event_status(
                    event_id, form.cleaned_data["status"], _by(request), form.cleaned_data["why"]
                )
            except RefusedError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, "The status is set.", extra_tags=_undo(judged.change_id))
                return redirect("event", judged.event_id)
        else:
            messages.error(request, "The form did not arrive whole. Choose again.")
        return redirect("event_status", event_id)
    context = {"head": head, "statuses": STATUSES}
    return render(request, "event/status.html", context)


@require_POST
@editor_required
def event_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take a decision about events back and show where its articles are now."""
    try:
        judged = judging.undo(change_id, _by(request))
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("events")
    messages.success(request, "Taken back.", extra_tags=_undo(judged.change_id))
    return redirect("event", judged.event_id)
