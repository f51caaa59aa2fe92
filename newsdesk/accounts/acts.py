"""What admins do to people, and people to their own account; one transaction and one line of history each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from articles.errors import RefusedError
from entities.history import record_change
from newsdesk.accounts.models import Invitation, User
from newsdesk.accounts.tokens import new_token, token_sha256

OWN_FIELDS = (
    "first_name", "last_name", "email", "theme", "density", "timezone", "single_key_shortcuts", "fold_copies",
)  # fmt: skip


@transaction.atomic
def save_own_settings(user: User, values: Mapping[str, Any]) -> None:
    """Store what a person set for themselves; only names and address enter the history."""
    told = ("first_name", "last_name", "email")
    changed = {
        name: (getattr(user, name), values[name]) for name in told if getattr(user, name) != values[name]
    }
    for name in OWN_FIELDS:
        setattr(user, name, values[name])
    user.save(update_fields=OWN_FIELDS)
    # allauth keeps addresses of its own beside; an old one must not sign in any more.
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
    if changed:
        record_change(
            "user",
            user.pk,
            user.get_username(),
            "account changed",
            before={name: old for name, (old, _) in changed.items()},
            after={name: new for name, (_, new) in changed.items()},
        )


@transaction.atomic
def make_feed_key(user: User) -> str:
    """A new key for the person's feed readers, which is returned here and never again; the one before it ends."""
    key = new_token()
    had = user.feed_key_sha256 is not None
    user.feed_key_sha256 = token_sha256(key)
    user.save(update_fields=["feed_key_sha256"])
    record_change("user", user.pk, user.get_username(), "feed key renewed" if had else "feed key made")
    return key


@transaction.atomic
def revoke_feed_key(user: User) -> bool:
    """End the person's key for feed readers; False when there is none."""
    if user.feed_key_sha256 is None:
        return False
    user.feed_key_sha256 = None
    user.save(update_fields=["feed_key_sha256"])
    record_change("user", user.pk, user.get_username(), "feed key ended")
    return True


@transaction.atomic
def invite(by: User, email: str, role: str, now: datetime) -> tuple[Invitation, str]:
    """Make a one-time link for `role`; the token is returned here and never again."""
    token = new_token()
    invitation = Invitation.objects.create(
        token_sha256=token_sha256(token),
        email=email,
        role=role,
        invited_by=by,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    record_change(
        "invitation", invitation.pk, by.get_username(), "invited", after={"email": email, "role": role}
    )
    return invitation, token


def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link when mail is set up and an address is known; False when the admin must hand it over."""
    if not settings.EMAIL_URL or not invitation.email:
        return False
    text = render_to_string("accounts/invitation.txt", {"invitation": invitation, "link": link})
    return send_mail("Your invitation to Newsdesk", text, None, [invitation.email], fail_silently=True) == 1


@transaction.atomic
def revoke_invitation(by: User, invitation_id: int, now: datetime) -> bool:
    """End a link that nobody has used; False when it was used or ended before."""
    ended = Invitation.objects.filter(pk=invitation_id, accepted_at=None, revoked_at=None).update(
        revoked_at=now
    )
    if ended:
        record_change("invitation", invitation_id, by.get_username(), "revoked")
    return bool(ended)


@transaction.atomic
def accept_invitation(token: str, values: Mapping[str, Any], now: datetime) -> User:
    """The invited person becomes a user with the invitation's role.

    Raises RefusedError when the link was used or ended since the form was opened, or its address is taken.
    """
    invitation = (
        Invitation.objects.select_for_update()
        .filter(token_sha256=token_sha256(token), accepted_at=None, revoked_at=None, expires_at__gt=now)
        .first()
    )
    if invitation is None:
        raise RefusedError("This link has been used or is too old. Ask your admin for a new one.")
    if invitation.email and User.objects.filter(email__iexact=invitation.email).exists():
        raise RefusedError(
            f"{invitation.email} already signs in here. Sign in, or ask your admin for a password link."
        )
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username=values["username"],
                email=invitation.email,
                password=values["password"],
                first_name=values["first_name"],
                last_name=values["last_name"],
                role=invitation.role,
            )
    except IntegrityError:  # somebody joined by this name since the form looked
        raise RefusedError("This name is taken. Choose another.") from None
    invitation.accepted_at = now
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record_change("user", user.pk, user.get_username(), "joined", after={"role": user.role})
    return user


def _locked(user_id: int) -> User:
    """The person's row, after every admin's row is locked: two admins cannot take each other's role at once."""
    list(User.objects.select_for_update().filter(role=User.Role.ADMIN).order_by("pk").values_list("pk"))
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise RefusedError("This person is not here any more. Reload the page.")
    return user


def _keep_one_admin(user: User) -> None:
    """Refuse what would leave a desk without anybody who can manage it."""
    others = User.objects.filter(role=User.Role.ADMIN, is_active=True).exclude(pk=user.pk)
    if user.role == User.Role.ADMIN and user.is_active and not others.exists():
        raise RefusedError("This is the last admin. Make somebody else an admin first.")


@transaction.atomic
def change_role(by: User, user_id: int, role: str) -> User:
    """Give a person another role. Raises RefusedError for the last admin."""
    user = _locked(user_id)
    before = user.role
    if role != before:
        if role != User.Role.ADMIN:
            _keep_one_admin(user)
        user.role = role
        user.save(update_fields=["role"])
        record_change(
            "user", user.pk, by.get_username(), "role", before={"role": before}, after={"role": role}
        )
    return user


@transaction.atomic
def disable(by: User, user_id: int) -> User:
    """Shut a person out and end their sessions at once. Raises RefusedError for the last admin and for oneself."""
    user = _locked(user_id)
    if user.pk == by.pk:
        raise RefusedError("You cannot disable yourself. Ask another admin.")
    if user.is_active:
        _keep_one_admin(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_sessions(user)
        record_change(
            "user", user.pk, by.get_username(), "disabled", before={"active": True}, after={"active": False}
        )
    return user


@transaction.atomic
def enable(by: User, user_id: int) -> User:
    """Let a person in again; they sign in anew."""
    user = _locked(user_id)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record_change(
            "user", user.pk, by.get_username(), "enabled", before={"active": False}, after={"active": True}
        )
    return user


def end_sessions(user: User) -> int:
    """Delete every stored session of a person; returns how many there were."""
    wanted = str(user.pk)
    live = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    keys = [session.session_key for session in live if session.get_decoded().get("_auth_user_id") == wanted]
    return Session.objects.filter(session_key__in=keys).delete()[0]


@transaction.atomic
def make_password_link(by: User, user_id: int) -> tuple[User, dict[str, str]]:
    """The parts of a one-time link that sets a new password; it dies when used or when the person signs in."""
    user = _locked(user_id)
    if not user.is_active:
        raise RefusedError(f"{user.get_username()} is disabled. Enable them first.")
    record_change("user", user.pk, by.get_username(), "password link made")
    return user, {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
