"""What editors decide about events: each decision is looked at first, then done, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import analyst_required, editor_required
from articles.errors import RefusedError
from articles.events import judging
from articles.forms import (
    ApartForm,
    EventStatusForm,
    EventTypeForm,
    RenameForm,
    StorylineForm,
    TargetForm,
    WhyForm,
)
from articles.queries.deciding import (
    TYPES,
    apart_from,
    chain_of,
    developments_of,
    event_head,
    event_of_link,
    preview_join,
    preview_move,
    preview_split,
    said_apart,
    standing_of,
    texts_of,
)
from articles.queries.event import leads_to
from articles.queries.events import STATUSES, FoundEvent, find_events, related_events
from articles.queries.review import forget_left
from articles.views.numbers import whole

GONE = "No event has this number, or it was joined with another one."
EDITORS_ONLY = "Only editors link events: ask one of them."
NOT_WHOLE = "The form did not arrive whole. Choose again."
View = Callable[[HttpRequest, Mapping[str, Any]], HttpResponse]
Act = Callable[[int, str, str, str], judging.Judged]  # of an event, what was chosen, by whom and why


def _by(request: HttpRequest) -> str:
    return request.user.get_username()


def _undo(change_id: int) -> str:
    return reverse("event_undo", args=[change_id])


def _decided(request: HttpRequest, judged: judging.Judged, words: str) -> HttpResponse:
    """To the event's page, where the decision is said with its undo."""
    forget_left()
    messages.success(request, words, extra_tags=_undo(judged.change_id))
    return redirect("event", judged.event_id)


def _set(request: HttpRequest, event_id: int, form: Form, choice: str, act: Act) -> HttpResponse:
    """Do what was chosen of a few, which the form has as `choice`; what is refused is said on the same page."""
    if form.is_valid():
        try:
            judged = act(event_id, form.cleaned_data[choice], _by(request), form.cleaned_data["why"])
        except RefusedError as error:
            messages.error(request, str(error))
        else:
            return _decided(request, judged, f"The {choice} is set.")
    else:
        messages.error(request, NOT_WHOLE)
    return redirect(f"event_{choice}", event_id)


def _choices(find: str, event_id: int) -> list[FoundEvent]:
    """Events to choose from: by words, else those that speak of the same entities."""
    if not find:
        return related_events(event_id)
    return [event for event in find_events(find) if event.id != event_id]


def _of_event(view: View) -> Callable[[HttpRequest, int], HttpResponse]:
    """Hand the view the head of the event; the address of a joined one leads to the same page of where it went."""

    @wraps(view)
    def door(request: HttpRequest, event_id: int) -> HttpResponse:
        target = leads_to(event_id)
        if target is not None and request.method != "POST" and request.resolver_match is not None:
            path = reverse(str(request.resolver_match.view_name), args=[target])
            query = request.GET.urlencode()
            return redirect(f"{path}?{query}" if query else path)
        head = event_head(target or event_id)
        if head is None:
            raise Http404(GONE)
        return view(request, head)

    return door


