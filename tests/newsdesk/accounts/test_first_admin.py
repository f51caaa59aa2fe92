"""Somebody can always get in."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.test import Client

from entities.models import Change
from newsdesk.accounts.first_admin import make_first_admin, new_password, reset_admin
from newsdesk.accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_first_admin_is_made_once_with_a_password_that_works() -> None:
    password = new_password()
    user = make_first_admin(password)
    assert user is not None
    assert (user.username, user.role) == ("admin", User.Role.ADMIN)
    assert authenticate(username="admin", password=password) == user
    assert make_first_admin("another password") is None
    assert authenticate(username="admin", password=password) == user


def test_a_desk_without_a_usable_admin_gets_one_again(admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_active=False)
    assert make_first_admin(new_password()) is not None


def test_a_reset_opens_the_account_again_and_ends_its_sessions(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    User.objects.filter(pk=analyst.pk).update(is_active=False)
    user = reset_admin("ana", "correct horse 13")
    assert authenticate(username="ana", password="correct horse 13") == user
    assert user.role == User.Role.ADMIN
    assert "_auth_user_id" not in client.session
    assert Change.objects.filter(subject_kind="user", subject_id=analyst.pk).count() == 1


def test_a_reset_takes_a_lost_second_factor_away_from_this_person_alone(analyst: User, editor: User) -> None:
    for user in (analyst, editor):
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "lost"})
    reset_admin("ana", new_password())
    assert list(Authenticator.objects.values_list("user_id", flat=True)) == [editor.pk]


def test_a_reset_makes_a_user_that_is_missing() -> None:
    assert reset_admin("new", new_password()).role == User.Role.ADMIN


def test_passwords_can_be_read_aloud_and_differ() -> None:
    passwords = {new_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(
        re.fullmatch(r"([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}", password) for password in passwords
    )
