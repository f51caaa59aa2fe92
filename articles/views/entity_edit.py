"""What editors correct on an entity: facts, names, identifiers, listings, positions; merging; taking it back."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import editor_required
from articles.editing import entities, entity_merges, positions
from articles.editing.taking_back import take_back
from articles.entity_forms import AliasForm, EntityForm, IdentifierForm, MergeForm, PartForm, errors_of
from articles.errors import ConflictError, RefusedError
from articles.queries.entity import slug_now
from articles.queries.entity_edit import EditPage, chip_at, edit_page, merge_choices, merge_preview
from articles.queries.entity_history import entity_of_change
from articles.views.numbers import whole

GONE = "No entity has this name."


class Recorded(Protocol):
    """What an act leaves in the history."""

    @property
    def pk(self) -> int:
        """Its number, by which it is taken back."""

    @property
    def after(self) -> Any:
        """What it did, in `words`."""


def _by(request: HttpRequest) -> str:
    return request.user.get_username()


def _page(slug: str) -> EditPage:
    page = edit_page(slug, timezone.localdate())
    if page is None:
        raise Http404(GONE)
    return page


def _done(request: HttpRequest, change: Recorded, slug: str, *, edit: bool = True) -> HttpResponse:
    """Back, with a toast that says what was done and offers to undo."""
    words = str(change.after.get("words", "saved"))
    messages.success(request, f"Done: {words}.", extra_tags=reverse("entity_undo", args=[change.pk]))
    return redirect("entity_edit" if edit else "entity", slug)


def _show(request: HttpRequest, page: EditPage, **shown: forms.Form) -> HttpResponse:
    """The page with its forms; one that is given is shown as it was sent, with what is wrong."""
    initial = {
        "name": page.name,
        "kind": page.kind,
        "country": page.country,
        "description": page.description,
        "wikidata_id": page.wikidata_id,
        "source": "" if page.source == entities.EDITORIAL else page.source,
        "seen": page.updated_at.isoformat(),
    }
    context = {
        "page": page,
        "facts": shown.get("facts") or EntityForm(initial=initial),
        "alias": shown.get("alias") or AliasForm(prefix="alias"),
        "identifier": shown.get("identifier") or IdentifierForm(prefix="identifier"),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if shown else HTTPStatus.OK
    return render(request, "entity/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def entity_new(request: HttpRequest) -> HttpResponse:
    """Add an entity that the desk does not know."""
    form = EntityForm(
        request.POST or None, initial={"kind": "company", "name": request.GET.get("name", "")[:200]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            change = entities.create_entity(_by(request), form.draft(), form.cleaned_data["why"])
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            return _done(request, change, entity_of_change(change.pk) or "")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "entity/edit_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def entity_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The facts of an entity in a form, and its names, identifiers, listings and positions each with what one can do."""
    target = slug_now(slug)
    if target is not None:
        return redirect("entity_edit", target)
    page = _page(slug)
    if request.method != "POST":
        return _show(request, page)
    form = EntityForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            change = entities.edit_entity(
                page.id, _by(request), form.draft(), seen=data["seen"], why=data["why"]
            )
        except (ConflictError, RefusedError) as error:
            form.add_error(None, str(error))
        else:
            return _done(request, change, slug, edit=False)
    return _show(request, page, facts=form)


@require_POST
@editor_required
def entity_name(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a name to an entity."""
    page = _page(slug)
    form = AliasForm(request.POST, prefix="alias")
    if form.is_valid():
        try:
            change = entities.add_alias(
                page.id, _by(request), form.draft(), source=form.cleaned_data["source"]
            )
        except RefusedError as error:
            form.add_error("text", str(error))
        else:
            return _done(request, change, slug)
    return _show(request, page, alias=form)


@require_POST
@editor_required
def entity_identifier(request: HttpRequest, slug: str) -> HttpResponse:
    """Note an identifier of an entity; a wrong check digit is named."""
    page = _page(slug)
    form = IdentifierForm(request.POST, prefix="identifier")
    if form.is_valid():
        data = form.cleaned_data
        try:
            change = entities.add_identifier(
                page.id, _by(request), data["scheme"], data["value"], source=data["source"]
            )
        except RefusedError as error:
            form.add_error("value", str(error))
        else:
            return _done(request, change, slug)
    return _show(request, page, identifier=form)


def _switch_name(form: PartForm, by: str) -> Recorded:
    """Make a name weak or strong, or switch it off or on."""
    row, to = form.cleaned_data["row"], form.cleaned_data["to"]
    if to in {"weak", "strong"}:
        return entities.switch_alias(row, by, weak=to == "weak")
    return entities.switch_alias(row, by, off=to == "off")


def _end_listing(form: PartForm, by: str) -> Recorded:
    on = form.cleaned_data["on"]
    if on is None:
        raise RefusedError("Say on which day the listing ended.")
    return entities.end_listing(form.cleaned_data["row"], by, on)


# What can be done with a row of an entity, by the last part of the address.
PARTS: dict[str, Callable[[PartForm, str], Recorded]] = {
    "name": _switch_name,
    "identifier": lambda form, by: entities.remove_identifier(form.cleaned_data["row"], by),
    "listing-end": _end_listing,
    "listing-primary": lambda form, by: entities.make_primary(form.cleaned_data["row"], by),
    "position": lambda form, by: positions.end_position(
        form.cleaned_data["row"], by, form.cleaned_data["until"]
    ),
}


@require_POST
@editor_required
def entity_part(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """Do something with one row of an entity: a name, an identifier, a listing, a position."""
    act = PARTS.get(part)
    if act is None:
        raise Http404("There is nothing of this kind.")
    form = PartForm(request.POST)
    if not form.is_valid():
        messages.error(request, errors_of(form))
        return redirect("entity_edit", slug)
    try:
        change = act(form, _by(request))
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("entity_edit", slug)
    return _done(request, change, slug)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def entity_merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Find another entity, look at what a merge would move (`?other=`), then merge, or say that they are not the same."""
    this = chip_at(slug)
    if this is None:
        raise Http404(GONE)
    if request.method == "POST":
        form = MergeForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Choose the other entity first.")
            return redirect("entity_merge", slug)
        data = form.cleaned_data
        keep, gone = (data["other"], this.id) if data["keep"] == "other" else (this.id, data["other"])
        try:
            if data["verdict"] == "same":
                change = entity_merges.merge_entities(keep, gone, _by(request), data["why"])
            else:
                change = entity_merges.say_not_same(this.id, data["other"], _by(request), data["why"])
        except RefusedError as error:
            messages.error(request, str(error))
            return redirect(f"{reverse('entity_merge', args=[slug])}?other={data['other']}")
        return _done(request, change, slug_now(slug) or slug, edit=False)
    find, other = request.GET.get("find", "").strip()[:100], whole(request.GET.get("other"))
    preview = merge_preview(this, other) if other is not None else None
    context = {
        "this": this,
        "find": find,
        "found": merge_choices(this, find),
        "other": other,
        "preview": preview,
    }
    return render(request, "entity/edit_merge.html", context)


@require_POST
@editor_required
def entity_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one decision about an entity back and show it as it is then."""
    slug = entity_of_change(change_id)
    try:
        take_back(change_id, _by(request))
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back.")
        slug = entity_of_change(change_id)
    return redirect("entity", slug) if slug else redirect("entities")
