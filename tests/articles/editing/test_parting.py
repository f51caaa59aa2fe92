"""Two addresses that were taken for one article are parted by a person, stay parted, and may be one again."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.annotations import NoteDraft, attach_note
from articles.editing.workflow import undo_change
from articles.errors import RefusedError
from articles.events.placing import place_articles
from articles.ingest.canonical import url_sha256
from articles.ingest.entries import address_sha256
from articles.ingest.merging import join_addresses
from articles.ingest.retention import drop_articles
from articles.models import (
    Annotation,
    Article,
    ArticleAddress,
    ArticleEntity,
    Constraint,
    CopyDecision,
    EntityDay,
    Event,
    Job,
    LinkDecision,
    Membership,
    MergedRows,
    PageLook,
    PlacedTerms,
    PlacingShard,
    Revision,
    SearchRow,
    Sighting,
)
from articles.queries.article_origin import moved_to, origin_of
from articles.queries.article_versions import compare_versions, version_page, where_changed
from articles.queries.history import past_of
from articles.types import ExtractedPage
from entities.models import Change
from newsdesk.accounts.models import User
from tests.factories import TEXT, make_article, make_entity, make_event, make_revision, make_sighting, name_in

pytestmark = pytest.mark.django_db

URL = "https://tessin-times.example/2026/03/harbour-closed"
OTHER = "https://tessin-times.example/?p=77"
LEAD = TEXT.partition("\n\n")[0]
MORE = [
    f"A crane of the {name} basin fell into the water on {day}."
    for name in ("old", "new", "east", "west")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
]
LONGER = f"{TEXT}\n\nA crane fell into the water of the old basin on Monday."


def _at(url: str, text: str = TEXT, **columns: Any) -> Article:
    article = make_article("Harbour of Halvard closed", text, **columns)
    article.url, article.url_sha256 = url, address_sha256(url)
    article.save(update_fields=["url", "url_sha256"])
    return article


def _join(article: Article, text: str = TEXT) -> int | None:
    page = ExtractedPage(title=article.title, text=text, html="", canonical_url=URL)
    return join_addresses(article.pk, article.url, page)


def _merge() -> Change:
    return Change.objects.filter(act="merge_article").latest("id")


@pytest.fixture
def pair(db: None) -> tuple[Article, Article]:
    """An article at its address, and what was taken for the same at another."""
    return _at(URL), _at(OTHER, LONGER)


def test_the_other_has_its_number_its_address_its_text_and_its_sightings_again(
    pair: tuple[Article, Article],
) -> None:
    older, younger = pair
    ours, theirs = make_sighting(older, "front"), make_sighting(younger, "harbours")
    PageLook.objects.create(article=younger, looks=2)
    assert _join(younger, LONGER) == older.pk
    undone = undo_change(_merge().pk, "ann", "Another day's closure")
    assert (undone.kind, undone.id) == ("article", older.pk)
    again = Article.objects.get(pk=younger.pk)
    assert again.url == OTHER
    assert bytes(again.url_sha256) == bytes(younger.url_sha256)
    assert again.revision_id == younger.revision_id
    assert again.stage == "linked"
    assert moved_to(younger.pk) is None
    assert Sighting.objects.get(pk=ours.pk).article_id == older.pk
    assert Sighting.objects.get(pk=theirs.pk).article_id == younger.pk
    assert set(SearchRow.objects.values_list("article_id", flat=True)) == {older.pk, younger.pk}
    assert PageLook.objects.filter(article=again, looks=2).exists()
    # Of the survivor's own page nothing is known: it is looked at with nothing to compare.
    assert not PageLook.objects.filter(article=older).exists()
    assert Job.objects.filter(subject_id=older.pk, kind="look", state="waiting").exists()
    waiting = set(Job.objects.filter(subject_id=younger.pk).values_list("kind", flat=True))
    assert waiting == {"place", "link", "look"}
    older.refresh_from_db()
    assert older.revision is not None
    assert older.revision.text == TEXT


def test_what_the_survivors_own_page_answered_stays_with_it(pair: tuple[Article, Article]) -> None:
    older, younger = pair
    PageLook.objects.create(article=older, etag="ours")
    PageLook.objects.create(article=younger, etag="theirs")
    _join(younger, LONGER)
    undo_change(_merge().pk, "ann")
    assert dict(PageLook.objects.values_list("article_id", "etag")) == {
        older.pk: "ours", younger.pk: "theirs",
    }  # fmt: skip


def test_no_later_run_joins_what_a_person_parted_until_that_is_taken_back(
    pair: tuple[Article, Article],
) -> None:
    older, younger = pair
    _join(younger, LONGER)
    undo_change(_merge().pk, "ann", "Two days")
    for _ in range(2):
        assert _join(Article.objects.get(pk=younger.pk), LONGER) is None
    assert Article.objects.count() == 2
    said = CopyDecision.objects.get()
    assert (said.kind, said.by, said.why) == ("apart", "ann", "Two days")
    parting = Change.objects.get(act="undo_merge_article")
    undo_change(parting.pk, "bob")
    assert Article.objects.get().pk == older.pk
    assert moved_to(younger.pk) == older.pk
    for change in (parting, Change.objects.filter(act="merge_article").earliest("id")):
        with pytest.raises(RefusedError, match="taken back already"):
            undo_change(change.pk, "cem")
    undo_change(_merge().pk, "cem")
    assert Article.objects.count() == 2


def test_notes_and_decisions_go_back_to_whom_they_were_made_about(pair: tuple[Article, Article]) -> None:
    older, younger = pair
    third, orne = make_article("Storm over Skerry"), make_entity("Orne Shipping")
    attach_note(younger.pk, "ann", NoteDraft(quote="A crane fell", body="When?"))
    attach_note(younger.pk, "ann", NoteDraft(quote="Fishermen at Tessin", body="Who?"))
    for article, by in ((older, "bob"), (younger, "ann")):
        LinkDecision.objects.create(article=article, surface="Halvard", entity=None, by=by)
    LinkDecision.objects.create(article=younger, surface="Orne", entity=orne, by="ann")
    Constraint.objects.create(kind="cannot", a=third, b=younger, by="ann") if third.pk < younger.pk else (
        Constraint.objects.create(kind="cannot", a=younger, b=third, by="ann")
    )
    CopyDecision.objects.create(kind="not_copy", article=younger, other=third, by="ann")
    Article.objects.filter(pk=younger.pk).update(status="reviewed")
    _join(younger, LONGER)
    undo_change(_merge().pk, "ann")
    for note in Annotation.objects.select_related("revision"):
        assert note.article_id == note.revision.article_id == younger.pk
        assert note.revision.text[note.start : note.end] == note.exact
    said = LinkDecision.objects.order_by("article_id", "surface").values_list("article_id", "surface", "by")
    assert list(said) == [
        (older.pk, "Halvard", "bob"), (younger.pk, "Halvard", "ann"), (younger.pk, "Orne", "ann"),
    ]  # fmt: skip
    row = Constraint.objects.get()
    assert {row.a_id, row.b_id} == {third.pk, younger.pk}
    no_copy = CopyDecision.objects.get(kind="not_copy")
    assert (no_copy.article_id, no_copy.other_id) == (younger.pk, third.pk)
    assert set(Article.objects.values_list("pk", "status")) >= {
        (older.pk, "unreviewed"), (younger.pk, "reviewed"),
    }  # fmt: skip


def test_a_note_made_since_stands_where_its_passage_is(pair: tuple[Article, Article]) -> None:
    older, younger = pair
    Revision.objects.filter(article=older).update(origin="feed")  # so that the page's text takes its place
    _join(younger, LONGER)
    attach_note(older.pk, "ann", NoteDraft(quote="A crane fell", body="When?"))
    attach_note(older.pk, "ann", NoteDraft(quote="Fishermen at Tessin", body="Who?"))
    undo_change(_merge().pk, "ann")
    of = {note.body: note for note in Annotation.objects.select_related("revision")}
    assert of["When?"].article_id == of["When?"].revision.article_id == younger.pk
    assert of["Who?"].article_id == of["Who?"].revision.article_id == older.pk


def test_counts_and_places_are_those_of_two_articles_again(pair: tuple[Article, Article]) -> None:
    older, younger = pair
    orne = make_entity("Orne Shipping")
    for article in pair:
        name_in(article, "Orne Shipping", orne)
    by_machine, by_person = make_event("Harbour closed", [older]), make_event("Storm", [younger])
    Membership.objects.filter(article=younger).update(decided_by="ann")
    _join(younger, LONGER)
    assert Membership.objects.get().event_id == by_person.pk
    undo_change(_merge().pk, "ann")
    theirs = Membership.objects.get(article=younger)
    assert (theirs.event_id, theirs.decided_by) == (by_person.pk, "ann")
    assert Membership.objects.get(article=older).decided_by == ""
    linked = set(ArticleEntity.objects.values_list("article_id", flat=True))
    assert sum(EntityDay.objects.values_list("n", flat=True)) == len(linked)
    place_articles([older.pk, younger.pk])
    by_person.refresh_from_db()
    by_machine.refresh_from_db()
    assert Membership.objects.get(article=younger).event_id == by_person.pk
    assert by_person.article_count == by_person.memberships.count()


def test_the_event_that_a_place_was_joined_to_is_locked_before_it_is_written(
    pair: tuple[Article, Article],
) -> None:
    older, younger = pair
    make_event("Harbour closed", [older])
    theirs, joined, apart = (
        make_event(title, [article])
        for title, article in (
            ("Storm", younger), ("Gale", make_article("Gale over Skerry")), ("Flood", make_article("A flood")),
        )
    )  # fmt: skip
    Event.objects.filter(pk=theirs.pk).update(shard="gsw")  # in which nothing was placed yet
    Membership.objects.filter(article=younger).update(decided_by="ann")
    _join(younger, LONGER)
    Membership.objects.filter(article=older).update(event=apart)
    Event.objects.filter(pk=theirs.pk).update(merged_into=joined)
    with CaptureQueriesContext(connection) as seen:
        undo_change(_merge().pk, "ann")
    assert Membership.objects.get(article=younger).event_id == joined.pk
    done = [row["sql"] for row in seen]
    before = done[: next(n for n, sql in enumerate(done) if sql.startswith("INSERT"))]
    (locked,) = (sql for sql in before if 'FROM "articles_event"' in sql and "FOR NO KEY UPDATE" in sql)
    assert {joined.pk, apart.pk} <= {int(key) for key in re.findall(r"\d+", locked.partition(" IN ")[2])}
    assert any(
        "pg_advisory_xact_lock" in sql and str(zlib.crc32(b"gsw") - (1 << 31)) in sql for sql in before
    )


def test_a_text_that_both_had_is_written_anew_with_its_time_and_what_it_changed() -> None:
    older, younger = _at(URL), _at(OTHER)
    make_revision(younger, younger.title, LONGER)
    told_at = timezone.now() - timedelta(days=3)
    younger.revisions.update(created_at=told_at)
    texts = list(younger.revisions.order_by("number").values_list("number", "text"))
    _join(younger)
    assert older.revisions.count() == 2  # what both say stands once
    undo_change(_merge().pk, "ann")
    again = Article.objects.get(pk=younger.pk)
    assert list(again.revisions.order_by("number").values_list("number", "text")) == texts
    assert set(again.revisions.values_list("created_at", flat=True)) == {told_at}
    assert again.revision is not None
    assert again.revision.text == LONGER
    assert older.revisions.get().text == TEXT


def test_what_came_with_a_third_goes_back_with_it() -> None:
    first, second, third = (_at(f"https://tessin-times.example/?p={n}") for n in (1, 2, 3))
    seen = make_sighting(third, "third")
    for article, url in ((third, second.url), (second, first.url)):
        page = ExtractedPage(title=article.title, text=TEXT, html="", canonical_url=url)
        join_addresses(article.pk, article.url, page)
    inner, outer = Change.objects.filter(act="merge_article").order_by("id")
    undo_change(outer.pk, "ann")
    assert Sighting.objects.get(pk=seen.pk).article_id == moved_to(third.pk) == second.pk
    undo_change(inner.pk, "ann")
    assert Sighting.objects.get(pk=seen.pk).article_id == third.pk
    assert Article.objects.count() == 3


def test_what_parting_needs_goes_where_the_article_goes_and_with_it(settings: Any) -> None:
    first, second, third = (_at(f"https://tessin-times.example/?p={n}") for n in (1, 2, 3))
    for article, url in ((third, second.url), (second, first.url)):
        page = ExtractedPage(title=article.title, text=TEXT, html="", canonical_url=url)
        join_addresses(article.pk, article.url, page)
    inner, outer = Change.objects.filter(act="merge_article").order_by("id")
    held = MergedRows.objects.order_by("pk").values_list("pk", "article_id")
    assert list(held) == [(inner.pk, first.pk), (outer.pk, first.pk)]
    # The history never forgets: it has no more than where each stood, and its headline.
    assert set(inner.before) == set(outer.before) == {"article", "url", "title"}
    undo_change(outer.pk, "ann")
    assert list(held.all()) == [(inner.pk, second.pk)]
    CopyDecision.objects.update(withdrawn_at=timezone.now())
    settings.KEEP_ARTICLE_DAYS = 30
    assert drop_articles(timezone.now() + timedelta(days=400)) == (2, False)
    assert not MergedRows.objects.exists()
    with pytest.raises(RefusedError, match="does not have any more what parting needs"):
        undo_change(inner.pk, "ann")


def test_a_pages_text_stands_again_and_not_the_newest_of_a_feed() -> None:
    first, second = _at("https://tessin-times.example/?p=1"), _at("https://tessin-times.example/?p=2", LEAD)
    Revision.objects.filter(article=second).update(origin="feed")
    third = _at("https://tessin-times.example/?p=3", "\n\n".join([TEXT, *MORE]))
    for article, url in ((third, second.url), (second, first.url)):
        page = ExtractedPage(title=article.title, text=TEXT, html="", canonical_url=url)
        join_addresses(article.pk, article.url, page)
    first.refresh_from_db()
    assert first.revision_id == third.revision_id
    undo_change(Change.objects.filter(act="merge_article").earliest("id").pk, "ann")
    first.refresh_from_db()
    assert sorted(first.revisions.values_list("text", flat=True)) == sorted([TEXT, LEAD])
    assert first.revision is not None
    assert first.revision.text == TEXT


def test_each_article_that_has_a_place_is_counted_once(pair: tuple[Article, Article]) -> None:
    def counted() -> int:
        folded = PlacingShard.objects.aggregate(all=Sum("documents"))["all"] or 0
        return folded + PlacedTerms.objects.count()

    older, younger = pair
    place_articles([older.pk, younger.pk])
    Membership.objects.filter(article=younger).update(decided_by="ann")
    assert counted() == 2
    _join(younger, LONGER)
    assert counted() == 1
    undo_change(_merge().pk, "ann")
    place_articles([older.pk, younger.pk])
    assert Membership.objects.get(article=younger).decided_by == "ann"
    assert counted() == 2


def _before(table: str, act: Callable[[], object]) -> Callable[..., Any]:
    """What somebody else does right before the first row of a table is written."""
    done: list[object] = []

    def run(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(f'INSERT INTO "{table}"') and not done:
            done.append(table)
            act()
        return execute(sql, *rest)

    return run


def test_what_stands_in_the_way_of_parting_is_named_and_a_fault_of_ours_is_not_hidden(
    pair: tuple[Article, Article],
) -> None:
    older, younger = pair
    _join(younger, LONGER)
    merge = _merge()

    def say_first() -> None:
        CopyDecision.objects.create(kind="apart", article=older, other_id=younger.pk, by="bob")

    with (
        connection.execute_wrapper(_before("articles_article", lambda: _at(OTHER))),
        pytest.raises(RefusedError, match="Another article stands at this address"),
    ):
        undo_change(merge.pk, "ann")
    with (
        connection.execute_wrapper(_before("articles_copydecision", say_first)),
        pytest.raises(IntegrityError, match="copy_decision_one_in_force"),
    ):
        undo_change(merge.pk, "ann")
    undo_change(merge.pk, "ann")
    with pytest.raises(RefusedError, match="taken back already"):
        undo_change(merge.pk, "ann")


def test_another_article_at_the_address_is_not_overwritten(pair: tuple[Article, Article]) -> None:
    older, younger = pair
    _join(younger, LONGER)
    ArticleAddress.objects.filter(article=older).update(url_sha256=url_sha256("https://elsewhere.example/"))
    _at(OTHER)
    with pytest.raises(RefusedError, match="Another article stands at this address"):
        undo_change(_merge().pk, "ann")
    assert Article.objects.count() == 2


def test_versions_are_compared_with_those_of_their_own_address(pair: tuple[Article, Article]) -> None:
    older, younger = pair
    make_revision(older, older.title, f"{TEXT}\n\nThree died.")
    make_revision(younger, younger.title, f"{LONGER}\n\nFour died.")
    _join(younger, LONGER)
    page = version_page(older.pk)
    assert page is not None
    assert [(one.number, one.before, one.elsewhere) for one in page.versions] == [
        (4, 3, False), (3, 0, True), (2, 1, False), (1, 0, False),
    ]  # fmt: skip
    pair_of = where_changed(older.pk, "")
    assert pair_of is not None
    assert (pair_of.before, pair_of.after) == (3, 4)
    found = compare_versions(older.pk, 1, 2)
    assert found is not None
    assert found.following is not None
    assert (found.following.before, found.following.after) == (3, 4)


def test_its_page_says_why_two_addresses_are_one_and_an_editor_parts_them(
    pair: tuple[Article, Article], editor: User, analyst: User
) -> None:
    older, younger = pair
    editor_client, analyst_client = Client(), Client()
    editor_client.force_login(editor)
    analyst_client.force_login(analyst)
    _join(younger, LONGER)
    (address,) = origin_of(Article.objects.get(pk=older.pk)).addresses
    assert address.why.startswith(
        f"the page of one calls {URL} its own address, and 100% of the shorter text"
    )
    shown = analyst_client.get(f"/articles/{older.pk}/").content.decode()
    assert "of the shorter text stands in the other" in shown
    assert "These are two articles" not in shown
    assert "These are two articles" in editor_client.get(f"/articles/{older.pk}/").content.decode()
    (past,) = past_of(older.pk)
    assert past.undoable
    editor_client.post(f"/articles/changes/{address.change_id}/undo/", {"why": "Two days"})
    assert Article.objects.count() == 2
    parted = past_of(older.pk)[0]
    assert parted.words == f"said that article {younger.pk} at {OTHER} is another one"
    assert (parted.why, parted.undoable) == ("Two days", True)
    assert "had become part of" in past_of(younger.pk)[0].words
    assert editor_client.get(f"/articles/{younger.pk}/").status_code == 200
