"""People make and edit entities: each act is in the history, importers leave them alone, and each can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import serializers
from django.utils import timezone

from articles.editing.conflicts import decide_conflict
from articles.editing.entities import (
    AliasDraft,
    EntityDraft,
    add_alias,
    add_identifier,
    create_entity,
    edit_entity,
    end_listing,
    make_primary,
    remove_identifier,
    switch_alias,
)
from articles.editing.entity_undo import undo_entity_change
from articles.errors import ConflictError, NamesakeError, RefusedError
from articles.ingest.link import relink_article
from articles.ingest.new_names import search_new_names
from articles.models import Job, LinkDecision
from entities.lexicon import current_lexicon
from entities.models import Alias, Change, Conflict, Entity, Exchange, Identifier, Listing, Position, Security
from tests.factories import make_article, make_entity, make_listing, name_in

pytestmark = pytest.mark.django_db

LEI = "5493001KJTIIGC8Y1R12"


def world() -> list[Any]:
    """Every row that these acts may touch, without the times of the last write."""
    rows = []
    for model in (Entity, Alias, Identifier, Security, Listing, Position):
        for row in serializers.serialize("python", model._default_manager.order_by("pk")):
            row["fields"].pop("updated_at", None)
            rows.append(row)
    return rows


@pytest.fixture
def shipping(db: None) -> Entity:
    return make_entity("Orne Shipping", country="NO")


def test_an_entity_is_added_with_its_names_and_an_editors_word_is_not_verified() -> None:
    draft = EntityDraft(
        "company", " Orne  Widgets ", "no", "Makes widgets", aliases=(AliasDraft("OWG", "acronym"),)
    )
    change = create_entity("ed", draft)
    entity = Entity.objects.get(pk=change.subject_id)
    assert (entity.name, entity.slug, entity.country, entity.source) == (
        "Orne Widgets", "orne-widgets", "NO", "editorial",
    )  # fmt: skip
    assert entity.edited_by_human
    assert not entity.is_verified
    assert set(entity.aliases.values_list("text", "kind", "folded")) == {
        ("Orne Widgets", "name", "orne widgets"),
        ("OWG", "acronym", "owg"),
    }
    assert change.after["words"] == "added “Orne Widgets”"


def test_a_new_name_is_linked_in_the_articles_that_have_it() -> None:
    article = make_article(text="Tessin Brewing opened a brewery. Orne Widgets did not.")
    entity_id = create_entity("ed", EntityDraft("company", "Tessin Brewing")).subject_id
    search_new_names(timezone.now())
    assert list(Job.objects.filter(kind="link").values_list("subject_id", flat=True)) == [article.pk]
    relink_article(article.pk)
    assert [row.entity_id for row in article.entity_rows.all()] == [entity_id]


def test_names_of_ordinary_words_are_weak_by_themselves() -> None:
    entity_id = create_entity(
        "ed", EntityDraft("company", "Target", aliases=(AliasDraft("Tessin"),))
    ).subject_id
    assert dict(Alias.objects.filter(entity_id=entity_id).values_list("text", "weak")) == {
        "Target": True,
        "Tessin": False,
    }


def test_a_namesake_is_only_added_when_the_person_says_so(shipping: Entity) -> None:
    with pytest.raises(NamesakeError, match="Orne Shipping is known") as refused:
        create_entity("ed", EntityDraft("company", "ORNE SHIPPING"))
    assert refused.value.entity_ids == [shipping.pk]
    change = create_entity("ed", EntityDraft("company", "Orne Shipping", is_namesake=True))
    assert Entity.objects.get(pk=change.subject_id).slug == "orne-shipping-2"


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (EntityDraft("company", " … "), "at least one letter"),
        (EntityDraft("company", "x" * 201), "201 characters"),
        (EntityDraft("firm", "Orne"), "no kind “firm”"),
        (EntityDraft("company", "Orne", "Norway"), "is no country"),
        (EntityDraft("company", "Orne", description="x" * 301), "shorten it to 300"),
        (EntityDraft("company", "Orne", wikidata_id="12"), "no Wikidata item"),
        (EntityDraft("company", "Orne", aliases=(AliasDraft("ORN", "ticker"),)), "kind of name"),
        (EntityDraft("company", "Orne", source="x" * 121), "source has 121"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(draft: EntityDraft, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        create_entity("ed", draft)
    assert not Entity.objects.exists()


def test_an_edit_keeps_the_former_name_and_tells_what_it_changed(shipping: Entity) -> None:
    change = edit_entity(shipping.pk, "ed", EntityDraft("company", "Orne Lines", "SE"), why="renamed in May")
    shipping.refresh_from_db()
    assert (shipping.name, shipping.country, shipping.edited_by_human) == ("Orne Lines", "SE", True)
    assert set(shipping.aliases.values_list("text", flat=True)) == {"Orne Shipping", "Orne Lines"}
    assert change.after["words"].startswith("named it “Orne Lines” (it was “Orne Shipping”)")
    assert "country" in change.after["words"]
    assert change.why == "renamed in May"


def test_an_edit_of_what_somebody_changed_since_is_refused(shipping: Entity) -> None:
    seen = Entity.objects.get(pk=shipping.pk).updated_at
    edit_entity(shipping.pk, "eve", EntityDraft("company", "Orne Lines"), seen=seen)
    with pytest.raises(ConflictError, match="Somebody changed this entity"):
        edit_entity(shipping.pk, "ed", EntityDraft("company", "Orne Ferries"), seen=seen)
    with pytest.raises(RefusedError, match="Nothing was changed"):
        edit_entity(shipping.pk, "ed", EntityDraft("company", "Orne Lines"))


def test_a_name_that_is_switched_off_links_nothing(shipping: Entity) -> None:
    alias_id = add_alias(shipping.pk, "ed", AliasDraft("Halvard Lines")).after["steps"][0][2]
    article = make_article(text="Halvard Lines closed the harbour on Tuesday.")
    relink_article(article.pk)
    assert article.entity_rows.count() == 1
    switch_alias(alias_id, "ed", off=True)
    relink_article(article.pk)
    assert article.entity_rows.count() == 0
    with pytest.raises(RefusedError, match="switch it on again"):
        add_alias(shipping.pk, "ed", AliasDraft("Halvard Lines"))
    with pytest.raises(RefusedError, match="only name"):
        switch_alias(shipping.aliases.get(text="Orne Shipping").pk, "ed", off=True)
    with pytest.raises(RefusedError, match="is so already"):
        switch_alias(alias_id, "ed", off=True)


def test_a_number_is_taken_only_with_its_check_digit_and_by_one_entity(shipping: Entity) -> None:
    with pytest.raises(RefusedError, match="check digit"):
        add_identifier(shipping.pk, "ed", "lei", LEI[:-1] + "9")
    change = add_identifier(
        shipping.pk, "ed", "lei", f" {LEI[:4].lower()} {LEI[4:]}", source="GLEIF, read by ed"
    )
    assert change.after["words"] == f"added the LEI {LEI}"
    with pytest.raises(RefusedError, match="noted already"):
        add_identifier(shipping.pk, "ed", "lei", LEI)
    with pytest.raises(RefusedError, match="Orne Shipping has this LEI"):
        add_identifier(make_entity("Orne Lines").pk, "ed", "lei", LEI)
    with pytest.raises(RefusedError, match="Choose one of the schemes"):
        add_identifier(shipping.pk, "ed", "phone", "1")


def test_a_listing_ends_and_another_becomes_the_main_one(shipping: Entity) -> None:
    first = make_listing(shipping, "ORN")
    second = Listing.objects.create(
        security=first.security, exchange=Exchange.objects.get(), ticker="ORN2", source="test", as_of="2026"
    )
    make_primary(second.pk, "ed")
    assert set(Listing.objects.values_list("ticker", "primary")) == {("ORN", False), ("ORN2", True)}
    end_listing(first.pk, "ed", date(2026, 3, 1))
    assert "ORN" not in {ticker for ticker, _ in current_lexicon().entities[shipping.pk].tickers}
    with pytest.raises(RefusedError, match="ended on 2026-03-01 already"):
        end_listing(first.pk, "ed", date(2026, 3, 2))
    with pytest.raises(RefusedError, match="in the future"):
        end_listing(second.pk, "ed", date(2999, 1, 1))


ACTS: dict[str, Callable[[Entity, Listing, Identifier], Change]] = {
    "create": lambda *_: create_entity("ed", EntityDraft("company", "Tessin Brewing")),
    "edit": lambda e, *_: edit_entity(
        e.pk, "ed", EntityDraft("organization", "Orne Lines", "SE", "About", "Q7")
    ),
    "add_alias": lambda e, *_: add_alias(e.pk, "ed", AliasDraft("Orne Ferries")),
    "weak": lambda e, *_: switch_alias(e.aliases.get(text="Orne").pk, "ed", weak=True),
    "off": lambda e, *_: switch_alias(e.aliases.get(text="Orne").pk, "ed", off=True),
    "add_identifier": lambda e, *_: add_identifier(e.pk, "ed", "lei", LEI),
    "add_item": lambda e, *_: add_identifier(e.pk, "ed", "wikidata", "Q42"),
    "remove_identifier": lambda _, __, i: remove_identifier(i.pk, "ed"),
    "end_listing": lambda _, line, __: end_listing(line.pk, "ed", date(2026, 3, 1)),
    "make_primary": lambda _, line, __: make_primary(line.pk + 1, "ed"),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_taken_back_exactly_and_once(act: str) -> None:
    entity = make_entity("Orne Shipping", aliases=["Orne"])
    line = make_listing(entity, "ORN")
    Listing.objects.create(
        security=line.security, exchange=line.exchange, ticker="ORN2", source="test", as_of="2026"
    )
    identifier = Identifier.objects.create(
        entity=entity, scheme="cik", value="77", source="test", as_of="2025"
    )
    before = world()
    change = ACTS[act](entity, line, identifier)
    assert world() != before
    undone = undo_entity_change(change.pk, "eve")
    assert world() == before
    assert undone.after["words"] == f"took back: {change.after['words']}"
    assert undone.by == "eve"
    with pytest.raises(RefusedError, match="taken back already"):
        undo_entity_change(change.pk, "ed")


def test_importers_stay_away_until_the_last_word_of_a_person_is_taken_back(shipping: Entity) -> None:
    first = add_alias(shipping.pk, "ed", AliasDraft("Orne Ferries"))
    second = add_alias(shipping.pk, "ed", AliasDraft("Orne Lines"))
    undo_entity_change(first.pk, "ed")
    assert Entity.objects.get(pk=shipping.pk).edited_by_human
    undo_entity_change(second.pk, "ed")
    assert not Entity.objects.get(pk=shipping.pk).edited_by_human


def test_a_decision_on_a_conflict_counts_as_a_word_of_a_person(shipping: Entity) -> None:
    conflict = Conflict.objects.create(
        entity=shipping, field="country", ours="", ours_source="test", theirs="NO", theirs_source="table",
        theirs_as_of="2026", line=2,
    )  # fmt: skip
    Entity.objects.filter(pk=shipping.pk).update(country="")
    decided = decide_conflict(conflict.pk, "eve", "theirs")
    added = add_alias(shipping.pk, "ed", AliasDraft("Orne Ferries"))
    undo_entity_change(decided.pk, "eve")
    assert Entity.objects.get(pk=shipping.pk).edited_by_human
    assert Conflict.objects.get().decision == ""
    undo_entity_change(added.pk, "ed")
    row = Entity.objects.get(pk=shipping.pk)
    assert (row.edited_by_human, row.country) == (False, "")


def test_a_change_on_which_a_later_one_stands_is_not_taken_back(shipping: Entity) -> None:
    added = add_alias(shipping.pk, "ed", AliasDraft("Orne Ferries"))
    alias_id = shipping.aliases.get(text="Orne Ferries").pk
    later = switch_alias(alias_id, "eve", weak=True)
    with pytest.raises(RefusedError, match="eve made the name “Orne Ferries” weak since"):
        undo_entity_change(added.pk, "ed")
    undo_entity_change(later.pk, "ed")
    undo_entity_change(added.pk, "ed")
    assert list(shipping.aliases.values_list("text", flat=True)) == ["Orne Shipping"]


def test_an_entity_that_people_linked_is_not_taken_out() -> None:
    change = create_entity("ed", EntityDraft("company", "Tessin Brewing"))
    article = make_article(text="Tessin Brewing opened.")
    LinkDecision.objects.create(article=article, surface="Tessin", entity_id=change.subject_id, by="eve")
    with pytest.raises(RefusedError, match="linked a name in an article"):
        undo_entity_change(change.pk, "ed")


def test_an_entity_that_is_taken_out_leaves_no_trace_in_what_is_counted() -> None:
    change = create_entity("ed", EntityDraft("company", "Tessin Brewing"))
    article = make_article(text="Tessin Brewing opened.")
    name_in(article, "Tessin Brewing", Entity.objects.get(pk=change.subject_id))
    Job.objects.all().delete()
    undo_entity_change(change.pk, "ed")
    assert article.entity_rows.count() == 0
    assert Job.objects.get(kind="link").subject_id == article.pk