def _editors_post(
    view: Callable[[HttpRequest, int], HttpResponse],
) -> Callable[[HttpRequest, int], HttpResponse]:
    """Everybody reads the page; only editors send its form."""

    @wraps(view)
    def door(request: HttpRequest, event_id: int) -> HttpResponse:
        if request.method == "POST" and not getattr(request.user, "can_edit", False):
            raise PermissionDenied(EDITORS_ONLY)
        return view(request, event_id)

    return door


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
            messages.error(request, NOT_WHOLE)
            return redirect("event_move", article_id)
        try:
            judged = judging.move_article(
                article_id, form.cleaned_data["to"], _by(request), form.cleaned_data["why"]
            )
        except RefusedError as error:
            messages.error(request, str(error))
            return redirect("event_move", article_id)
        return _decided(request, judged, "The article is in this event now.")
    find, to = request.GET.get("find", "").strip(), request.GET.get("to", "")
    number = whole(to)
    target = number if number is None else leads_to(number) or number
    context = {
        "standing": standing,
        "find": find,
        "found": _choices(find, standing.event_id),
        "to": target or "",
        "preview": preview_move(article_id, target) if to == "new" or target is not None else None,
    }
    return render(request, "event/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
@_of_event
def event_join(request: HttpRequest, head: Mapping[str, Any]) -> HttpResponse:
    """Join another event with this one: find it, look at what would change (`?to=`), then do it."""
    event_id = head["id"]
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
        return _decided(request, judged, "The two events are one now.")
    find, to = request.GET.get("find", "").strip(), whole(request.GET.get("to"))
    target = None if to is None else leads_to(to) or to
    context = {
        "head": head,
        "find": find,
        "found": _choices(find, event_id),
        "to": target,
        "preview": preview_join(event_id, target) if target is not None else None,
        "apart": said_apart(event_id, target) if target is not None else None,
    }
    return render(request, "event/join.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
@_of_event
def event_split(request: HttpRequest, head: Mapping[str, Any]) -> HttpResponse:
    """Split an event: tick what leaves it, look at both parts (`?article=`), then do it."""
    event_id = head["id"]
    asked = request.POST if request.method == "POST" else request.GET
    chosen = [number for text in asked.getlist("article") if (number := whole(text)) is not None]
    if request.method == "POST":
        form = WhyForm(request.POST)
        why = form.cleaned_data["why"] if form.is_valid() else ""
        try:
            judged = judging.split_event(event_id, chosen, _by(request), why)
        except RefusedError as error:
            messages.error(request, str(error))
            return redirect("event_split", event_id)
        return _decided(request, judged, "They are an event of their own now: this one.")
    context = {
        "head": head,
        "texts": texts_of(event_id, chosen),
        "chosen": chosen,
        "preview": preview_split(event_id, chosen) if chosen else None,
    }
    return render(request, "event/split.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
@_of_event
def event_not_same(request: HttpRequest, head: Mapping[str, Any]) -> HttpResponse:
    """Say that another event (`to`) is not this one, or that an article (`article`) does not belong to it."""
    event_id = head["id"]
    if request.method == "POST":
        return _tell_apart(request, event_id)
    find, to = request.GET.get("find", "").strip(), whole(request.GET.get("to"))
    article = whole(request.GET.get("article"))
    target = None if to is None else leads_to(to) or to
    context = {
        "head": head,
        "here": apart_from(event_id),
        "find": find,
        "found": _choices(find, event_id) if article is None else [],
        "to": target,
        "article": standing_of(article) if article is not None else None,
        "other": apart_from(target) if target not in {None, event_id} else None,
        "apart": said_apart(event_id, target) if target is not None else None,
    }
    return render(request, "event/not_same.html", context)


def _tell_apart(request: HttpRequest, event_id: int) -> HttpResponse:
    form = ApartForm(request.POST)
    to = form.cleaned_data["to"] if form.is_valid() else None
    article = form.cleaned_data["article"] if form.is_valid() else None
    why = form.cleaned_data.get("why", "")
    try:
        if article is not None:
            judged = judging.not_in_event(article, event_id, _by(request), why)
            return _decided(request, judged, "It is kept out of that event from now on.")
        if to is not None:
            judged = judging.not_same_event(event_id, to, _by(request), why)
            return _decided(request, judged, "The two are kept apart from now on.")
        messages.error(request, "Choose the event that is not the same as this one.")
    except RefusedError as error:
        messages.error(request, str(error))
    return redirect("event_not_same", event_id)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
@_of_event
def event_rename(request: HttpRequest, head: Mapping[str, Any]) -> HttpResponse:
    """Give an event a title that no machine changes, or give the choice back."""
    form = RenameForm(request.POST or None, initial={"title": head["title"]})
    if request.method == "POST" and form.is_valid():
        try:
            judged = judging.rename_event(
                head["id"], form.cleaned_data["title"], _by(request), form.cleaned_data["why"]
            )
        except RefusedError as error:
            form.add_error("title", str(error))
        else:
            return _decided(request, judged, "The event has its title.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "event/rename.html", {"form": form, "head": head}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
@_of_event
def event_status(request: HttpRequest, head: Mapping[str, Any]) -> HttpResponse:
    """Say how far an event is."""
    if request.method == "POST":
        return _set(request, head["id"], EventStatusForm(request.POST), "status", judging.set_event_status)
    return render(request, "event/status.html", {"head": head, "statuses": STATUSES})


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
@_of_event
def event_type(request: HttpRequest, head: Mapping[str, Any]) -> HttpResponse:
    """Say what type of event it is, or give the choice back to the desk."""
    if request.method == "POST":
        return _set(request, head["id"], EventTypeForm(request.POST), "type", judging.set_event_type)
    reasons = [part for part in head["type_why"] if part.get("words")]
    return render(request, "event/set_type.html", {"head": head, "types": TYPES, "reasons": reasons})


@require_POST
@editor_required
def event_confirm(request: HttpRequest, article_id: int) -> HttpResponse:
    """Say that an article is in the right event."""
    form = WhyForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    try:
        judged = judging.confirm_placement(article_id, _by(request), why)
    except RefusedError as error:
        messages.error(request, str(error))
        standing = standing_of(article_id)
        return redirect("event", standing.event_id) if standing is not None else redirect("events")
    return _decided(request, judged, "Confirmed: it stays in this event.")


@require_http_methods(["GET", "HEAD", "POST"])
@analyst_required
@_editors_post
@_of_event
def event_developments(request: HttpRequest, head: Mapping[str, Any]) -> HttpResponse:
    """The whole story of an event; editors decide what is suggested, and link another event (`to`)."""
    event_id = head["id"]
    if request.method == "POST":
        form = TargetForm(request.POST)
        other = form.cleaned_data["to"] if form.is_valid() else None
        if other is None:
            messages.error(request, "Choose the event that came before or after this one.")
            return redirect("event_developments", event_id)
        try:
            judged = judging.link_events(event_id, other, _by(request), form.cleaned_data["why"])
        except RefusedError as error:
            messages.error(request, str(error))
            return redirect("event_developments", event_id)
        return _decided(request, judged, "The two are one storyline now.")
    find, to = request.GET.get("find", "").strip(), whole(request.GET.get("to"))
    target = None if to is None else leads_to(to) or to
    can_edit = getattr(request.user, "can_edit", False)
    context = {
        "head": head,
        "here": apart_from(event_id),
        "links": developments_of(event_id),
        "chain": chain_of(event_id),
        "find": find,
        "found": _choices(find, event_id) if can_edit else [],
        "to": target,
        "other": apart_from(target) if can_edit and target not in {None, event_id} else None,
    }
    return render(request, "event/storyline.html", context)


@require_POST
@editor_required
def event_storyline(request: HttpRequest, link_id: int) -> HttpResponse:
    """Confirm or refuse a link between two events, or leave it open again (`status`)."""
    form, back = StorylineForm(request.POST), whole(request.POST.get("event"))
    status = form.cleaned_data["status"] if form.is_valid() else ""
    shown = back or event_of_link(link_id)
    try:
        judged = judging.decide_storyline(link_id, status, _by(request), form.cleaned_data.get("why", ""))
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("event", shown) if shown is not None else redirect("events")
    words = {"confirmed": "Confirmed: both pages show it.", "refused": "Refused: it is not suggested again."}
    judged = judging.Judged(judged.change_id, back or judged.event_id)
    return _decided(request, judged, words.get(status, "It waits for a word again."))


@require_POST
@editor_required
def event_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take a decision about events back and show where its articles are now."""
    try:
        judged = judging.undo(change_id, _by(request))
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("events")
    return _decided(request, judged, "Taken back.")
