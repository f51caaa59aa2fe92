"""Two entities become one with all that hangs on them, and two again; "not the same" is data that merges obey."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from django.core import serializers
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from articles.editing.entities import AliasDraft, EntityDraft, add_alias, create_entity
from articles.editing.entity_merges import merge_entities, say_not_same, say_unsure, withdraw_judgement
from articles.editing.entity_undo import undo_entity_change
from articles.editing.links import LinkDraft, decide_link
from articles.errors import RefusedError
from articles.ingest.link import relink_article
from articles.models import (
    Article,
    ArticleEntity,
    EntityDay,
    EntityMerge,
    Job,
    LinkDecision,
    LinkRule,
    Mention,
    PositionProposal,
    Proposal,
    Watch,
)
from articles.queries.chips import called
from articles.queries.decided import decided_about
from articles.queries.entity import slug_now
from articles.search.find import understand
from articles.search.language import read_query
from entities.lexicon import current_lexicon
from entities.models import (
    Alias,
    Change,
    Entity,
    Identifier,
    Judgement,
    Listing,
    Ownership,
    Position,
    Resemblance,
    Security,
)
from newsdesk.accounts.models import User
from tests.factories import make_article, make_entity, make_listing
from tests.search_rows import rows_of

pytestmark = pytest.mark.django_db

TABLES: tuple[type[models.Model], ...] = (
    Entity, Alias, Identifier, Security, Listing, Position, Ownership, Resemblance, Mention, ArticleEntity, EntityDay,
    LinkDecision, LinkRule, PositionProposal, Proposal, Watch,
)  # fmt: skip
NUMBERED_ANEW = (ArticleEntity, EntityDay)  # their numbers name nothing
AT = datetime(2026, 3, 9, tzinfo=UTC)


def world() -> list[Any]:
    """All that a merge may touch, without the times of the last write."""
    rows: list[Any] = []
    for table in TABLES:
        found = []
        for row in serializers.serialize("python", table._default_manager.order_by("pk")):
            row["fields"].pop("updated_at", None)
            if table in NUMBERED_ANEW:
                row["pk"] = None
            found.append(row)
        rows += sorted(found, key=lambda row: str(row["fields"])) if table in NUMBERED_ANEW else found
    rows += list(Judgement.objects.filter(withdrawn_at=None).order_by("pk").values())
    with connection.cursor() as cursor:
        cursor.execute("SELECT article_id, entity_ids FROM articles_searchrow ORDER BY article_id")
        rows += cursor.fetchall()
    return [row for row in rows if not (isinstance(row, dict) and row.get("fields", {}).get("n") == 0)]


@pytest.fixture
def keep(db: None) -> Entity:
    return make_entity("Orne Shipping", aliases=["Orne"], country="NO")


@pytest.fixture
def gone(db: None) -> Entity:
    return make_entity("Nordkap Group", aliases=["Halvard Ferries", "Orne"], wikidata_id="Q7")


def linked(title: str, text: str) -> Article:
    article = make_article(title, text)
    relink_article(article.pk)
    return article


def named(article: Article) -> dict[int, int]:
    return dict(ArticleEntity.objects.filter(article=article).values_list("entity_id", "mentions"))


def searched(article: Article) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity_ids FROM articles_searchrow WHERE article_id = %s", [article.pk])
        return list(cursor.fetchone()[0] or [])


def test_the_other_leads_to_the_kept_one_with_all_its_names(keep: Entity, gone: Entity) -> None:
    change = merge_entities(keep.pk, gone.pk, "ed", "one group since 2020")
    gone.refresh_from_db()
    keep.refresh_from_db()
    assert gone.merged_into_id == keep.pk
    assert slug_now(gone.slug) == keep.slug
    assert (keep.wikidata_id, keep.edited_by_human) == ("Q7", False)
    assert set(keep.aliases.values_list("text", flat=True)) == {
        "Orne Shipping", "Orne", "Nordkap Group", "Halvard Ferries",
    }  # fmt: skip
    assert gone.pk not in current_lexicon().entities
    assert (change.after["words"], change.why) == (
        "merged “Nordkap Group” into it",
        "one group since 2020",
    )
    told = Change.objects.get(subject_id=gone.pk)
    assert told.after == {"part_of": change.pk, "words": "merged it into “Orne Shipping”"}


def test_importers_leave_the_kept_one_alone_once_it_has_what_a_person_wrote(
    keep: Entity, gone: Entity
) -> None:
    Entity.objects.filter(pk=gone.pk).update(edited_by_human=True)
    change = merge_entities(keep.pk, gone.pk, "ed")
    keep.refresh_from_db()
    assert keep.edited_by_human
    undo_entity_change(change.pk, "ed")
    keep.refresh_from_db()
    assert not keep.edited_by_human


def test_one_main_listing_is_left_and_both_are_again_when_it_is_taken_back(
    keep: Entity, gone: Entity
) -> None:
    make_listing(keep, "ORNE", "XOSL")
    make_listing(gone, "NKAP", "XHKG")
    change = merge_entities(keep.pk, gone.pk, "ed")
    assert list(Listing.objects.filter(primary=True).values_list("ticker", flat=True)) == ["ORNE"]
    undo_entity_change(change.pk, "ed")
    assert Listing.objects.filter(primary=True).count() == 2


def test_what_articles_say_of_both_is_said_of_one_and_counted_once(keep: Entity, gone: Entity) -> None:
    both = linked(
        "Ferries", "Orne Shipping sold Halvard Ferries. Halvard Ferries sails on, Orne Shipping said."
    )
    alone = linked("Halvard Ferries sails", "Halvard Ferries sails on.")
    assert named(both) == {keep.pk: 2, gone.pk: 2}
    merge_entities(keep.pk, gone.pk, "ed")
    assert named(both) == {keep.pk: 4}
    assert named(alone) == {keep.pk: 2}
    assert ArticleEntity.objects.get(article=alone).in_title
    assert searched(both) == searched(alone) == [keep.pk]
    assert list(EntityDay.objects.filter(n__gt=0).values_list("entity_id", "n")) == [(keep.pk, 2)]
    assert not Mention.objects.filter(entity=gone).exists()
    assert set(Job.objects.filter(kind="link").values_list("subject_id", flat=True)) == {both.pk, alone.pk}


def test_its_address_still_finds_it_in_searches_and_lists(keep: Entity, gone: Entity) -> None:
    article = linked("Ferries", "Halvard Ferries sails on.")
    merge_entities(keep.pk, gone.pk, "ed")
    meaning = understand(read_query([f"entity:{gone.slug}"]), datetime.now(UTC), UTC)
    assert [row.id for row in rows_of(meaning, limit=5)] == [article.pk]
    assert [chip.id for chip in called(gone.slug)] == [keep.pk]


def test_the_history_of_both_tells_it_and_offers_to_take_it_back(keep: Entity, gone: Entity) -> None:
    change = merge_entities(keep.pk, gone.pk, "ed")
    told = [decided_about("entity", entity.pk)[0] for entity in (keep, gone)]
    assert [(row.words, row.undo) for row in told] == [
        ("merged “Nordkap Group” into it", True),
        ("merged it into “Orne Shipping”", True),
    ]
    undo_entity_change(change.pk, "ed")
    rows = decided_about("entity", keep.pk)
    assert [(row.words, row.undo, row.undone) for row in rows] == [
        ("took back: merged “Nordkap Group” into it", False, False),
        ("merged “Nordkap Group” into it", False, True),
    ]


def test_linking_anew_after_a_merge_means_the_kept_one(keep: Entity, gone: Entity) -> None:
    article = linked("Ferries", "Halvard Ferries sails on.")
    merge_entities(keep.pk, gone.pk, "ed")
    relink_article(article.pk)
    assert named(article) == {keep.pk: 1}


def everything(keep: Entity, gone: Entity) -> list[Article]:
    """Each sort of row that hangs on an entity, on both sides and on one."""
    other = make_entity("Tessin Brewing")
    person = make_entity("Mara Quint", kind="person")
    make_listing(gone, "HALF")
    user = User.objects.create_user("eve", "eve@desk.example", "correct horse 12", role="editor")
    ana = User.objects.create_user("ana", "ana@desk.example", "correct horse 12", role="analyst")
    for entity in (keep, gone):
        Watch.objects.create(user=user, entity=entity)
        Identifier.objects.create(entity=entity, scheme="cik", value="7", source="test", as_of="2026")
        Position.objects.create(
            person=person, organization=entity, title="Chairman", source="test", as_of="2026"
        )
        Ownership.objects.create(owner=other, asset=entity, source="test", as_of="2026")
        LinkRule.objects.create(surface="Orne", beside=entity, entity=other, by="eve")
        PositionProposal.objects.create(
            key=f"#{person.pk}|chair|#{entity.pk}|", person=person, organization=entity, person_name=person.name,
            organization_name=entity.name, title="chairman", first_at=AT, last_at=AT, articles=1,
        )  # fmt: skip
    Watch.objects.create(user=ana, entity=gone)
    Identifier.objects.create(entity=gone, scheme="cik", value="8", source="test", as_of="2026")
    Ownership.objects.create(owner=keep, asset=gone, source="test", as_of="2026")
    Position.objects.create(person=person, organization=gone, title="Founder", source="test", as_of="2026")
    PositionProposal.objects.create(
        key=f"#{person.pk}|founder|#{gone.pk}|", person=person, organization=gone, person_name=person.name,
        organization_name=gone.name, title="founder", first_at=AT, last_at=AT, articles=1, state="rejected",
    )  # fmt: skip
    Proposal.objects.create(
        key="halvard", name="Halvard", kind="company", first_at=AT, last_at=AT, state="accepted", entity=gone
    )
    Proposal.objects.create(key="orn", name="Orn", kind="company", first_at=AT, last_at=AT, like_entity=gone)
    LinkRule.objects.create(surface="Halvard", entity=gone, by="eve")
    for left, right in ((keep, gone), (gone, other)):
        Resemblance.objects.create(left=left, right=right, score=0.8, why=[])
    texts = [
        "Orne Shipping sold Halvard Ferries. Halvard Ferries sails on, Orne Shipping said.",
        "Halvard Ferries sails on. Lines of Halvard, too.",
        "Orne Shipping sails on.",
    ]
    articles = [linked(f"Ferries {n}", text) for n, text in enumerate(texts)]
    decide_link(articles[1].pk, "eve", LinkDraft("Lines of Halvard", gone.pk))
    return articles


def test_taking_a_merge_back_puts_everything_where_it_was(keep: Entity, gone: Entity) -> None:
    articles = everything(keep, gone)
    before = world()
    change = merge_entities(keep.pk, gone.pk, "ed")
    for table, column in (
        (Mention, "entity"), (ArticleEntity, "entity"), (LinkDecision, "entity"), (LinkRule, "entity"),
        (LinkRule, "beside"), (Proposal, "entity"), (Proposal, "like_entity"), (Security, "issuer"),
        (Resemblance, "left"), (Resemblance, "right"),
    ):  # fmt: skip
        in_force = {"off_at": None} if table is LinkRule else {}
        assert not table._default_manager.filter(**{column: gone}, **in_force).exists(), (table, column)
    assert Watch.objects.filter(entity=keep).count() == 2
    assert PositionProposal.objects.get(title="founder").organization_id == keep.pk
    undone = undo_entity_change(change.pk, "eve")
    assert world() == before
    assert undone.after["words"] == "took back: merged “Nordkap Group” into it"
    for article in articles:
        relink_article(article.pk)
    assert [row for row in world() if "fields" in str(row)] == [row for row in before if "fields" in str(row)]
    with pytest.raises(RefusedError, match="taken back already"):
        undo_entity_change(change.pk, "ed")


def test_what_was_linked_anew_meanwhile_is_taken_back_too(keep: Entity, gone: Entity) -> None:
    articles = everything(keep, gone)
    before = world()
    change = merge_entities(keep.pk, gone.pk, "ed")
    for article in articles:
        relink_article(article.pk)
    new = linked("Ferries again", "Halvard Ferries sails again.")
    assert named(new) == {keep.pk: 1}
    undo_entity_change(change.pk, "ed")
    for article in (*articles, new):
        relink_article(article.pk)
    assert named(new) == {gone.pk: 1}
    new.delete()
    EntityDay.objects.filter(entity=gone).update(n=models.F("n") - 1)

    def facts(rows: list[Any]) -> list[Any]:
        return [row for row in rows if isinstance(row, dict) and row.get("model") != "articles.mention"]

    assert facts(world()) == facts(before)


def test_chains_of_merges_lead_to_their_end_and_come_apart_from_there(keep: Entity, gone: Entity) -> None:
    last = make_entity("Nordic Lines")
    article = linked("Ferries", "Halvard Ferries sails on.")
    before = world()
    first = merge_entities(keep.pk, gone.pk, "ed")
    between = world()
    second = merge_entities(last.pk, keep.pk, "ed")
    gone.refresh_from_db()
    assert gone.merged_into_id == last.pk
    assert named(article) == {last.pk: 1}
    assert last.aliases.count() == 5
    with pytest.raises(RefusedError, match="Orne Shipping was merged into Nordic Lines since"):
        undo_entity_change(first.pk, "ed")
    with pytest.raises(RefusedError, match="became part of Nordic Lines"):
        add_alias(keep.pk, "ed", AliasDraft("Orne Lines"))
    undo_entity_change(second.pk, "ed")
    assert world() == between
    undo_entity_change(first.pk, "ed")
    assert world() == before


def test_two_merges_into_one_come_apart_in_any_order(keep: Entity, gone: Entity) -> None:
    third = make_entity("Tessin Ferries")
    article = linked("Ferries", "Orne Shipping, Halvard Ferries and Tessin Ferries sail on.")
    before = named(article)
    first = merge_entities(keep.pk, gone.pk, "ed")
    merge_entities(keep.pk, third.pk, "ed")
    assert named(article) == {keep.pk: 3}
    undo_entity_change(first.pk, "ed")
    assert named(article) == {keep.pk: 2, gone.pk: 1}
    assert set(third.aliases.values_list("text", flat=True)) == set()
    relink_article(article.pk)
    assert named(article) == {keep.pk: 2, gone.pk: 1}
    undo_entity_change(Change.objects.filter(act="merge_entities").latest("id").pk, "ed")
    assert named(article) == before


def test_what_people_said_is_not_the_same_is_not_merged(keep: Entity, gone: Entity) -> None:
    Resemblance.objects.create(left=keep, right=gone, score=0.9, why=[])
    change = say_not_same(gone.pk, keep.pk, "eve", "two registers")
    assert not Resemblance.objects.exists()
    with pytest.raises(RefusedError, match="eve said that Orne Shipping and Nordkap Group are not the same"):
        merge_entities(keep.pk, gone.pk, "ed")
    with pytest.raises(RefusedError, match="eve said so already"):
        say_not_same(keep.pk, gone.pk, "ed")
    undo_entity_change(change.pk, "ed")
    assert Resemblance.objects.count() == 1
    merge_entities(keep.pk, gone.pk, "ed")


def test_not_the_same_holds_for_what_became_part_of_the_two(keep: Entity, gone: Entity) -> None:
    third = make_entity("Tessin Ferries")
    say_not_same(gone.pk, third.pk, "eve")
    merge_entities(keep.pk, gone.pk, "ed")
    with pytest.raises(RefusedError, match="Nordkap Group and Tessin Ferries are not the same"):
        merge_entities(keep.pk, third.pk, "ed")


def test_a_word_is_withdrawn_and_that_is_taken_back(keep: Entity, gone: Entity) -> None:
    said = say_not_same(keep.pk, gone.pk, "eve")
    withdrawn = withdraw_judgement(gone.pk, keep.pk, "ed")
    with pytest.raises(RefusedError, match="Nobody has judged"):
        withdraw_judgement(gone.pk, keep.pk, "ed")
    with pytest.raises(RefusedError, match="ed withdrew"):
        undo_entity_change(said.pk, "ed")
    undo_entity_change(withdrawn.pk, "ed")
    assert Judgement.objects.get(withdrawn_at=None).verdict == "not_same"
    withdraw_judgement(gone.pk, keep.pk, "ed")
    merge_entities(keep.pk, gone.pk, "ed")
    assert list(Judgement.objects.filter(withdrawn_at=None).values_list("verdict", "by")) == [("same", "ed")]


def test_unsure_gives_way_to_a_sure_word(keep: Entity, gone: Entity) -> None:
    Resemblance.objects.create(left=keep, right=gone, score=0.9, why=[])
    say_unsure(keep.pk, gone.pk, "eve")
    assert not Resemblance.objects.exists()
    change = merge_entities(keep.pk, gone.pk, "ed")
    undo_entity_change(change.pk, "ed")
    assert Judgement.objects.get(withdrawn_at=None).verdict == "unsure"
    say_not_same(keep.pk, gone.pk, "ed")
    with pytest.raises(RefusedError, match="not the same as"):
        say_unsure(keep.pk, gone.pk, "ed")


def test_what_makes_no_sense_is_not_merged(keep: Entity, gone: Entity) -> None:
    with pytest.raises(RefusedError, match="the same entity"):
        merge_entities(keep.pk, keep.pk, "ed")
    with pytest.raises(RefusedError, match="A person and an organisation"):
        merge_entities(keep.pk, make_entity("Mara Quint", kind="person").pk, "ed")
    with pytest.raises(RefusedError, match="not here any more"):
        merge_entities(keep.pk, 10**9, "ed")
    merge_entities(keep.pk, gone.pk, "ed")
    with pytest.raises(RefusedError, match="became part of Orne Shipping"):
        merge_entities(keep.pk, gone.pk, "eve")
    assert EntityMerge.objects.count() == 1


def test_an_entity_that_swallowed_another_is_not_taken_out(gone: Entity) -> None:
    made = create_entity("ed", EntityDraft("company", "Tessin Ferries"))
    merge_entities(made.subject_id, gone.pk, "eve")
    with pytest.raises(RefusedError, match="eve merged “Nordkap Group” into it since"):
        undo_entity_change(made.pk, "ed")


def test_a_merge_of_many_articles_costs_no_more_statements_than_one_of_few(keep: Entity) -> None:
    def statements(count: int, name: str) -> int:
        entity = make_entity(name)
        for n in range(count):
            linked(f"{name} {n}", f"{name} sails. Orne Shipping does not." if n % 2 else f"{name} sails.")
        with CaptureQueriesContext(connection) as queries:
            merge_entities(keep.pk, entity.pk, "ed")
        return len(queries)

    statements(1, "Quint Ferries")  # the first word of a person about the kept one is noted on it
    few, many = statements(4, "Halvard Ferries"), statements(24, "Tessin Ferries")
    assert few == many


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_who_merge_at_once_the_later_one_is_told() -> None:
    one, two, three = (make_entity(name) for name in ("Orne Lines", "Tessin Ferries", "Halvard Boats"))
    failed: list[str] = []

    def later() -> None:
        try:
            merge_entities(three.pk, two.pk, "eve")
        except RefusedError as error:
            failed.append(str(error))
        finally:
            connection.close()

    thread = Thread(target=later)
    with transaction.atomic():
        merge_entities(one.pk, two.pk, "ed")
        thread.start()
    thread.join(240)
    assert failed == ["Tessin Ferries became part of Orne Lines: edit that one."]


@pytest.mark.django_db(transaction=True)
def test_a_merge_and_the_linking_of_its_articles_at_once_do_not_wait_crosswise() -> None:
    one, two = make_entity("Orne Lines"), make_entity("Tessin Ferries")
    articles = [make_article(f"Ferries {n}", "Tessin Ferries sails. Orne Lines, too.") for n in range(8)]
    for article in articles:
        with transaction.atomic():
            relink_article(article.pk)
    failed: list[BaseException] = []

    def link(order: list[Article]) -> None:
        try:
            for article in order:
                with transaction.atomic():
                    relink_article(article.pk)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells it
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=link, args=(order,)) for order in (articles, articles[::-1])]
    for thread in threads:
        thread.start()
    change = merge_entities(one.pk, two.pk, "ed")
    undo_entity_change(change.pk, "ed")
    for thread in threads:
        thread.join(240)
    assert failed == []
