"""Adding and editing sources: forms, previews through the real pipeline, and the dry run of identities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import admin_required
from articles.editing import preview, sources
from articles.editing.preview import Ask
from articles.editing.sources import SecretEdit, SourceDraft
from articles.errors import RefusedError
from articles.forms import AddressForm, SecretsForm, SourceForm
from articles.ingest.identity import POLICIES
from articles.queries.source_page import source_head
from articles.queries.sources_list import publisher_names
from articles.views.kept import forget, keep, kept
from articles.views.source import NO_SOURCE
from articles.views.sources import by, form_status


@dataclass(frozen=True, slots=True)
class _Secrets:
    """What a form says about secrets, what was typed before in it included; `token` holds it for the next step."""

    edit: SecretEdit
    token: str

    @property
    def names(self) -> list[str]:
        """What is typed, by name."""
        return sorted(self.edit.values)


def _secrets_of(request: HttpRequest, form: SecretsForm) -> _Secrets:
    token = form.cleaned_data.get("kept", "")
    typed = form.typed()
    values = {**kept(request, token), **typed}
    if typed:
        # One more step of the same form: the old name is dropped, the new one holds all of it.
        forget(request, token)
        token = keep(request, values)
    return _Secrets(
        SecretEdit(values, frozenset(form.cleaned_data.get("clear", ()))), token if values else ""
    )


def _with_token(form: SecretsForm, token: str) -> None:
    """The form as it is shown again carries the name of what was typed, never the values."""
    if form.is_bound:
        form.data = {**dict(form.data.items()), "clear": form.cleaned_data.get("clear", []), "kept": token}


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def source_add(request: HttpRequest) -> HttpResponse:
    """Look at an address; nothing is stored. The preview carries the form that adds the source."""
    form = AddressForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        told = _secrets_of(request, form)
        _with_token(form, told.token)
        context["kept_names"] = told.names
        agent = form.cleaned_data["user_agent"]
        try:
            found = preview.look_at(
                form.cleaned_data["address"], timezone.now(), Ask(agent, told.edit.values)
            )
        except RefusedError as error:
            form.add_error("address", str(error))
        else:
            initial = {
                "url": found.url,
                "title": found.title,
                "publisher": found.title,
                "language": found.language,
                "user_agent": agent,
                "kept": told.token,
            }
            context |= {
                "preview": found,
                "source_form": SourceForm(initial=initial),
                "publishers": publisher_names(),
            }
    return render(request, "sources/add.html", context, status=form_status(form))


@require_POST
@admin_required
def source_create(request: HttpRequest) -> HttpResponse:
    """Subscribe to what was previewed."""
    form = SourceForm(request.POST)
    context: dict[str, Any] = {"source_form": form, "form": AddressForm(), "publishers": publisher_names()}
    if form.is_valid():
        told = _secrets_of(request, form)
        _with_token(form, told.token)
        context["kept_names"] = told.names
        try:
            feed = sources.add_source(by(request), SourceDraft(**form.draft_values()), secrets=told.edit)
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            forget(request, told.token)
            messages.success(request, f"“{feed.title}” is added and will be fetched within seconds.")
            return redirect("source", feed.pk)
    return render(request, "sources/add.html", context, status=form_status(form))


def _initial(feed: Any) -> dict[str, Any]:
    config = sources.config_of(feed)
    return {
        **{name: config[name] for name in ("url", "title", "publisher", "section", "language", "note")},
        "tags": ", ".join(feed.tags),
        "fixed_minutes": max(1, feed.fixed_seconds // sources.MINUTE) if feed.fixed_seconds else None,
        "user_agent": feed.user_agent,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def source_edit(request: HttpRequest, source_id: int) -> HttpResponse:
    """All that a person decides about a source; `try` looks at the result through the pipeline before it is saved."""
    feed = source_head(source_id)
    if feed is None:
        raise Http404(NO_SOURCE)
    names = list(feed.secret_names)
    context: dict[str, Any] = {"feed": feed, "publishers": publisher_names()}
    if request.method != "POST":
        form = SourceForm(initial=_initial(feed), names=names)
        return render(request, "sources/edit.html", {**context, "form": form})
    form = SourceForm(request.POST, names=names)
    if form.is_valid():
        told = _secrets_of(request, form)
        _with_token(form, told.token)
        context["kept_names"] = told.names
        try:
            if "try" in request.POST:
                context["preview"] = _look(feed, form, told.edit)
            else:
                change = sources.edit_source(
                    by(request), source_id, SourceDraft(**form.draft_values()), secrets=told.edit
                )
                forget(request, told.token)
                undo = reverse("source_undo", args=[change.pk]) if change and change.before else ""
                messages.success(request, _saved(change), extra_tags=undo)
                return redirect("source", source_id)
        except RefusedError as error:
            form.add_error(None, str(error))
    return render(request, "sources/edit.html", {**context, "form": form}, status=form_status(form))


def _saved(change: Any) -> str:
    if change is None:
        return "Nothing was different."
    lost = sorted(set(change.before.get("secrets", [])) - set(change.after.get("secrets", [])))
    if "url" in change.after and lost:
        return f"Saved. The address is on another server, so what was sent along is forgotten: {', '.join(lost)}."
    return "Saved."


def _look(feed: Any, form: SourceForm, edit: SecretEdit) -> preview.Preview:
    ask = Ask(
        form.cleaned_data["user_agent"],
        sources.secrets_at(feed, form.cleaned_data["url"], edit),
        feed.pk,
        feed.identity,
        feed.identity_by,
    )
    return preview.look_at(form.cleaned_data["url"], timezone.now(), ask)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def source_identity(request: HttpRequest, source_id: int) -> HttpResponse:
    """What tells a source's entries apart: try each way on what it answers now, then choose."""
    feed = source_head(source_id)
    if feed is None:
        raise Http404(NO_SOURCE)
    context: dict[str, Any] = {"feed": feed}
    policy = request.POST.get("policy", "")
    if "try" in request.POST:
        try:
            context["trials"] = preview.try_policies(source_id)
        except RefusedError as error:
            context["problem"] = str(error)
    elif request.method == "POST":
        if policy not in {"", *POLICIES}:
            messages.error(request, "Choose one of the ways.")
            return redirect("source_identity", source_id)
        change = sources.choose_identity(by(request), source_id, policy)
        if change is None:
            messages.info(request, "It was chosen already.")
        else:
            undo = reverse("source_undo", args=[change.pk])
            messages.success(request, "Chosen; the next fetch reads the feed whole.", extra_tags=undo)
        return redirect("source", source_id)
    return render(request, "sources/identity.html", context)
