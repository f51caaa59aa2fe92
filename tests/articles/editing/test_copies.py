"""What people say of copies: obeyed at once and by every later run, told in the history, taken back."""

from __future__ import annotations

import pytest

from articles.editing.copies import LONGEST_WHY, say_not_copy, say_origin, undo_copy_change
from articles.editing.workflow import undo_change
from articles.errors import RefusedError
from articles.events import database
from articles.events.placing import place_articles
from articles.models import Article, ArticleCopy, CopyDecision, CopyGroup, Job, Membership
from articles.queries.history import past_of
from tests.articles.events.passages import passage
from tests.articles.events.told import BRIDGE, VACCINE, Told, revise, store_article


@pytest.fixture(autouse=True)
def _new_process(db: None) -> None:
    database._held.clear()


def _place(*told: tuple[str, str]) -> list[Article]:
    articles = [
        store_article(Told(source, source, hour, f"Told by {source}", text))
        for hour, (source, text) in enumerate(told)
    ]
    place_articles(article.pk for article in articles)
    return articles


def _members(article: Article) -> set[int]:
    return set(
        ArticleCopy.objects.filter(group__members__article_id=article.pk).values_list("article_id", flat=True)
    )


def _origin() -> int | None:
    return CopyGroup.objects.get().origin_id


def _work() -> None:
    """What the worker that places does next."""
    waiting = Job.objects.filter(kind=Job.Kind.PLACE, state=Job.State.WAITING).order_by("subject_id")
    place_articles(list(waiting.values_list("subject_id", flat=True)))
    waiting.update(state=Job.State.DONE)


def test_what_is_no_copy_leaves_the_group_at_once_and_gets_its_event_anew() -> None:
    one, other, third = _place(("a", BRIDGE), ("b", BRIDGE), ("c", BRIDGE))
    say_not_copy(other.pk, one.pk, "ed", "an older bridge")
    assert _members(one) == {one.pk, third.pk}
    assert not _members(other)
    row = Membership.objects.get(article=other)
    assert row.why[0]["code"] == "copy"
    _work()
    row.refresh_from_db()
    assert row.why[0]["code"] != "copy"
    assert not _members(other)


def test_it_joins_no_group_that_the_other_is_in_however_often_it_is_placed() -> None:
    one, other, third = _place(("a", BRIDGE), ("b", BRIDGE), ("c", BRIDGE))
    say_not_copy(other.pk, one.pk, "ed")
    revise(other, other.title, BRIDGE + " Ferries run.")
    place_articles([other.pk])
    assert not _members(other)
    revise(one, one.title, BRIDGE + " Lorries wait.")
    place_articles([one.pk])
    assert _members(one) == {one.pk, third.pk}
    late = _place(("late", BRIDGE))[0]
    assert _members(late) == {one.pk, third.pk, late.pk}


def test_a_new_article_joins_no_two_groups_that_were_said_apart() -> None:
    one, other = _place(("a", BRIDGE), ("b", BRIDGE))
    say_not_copy(other.pk, one.pk, "ed")
    _work()
    assert not CopyGroup.objects.exists()
    late = _place(("late", BRIDGE))[0]
    assert len(_members(late)) == 2
    later = _place(("later", BRIDGE))[0]
    assert len(_members(later)) == 3
    assert not {one.pk, other.pk} <= _members(later)


def test_a_word_taken_back_brings_the_copy_home() -> None:
    one, other = _place(("a", BRIDGE), ("b", BRIDGE))
    event_id = Membership.objects.get(article=other).event_id
    change = say_not_copy(other.pk, one.pk, "ed")
    _work()
    done = undo_change(change.pk, "ann")
    assert (done.kind, done.id) == ("article", other.pk)
    assert _members(other) == {one.pk, other.pk}
    _work()
    assert _members(other) == {one.pk, other.pk}
    assert Membership.objects.get(article=other).event_id == event_id
    assert _origin() == one.pk
    with pytest.raises(RefusedError, match="taken back already"):
        undo_change(change.pk, "ed")
    assert CopyDecision.objects.filter(withdrawn_at__isnull=True).count() == 0


