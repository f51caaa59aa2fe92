"""Decisions on names: links, counts and search follow at once, later runs obey, and each can be taken back."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from articles.editing.links import LinkDraft, decide_link
from articles.editing.workflow import undo_change
from articles.errors import RefusedError
from articles.ingest.link import relink_article
from articles.models import Article, ArticleEntity, EntityDay, LinkDecision, Mention
from entities.lexicon import names_changed
from entities.models import Change, Entity
from tests.factories import TEXT, make_article, make_entity

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipping(db: None) -> Entity:
    return make_entity("Orne Shipping")


@pytest.fixture
def ferries(db: None) -> Entity:
    return make_entity("Orne Ferries Holding")


@pytest.fixture
def article(shipping: Entity, ferries: Entity) -> Article:
    made = make_article()
    relink_article(made.pk)
    return made


def meant(article: Article) -> list[int | None]:
    """Whom each "Orne Shipping" of the text means, in order."""
    rows = Mention.objects.filter(revision=article.revision_id, text="Orne Shipping", field="text").order_by(
        "start"
    )
    return list(rows.values_list("entity_id", flat=True))


def searched(article: Article) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity_ids FROM articles_searchrow WHERE article_id = %s", [article.pk])
        return list(cursor.fetchone()[0] or [])


def test_it_links_by_itself_what_nobody_decided(article: Article, shipping: Entity) -> None:
    assert meant(article) == [shipping.pk, shipping.pk]


def test_it_corrects_a_name_everywhere_and_everything_counted_from_it(
    article: Article, shipping: Entity, ferries: Entity
) -> None:
    change = decide_link(
        article.pk, "ed", LinkDraft("Orne Shipping", ferries.pk), "the group changed its name"
    )
    assert meant(article) == [ferries.pk, ferries.pk]
    assert set(Mention.objects.filter(entity=ferries).values_list("decided_by", flat=True)) == {"ed"}
    assert list(ArticleEntity.objects.filter(article=article).values_list("entity_id", "mentions")) == [
        (ferries.pk, 2)
    ]
    assert searched(article) == [ferries.pk]
    assert EntityDay.objects.get(entity=ferries).n == 1
    assert EntityDay.objects.get(entity=shipping).n == 0
    assert change.why == "the group changed its name"


def test_it_corrects_one_place_alone(article: Article, shipping: Entity, ferries: Entity) -> None:
    start = TEXT.index("Orne Shipping")
    end = start + len("Orne Shipping")
    decide_link(article.pk, "ed", LinkDraft("Orne Shipping", ferries.pk, "text", start, end))
    assert meant(article) == [ferries.pk, shipping.pk]


def test_it_obeys_in_every_later_run(article: Article, ferries: Entity) -> None:
    decide_link(article.pk, "ed", LinkDraft("Orne Shipping", ferries.pk))
    relink_article(article.pk)
    assert meant(article) == [ferries.pk, ferries.pk]


def test_it_rejects_a_name(article: Article) -> None:
    decide_link(article.pk, "ed", LinkDraft("Orne Shipping", None))
    relink_article(article.pk)
    assert (
        Mention.objects.filter(
            revision=article.revision_id, text="Orne Shipping", entity__isnull=False
        ).count()
        == 0
    )
    assert searched(article) == []


def test_it_adds_a_link_to_words_that_no_machine_found(article: Article, ferries: Entity) -> None:
    decide_link(article.pk, "ed", LinkDraft("ferries", ferries.pk))
    found = Mention.objects.get(revision=article.revision_id, text="ferries")
    assert (found.entity_id, found.start, found.decided_by) == (ferries.pk, TEXT.index("ferries"), "ed")


def test_it_replaces_a_decision_and_takes_each_back(
    article: Article, shipping: Entity, ferries: Entity
) -> None:
    first = decide_link(article.pk, "ed", LinkDraft("Orne Shipping", ferries.pk))
    second = decide_link(article.pk, "ann", LinkDraft("Orne Shipping", None))
    with pytest.raises(RefusedError, match="later decision"):
        undo_change(first.pk, "ed")
    undo_change(second.pk, "ed")
    assert meant(article) == [ferries.pk, ferries.pk]
    undo_change(first.pk, "ed")
    assert meant(article) == [shipping.pk, shipping.pk]
    assert not LinkDecision.objects.filter(withdrawn_at__isnull=True).exists()


def test_it_links_to_the_entity_that_another_was_merged_into(
    article: Article, shipping: Entity, ferries: Entity
) -> None:
    Entity.objects.filter(pk=ferries.pk).update(merged_into=shipping)
    decide_link(article.pk, "ed", LinkDraft("ferries", ferries.pk))
    assert LinkDecision.objects.get().entity_id == shipping.pk


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        (LinkDraft("Not in the text", None), "does not stand"),
        (LinkDraft("", None), "Name the words"),
        (LinkDraft("Orne Shipping", 999_999), "not here any more"),
        (LinkDraft("Orne Shipping", None, "text", 0, 13), "text has changed"),
        (LinkDraft("Orne Shipping", None, "text", 0, None), "not whole"),
    ],
)
def test_it_refuses_what_cannot_hold(article: Article, draft: LinkDraft, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        decide_link(article.pk, "ed", draft)
    assert not LinkDecision.objects.exists()


def _waits_for(path: Path) -> bool:
    """Whether somebody waits for the lock on a file."""
    place = f":{path.stat().st_ino} "
    lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    return any("->" in line and place in line for line in lines)


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="who waits for a lock is seen in /proc/locks")
@pytest.mark.django_db(transaction=True)
def test_no_row_is_locked_while_names_are_compiled(transactional_db: None) -> None:
    make_entity("Orne Shipping")
    ferries, article = make_entity("Orne Ferries Holding"), make_article()
    decided = decide_link(article.pk, "ed", LinkDraft("Orne Shipping", ferries.pk))
    folder = Path(settings.DATA_DIR) / "lexicon"
    folder.mkdir(parents=True, exist_ok=True)
    done: list[object] = []

    def act(number: int) -> None:
        try:
            if number:
                done.append(undo_change(decided.pk, "ed"))
            else:
                done.append(decide_link(article.pk, "ed", LinkDraft("repair", None)))
        finally:
            connections.close_all()

    for number in (0, 1):
        handle = os.open(folder / ".compiling", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)  # as if another process had been compiling for long
        names_changed()
        thread = threading.Thread(target=act, args=(number,))
        thread.start()
        try:
            until = time.monotonic() + 240
            while not _waits_for(folder / ".compiling") and thread.is_alive() and time.monotonic() < until:
                time.sleep(0.02)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
                )
                assert cursor.fetchone() == (0,)
        finally:
            os.close(handle)
            thread.join(240)
    assert len(done) == 2
    assert Change.objects.filter(undoes=decided).exists()
