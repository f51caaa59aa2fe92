"""The entity list and the page of an entity."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from entities.models import Entity, Identifier
from newsdesk.accounts.models import User
from tests.stories_world import World, make_article, make_entity, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world(timezone.now())


def test_it_lists_whom_articles_name_most(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    rows = client.get("/entities/").context["page"].rows
    assert [(row.chip.name, row.articles) for row in rows][:1] == [("Skagen Steel AB", 8)]
    assert {row.articles for row in rows[1:]} == {4}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"text": "skagen"}, ["Skagen Steel AB"]),
        ({"text": "SKST"}, ["Skagen Steel AB"]),
        ({"text": "orne ener"}, ["Orne Energy Holdings"]),
        ({"text": "steel"}, []),
        ({"text": "%"}, []),
        ({"text": "i", "kind": "person"}, ["Ingrid Tveit"]),
        ({"kind": "public_body"}, ["Norland Road Authority"]),
    ],
)
def test_it_finds_by_the_beginning_of_a_name_or_a_ticker(
    world: World, analyst: User, client: Client, query: dict[str, str], expected: list[str]
) -> None:
    client.force_login(analyst)
    assert [row.chip.name for row in client.get("/entities/", query).context["page"].rows] == expected


def test_it_pages_by_a_cursor_without_loss_or_repeat(analyst: User, client: Client) -> None:
    now = timezone.now()
    for number in range(120):
        made = make_entity(f"Company {number}")
        for _ in range(number % 3):
            make_article("Story", f"Company {number} speaks.", now, entities=[made])
    client.force_login(analyst)
    seen: list[int] = []
    after = ""
    for _ in range(6):
        page = client.get("/entities/", {"text": "company", "after": after}).context["page"]
        seen += [row.chip.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert sorted(seen) == sorted(Entity.objects.values_list("id", flat=True))
    assert len(seen) == len(set(seen))


def test_the_page_says_who_it_is_and_where_that_comes_from(
    world: World, analyst: User, client: Client
) -> None:
    skagen = world.entities["skagen"]
    Identifier.objects.create(
        entity=skagen, scheme="lei", value="529900ODI3047E2LIV03", source="GLEIF", as_of="2026-01"
    )
    client.force_login(analyst)
    text = client.get("/entities/skagen-steel-ab/").text
    for words in (
        "SKST",
        "XNOR",
        "529900ODI3047E2LIV03",
        "GLEIF, 2026-01",
        "Skagen Steel",
        "Register of Norland",
        "primary",
    ):
        assert words in text, words
    assert "Not verified" not in text
    assert "Not verified" in client.get("/entities/norland-road-authority/").text


def test_positions_are_shown_from_both_sides(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    assert "2021 to now" in client.get("/entities/ingrid-tveit/").text
    body = client.get("/entities/norland-road-authority/").text
    assert "Ingrid Tveit" in body
    assert "director" in body


@pytest.mark.parametrize("code", ["7d", "30d", "1y"])
def test_the_bars_add_up_to_the_sentence_and_lead_to_their_days(
    world: World, analyst: User, client: Client, code: str
) -> None:
    client.force_login(analyst)
    answer = client.get("/entities/skagen-steel-ab/", {"range": code})
    page = answer.context["page"]
    assert sum(bar.n for bar in page.bars) == page.mentioned == 8
    assert "Named in 8 articles" in answer.text
    assert all(bar.href in answer.text.replace("&amp;", "&") for bar in page.bars if bar.n)
    table = client.get("/entities/skagen-steel-ab/", {"range": code, "as": "table"})
    assert all(bar.words in table.text for bar in page.bars if bar.n)


def test_a_merged_entity_leads_to_the_one_that_stands(world: World, analyst: User, client: Client) -> None:
    old = make_entity("Skagen Works")
    Entity.objects.filter(pk=old.pk).update(merged_into=world.entities["skagen"])
    client.force_login(analyst)
    answer = client.get("/entities/skagen-works/")
    # Not for good: a merge can be undone.
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/entities/skagen-steel-ab/?was=skagen-works",
    )
    assert "“Skagen Works” is kept as this entity" in client.get(answer.headers["Location"]).text
    assert "is kept as this entity" not in client.get("/entities/skagen-steel-ab/?was=nobody").text


def test_an_entity_that_is_not_there_is_said_to_be_so(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    assert client.get("/entities/nobody/").status_code == 404


def test_an_entity_without_stories_has_its_page(analyst: User, client: Client) -> None:
    make_entity("Quiet Company")
    client.force_login(analyst)
    text = client.get("/entities/quiet-company/").text
    assert "No article names it yet." in text
    assert "No event names it yet." in text


def test_names_are_text_and_never_markup(analyst: User, client: Client) -> None:
    evil = make_entity("<b>Evil</b> Company", names=("<i>Evil</i>",), description="<script>alert(1)</script>")
    make_article(
        "A story", "<b>Evil</b> Company speaks.", timezone.now() - timedelta(hours=1), entities=[evil]
    )
    client.force_login(analyst)
    for path in (f"/entities/{evil.slug}/", "/entities/", "/entities/?text=%3Cb"):
        text = client.get(path).text
        assert "<b>Evil" not in text
        assert "<i>Evil" not in text
        assert "<script>alert" not in text
