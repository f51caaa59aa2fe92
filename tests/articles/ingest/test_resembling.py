"""Likely duplicates are found once, by portions, and never asked again; unknown names point at what they are like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from articles.editing.entity_merges import merge_entities, say_not_same, say_unsure
from articles.editing.entity_undo import undo_entity_change
from articles.ingest import resembling
from articles.ingest.resembling import compare_proposals, drop_unused_names, find_duplicates, mend_merged
from articles.ingest.retention import tidy
from articles.models import ArticleEntity, Job, Progress, Proposal
from entities.models import Entity, Identifier, Resemblance
from entities.sources.storing import LOAD_LOCK
from tests.factories import make_article, make_entity, name_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def pairs() -> set[tuple[str, str]]:
    rows = Resemblance.objects.values_list("left__name", "right__name")
    return {(min(left, right), max(left, right)) for left, right in rows}


def look() -> int:
    return find_duplicates(NOW)[0]


def propose(name: str, articles: int, kind: str = "company", **columns: object) -> Proposal:
    return Proposal.objects.create(
        **{
            "key": name.lower(), "name": name, "kind": kind, "kinds": {kind: articles}, "names": {name: articles},
            "articles": articles, "first_at": NOW, "last_at": NOW, **columns,
        }
    )  # fmt: skip


def test_it_finds_those_that_may_be_one_and_says_why() -> None:
    make_entity("Orne Widgets", country="NO")
    make_entity("Orne Widgets ASA", country="NO")
    make_entity("Tessin Brewing", country="NO")
    assert look() == 1
    row = Resemblance.objects.get()
    assert pairs() == {("Orne Widgets", "Orne Widgets ASA")}
    assert row.why[0]["code"] == "same_base"
    assert row.score == pytest.approx(sum(part["weight"] for part in row.why))


def test_each_name_is_looked_at_once_and_later_ones_meet_earlier_ones() -> None:
    make_entity("Orne Widgets")
    assert look() == 0
    with CaptureQueriesContext(connection) as queries:
        assert look() == 0
    assert len(queries) <= 6
    make_entity("Orne Widgets Ltd.")
    assert look() == 1


def test_a_shared_number_is_enough_to_be_asked(db: None) -> None:
    for name in ("Orne Widgets", "Halvard Makers"):
        entity = make_entity(name)
        Identifier.objects.create(entity=entity, scheme="lei", value="A", source="test", as_of="2026")
    assert look() == 1
    assert Resemblance.objects.get().why[0]["code"] == "same_number"


def test_namesakes_of_other_countries_or_with_other_numbers_are_left_alone() -> None:
    make_entity("Orne Widgets", country="NO")
    Entity.objects.filter(pk=make_entity("Orne Widgets AB").pk).update(country="SE")
    assert look() == 0


def test_what_people_judged_is_not_asked_again() -> None:
    entities = [make_entity(f"Orne Widgets{form}", country="NO") for form in ("", " ASA", " Ltd.", " Group")]
    say_not_same(entities[0].pk, entities[1].pk, "ed")
    say_unsure(entities[0].pk, entities[2].pk, "ed")
    merged = merge_entities(entities[0].pk, entities[3].pk, "ed")
    look()
    assert pairs() == {("Orne Widgets ASA", "Orne Widgets Ltd.")}
    undo_entity_change(merged.pk, "ed")
    Progress.objects.all().delete()
    look()
    assert ("Orne Widgets", "Orne Widgets ASA") not in pairs()
    assert ("Orne Widgets", "Orne Widgets Group") in pairs()


def test_it_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resembling, "NAMES_A_PORTION", 2)
    for form in ("", " ASA", " Ltd."):
        make_entity(f"Orne Widgets{form}")
    assert find_duplicates(NOW)[1]
    assert not find_duplicates(NOW)[1]
    assert len(pairs()) == 3


def test_it_waits_while_an_import_runs(django_db_blocker: object) -> None:
    make_entity("Orne Widgets")
    make_entity("Orne Widgets ASA")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOAD_LOCK])
            assert find_duplicates(NOW) == (0, False)
            assert not Progress.objects.exists()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOAD_LOCK])
    finally:
        other.close()
    assert look() == 1


def test_many_names_cost_no_more_statements_than_few() -> None:
    def statements(count: int, word: str) -> int:
        for n in range(count):
            letters = f"{chr(97 + n // 26)}{chr(97 + n % 26)}"
            make_entity(f"{word}{letters} Widgets")
            make_entity(f"{word}{letters} Widgets ASA")
        with CaptureQueriesContext(connection) as queries:
            assert look() == count
        return len(queries)

    statements(1, "Tessin")
    assert statements(5, "Halvard") == statements(50, "Orne") <= 18


def test_unknown_names_point_at_the_one_that_most_articles_use() -> None:
    whole = propose("China Semiconductor Industry Association", 9, "organization")
    short = propose("CSIA", 4, "organization")
    typo = propose("China Semiconductor Industry Asociation", 1, "organization")
    other = propose("Tessin Brewing", 20)
    assert compare_proposals(NOW)[0] == 2
    for row in (whole, short, typo, other):
        row.refresh_from_db()
    assert (whole.like_id, short.like_id, typo.like_id, other.like_id) == (None, whole.pk, whole.pk, None)
    assert short.like_why == "CSIA are the initials of China Semiconductor Industry Association"
    assert typo.like_why.startswith("nearly the same")
    assert compare_proposals(NOW) == (0, False)


def test_an_unknown_name_points_at_the_entity_that_it_probably_is() -> None:
    known = make_entity("Orne Widgets", country="NO")
    row = propose("Orne Widgets International", 3)
    near = propose("Orne Widgetts", 3)
    compare_proposals(NOW)
    row.refresh_from_db()
    near.refresh_from_db()
    assert (row.like_entity_id, near.like_entity_id) == (None, known.pk)
    Proposal.objects.filter(pk=row.pk).update(names={"Orne Widgets International": 2, "Orne Widgets AS": 1})
    compare_proposals(NOW + timedelta(days=4))
    row.refresh_from_db()
    assert row.like_entity_id == known.pk
    assert row.like_why.startswith("the same but for the legal form")


def test_a_new_head_takes_those_over_that_pointed_at_the_old_one() -> None:
    old = propose("Orne Widgets Norway Makers", 3)
    follower = propose("Orne Widgets Norway Maker", 1)
    compare_proposals(NOW)
    head = propose("Orne Widgets Norway Makerz", 9)
    compare_proposals(NOW)
    for row in (old, follower, head):
        row.refresh_from_db()
    assert (old.like_id, follower.like_id, head.like_id) == (head.pk, head.pk, None)


def test_names_that_no_text_has_any_more_go_unless_people_decided() -> None:
    used, unused = propose("Orne Widgets", 1), propose("Tessin Brewing", 0)
    decided = propose("Halvard Makers", 0, state="rejected", decided_by="ed")
    Proposal.objects.filter(pk=used.pk).update(like=unused)
    assert drop_unused_names(NOW) == (1, False)
    assert set(Proposal.objects.values_list("pk", "like")) == {(used.pk, None), (decided.pk, None)}


def test_what_was_linked_to_a_merged_entity_meanwhile_is_linked_anew() -> None:
    keep, gone = make_entity("Orne Widgets"), make_entity("Halvard Makers")
    article = make_article(text="Halvard Makers makes.")
    merge_entities(keep.pk, gone.pk, "ed")
    name_in(article, "Halvard Makers", gone)
    Job.objects.all().delete()
    assert mend_merged(NOW) == (1, False)
    assert Job.objects.get().subject_id == article.pk
    assert ArticleEntity.objects.count() == 1


def test_the_tidying_does_all_of_it() -> None:
    make_entity("Orne Widgets")
    make_entity("Orne Widgets ASA")
    propose("Orne Widgets Ltd.", 2)
    with transaction.atomic():
        tidied = tidy(600.0, now=NOW)
    assert not tidied.problems
    assert "Found 1 likely duplicates and 1 likenesses of unknown names." in tidied.words