def test_the_word_stands_in_both_histories_and_either_takes_it_back() -> None:
    one, other = _place(("a", BRIDGE), ("b", BRIDGE))
    say_not_copy(other.pk, one.pk, "ed", "  an older\nbridge ")
    mine, theirs = past_of(other.pk)[0], past_of(one.pk)[0]
    assert (mine.words, mine.why, mine.undoable) == (
        "said that it is no copy of “Told by a”",
        "an older bridge",
        True,
    )
    assert (theirs.words, theirs.undoable) == ("said that “Told by b” is no copy of it", False)
    undo_change(theirs.id, "ann")
    assert past_of(other.pk)[0].words == "took back that it is no copy of “Told by a”"
    assert past_of(other.pk)[1].undone
    assert _members(other) == {one.pk, other.pk}


def test_a_group_of_which_only_one_is_left_is_none() -> None:
    one, other = _place(("a", BRIDGE), ("b", BRIDGE))
    say_not_copy(one.pk, other.pk, "ed")
    assert not CopyGroup.objects.exists()
    assert not ArticleCopy.objects.exists()


def test_the_said_origin_is_the_origin_until_it_is_taken_back() -> None:
    one, _, third = _place(("a", BRIDGE), ("b", "TESSIN (Reuters) - " + BRIDGE), ("c", BRIDGE))
    assert _origin() == one.pk
    change = say_origin(third.pk, "ed", "they were there")
    assert _origin() == third.pk
    row = ArticleCopy.objects.get(article=third)
    assert (row.kind, row.why[0]["words"]) == (
        "origin",
        "ed said that this is the origin: they were there",
    )
    was = ArticleCopy.objects.get(article=one)
    assert (was.kind, was.why[0]["detail"]) == ("verbatim", {"article": third.pk})
    assert _place(("reuters", BRIDGE))
    assert _origin() == third.pk
    undo_change(change.pk, "ann")
    assert _origin() == Article.objects.get(publisher__slug="reuters").pk
    assert past_of(third.pk)[0].words == "took back that it is the origin of its text"


def test_a_later_word_on_the_origin_replaces_the_earlier_until_it_is_taken_back() -> None:
    _, other, third = _place(("a", BRIDGE), ("b", BRIDGE), ("c", BRIDGE))
    earlier = say_origin(other.pk, "ed")
    later = say_origin(third.pk, "ann")
    assert _origin() == third.pk
    with pytest.raises(RefusedError, match="later word"):
        undo_copy_change(earlier.pk, "ed")
    undo_copy_change(later.pk, "ed")
    assert _origin() == other.pk
    undo_copy_change(earlier.pk, "ed")
    assert _origin() != other.pk


def test_what_makes_no_sense_is_refused_with_a_sentence() -> None:
    one, other, third = _place(("a", BRIDGE), ("b", BRIDGE), ("c", VACCINE))
    with pytest.raises(RefusedError, match="copy of itself"):
        say_not_copy(one.pk, one.pk, "ed")
    with pytest.raises(RefusedError, match="no copy group"):
        say_not_copy(third.pk, one.pk, "ed")
    for number in (third.pk, 999_999):
        with pytest.raises(RefusedError, match="in one copy group no more"):
            say_not_copy(one.pk, number, "ed")
    for number, words in ((third.pk, "no copy group"), (999_999, "not here any more")):
        with pytest.raises(RefusedError, match=words):
            say_origin(number, "ed")
    with pytest.raises(RefusedError, match="shorten it"):
        say_origin(one.pk, "ed", "x" * (LONGEST_WHY + 1))
    say_origin(one.pk, "ed")
    with pytest.raises(RefusedError, match="said already"):
        say_origin(one.pk, "ann")
    with pytest.raises(RefusedError, match="no word on copies"):
        undo_copy_change(999_999, "ed")
    assert _members(other) == {one.pk, other.pk}


def test_a_copy_that_a_person_put_into_an_event_stays_in_it() -> None:
    one, other = _place(("a", passage(0, 12)), ("b", passage(0, 12)))
    Membership.objects.filter(article=other).update(decided_by="ed")
    event_id = Membership.objects.get(article=other).event_id
    say_not_copy(other.pk, one.pk, "ed")
    _work()
    row = Membership.objects.get(article=other)
    assert (row.event_id, row.decided_by) == (event_id, "ed")
    assert not _members(other)
