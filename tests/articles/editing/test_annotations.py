"""Notes: attached to a passage, changed under an optimistic lock, deleted, and each taken back."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from articles.editing.annotations import NoteDraft, attach_note, delete_note, edit_note
from articles.editing.workflow import undo_change
from articles.errors import ConflictError, RefusedError
from articles.models import Annotation, Article
from entities.history import history_of
from tests.factories import TEXT, make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(db: None) -> Article:
    return make_article()


def attach(article: Article, quote: str = "ferries to run again", body: str = "Who says so?") -> Annotation:
    change = attach_note(article.pk, "ed", NoteDraft(quote, body, "claim"))
    return Annotation.objects.get(pk=change.after["note"])


def test_it_hangs_a_note_on_the_code_points_of_its_quote(article: Article) -> None:
    note = attach(article, "repair cheap")
    assert TEXT[note.start : note.end] == note.exact == "repair cheap"
    assert (note.prefix, note.suffix) == (TEXT[note.start - 32 : note.start], TEXT[note.end : note.end + 32])
    assert (note.by, note.tag, note.revision_id) == ("ed", "claim", article.revision_id)
    assert history_of("article", article.pk)[0].act == "attach_note"


def test_it_takes_the_quote_nearest_to_where_it_was_selected(article: Article) -> None:
    second = TEXT.rindex("Orne Shipping")
    change = attach_note(article.pk, "ed", NoteDraft("Orne Shipping", "Here", start=second))
    assert Annotation.objects.get(pk=change.after["note"]).start == second


@pytest.mark.parametrize(
    ("quote", "body", "says"),
    [
        ("words that are not there", "x", "do not stand in the text"),
        ("", "x", "do not stand in the text"),
        ("ferries", "  ", "empty"),
        ("ferries", "x" * 6000, "shorten"),
    ],
)
def test_it_refuses_what_cannot_be_a_note(article: Article, quote: str, body: str, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        attach_note(article.pk, "ed", NoteDraft(quote, body))
    assert not Annotation.objects.exists()


def test_it_refuses_a_note_on_an_article_without_text(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(revision=None)
    with pytest.raises(RefusedError, match="no text"):
        attach(article)


def test_it_accepts_one_of_two_changes_of_the_same_version(article: Article) -> None:
    note = attach(article)
    edit_note(note.pk, "ann", "First", "claim", note.version)
    with pytest.raises(ConflictError, match="ann changed this note"):
        edit_note(note.pk, "ed", "Second", "claim", note.version)
    note.refresh_from_db()
    assert note.body == "First"


def test_it_writes_no_history_for_a_change_that_is_none(article: Article) -> None:
    note = attach(article)
    assert edit_note(note.pk, "ed", note.body, note.tag, note.version) is None
    assert len(history_of("article", article.pk)) == 1


def test_it_takes_back_a_note_a_change_and_a_deletion(article: Article) -> None:
    note = attach(article)
    changed = edit_note(note.pk, "ed", "Other words", "", note.version)
    assert changed is not None
    undo_change(changed.pk, "ann")
    note.refresh_from_db()
    assert (note.body, note.tag) == ("Who says so?", "claim")
    deleted = delete_note(note.pk, "ed", note.version)
    assert not Annotation.objects.filter(deleted_at__isnull=True).exists()
    undo_change(deleted.pk, "ed")
    assert Annotation.objects.filter(deleted_at__isnull=True).exists()
    first = history_of("article", article.pk)[-1]
    undo_change(first.pk, "ed")
    assert not Annotation.objects.filter(deleted_at__isnull=True).exists()


def test_it_takes_nothing_back_twice_or_over_a_later_change(article: Article) -> None:
    note = attach(article)
    first = edit_note(note.pk, "ed", "One", "", note.version)
    edit_note(note.pk, "ann", "Two", "", note.version + 1)
    assert first is not None
    with pytest.raises(RefusedError, match="changed since"):
        undo_change(first.pk, "ed")
    last = history_of("article", article.pk)[0]
    undo_change(last.pk, "ed")
    with pytest.raises(RefusedError, match="already"):
        undo_change(last.pk, "ed")


@pytest.mark.django_db(transaction=True)
def test_of_many_editors_at_once_exactly_one_wins_a_version() -> None:
    note = attach(make_article())
    won: list[str] = []

    def edit(name: str) -> None:
        try:
            edit_note(note.pk, name, f"by {name}", "", note.version)
            won.append(name)
        except ConflictError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(f"e{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    note.refresh_from_db()
    assert len(won) == 1
    assert note.body == f"by {won[0]}"
    assert len(history_of("article", note.article_id)) == 2
