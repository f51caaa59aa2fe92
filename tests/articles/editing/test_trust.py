"""What people decide about a name makes it stronger or weaker for the machine, in all articles, and can be taken back."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.utils import timezone

from articles import pipeline
from articles.editing.links import LinkDraft, decide_link
from articles.editing.trust import count_trust
from articles.editing.workflow import undo_change
from articles.ingest.link import relink_article
from articles.ingest.new_names import search_new_names
from articles.models import Article, Job, LinkDecision, Mention
from entities.models import Alias, Change, Entity, LexiconVersion
from tests.factories import make_article, make_entity

pytestmark = pytest.mark.django_db
TEXT = "The harbour was closed on Tuesday. Sundel said in a note that ferries wait."


@pytest.fixture(autouse=True)
def _now(settings: LazySettings) -> None:
    settings.LEXICON_CHECK_SECONDS = -1.0
    settings.NER_MODEL = ""


@pytest.fixture
def bank(db: None) -> Entity:
    return make_entity("Sundel Bank", aliases=["Sundel"])


@pytest.fixture
def ferries(db: None) -> Entity:
    return make_entity("Strait Ferries")


def told(number: int) -> Article:
    made = make_article(f"Harbour closed {number}", TEXT)
    relink_article(made.pk)
    return made


def alias() -> Alias:
    return Alias.objects.get(text="Sundel")


def version() -> int:
    return LexiconVersion.objects.get_or_create(id=1)[0].number


def meant(article: Article) -> list[int | None]:
    return list(
        Mention.objects.filter(revision=article.revision_id, text="Sundel")
        .order_by("field", "start")
        .values_list("entity_id", flat=True)
    )


def decide(article: Article, entity: Entity | None) -> Change:
    return decide_link(article.pk, "ed", LinkDraft("Sundel", entity.pk if entity else None))


def test_what_the_machine_meant_before_is_kept_with_the_decision(bank: Entity, ferries: Entity) -> None:
    article = told(1)
    first = decide(article, ferries)
    assert LinkDecision.objects.get(withdrawn_at=None).was_id == bank.pk
    # A second decision goes over a person's, not over the machine's.
    decide(article, None)
    assert LinkDecision.objects.get(withdrawn_at=None).was_id == bank.pk
    start = TEXT.index("Sundel")
    decide_link(article.pk, "ann", LinkDraft("Sundel", ferries.pk, "text", start, start + 6))
    assert list(LinkDecision.objects.filter(withdrawn_at=None).values_list("was_id", flat=True)) == [
        bank.pk,
        bank.pk,
    ]
    assert first.before["entity"] == bank.pk


def test_decisions_are_counted_by_article_and_each_undo_counts_back(bank: Entity, ferries: Entity) -> None:
    articles = [told(number) for number in range(3)]
    decide(articles[0], bank)
    wrong = decide(articles[1], ferries)
    decide(articles[2], None)
    assert (alias().right, alias().wrong) == (1, 2)
    undo_change(wrong.pk, "ed")
    assert (alias().right, alias().wrong) == (1, 1)
    # The name of the entity in full was not spoken of.
    full = Alias.objects.get(text="Sundel Bank")
    assert (full.right, full.wrong) == (0, 0)


def test_a_name_that_misleads_becomes_weak_and_its_articles_are_linked_anew(
    bank: Entity, ferries: Entity
) -> None:
    articles = [told(number) for number in range(4)]
    assert meant(articles[3]) == [bank.pk]
    before = version()
    decide(articles[0], ferries)
    decide(articles[1], ferries)
    assert version() == before, "two may be chance: the lexicon is not compiled anew for them"
    last = decide(articles[2], ferries)
    assert version() == before + 1
    assert set(Job.objects.filter(kind="link").values_list("subject_id", flat=True)) == {
        article.pk for article in articles
    }
    pipeline.link_again(600.0)
    assert bank.pk not in meant(articles[3]), "alone it does not do any more"
    assert meant(articles[0]) == [ferries.pk], "what was decided stands"
    undo_change(last.pk, "ed")
    search_new_names(timezone.now())
    pipeline.link_again(600.0)
    assert meant(articles[3]) == [bank.pk]


def test_a_weak_name_that_people_confirm_becomes_strong(bank: Entity) -> None:
    Alias.objects.filter(text="Sundel").update(weak=True)
    articles = [told(number) for number in range(4)]
    assert meant(articles[3]) != [bank.pk]
    for article in articles[:3]:
        decide(article, bank)
    search_new_names(timezone.now())
    pipeline.link_again(600.0)
    assert meant(articles[3]) == [bank.pk]
    assert alias().weak, "what its source says of it stays"


def test_several_places_of_one_article_are_one_word_of_one_person(bank: Entity, ferries: Entity) -> None:
    article = make_article("Twice", f"{TEXT} {TEXT}")
    relink_article(article.pk)
    text = article.revision.text if article.revision else ""
    for start in (text.index("Sundel"), text.rindex("Sundel")):
        decide_link(article.pk, "ed", LinkDraft("Sundel", ferries.pk, "text", start, start + 6))
    assert (alias().right, alias().wrong) == (0, 1)


def test_a_name_of_an_entity_that_became_part_of_another_counts_for_that_one(
    bank: Entity, ferries: Entity
) -> None:
    decide(told(1), ferries)
    Entity.objects.filter(pk=bank.pk).update(merged_into=ferries)
    assert not count_trust("Sundel")
    assert (alias().right, alias().wrong) == (1, 0)


def test_words_that_nobody_bears_as_a_name_change_no_count(bank: Entity, ferries: Entity) -> None:
    article = told(1)
    before = version()
    decide_link(article.pk, "ed", LinkDraft("harbour", ferries.pk))
    assert version() == before
    assert not Alias.objects.filter(right__gt=0).exists()
