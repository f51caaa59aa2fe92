"""Rules for names: what one would change is shown, what it says holds in all articles, and each step can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import pipeline
from articles.editing import link_rules
from articles.editing.link_rules import RuleDraft, make_rule, preview_rule, switch_rule, undo_rule_change
from articles.editing.links import LinkDraft, decide_link
from articles.errors import RefusedError
from articles.ingest.link import relink_article
from articles.models import Article, ArticleEntity, EntityDay, Job, LinkRule, Mention, RuleRefusal
from articles.queries.link_rules import hits_of, rule_shown, rules_page
from entities.history import record_change
from entities.models import Entity
from tests.articles.editing.test_links import searched
from tests.factories import make_article, make_entity, make_publisher
from tests.plans import plan_of

pytestmark = pytest.mark.django_db
TEXT = (
    "The harbour of Halvard was closed on Tuesday, {} said in a note.\n\n"
    "Members of {} expect ferries to run again within a week."
)
WHY = "the ferry operators call themselves so"


@pytest.fixture
def brokers(db: None) -> Entity:
    """Whom the short name means by itself."""
    return make_entity("Sound Insurers Assembly", kind="organization", aliases=["SIA"])


@pytest.fixture
def ferries(db: None) -> Entity:
    """Whom people say that it means."""
    return make_entity("Strait Islands Association", kind="organization")


def told(title: str, surface: str = "SIA", **columns: object) -> Article:
    """An article that names somebody twice and is linked."""
    made = make_article(title, TEXT.format(surface, surface), **columns)  # type: ignore[arg-type]
    relink_article(made.pk)
    return made


@pytest.fixture
def articles(brokers: Entity, ferries: Entity) -> list[Article]:
    """Three articles, the newest first, one of another publisher."""
    hours = timezone.now() - timedelta(hours=1)
    return [
        told("Harbour closed", published_at=hours),
        told("Ferries wait", published_at=hours - timedelta(days=1)),
        told(
            "Storm over Halvard",
            published_at=hours - timedelta(days=2),
            publisher=make_publisher("Halvard Post"),
        ),
    ]


def meant(articles: Sequence[Article]) -> list[list[int | None]]:
    """Whom the name means at each of its places, article by article."""
    return [
        list(
            Mention.objects.filter(revision=article.revision_id, text="SIA")
            .order_by("start")
            .values_list("entity_id", flat=True)
        )
        for article in articles
    ]


def work() -> int:
    """Whatever waits to be linked anew is."""
    return pipeline.link_again(600.0)


def test_it_shows_what_would_change_and_changes_nothing(
    articles: list[Article], brokers: Entity, ferries: Entity
) -> None:
    preview = preview_rule(RuleDraft("SIA", ferries.pk))
    assert (preview.total, preview.n_changed, preview.capped, preview.is_whole) == (3, 3, False, True)
    assert [one.article_id for one in preview.articles] == [article.pk for article in articles]
    first = preview.articles[0]
    assert (first.before, first.after, first.is_changed) == (brokers.name, ferries.name, True)
    assert (first.before_id, first.after_id) == (brokers.pk, ferries.pk)
    assert (first.snippet.name, first.snippet.after) == ("SIA", " said in a note.")
    assert meant(articles) == [[brokers.pk] * 2] * 3
    assert not LinkRule.objects.exists()
    assert not Job.objects.exists()


def test_a_rule_holds_in_all_articles_and_in_all_that_is_counted(
    articles: list[Article], brokers: Entity, ferries: Entity
) -> None:
    change = make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY, articles[0].pk)
    assert meant(articles) == [[ferries.pk] * 2] * 3
    rule = LinkRule.objects.get()
    mention = Mention.objects.filter(revision=articles[1].revision_id, text="SIA")[0]
    assert (mention.rule_id, mention.decided_by, mention.why[0]["code"]) == (rule.pk, "ed", "rule")
    assert (rule.by, rule.why, rule.article_id) == ("ed", WHY, articles[0].pk)
    assert searched(articles[1]) == [ferries.pk]
    assert set(ArticleEntity.objects.values_list("entity_id", flat=True)) == {ferries.pk}
    assert not EntityDay.objects.filter(entity=brokers, n__gt=0).exists()
    assert (change.subject_kind, change.subject_id, change.why) == ("link_rule", rule.pk, WHY)


def test_a_later_article_obeys_it(articles: list[Article], ferries: Entity) -> None:
    make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY)
    assert meant([told("Quay opens")]) == [[ferries.pk] * 2]


def test_what_was_decided_about_an_article_itself_stands_over_it(
    articles: list[Article], brokers: Entity, ferries: Entity
) -> None:
    decide_link(articles[1].pk, "ann", LinkDraft("SIA", brokers.pk))
    kept = preview_rule(RuleDraft("SIA", ferries.pk)).articles[1]
    assert (kept.is_changed, kept.decided_by) == (False, "ann")
    make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY)
    assert meant(articles) == [[ferries.pk] * 2, [brokers.pk] * 2, [ferries.pk] * 2]


def test_it_holds_for_one_publisher_alone(articles: list[Article], brokers: Entity, ferries: Entity) -> None:
    draft = RuleDraft("SIA", ferries.pk, publisher_id=articles[2].publisher_id)
    assert [one.article_id for one in preview_rule(draft).articles] == [articles[2].pk]
    make_rule(draft, "ed", WHY)
    work()
    assert meant(articles) == [[brokers.pk] * 2, [brokers.pk] * 2, [ferries.pk] * 2]
    assert meant([told("Quay opens")]) == [[brokers.pk] * 2]


def test_it_holds_beside_another_entity_alone(
    articles: list[Article], brokers: Entity, ferries: Entity
) -> None:
    shipping = make_entity("Orne Shipping")
    other = make_article("Orne Shipping waits", TEXT.format("SIA", "SIA") + " Orne Shipping agreed.")
    relink_article(other.pk)
    draft = RuleDraft("SIA", ferries.pk, beside_id=shipping.pk)
    assert [one.article_id for one in preview_rule(draft).articles] == [other.pk]
    make_rule(draft, "ed", WHY)
    work()
    assert meant([other, articles[0]]) == [[ferries.pk] * 2, [brokers.pk] * 2]


def test_the_special_stands_over_the_general(
    articles: list[Article], brokers: Entity, ferries: Entity
) -> None:
    make_rule(RuleDraft("SIA", brokers.pk, publisher_id=articles[2].publisher_id), "ed", WHY)
    make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY)
    assert meant(articles) == [[ferries.pk] * 2, [ferries.pk] * 2, [brokers.pk] * 2]


def test_a_name_can_be_ruled_to_be_nobody_and_comes_back(articles: list[Article], brokers: Entity) -> None:
    draft = RuleDraft("SIA", None)
    assert {one.after for one in preview_rule(draft).articles} == {"no entity"}
    change = make_rule(draft, "ed", "it is a stamp on the paper")
    assert not Mention.objects.filter(entity=brokers).exists()
    # No mention tells any more where it was: the words themselves do.
    switch_rule(change.subject_id, "ann", on=False)
    assert meant(articles) == [[brokers.pk] * 2] * 3


def test_what_such_a_rule_takes_away_is_counted_and_shown(articles: list[Article], brokers: Entity) -> None:
    rule_id = make_rule(RuleDraft("SIA", None), "ed", "it is a stamp on the paper").subject_id
    assert set(RuleRefusal.objects.values_list("rule_id", "entity_id", "places")) == {
        (rule_id, brokers.pk, 2)
    }
    assert rules_page().rules[0].hits == 3
    hits = hits_of(rule_id)
    assert [hit.id for hit in hits] == [article.pk for article in articles]
    assert {hit.taken for hit in hits} == {("Sound Insurers Assembly",)}
    shown = rule_shown(rule_id)
    assert shown is not None
    assert (shown.surface, shown.links) == ("SIA", False)
    kept = list(RuleRefusal.objects.order_by("pk").values())
    relink_article(articles[0].pk)
    assert list(RuleRefusal.objects.order_by("pk").values()) == kept, "nothing is counted twice"
    # Where a person decided, the rule has no word.
    decide_link(articles[0].pk, "ann", LinkDraft("SIA", brokers.pk))
    assert rules_page().rules[0].hits == 2
    switch_rule(rule_id, "ann", on=False)
    assert rules_page().rules[0].hits == 0
    assert rule_shown(0) is None


def test_a_name_that_nobody_is_sure_of_is_taken_away_too(brokers: Entity) -> None:
    make_entity("Southern Inns Alliance", kind="organization", aliases=["SIA"])
    article = told("Harbour closed")
    unsure = Mention.objects.filter(revision=article.revision_id, status="ambiguous").count()
    assert unsure
    rule_id = make_rule(RuleDraft("SIA", None), "ed", WHY).subject_id
    assert [(hit.id, hit.taken) for hit in hits_of(rule_id)] == [(article.pk, ())]
    assert RuleRefusal.objects.get(entity=None).places == unsure


def test_words_that_no_machine_took_for_a_name_are_found_too(
    articles: list[Article], ferries: Entity
) -> None:
    other = told("Quay opens", "the island club")
    make_rule(RuleDraft("island club", ferries.pk), "ed", WHY)
    rows = Mention.objects.filter(revision=other.revision_id, entity=ferries)
    assert set(rows.values_list("text", flat=True)) == {"island club"}


def test_it_is_switched_off_and_on_again(articles: list[Article], brokers: Entity, ferries: Entity) -> None:
    rule_id = make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY).subject_id
    switch_rule(rule_id, "ann", on=False)
    assert meant(articles) == [[brokers.pk] * 2] * 3
    rule = LinkRule.objects.get()
    assert rule.off_at is not None
    assert rule.off_by == "ann"
    with pytest.raises(RefusedError, match="switched off already"):
        switch_rule(rule_id, "ann", on=False)
    switch_rule(rule_id, "ann", on=True)
    assert meant(articles) == [[ferries.pk] * 2] * 3


def test_each_step_is_taken_back_in_turn(articles: list[Article], brokers: Entity, ferries: Entity) -> None:
    harbour = make_entity("Halvard Harbour Board", kind="organization")
    first = make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY)
    second = make_rule(RuleDraft("SIA", harbour.pk), "ann", "no, the board")
    assert meant(articles) == [[harbour.pk] * 2] * 3
    assert LinkRule.objects.filter(off_at__isnull=True).count() == 1, "it took the place of the other"
    with pytest.raises(RefusedError, match="switched since"):
        undo_rule_change(first, "ed")
    undo_rule_change(second, "ed")
    assert meant(articles) == [[ferries.pk] * 2] * 3
    with pytest.raises(RefusedError, match="already"):
        undo_rule_change(second, "ed")
    off = switch_rule(first.subject_id, "ed", on=False)
    undo_rule_change(off, "ed")
    assert meant(articles) == [[ferries.pk] * 2] * 3
    undo_rule_change(first, "ed")
    assert meant(articles) == [[brokers.pk] * 2] * 3
    assert not LinkRule.objects.filter(off_at__isnull=True).exists()


def test_few_articles_are_linked_at_once_and_the_rest_by_jobs(
    articles: list[Article], brokers: Entity, ferries: Entity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_rules, "AT_ONCE", 1)
    make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY)
    assert meant(articles) == [[ferries.pk] * 2, [brokers.pk] * 2, [brokers.pk] * 2]
    assert Job.objects.filter(kind="link", state="waiting").count() == 2
    assert work() == 2
    assert meant(articles) == [[ferries.pk] * 2] * 3
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_a_preview_says_when_it_could_not_look_at_all(
    articles: list[Article], ferries: Entity, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_rules, "PREVIEWED", 1)
    preview = preview_rule(RuleDraft("SIA", ferries.pk))
    assert (preview.total, len(preview.articles), preview.is_whole) == (3, 1, False)
    settings.RELINK_MOST = 2
    preview = preview_rule(RuleDraft("SIA", ferries.pk))
    assert (preview.total, preview.capped) == (2, True)


def test_an_entity_that_became_part_of_another_is_ruled_to_be_that_one(
    articles: list[Article], brokers: Entity, ferries: Entity
) -> None:
    make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY)
    Entity.objects.filter(pk=ferries.pk).update(merged_into=brokers)
    relink_article(articles[0].pk)
    assert meant(articles[:1]) == [[brokers.pk] * 2]


def test_it_refuses_what_cannot_hold(articles: list[Article], ferries: Entity) -> None:
    for draft, says in [
        (RuleDraft(" ", ferries.pk), "Name the words"),
        (RuleDraft("S" * 301, ferries.pk), "Name the words"),
        (RuleDraft("--", ferries.pk), "no letter"),
        (RuleDraft("SIA", 999_999), "not here any more"),
        (RuleDraft("SIA", ferries.pk, beside_id=ferries.pk), "Beside itself"),
        (RuleDraft("SIA", ferries.pk, publisher_id=999_999), "publisher is not here"),
    ]:
        with pytest.raises(RefusedError, match=says):
            preview_rule(draft)
        with pytest.raises(RefusedError, match=says):
            make_rule(draft, "ed", WHY)
    make_rule(RuleDraft("SIA", ferries.pk), "ed", WHY)
    with pytest.raises(RefusedError, match="says so already"):
        make_rule(RuleDraft("SIA", ferries.pk), "ann", WHY)
    with pytest.raises(RefusedError, match="no such rule"):
        switch_rule(999_999, "ed", on=True)
    with pytest.raises(RefusedError, match="cannot be taken back"):
        undo_rule_change(record_change("article", 1, "ed", "set_status"), "ed")


def test_a_preview_of_more_articles_asks_the_database_no_more(
    articles: list[Article], ferries: Entity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            preview_rule(RuleDraft("SIA", ferries.pk))
        return len(queries)

    monkeypatch.setattr(link_rules, "PREVIEWED", 1)
    one = asked()
    monkeypatch.setattr(link_rules, "PREVIEWED", 3)
    assert asked() == one


def test_names_that_people_judged_are_found_without_reading_all(
    articles: list[Article], ferries: Entity
) -> None:
    decide_link(articles[0].pk, "ann", LinkDraft("SIA", ferries.pk))
    with CaptureQueriesContext(connection) as asked:
        (row,) = rules_page().names
    assert (row.text, row.wrong) == ("SIA", 1)
    (statement,) = [one["sql"] for one in asked.captured_queries if '"off_by"' in one["sql"]]
    assert "alias_judged" in plan_of(statement, also="enable_sort")
