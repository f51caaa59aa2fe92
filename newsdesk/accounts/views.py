"""One's own account, joining by invitation, and the admins' people page."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.access import admin_required, analyst_required
from articles.errors import RefusedError
from entities.history import history_of
from newsdesk.accounts import acts, queries
from newsdesk.accounts.forms import InviteForm, JoinForm, RoleForm, SettingsForm
from newsdesk.accounts.models import User

LONGEST_ADDRESS = 2_000  # characters of a list's filters


def signed_in(request: HttpRequest) -> User:
    """The user of a request that an access decorator has let through."""
    return cast("User", request.user)


def site_link(request: HttpRequest, path: str) -> str:
    """A full address to hand over: under NEWSDESK_SITE_URL when it is set, else as the request came."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


@require_http_methods(["GET", "HEAD", "POST"])
@analyst_required
def account(request: HttpRequest) -> HttpResponse:
    """The person's own settings, and the ways to password and second factor."""
    user = signed_in(request)
    if request.method == "POST":
        form = SettingsForm(request.POST, user=user)
        if form.is_valid():
            acts.save_own_settings(user, form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("account")
    else:
        form = SettingsForm(user=user, initial={name: getattr(user, name) for name in acts.OWN_FIELDS})
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "accounts/account.html", {"form": form}, status=status)


@never_cache
@require_POST
@analyst_required
def feed_key(request: HttpRequest) -> HttpResponse:
    """Make (or renew) the person's key for feed readers; it is shown once, in the addresses of the list it came from."""
    key, address = acts.make_feed_key(signed_in(request)), request.POST.get("address", "")[:LONGEST_ADDRESS]
    # Read and written anew: what stands behind the question mark is the list's, whatever the form says.
    asked = urlencode(parse_qsl(address))
    links = {
        form: site_link(request, reverse("events_feed_by_key", args=[key, form]))
        + (f"?{asked}" if asked else "")
        for form in ("atom", "json")
    }
    return render(request, "accounts/feed_key.html", {"key": key, "address": asked, **links})


@require_POST
@analyst_required
def feed_key_revoke(request: HttpRequest) -> HttpResponse:
    """End the person's key for feed readers."""
    if acts.revoke_feed_key(signed_in(request)):
        messages.success(request, "The key has ended: your feed readers get nothing any more.")
    else:
        messages.error(request, "You have no key for feed readers.")
    return redirect("account")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The invited person sets name and password; a dead link says so and nothing more."""
    now = timezone.now()
    invitation = queries.usable_invitation(token, now)
    if invitation is None:
        return render(request, "accounts/join_gone.html", status=HTTPStatus.GONE)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = acts.accept_invitation(token, form.cleaned_data, now)
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Welcome. Sign in as {user.get_username()}.")
            return redirect("account_login")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "accounts/join.html", {"form": form, "invitation": invitation}, status=status)


@require_safe
@admin_required
def people(request: HttpRequest) -> HttpResponse:
    """Who may sign in and as what, and which invitations are open."""
    page = queries.people_page(request.GET.get("after", ""))
    context = {
        "page": page,
        "roles": User.Role.choices,
        "invitations": queries.open_invitations(timezone.now()),
    }
    return render(request, "accounts/people.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def person_invite(request: HttpRequest) -> HttpResponse:
    """Make a one-time link; it is shown on the answer of this very request and never again."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        invitation, token = acts.invite(signed_in(request), email, role, timezone.now())
        link = site_link(request, reverse("join", args=[token]))
        context = {"invitation": invitation, "link": link, "mailed": acts.mail_invitation(invitation, link)}
        return render(request, "accounts/invited.html", context)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(
        request, "accounts/invite.html", {"form": form, "mail": bool(settings.EMAIL_URL)}, status=status
    )


@require_POST
@admin_required
def invitation_revoke(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """End an open invitation."""
    if acts.revoke_invitation(signed_in(request), invitation_id, timezone.now()):
        messages.success(request, "The invitation does not work any more.")
    else:
        messages.error(request, "This invitation was already used or ended.")
    return redirect("people")


@require_POST
@admin_required
def person_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person another role."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "That role is not known. Choose analyst, editor or admin.")
        return redirect("people")
    try:
        user = acts.change_role(signed_in(request), user_id, form.cleaned_data["role"])
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{user.get_username()} is now {user.get_role_display().lower()}.")
    return redirect("people")


@require_POST
@admin_required
def person_disable(request: HttpRequest, user_id: int) -> HttpResponse:
    """Shut a person out; the toast offers to undo it."""
    try:
        user = acts.disable(signed_in(request), user_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        undo = reverse("person_enable", args=[user.pk])
        messages.success(request, f"{user.get_username()} is disabled and signed out.", extra_tags=undo)
    return redirect("people")


@require_POST
@admin_required
def person_enable(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a person in again."""
    try:
        user = acts.enable(signed_in(request), user_id)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{user.get_username()} may sign in again.")
    return redirect("people")


@never_cache
@require_POST
@admin_required
def person_password_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """A link with which a person who forgot sets a new password; shown once."""
    try:
        user, parts = acts.make_password_link(signed_in(request), user_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("people")
    link = site_link(request, reverse("account_reset_password_from_key", kwargs=parts))
    return render(request, "accounts/password_link.html", {"person": user, "link": link})


@require_safe
@admin_required
def person_history(request: HttpRequest, user_id: int) -> HttpResponse:
    """Every change of one person's rights, newest first."""
    person = queries.person(user_id)
    if person is None:
        raise Http404("Nobody has this number.")
    return render(
        request, "accounts/history.html", {"person": person, "changes": history_of("user", user_id)}
    )
