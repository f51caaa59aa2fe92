"""What the pages about people read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q

from newsdesk.accounts.models import Invitation, User
from newsdesk.accounts.tokens import token_sha256

PAGE = 50


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of people by user name; `after` is the next page's cursor or empty."""

    people: Sequence[User]
    after: str


def people_page(after: str = "", size: int = PAGE) -> PeoplePage:
    """People in the order of their user names, those after `after`; `has_mfa` is set on each."""
    rows = User.objects.annotate(
        has_mfa=Exists(Authenticator.objects.filter(user=OuterRef("pk")).exclude(type="recovery_codes"))
    ).order_by("username")
    after = after.replace("\x00", "")  # no user name holds it, and the database refuses it
    if after:
        rows = rows.filter(username__gt=after)
    people = list(rows[: size + 1])
    more = len(people) > size
    return PeoplePage(people[:size], people[size - 1].username if more else "")


def person(user_id: int) -> User | None:
    """One person; None when there is none."""
    return User.objects.filter(pk=user_id).first()


def open_invitations(now: datetime) -> Sequence[Invitation]:
    """Links that still work, newest first."""
    return list(
        Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
        .select_related("invited_by")
        .order_by("-id")
    )


def usable_invitation(token: str, now: datetime) -> Invitation | None:
    """The invitation of a link; None when it is unknown, used, revoked or too old."""
    return Invitation.objects.filter(
        Q(token_sha256=token_sha256(token)), accepted_at=None, revoked_at=None, expires_at__gt=now
    ).first()
