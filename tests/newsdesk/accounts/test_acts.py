"""What admins do to people: one line of history each, and never a desk without an admin."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from articles.errors import RefusedError
from entities.history import history_of
from newsdesk.accounts import acts, queries
from newsdesk.accounts.models import Invitation, User

pytestmark = pytest.mark.django_db

ANSWERS = {"username": "neo", "first_name": "Neo", "last_name": "", "password": "a long pass phrase"}


def test_it_keeps_only_the_hash_of_an_invitation(admin: User) -> None:
    invitation, token = acts.invite(admin, "neo@desk.example", "editor", timezone.now())
    invitation.refresh_from_db()
    assert len(bytes(invitation.token_sha256)) == 32
    assert token.encode() not in bytes(invitation.token_sha256)
    assert len(token) >= 22  # 128 bits in base64
    found = queries.usable_invitation(token, timezone.now())
    assert found is not None
    assert found.pk == invitation.pk


def test_it_makes_one_user_of_one_invitation_with_the_role_that_was_given(admin: User) -> None:
    now = timezone.now()
    _, token = acts.invite(admin, "neo@desk.example", "editor", now)
    user = acts.accept_invitation(token, ANSWERS, now)
    assert (user.role, user.email, user.is_staff, user.is_superuser) == (
        "editor",
        "neo@desk.example",
        False,
        False,
    )
    assert user.check_password(ANSWERS["password"])
    with pytest.raises(RefusedError, match="has been used"):
        acts.accept_invitation(token, {**ANSWERS, "username": "second"}, now)
    assert [change.act for change in history_of("user", user.pk)] == ["joined"]


def test_it_ends_an_invitation_by_time_and_by_hand(admin: User) -> None:
    now = timezone.now()
    invitation, token = acts.invite(admin, "", "analyst", now)
    late = invitation.expires_at + timedelta(seconds=1)
    assert queries.usable_invitation(token, late) is None
    with pytest.raises(RefusedError, match="too old"):
        acts.accept_invitation(token, ANSWERS, late)
    assert acts.revoke_invitation(admin, invitation.pk, now)
    assert not acts.revoke_invitation(admin, invitation.pk, now)
    assert queries.usable_invitation(token, now) is None
    assert queries.open_invitations(now) == []


def test_it_makes_no_second_person_of_one_address(admin: User, analyst: User) -> None:
    _, token = acts.invite(admin, analyst.email.upper(), "analyst", timezone.now())
    with pytest.raises(RefusedError, match="already signs in"):
        acts.accept_invitation(token, ANSWERS, timezone.now())


def test_it_changes_a_role_and_says_who_did_it(admin: User, analyst: User) -> None:
    acts.change_role(admin, analyst.pk, "editor")
    analyst.refresh_from_db()
    change = history_of("user", analyst.pk)[0]
    assert (analyst.role, change.by, change.before, change.after) == (
        "editor",
        "ada",
        {"role": "analyst"},
        {"role": "editor"},
    )


def test_it_keeps_the_last_admin(admin: User, analyst: User) -> None:
    with pytest.raises(RefusedError, match="last admin"):
        acts.change_role(admin, admin.pk, "analyst")
    other = acts.change_role(admin, analyst.pk, "admin")
    acts.disable(admin, other.pk)
    with pytest.raises(RefusedError, match="last admin"):
        acts.change_role(other, admin.pk, "editor")
    with pytest.raises(RefusedError, match="last admin"):
        acts.disable(other, admin.pk)


def test_it_does_not_let_an_admin_shut_themselves_out(admin: User, analyst: User) -> None:
    acts.change_role(admin, analyst.pk, "admin")
    with pytest.raises(RefusedError, match="cannot disable yourself"):
        acts.disable(admin, admin.pk)


def test_it_ends_every_session_of_whom_it_disables_and_no_other(admin: User, analyst: User) -> None:
    theirs, ours = Client(), Client()
    theirs.force_login(analyst)
    ours.force_login(admin)
    acts.disable(admin, analyst.pk)
    assert theirs.get("/help/").status_code == 302
    assert ours.get("/help/").status_code == 200
    acts.enable(admin, analyst.pk)
    assert theirs.get("/help/").status_code == 302
    assert Session.objects.count() == 1


def test_it_makes_a_password_link_that_works_once(admin: User, analyst: User, client: Client) -> None:
    _, parts = acts.make_password_link(admin, analyst.pk)
    path = f"/password/{parts['uidb36']}-{parts['key']}/"
    form = client.get(path, follow=True)
    assert b"Choose a new password" in form.content
    new = {"password1": "another pass phrase", "password2": "another pass phrase"}
    client.post(form.redirect_chain[-1][0], new)
    analyst.refresh_from_db()
    assert analyst.check_password("another pass phrase")
    assert b"does not work any more" in Client().get(path, follow=True).content


def test_it_makes_no_password_link_for_whom_is_disabled(admin: User, analyst: User) -> None:
    acts.disable(admin, analyst.pk)
    with pytest.raises(RefusedError, match="disabled"):
        acts.make_password_link(admin, analyst.pk)


def test_it_mails_an_invitation_only_when_mail_is_set_up(admin: User, settings: object) -> None:
    invitation, _ = acts.invite(admin, "neo@desk.example", "analyst", timezone.now())
    settings.EMAIL_URL = ""  # type: ignore[attr-defined]  # pytest-django's settings
    assert not acts.mail_invitation(invitation, "https://desk.example/join/x/")
    settings.EMAIL_URL = "smtp://mail.example"  # type: ignore[attr-defined]  # see above
    assert acts.mail_invitation(invitation, "https://desk.example/join/x/")
    assert "https://desk.example/join/x/" in mail.outbox[0].body
    assert not acts.mail_invitation(Invitation(email=""), "https://desk.example/join/x/")


def test_it_writes_own_settings_and_records_names_only(analyst: User) -> None:
    values = {name: getattr(analyst, name) for name in acts.OWN_FIELDS}
    acts.save_own_settings(analyst, {**values, "theme": "dark"})
    assert history_of("user", analyst.pk) == []
    acts.save_own_settings(analyst, {**values, "last_name": "Ferreira"})
    assert history_of("user", analyst.pk)[0].after == {"last_name": "Ferreira"}


def _join_at_once(people: Sequence[tuple[str, str]]) -> list[str]:
    """What becomes of each (token, user name) when all click at the same moment."""

    def join(person: tuple[str, str]) -> str:
        token, name = person
        values = {**ANSWERS, "username": name}
        try:
            return acts.accept_invitation(token, values, timezone.now()).get_username()
        except RefusedError as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(join, people))


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_person_in_when_many_click_one_link_at_once(admin: User) -> None:
    _, token = acts.invite(admin, "", User.Role.EDITOR, timezone.now())
    said = _join_at_once([(token, f"new{number}") for number in range(4)])
    assert sum(words.startswith("new") for words in said) == 1
    assert sum("has been used" in words for words in said) == 3


@pytest.mark.django_db(transaction=True)
def test_it_says_so_when_two_people_take_one_name_at_once(admin: User) -> None:
    tokens = [acts.invite(admin, "", User.Role.EDITOR, timezone.now())[1] for _ in range(2)]
    said = _join_at_once([(token, "nell") for token in tokens])
    assert sorted(said) == ["This name is taken. Choose another.", "nell"]
    assert Invitation.objects.filter(accepted_at=None).count() == 1
