"""Acts that see to it that somebody can always get in: the first admin, and the way back in."""

from __future__ import annotations

import secrets

from allauth.mfa.models import Authenticator
from django.db import transaction

from entities.history import record_change
from newsdesk.accounts.acts import end_sessions
from newsdesk.accounts.models import User

FIRST_ADMIN = "admin"
# The name under which the machine's own acts stand in the history.
BY_COMMAND = "manage.py"


def new_password() -> str:
    """A password that can be read aloud: 4 groups of 5, without letters that look alike; about 100 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


@transaction.atomic
def make_first_admin(password: str) -> User | None:
    """Make the user `admin` with this password when no admin can sign in; None when one can."""
    if User.objects.filter(role=User.Role.ADMIN, is_active=True).exists():
        return None
    return _make_admin(FIRST_ADMIN, password, "made as first admin")


@transaction.atomic
def reset_admin(username: str, password: str) -> User:
    """Give this user the password and the admin's role, make it when it is missing, and end its sessions.

    Second factors go as well: who lost the phone must get in again too.
    """
    Authenticator.objects.filter(user__username=username).delete()
    return _make_admin(username, password, "password and role reset")


def _make_admin(username: str, password: str, what: str) -> User:
    user, is_new = User.objects.select_for_update().get_or_create(
        username=username, defaults={"role": User.Role.ADMIN}
    )
    before = {} if is_new else {"role": user.role, "active": user.is_active}
    user.role, user.is_active = User.Role.ADMIN, True
    user.set_password(password)
    user.save(update_fields=["role", "is_active", "password"])
    end_sessions(user)
    record_change("user", user.pk, BY_COMMAND, what, before=before, after={"role": user.role, "active": True})
    return user
