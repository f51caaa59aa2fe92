"""One article at two addresses: what is noted, what becomes one, what stays two, and what moves along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from articles import pipeline
from articles.editing.annotations import NoteDraft, attach_note
from articles.editing.workflow import undo_change
from articles.ingest.entries import address_sha256
from articles.ingest.merging import join_addresses
from articles.ingest.taking import take_page
from articles.models import (
    Annotation,
    Article,
    ArticleAddress,
    ArticleCopy,
    Constraint,
    CopyDecision,
    CopyGroup,
    EntityDay,
    Event,
    Feed,
    Job,
    LinkDecision,
    Membership,
    PageLook,
    Revision,
    SearchRow,
    Sighting,
)
from articles.queries.article_origin import moved_to
from articles.queries.history import past_of
from articles.types import ExtractedPage
from tests.articles.ingest.rows import make_feed
from tests.factories import (
    TEXT,
    make_article,
    make_entity,
    make_event,
    make_publisher,
    make_revision,
    make_sighting,
    name_in,
)
from tests.feedworld import FeedWorld, serving

pytestmark = pytest.mark.django_db

URL = "https://tessin-times.example/2026/03/harbour-closed"
AMP = f"{URL}/amp"


def _at(url: str, *, title: str = "Harbour of Halvard closed", text: str = TEXT, **columns: Any) -> Article:
    article = make_article(title, text, **columns)
    article.url, article.url_sha256 = url, address_sha256(url)
    article.save(update_fields=["url", "url_sha256"])
    return article


def _page(canonical: str = "", *others: tuple[str, str], text: str = TEXT) -> ExtractedPage:
    return ExtractedPage(
        title="Harbour of Halvard closed", text=text, html="", canonical_url=canonical, other_urls=others
    )


def _join(article: Article, page: ExtractedPage) -> int | None:
    return join_addresses(article.pk, article.url, page)


def test_the_addresses_that_a_page_names_are_noted_once() -> None:
    article = _at(URL)
    other = "https://tessin-times.example/?p=77"
    for _ in range(2):
        assert _join(article, _page(other, ("mobile", "https://tessin-times.example/pocket/77"))) is None
    rows = ArticleAddress.objects.filter(article=article).order_by("kind")
    assert [(row.kind, row.url) for row in rows] == [
        ("canonical", other),
        ("mobile", "https://tessin-times.example/pocket/77"),
    ]


def test_a_page_that_names_its_own_address_costs_no_query(django_assert_num_queries: object) -> None:
    article = _at(URL)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert _join(article, _page(URL, ("amp", AMP))) is None


def test_the_younger_of_two_becomes_part_of_the_older_and_its_number_leads_there() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    make_sighting(older, "front")
    make_sighting(younger, "harbours")
    assert _join(younger, _page(URL)) == older.pk
    assert list(Article.objects.values_list("pk", flat=True)) == [older.pk]
    assert Sighting.objects.filter(article=older).count() == 2
    assert moved_to(younger.pk) == older.pk
    row = ArticleAddress.objects.get(merged_id=younger.pk)
    assert (row.kind, row.url) == ("merged", "https://tessin-times.example/?p=77")
    assert SearchRow.objects.count() == 1
    (past,) = past_of(older.pk)
    assert f"article {younger.pk} at https://tessin-times.example/?p=77 is this one" in past.words
    assert "1 sighting" in past.words
    assert URL in past.why


def test_the_older_survives_when_its_own_page_names_the_younger_ones_address() -> None:
    older, younger = _at("https://tessin-times.example/?p=77"), _at(URL)
    assert _join(older, _page(URL)) is None
    assert list(Article.objects.values_list("pk", flat=True)) == [older.pk]
    assert moved_to(younger.pk) == older.pk


def test_three_rows_of_one_article_become_one_and_every_old_number_leads_to_it() -> None:
    first, second, third = (_at(f"https://tessin-times.example/?p={n}") for n in (1, 2, 3))
    assert _join(third, _page(second.url)) == second.pk
    assert _join(second, _page(first.url)) == first.pk
    assert moved_to(second.pk) == moved_to(third.pk) == first.pk
    assert Article.objects.get().pk == first.pk


def test_an_address_that_was_only_noted_joins_too() -> None:
    first = _at("https://tessin-times.example/?p=1")
    _join(first, _page(URL))
    second = _at("https://tessin-times.example/?p=2")
    assert _join(second, _page(URL)) == first.pk


@pytest.mark.parametrize("is_sample", [False, True])
def test_articles_of_two_publishers_or_worlds_never_become_one(is_sample: bool) -> None:
    ours = _at(URL)
    theirs = _at(
        "https://tessin-times.example/?p=77",
        publisher=ours.publisher if is_sample else make_publisher("Coast Courier"),
        sample=is_sample,
    )
    assert _join(theirs, _page(URL)) is None
    assert Article.objects.count() == 2
    assert not ArticleAddress.objects.exists()


def test_an_address_that_is_given_for_two_stories_is_nobodys() -> None:
    common = "https://tessin-times.example/news/newest-stories-of-the-day"
    first = _at("https://tessin-times.example/?p=1", canonical_url=common)
    _join(first, _page(common))
    assert ArticleAddress.objects.count() == 1
    second = _at(
        "https://tessin-times.example/?p=2",
        title="Ferry runs aground",
        text="A ferry ran aground off Skerry on Sunday night, its owner said in a statement to the press. "
        * 9,
        canonical_url=common,
    )
    make_long(first)
    assert _join(second, _page(common)) is None
    assert Article.objects.count() == 2
    assert not ArticleAddress.objects.exists()
    assert set(Article.objects.values_list("canonical_url", flat=True)) == {""}


def make_long(article: Article) -> None:
    """Give the article a text of its own that is long enough to speak for itself."""
    text = "\n\n".join(f"{TEXT} Paragraph {n} tells of quay {n} and of crane {n + 1}." for n in range(6))
    Revision.objects.filter(article=article).update(text=text)


def test_entries_that_share_one_link_are_not_told_apart_by_their_page() -> None:
    first = _at(URL)
    vague = make_article("Harbour of Halvard closed")
    vague.url = URL  # its key is of its guid
    vague.save(update_fields=["url"])
    assert _join(vague, _page("https://tessin-times.example/?p=9")) is None
    assert Article.objects.count() == 2
    assert not ArticleAddress.objects.exclude(article=first).exists()


def test_notes_and_decisions_and_history_come_along() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    orne = make_entity("Orne Shipping")
    start = TEXT.index("Fishermen")
    attach_note(younger.pk, "ann", NoteDraft(quote="Fishermen at Tessin", body="Who?", start=start))
    for article, by in ((older, "bob"), (younger, "ann")):
        LinkDecision.objects.create(article=article, surface="Halvard", entity=None, by=by)
    LinkDecision.objects.create(article=younger, surface="Orne", entity=orne, by="ann")
    Article.objects.filter(pk=younger.pk).update(status="reviewed")
    _join(younger, _page(URL))
    note = Annotation.objects.get()
    assert (note.article_id, note.revision_id) == (older.pk, older.revision_id)
    assert older.revision is not None
    assert older.revision.text[note.start : note.end] == "Fishermen at Tessin"
    said = LinkDecision.objects.filter(article=older).order_by("surface").values_list("surface", "by")
    assert list(said) == [("Halvard", "bob"), ("Orne", "ann")]
    noted = next(past for past in past_of(older.pk) if past.by == "ann")
    assert noted.undoable
    assert undo_change(noted.id, "ann").id == younger.pk  # whose address leads to the survivor's
    assert Annotation.objects.get().deleted_at is not None
    older.refresh_from_db()
    assert older.status == "reviewed"


def test_a_note_on_a_passage_that_only_the_younger_has_keeps_its_text() -> None:
    older = _at(URL)
    longer = f"{TEXT}\n\nA crane fell."
    younger = _at("https://tessin-times.example/?p=77", text=longer)
    attach_note(younger.pk, "ann", NoteDraft(quote="A crane fell.", body="When?"))
    _join(younger, _page(URL))
    note = Annotation.objects.get()
    assert note.article_id == note.revision.article_id == older.pk
    assert note.revision.text == longer
    older.refresh_from_db()
    assert older.revision is not None
    assert older.revision.text == TEXT


def test_counts_of_entities_and_events_stay_right() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77", published_at=None)
    orne = make_entity("Orne Shipping")
    for article in (older, younger):
        name_in(article, "Orne Shipping", orne)
    event = make_event("Harbour closed", [older, younger])
    assert sum(EntityDay.objects.values_list("n", flat=True)) == 2
    _join(younger, _page(URL))
    assert sum(EntityDay.objects.values_list("n", flat=True)) == 1
    event.refresh_from_db()
    assert event.article_count == 1
    assert Membership.objects.get().article_id == older.pk


def test_the_event_that_the_younger_was_alone_in_leads_to_the_survivors() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    one, other = make_event("Harbour closed", [older]), make_event("Harbour shut", [younger])
    _join(younger, _page(URL))
    other.refresh_from_db()
    assert (other.merged_into_id, other.article_count) == (one.pk, 0)


def test_where_a_person_put_the_younger_the_survivor_stays() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    by_machine, by_person = make_event("Harbour closed", [older]), make_event("Storm", [younger])
    Membership.objects.filter(article=younger).update(decided_by="ann")
    _join(younger, _page(URL))
    place = Membership.objects.get()
    assert (place.article_id, place.event_id, place.decided_by) == (older.pk, by_person.pk, "ann")
    by_machine.refresh_from_db()
    assert by_machine.merged_into_id == by_person.pk
    assert Event.objects.get(pk=by_person.pk).article_count == 1


def test_what_people_said_of_pairs_holds_for_the_survivor() -> None:
    third = make_article("Storm over Skerry")
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    Constraint.objects.create(kind="cannot", a=third, b=younger, by="ann")
    _join(younger, _page(URL))
    row = Constraint.objects.get()
    assert {row.a_id, row.b_id} == {third.pk, older.pk}


def test_two_of_which_a_person_said_that_they_are_no_copies_stay_two() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    CopyDecision.objects.create(kind="not_copy", article=younger, other=older, by="ann")
    assert _join(younger, _page(URL)) is None
    assert Article.objects.count() == 2
    assert CopyDecision.objects.count() == 1
    CopyDecision.objects.update(withdrawn_at=timezone.now())
    assert _join(younger, _page(URL)) == older.pk


@pytest.mark.parametrize("of", ["the twin", "another article of the twin's event"])
def test_two_that_a_person_keeps_out_of_one_event_stay_two(of: str) -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    beside = make_article("Storm over Skerry")
    make_event("Harbour closed", [older, beside])
    make_event("Harbour shut", [younger])
    a, b = sorted((younger, older if of == "the twin" else beside), key=lambda row: row.pk)
    Constraint.objects.create(kind="cannot", a=a, b=b, by="ann")
    assert _join(younger, _page(URL)) is None
    assert Article.objects.count() == 3
    Constraint.objects.update(withdrawn_at=timezone.now())
    assert _join(younger, _page(URL)) == older.pk


def test_one_that_takes_a_place_among_copies_is_measured_with_its_own_text() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    third = make_article("The harbour is closed")
    make_event("Harbour closed", [older, younger, third])
    group = CopyGroup.objects.create(origin=third, article_count=2)
    ArticleCopy.objects.create(article=younger, group=group, kind="verbatim", rule_version="test")
    ArticleCopy.objects.create(article=third, group=group, kind="origin", rule_version="test")
    _join(younger, _page(URL))
    assert Job.objects.filter(kind="place", subject_id=older.pk).exists()


def test_a_copy_group_loses_the_double_and_keeps_the_others() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    third = make_article("The harbour is closed")
    group = CopyGroup.objects.create(origin=younger, article_count=2)
    ArticleCopy.objects.create(article=younger, group=group, kind="origin", rule_version="test")
    ArticleCopy.objects.create(article=third, group=group, kind="verbatim", rule_version="test")
    _join(younger, _page(URL))
    group.refresh_from_db()
    assert group.origin_id == older.pk
    assert set(group.members.values_list("article_id", flat=True)) == {older.pk, third.pk}


def test_a_pages_text_takes_the_place_of_a_feeds_with_its_looks() -> None:
    older, younger = _at(URL, text="The harbour is closed."), _at("https://tessin-times.example/?p=77")
    Revision.objects.filter(article=older).update(origin="feed")
    Article.objects.filter(pk=older.pk).update(needs_page=True)
    PageLook.objects.create(article=younger, looks=2)
    Job.objects.create(kind="look", subject_id=younger.pk, not_before=timezone.now())
    _join(younger, _page(URL))
    older.refresh_from_db()
    assert older.revision is not None
    assert (older.revision.text, older.revision.number, older.needs_page) == (TEXT, 2, False)
    assert PageLook.objects.get().article_id == Job.objects.get(kind="look").subject_id == older.pk


LONG = "\n\n".join(
    f"Paragraph {n} of the long story tells how the harbour of Halvard was shut for {n} days."
    for n in range(2, 30)
)
STUB = "\n\n".join(LONG.split("\n\n")[:2])


def test_the_beginning_on_a_page_does_not_take_the_place_of_a_feeds_whole_text() -> None:
    older = _at(URL, text=LONG)
    Revision.objects.filter(article=older).update(origin="feed")
    younger = _at("https://tessin-times.example/?p=77", text=STUB, page_kind="paywall")
    _join(younger, _page(URL, text=STUB))
    older.refresh_from_db()
    assert older.revision is not None
    assert (older.revision.text, older.revision.number) == (LONG, 1)
    assert list(older.revisions.order_by("number").values_list("number", "text")) == [(1, LONG), (2, STUB)]
    assert older.page_kind == "paywall"  # which is what its page is


def test_a_whole_text_takes_the_place_of_a_beginning_with_all_its_revisions_and_their_times() -> None:
    older = _at(URL, text=STUB, page_kind="paywall")
    younger = _at("https://tessin-times.example/?p=77", text=LONG, page_kind="article")
    corrected = f"{LONG}\n\nCorrected: three died."
    make_revision(younger, younger.title, corrected)
    said_at = timezone.now() - timedelta(days=3)
    younger.revisions.update(created_at=said_at)
    Article.objects.filter(pk=younger.pk).update(corrected_at=said_at, number_changed_at=said_at)
    _join(younger, _page(URL, text=corrected))
    older.refresh_from_db()
    assert older.revision is not None
    assert (older.revision.text, older.revision.number, older.page_kind) == (corrected, 3, "article")
    rows = older.revisions.order_by("number").values_list("number", "text")
    assert list(rows) == [(1, STUB), (2, LONG), (3, corrected)]
    assert set(older.revisions.filter(number__gt=1).values_list("created_at", flat=True)) == {said_at}
    assert (older.corrected_at, older.number_changed_at) == (said_at, said_at)


def test_what_page_and_feed_say_after_a_merge_comes_behind_the_texts_that_came_over() -> None:
    older = _at(URL, text=LONG)
    younger = _at("https://tessin-times.example/?p=77", text=STUB)
    _join(younger, _page(URL, text=STUB))
    older.refresh_from_db()
    assert older.revision is not None
    assert (older.revision.number, older.revisions.count()) == (1, 2)
    told = ExtractedPage(
        title=older.title, text=f"{LONG}\n\nA crane fell into the water.", html="", kind="article"
    )
    taken = take_page(older, older.revision, told, timezone.now(), known_title=older.title)
    assert (taken.is_new, taken.revision.number) == (True, 3)


def test_a_text_that_both_have_is_kept_once() -> None:
    older, younger = _at(URL, text=STUB), _at("https://tessin-times.example/?p=77", text=LONG)
    make_revision(older, older.title, LONG)
    make_revision(older, older.title, STUB[:40])
    _join(younger, _page(URL, text=LONG))
    older.refresh_from_db()
    assert older.revision is not None
    assert (older.revision.number, older.revision.text, older.revisions.count()) == (2, LONG, 3)


def test_a_date_that_only_the_younger_knows_is_taken() -> None:
    known = datetime(2026, 3, 9, 8, tzinfo=UTC)
    older = _at(URL, published_at=known + timedelta(days=2))
    Article.objects.filter(pk=older.pk).update(published_from="fetched")
    younger = _at(
        "https://tessin-times.example/?p=77", published_at=known, published_raw="9 March", section="Ports"
    )
    _join(younger, _page(URL))
    older.refresh_from_db()
    assert (older.published_at, older.published_from, older.section) == (known, "feed", "Ports")
    assert SearchRow.objects.get().published_at == known


def test_jobs_of_the_row_that_goes_are_dropped() -> None:
    older, younger = _at(URL), _at("https://tessin-times.example/?p=77")
    for article in (older, younger):
        Job.objects.create(kind="place", subject_id=article.pk, not_before=timezone.now(), shard="en")
    _join(younger, _page(URL))
    assert Job.objects.get().subject_id == older.pk


def test_two_feeds_with_different_links_bring_one_article_when_its_page_says_so() -> None:
    text = "".join(
        f"<p>On day {n} the harbour of Halvard was closed, its master number {n} said in a statement.</p>"
        for n in range(9)
    )
    with serving(FeedWorld({}, content_types={"/story": "text/html", "/p77": "text/html"})) as world:
        page = f"<html lang=en><head><link rel=canonical href='/story'></head><body><article><h1>Harbour of Halvard closed</h1>{text}</article></body></html>"
        world.bodies = {
            "/a.xml": _feed(world.url("/story")),
            "/b.xml": _feed(world.url("/p77")),
            "/story": page.encode(),
            "/p77": page.encode(),
        }
        for name in ("a", "b"):
            make_feed(url=world.url(f"/{name}.xml"))
        pipeline.ingest_due_feeds(600)
        assert Article.objects.count() == 2
        pipeline.read_new_articles(600)
        pipeline.place_linked_articles(600)
        article = Article.objects.get()
        assert Sighting.objects.filter(article=article).count() == 2
        assert article.stage == "done"
        assert Event.objects.get(merged_into=None).article_count == 1
        # What the feeds list from now on is known under either address.
        Feed.objects.update(next_fetch_at=timezone.now() - timedelta(seconds=1))
        world.bodies["/a.xml"] = _feed(world.url("/p77"), guid="another")
        pipeline.ingest_due_feeds(600)
    assert Article.objects.count() == 1
    assert Sighting.objects.filter(article=article).count() == 3


def _feed(link: str, guid: str = "") -> bytes:
    item = f"<item><guid>{guid or link}</guid><link>{link}</link><title>Harbour of Halvard closed</title><description>Closed.</description></item>"
    return f'<rss version="2.0"><channel><title>P</title>{item}</channel></rss>'.encode()
