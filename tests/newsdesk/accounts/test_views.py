"""Signing in, joining, one's own settings and the people page, as a browser without script sees them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from newsdesk.accounts import acts
from newsdesk.accounts.models import Invitation, User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse 12"  # of the people in conftest


def sign_in(client: Client, login: str, password: str = PASSWORD) -> Any:
    return client.post("/sign-in/", {"login": login, "password": password, "next": "/help/"})


@pytest.mark.parametrize("login", ["ana", "ana@desk.example", "ANA@desk.example"])
def test_it_signs_in_by_name_and_by_address(client: Client, analyst: User, login: str) -> None:
    assert sign_in(client, login).headers["Location"] == "/help/"
    assert client.get("/help/").status_code == 200


def test_it_says_the_same_of_a_wrong_password_and_of_an_unknown_name(client: Client, analyst: User) -> None:
    pages = [sign_in(client, login, "wrong").content.decode() for login in ("ana", "nobody")]
    errors = [re.findall(r'class="state failing">.*?</svg>(.*?)</span>', page) for page in pages]
    assert errors[0]
    assert errors[0] == errors[1]


def test_it_pauses_after_ten_wrong_passwords_for_one_name(client: Client, analyst: User) -> None:
    for _ in range(10):
        sign_in(client, "ana", "wrong")
    page = sign_in(client, "ana").content.decode()
    assert "Too many" in page
    assert client.get("/help/").status_code == 302


def test_it_goes_nowhere_else_after_signing_in(client: Client, analyst: User) -> None:
    answer = client.post(
        "/sign-in/", {"login": "ana", "password": "correct horse 12", "next": "https://evil.example/"}
    )
    assert "evil" not in answer.headers["Location"]


def test_it_tells_a_disabled_person_so_only_after_the_right_password(client: Client, analyst: User) -> None:
    User.objects.filter(pk=analyst.pk).update(is_active=False)
    assert b"disabled" not in sign_in(client, "ana", "wrong").content
    answer = sign_in(client, "ana")
    assert client.get("/help/").status_code == 302
    assert answer.status_code in {200, 302}


def test_it_has_no_open_sign_up(client: Client) -> None:
    assert client.get("/sign-up/").status_code == 404
    assert client.get("/accounts/signup/").status_code == 404


def test_it_lets_an_invited_person_join_and_sign_in(client: Client, admin: User) -> None:
    client.force_login(admin)
    page = client.post("/people/invite/", {"email": "neo@desk.example", "role": "editor"}).content.decode()
    link = re.search(r'id="link">https?://[^/]+(/join/[^<]+)<', page)
    assert link is not None
    guest = Client()
    path = link.group(1)
    assert b"editor" in guest.get(path).content
    weak = guest.post(path, {"username": "neo", "first_name": "Neo", "password": "password"})
    assert weak.status_code == 422
    taken = guest.post(path, {"username": "ADA", "first_name": "Neo", "password": "a long pass phrase"})
    assert b"This name is taken" in taken.content
    guest.post(
        path, {"username": "neo", "first_name": "Neo", "password": "a long pass phrase", "role": "admin"}
    )
    assert User.objects.get(username="neo").role == "editor"
    assert guest.get(path).status_code == 410
    assert sign_in(guest, "neo@desk.example", "a long pass phrase").headers["Location"] == "/help/"


def test_it_never_shows_an_invitation_again(client: Client, admin: User) -> None:
    client.force_login(admin)
    client.post("/people/invite/", {"email": "", "role": "analyst"})
    page = client.get("/people/").content.decode()
    assert "whoever has the link" in page
    assert "/join/" not in page
    client.post(f"/people/invitations/{Invitation.objects.get().pk}/revoke/")
    assert "whoever has the link" not in client.get("/people/").content.decode()


def test_it_stores_theme_rows_keys_and_zone_for_the_person(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    values = {
        "first_name": "Ana",
        "theme": "dark",
        "density": "comfortable",
        "timezone": "Asia/Hong_Kong",
        "email": "ana@desk.example",
    }
    client.post("/account/", values)
    page = client.get("/help/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-density="comfortable"' in page
    assert 'data-keys="off"' in page
    assert 'aria-keyshortcuts="/"' not in page
    analyst.refresh_from_db()
    assert analyst.role == "analyst"


def test_it_refuses_settings_that_make_no_sense(client: Client, analyst: User, editor: User) -> None:
    client.force_login(analyst)
    values = {"theme": "pink", "density": "compact", "timezone": "Mars/Olympus", "email": "ED@desk.example"}
    answer = client.post("/account/", values)
    assert answer.status_code == 422
    assert b"Somebody else signs in with this address" in answer.content
    assert {"theme", "timezone", "email"} <= set(answer.context["form"].errors)


def test_it_shows_times_in_the_zone_of_the_person(client: Client, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(timezone="Asia/Hong_Kong", last_login="2026-01-02T20:00:00Z")
    client.force_login(User.objects.get(pk=admin.pk))
    User.objects.filter(pk=admin.pk).update(last_login="2026-01-02T20:00:00Z")
    assert "Sat 3 January 2026, 04:00:00 HKT" in client.get("/people/").content.decode()


def test_it_shows_the_role_change_and_offers_to_undo_a_disabling(
    client: Client, admin: User, analyst: User
) -> None:
    client.force_login(admin)
    client.post(f"/people/{analyst.pk}/role/", {"role": "editor"})
    assert "editor" in client.get(f"/people/{analyst.pk}/history/").content.decode()
    answer = client.post(f"/people/{analyst.pk}/disable/")
    (message,) = list(get_messages(answer.wsgi_request))[-1:]
    assert message.extra_tags == f"/people/{analyst.pk}/enable/"
    client.post(message.extra_tags)
    analyst.refresh_from_db()
    assert analyst.is_active


def test_it_refuses_a_role_that_is_none(client: Client, admin: User, analyst: User) -> None:
    client.force_login(admin)
    client.post(f"/people/{analyst.pk}/role/", {"role": "emperor"})
    analyst.refresh_from_db()
    assert analyst.role == "analyst"


def test_it_lists_people_at_one_price_and_by_pages(client: Client, admin: User) -> None:
    client.force_login(admin)
    costs = []
    for number in range(60):
        User.objects.create(username=f"p{number:02}", role="analyst")
        if number in {9, 19}:
            with CaptureQueriesContext(connection) as queries:
                client.get("/people/")
            costs.append(len(queries))
    assert costs[0] == costs[1] <= 12
    first = client.get("/people/")
    after = first.context["page"].after
    second = client.get("/people/", {"after": after})
    names = [person.username for page in (first, second) for person in page.context["page"].people]
    assert names == sorted(User.objects.values_list("username", flat=True))


def test_it_reads_a_cursor_that_no_name_can_hold(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert client.get("/people/", {"after": "a\x00"}).status_code == 200


def test_it_forgets_an_old_address_for_signing_in(client: Client, analyst: User) -> None:
    EmailAddress.objects.create(user=analyst, email="ana@desk.example", primary=True)
    values = {name: getattr(analyst, name) for name in acts.OWN_FIELDS}
    acts.save_own_settings(analyst, {**values, "email": "ferreira@desk.example"})
    assert sign_in(client, "ana@desk.example").status_code == 200
    assert sign_in(client, "ferreira@desk.example").status_code == 302
