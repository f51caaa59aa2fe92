"""Correcting an entity on its pages: facts, names, identifiers, listings, positions, merging, and taking it back."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from entities.models import Alias, Change, Entity, Identifier, Judgement, Listing, Position
from newsdesk.accounts.models import User
from tests.stories_world import World, make_entity, make_world

pytestmark = pytest.mark.django_db
PAGE = "/entities/skagen-steel-ab/"


@pytest.fixture
def world(db: None) -> World:
    return make_world(timezone.now())


@pytest.fixture
def signed_in(editor: User, client: Client) -> Client:
    client.force_login(editor)
    return client


def facts(**changed: str) -> dict[str, str]:
    return {
        "name": "Skagen Steel AB", "kind": "company", "country": "NO", "description": "maker of steel cables",
        "wikidata_id": "", "source": "Register of Norland", "why": "", "seen": "",
    } | changed  # fmt: skip


def test_facts_are_corrected_shown_and_taken_back(world: World, signed_in: Client) -> None:
    answer = signed_in.post(
        f"{PAGE}edit/", facts(description="maker of ropes", why="it says so"), follow=True
    )
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "maker of ropes" in answer.text
    assert "changed its description" in answer.text
    assert "by people of the desk" in answer.text
    change = Change.objects.get(act="edit_entity")
    assert f"/entities/changes/{change.pk}/undo/" in answer.text
    answer = signed_in.post(f"/entities/changes/{change.pk}/undo/", follow=True)
    assert "Taken back." in answer.text
    assert Entity.objects.get(slug="skagen-steel-ab").description == "maker of steel cables"
    assert f"/entities/changes/{change.pk}/undo/" not in answer.text
    answer = signed_in.post(f"/entities/changes/{change.pk}/undo/", follow=True)
    assert "taken back already" in answer.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"country": "Norway"}, "two letters"),
        ({"kind": "ship"}, "ship is not one of the available choices."),
        ({}, "Nothing was changed."),
        ({"description": "x", "seen": "2020-01-01T00:00:00+00:00"}, "Somebody changed this entity"),
    ],
)
def test_what_makes_no_sense_comes_back_with_the_reason(
    world: World, signed_in: Client, changed: dict[str, str], said: str
) -> None:
    answer = signed_in.post(f"{PAGE}edit/", facts(**changed))
    assert answer.status_code == 422
    assert said in answer.text
    assert not Change.objects.exists()


def test_an_identifier_with_a_wrong_digit_is_named(world: World, signed_in: Client) -> None:
    sent = {"identifier-scheme": "lei", "identifier-value": "529900ODI3047E2LIV04"}
    answer = signed_in.post(f"{PAGE}edit/identifiers/", sent)
    assert answer.status_code == 422
    assert "its check digit must fit" in answer.text
    assert 'value="529900ODI3047E2LIV04"' in answer.text
    sent["identifier-value"] = "5299 00ODI3047E2LIV03"
    assert (
        "added the LEI 529900ODI3047E2LIV03"
        in signed_in.post(f"{PAGE}edit/identifiers/", sent, follow=True).text
    )
    row = Identifier.objects.get()
    signed_in.post(f"{PAGE}edit/rows/identifier/", {"row": row.pk})
    assert not Identifier.objects.exists()


def test_names_are_added_weakened_and_switched_off(world: World, signed_in: Client) -> None:
    sent = {"alias-text": "Skagen", "alias-kind": "short", "alias-lang": "", "alias-source": ""}
    assert "added the name “Skagen”" in signed_in.post(f"{PAGE}edit/names/", sent, follow=True).text
    assert signed_in.post(f"{PAGE}edit/names/", sent).status_code == 422
    alias = Alias.objects.get(text="Skagen")
    for to, check in (("weak", "weak"), ("strong", "strong"), ("off", "off"), ("on", "on")):
        answer = signed_in.post(f"{PAGE}edit/rows/name/", {"row": alias.pk, "to": to}, follow=True)
        assert answer.status_code == 200, check
        alias.refresh_from_db()
        assert alias.weak == (to == "weak")
        assert (alias.off_at is not None) == (to == "off")


def test_a_listing_and_a_position_end(world: World, signed_in: Client) -> None:
    listing = Listing.objects.get(ticker="SKST")
    assert (
        "Say on which day"
        in signed_in.post(f"{PAGE}edit/rows/listing-end/", {"row": listing.pk}, follow=True).text
    )
    signed_in.post(f"{PAGE}edit/rows/listing-end/", {"row": listing.pk, "on": "2026-01-05"})
    listing.refresh_from_db()
    assert listing.valid_to == date(2026, 1, 5)
    position = Position.objects.get()
    signed_in.post("/entities/ingrid-tveit/edit/rows/position/", {"row": position.pk, "until": "2025-06"})
    position.refresh_from_db()
    assert (position.former, position.until) == (True, "2025-06")
    assert "2021 to 2025-06" in signed_in.get("/entities/ingrid-tveit/").text


@pytest.mark.parametrize(
    ("part", "sent", "said"),
    [
        ("name", {"row": "none"}, "whole number"),
        ("identifier", {"row": "999999"}, "is not here any more"),
        ("listing-end", {"row": "1", "on": "soon"}, "Write a day as 2026-03-31."),
    ],
)
def test_rows_that_are_not_there_are_said_to_be_so(
    world: World, signed_in: Client, part: str, sent: dict[str, str], said: str
) -> None:
    assert said in signed_in.post(f"{PAGE}edit/rows/{part}/", sent, follow=True).text
    assert signed_in.post(f"{PAGE}edit/rows/colour/", sent).status_code == 404


def test_a_merge_is_looked_at_done_and_taken_back(world: World, signed_in: Client) -> None:
    works = make_entity("Skagen Works")
    page = signed_in.get(f"{PAGE}merge/", {"find": "skagen w"}).text
    assert "Skagen Works" in page
    assert "Skagen Steel AB <span" not in page  # no entity is offered to itself
    preview = signed_in.get(f"{PAGE}merge/", {"other": works.pk})
    assert "What would move" in preview.text
    lines = {line.what: (line.ours, line.theirs, line.both) for line in preview.context["preview"].lines}
    assert lines["names"] == (2, 1, 0)
    assert lines["articles"] == (8, 0, 0)
    answer = signed_in.post(
        f"{PAGE}merge/", {"other": works.pk, "verdict": "same", "keep": "this"}, follow=True
    )
    assert "merged “Skagen Works” into it" in answer.text
    assert "is kept as this entity" in signed_in.get("/entities/skagen-works/", follow=True).text
    change = Change.objects.get(act="merge_entities")
    signed_in.post(f"/entities/changes/{change.pk}/undo/")
    assert signed_in.get("/entities/skagen-works/").status_code == 200


def test_the_other_one_may_stay(world: World, signed_in: Client) -> None:
    works = make_entity("Skagen Works")
    answer = signed_in.post(
        f"{PAGE}merge/", {"other": works.pk, "verdict": "same", "keep": "other"}, follow=True
    )
    assert answer.redirect_chain[-1][0].startswith("/entities/skagen-works/")
    assert signed_in.get(PAGE).status_code == 302


def test_not_the_same_is_kept_and_forbids_the_merge(world: World, signed_in: Client) -> None:
    works = make_entity("Skagen Works")
    answer = signed_in.post(f"{PAGE}merge/", {"other": works.pk, "verdict": "not_same"}, follow=True)
    assert "Not the same" in answer.text
    assert Judgement.objects.get().verdict == "not_same"
    preview = signed_in.get(f"{PAGE}merge/", {"other": works.pk})
    assert "ed said that they are not the same" in preview.text
    assert not preview.context["preview"].possible
    assert (
        "That is this entity itself"
        in signed_in.get(f"{PAGE}merge/", {"other": world.entities["skagen"].pk}).text
    )


def test_a_new_entity_is_added_once(world: World, signed_in: Client) -> None:
    sent = facts(name="Kestrel Ropes", description="", source="")
    answer = signed_in.post("/entities/new/", sent, follow=True)
    assert Entity.objects.get(name="Kestrel Ropes").source == "editorial"
    assert "Not verified" in signed_in.get("/entities/kestrel-ropes/").text
    assert answer.status_code == 200
    assert signed_in.post("/entities/new/", sent).status_code == 422


def test_analysts_see_no_button_that_they_may_not_press(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    text = client.get(PAGE).text
    assert "/edit/" not in text
    assert "/merge/" not in text
    assert "New entity" not in client.get("/entities/").text
    assert client.get(f"{PAGE}edit/").status_code == 403
