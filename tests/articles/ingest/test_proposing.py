"""Unknown names and stated positions: counted exactly by article, whatever becomes of the texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from articles.ingest.proposing import forget_proposals, keep_positions, keep_proposals, redate_proposals
from articles.models import Article, PositionEvidence, PositionProposal, Proposal, ProposalArticle
from entities.models import Position
from entities.types import EntityKind, FoundMention, FoundRole, LinkedText, TextField
from tests.factories import make_article, make_entity, make_revision

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)


def unknown(
    *names: str, kind: EntityKind = "company", field: TextField = "text", label: str = ""
) -> tuple[FoundMention, ...]:
    """Proposed mentions, one behind the other."""
    found, at = [], 0
    for name in names:
        found.append(
            FoundMention(
                field, at, at + len(name), name, kind, "proposed", None, 0.5, (), label=label or name
            )
        )
        at += len(name) + 1
    return tuple(found)


def role(
    person: str,
    title: str,
    organization: str,
    ids: tuple[int | None, int | None] = (None, None),
    *,
    former: bool = False,
) -> FoundRole:
    quote = f"{person}, {title} of {organization}"
    return FoundRole(person, title, organization, 0, len(quote), quote, *ids, former)


def article_at(days: int = 0) -> Article:
    return make_article(f"Article of day {days}", published_at=MONDAY + timedelta(days=days))


def keep(
    article: Article, mentions: Sequence[FoundMention] = (), roles: Sequence[FoundRole] = ()
) -> dict[tuple[str, int], int]:
    linked = LinkedText(tuple(mentions), tuple(roles))
    assert article.revision is not None
    with transaction.atomic():
        kept = keep_proposals(article, article.revision, linked)
        keep_positions(article, article.revision, linked)
    return kept


def figures(key: str) -> tuple[str, str, int, dict[str, int], dict[str, int]]:
    row = Proposal.objects.get(key=key)
    return row.name, row.kind, row.articles, row.names, row.kinds


def test_it_gathers_the_forms_of_a_name_under_the_one_that_most_articles_use() -> None:
    keep(article_at(0), unknown("Orne Widgets Ltd."))
    keep(article_at(1), unknown("Orne Widgets", kind="organization"))
    keep(article_at(2), unknown("The Orne Widgets", "ORNE WIDGETS", kind="company"))
    keep(article_at(3), unknown("Orne Widgets"))
    assert figures("orne widgets") == (
        "Orne Widgets",
        "company",
        4,
        {"Orne Widgets Ltd.": 1, "Orne Widgets": 2, "The Orne Widgets": 1},
        {"company": 3, "organization": 1},
    )
    row = Proposal.objects.get()
    assert (row.first_at, row.last_at) == (MONDAY, MONDAY + timedelta(days=3))


def test_it_counts_an_article_once_however_often_it_is_linked() -> None:
    article = article_at()
    first = keep(article, unknown("Orne Widgets", "Orne Widgets"))
    assert keep(article, unknown("Orne Widgets", "Orne Widgets")) == first
    assert figures("orne widgets")[2] == 1
    assert set(first) == {("text", 0), ("text", 13)}


def test_a_short_form_counts_for_the_whole_name_that_it_stands_for() -> None:
    article = article_at()
    kept = keep(article, [*unknown("Quint", "Mara Quint", kind="person", label="Mara Quint")])
    assert len(set(kept.values())) == 1
    assert figures("mara quint")[:3] == ("Mara Quint", "person", 1)


def test_another_text_of_the_article_takes_out_what_it_no_longer_says() -> None:
    first, second = article_at(0), article_at(5)
    keep(first, unknown("Orne Widgets", "Tessin Brewing"))
    keep(second, unknown("Orne Widgets"))
    second.revision = make_revision(second, second.title, "Now of something else.")
    keep(second, unknown("Tessin Brewing"))
    assert figures("orne widgets")[2] == 1
    assert figures("tessin brewing")[2] == 2
    row = Proposal.objects.get(key="orne widgets")
    assert (row.first_at, row.last_at) == (MONDAY, MONDAY)
    assert Proposal.objects.get(key="tessin brewing").last_at == MONDAY + timedelta(days=5)


def test_an_article_that_goes_is_counted_no_more() -> None:
    first, second = article_at(0), article_at(5)
    for article in (first, second):
        keep(article, unknown("Orne Widgets"), [role("Mara Quint", "chairman", "Orne Widgets")])
    with transaction.atomic():
        forget_proposals([second.pk])
        second.delete()
    row, stated = Proposal.objects.get(), PositionProposal.objects.get()
    assert (row.articles, row.last_at) == (1, MONDAY)
    assert (stated.articles, stated.last_at) == (1, MONDAY)


def test_a_corrected_date_moves_the_first_and_the_last() -> None:
    first, second = article_at(0), article_at(5)
    for article in (first, second):
        keep(article, unknown("Orne Widgets"), [role("Mara Quint", "chairman", "Orne Widgets")])
    with transaction.atomic():
        redate_proposals(second.pk, MONDAY + timedelta(days=2))
    for row in (Proposal.objects.get(), PositionProposal.objects.get()):
        assert (row.articles, row.first_at, row.last_at) == (2, MONDAY, MONDAY + timedelta(days=2))


def test_a_rejected_name_is_not_proposed_again_but_its_articles_are_known() -> None:
    keep(article_at(0), unknown("Orne Widgets"))
    Proposal.objects.update(state=Proposal.State.REJECTED)
    later = article_at(1)
    assert keep(later, unknown("Orne Widgets", "Tessin Brewing")).keys() == {("text", 13)}
    assert keep(later, unknown("Orne Widgets", "Tessin Brewing")).keys() == {("text", 13)}
    assert ProposalArticle.objects.filter(proposal__key="orne widgets").count() == 2


def test_a_single_word_is_asked_about_from_its_third_article_and_no_more_when_one_goes() -> None:
    articles = [article_at(day) for day in range(3)]

    def asked() -> list[bool]:
        return list(Proposal.objects.values_list("askable", flat=True))

    for article, said in zip(articles, (False, False, True), strict=True):
        keep(article, unknown("Mounjaro"))
        assert asked() == [said]
    articles[1].revision = make_revision(articles[1], articles[1].title, "Now of something else.")
    keep(articles[1])
    assert asked() == [False]
    keep(articles[1], unknown("Mounjaro"))
    assert asked() == [True]
    with transaction.atomic():
        forget_proposals([articles[2].pk])
    assert asked() == [False]


def test_a_place_is_kept_with_its_mentions_and_asked_of_nobody() -> None:
    article = article_at()
    assert keep(article, unknown("Orne Valley", "Kalundborg", kind="place")).keys() == {
        ("text", 0),
        ("text", 12),
    }
    assert set(Proposal.objects.values_list("articles", "askable")) == {(1, False)}


def test_a_single_word_with_a_stated_position_is_asked_about_while_a_text_states_it() -> None:
    article = article_at()
    keep(article, unknown("Orne"), [role("Mara Quint", "chairman", "Orne")])
    redate_proposals(article.pk, MONDAY + timedelta(days=2))
    row = Proposal.objects.get()
    assert (row.told, row.askable, row.last_at) == (1, True, MONDAY + timedelta(days=2))
    keep(article, unknown("Orne"))
    row.refresh_from_db()
    assert (row.told, row.askable, row.articles) == (0, False, 1)


def test_an_acronym_that_the_text_defines_is_asked_about() -> None:
    article = article_at()
    article.revision = make_revision(article, article.title, "The Orne Transit Board (OTB) met, not the KNB.")
    keep(article, unknown("OTB", "KNB", kind="organization"))
    assert dict(Proposal.objects.values_list("key", "askable")) == {"otb": True, "knb": False}


def test_what_is_no_name_is_not_kept() -> None:
    assert keep(article_at(), unknown("—", "X", "...")) == {}
    assert not Proposal.objects.exists()


def test_linking_anew_without_a_change_writes_nothing() -> None:
    article = article_at()
    mentions = unknown("Orne Widgets", "Tessin Brewing")
    keep(article, mentions)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        keep(article, mentions)
    assert not [q for q in queries.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_text_with_many_names_costs_no_more_statements_than_one_with_few() -> None:
    def statements(count: int, day: int) -> int:
        article = article_at(day)
        names = [f"Orne {chr(97 + n // 26)}{chr(97 + n % 26)} Widgets" for n in range(count)]
        roles = [
            role(f"Mara Quint{chr(97 + n // 26)}{chr(97 + n % 26)}", "chairman", "Orne") for n in range(count)
        ]
        with CaptureQueriesContext(connection) as queries:
            keep(article, unknown(*names), roles)
        return len(queries)

    few, many = statements(10, 0), statements(100, 1)
    assert few == many <= 16


def test_a_stated_position_is_proposed_with_its_words() -> None:
    first, second = article_at(0), article_at(1)
    keep(first, roles=[role("Mara Quint", "chairman", "Orne Widgets")])
    keep(second, roles=[role("Mara Quint", "the Chairwoman", "Orne Widgets Inc.")])
    row = PositionProposal.objects.get()
    assert (row.person_name, row.title, row.articles) == ("Mara Quint", "chairman", 2)
    quotes = set(PositionEvidence.objects.values_list("quote", "article_id"))
    assert quotes == {
        ("Mara Quint, chairman of Orne Widgets", first.pk),
        ("Mara Quint, the Chairwoman of Orne Widgets Inc.", second.pk),
    }


def test_contradicting_statements_stand_side_by_side() -> None:
    keep(article_at(0), roles=[role("Mara Quint", "chairman", "Orne Widgets")])
    keep(article_at(1), roles=[role("Mara Quint", "chairman", "Orne Widgets", former=True)])
    keep(article_at(2), roles=[role("Joss Hale", "chairman", "Orne Widgets")])
    rows = PositionProposal.objects.order_by("id").values_list("person_name", "former", "articles")
    assert list(rows) == [("Mara Quint", False, 1), ("Mara Quint", True, 1), ("Joss Hale", False, 1)]


def test_a_position_without_its_organisation_is_no_statement() -> None:
    keep(article_at(), roles=[role("Mara Quint", "analyst", "")])
    assert not PositionProposal.objects.exists()


def test_what_the_knowledge_base_says_too_is_asked_of_nobody() -> None:
    person, firm = make_entity("Mara Quint", kind="person"), make_entity("Orne Widgets")
    held = Position.objects.create(
        person=person, organization=firm, title="Chairman and Chief Executive Officer", source="test",
        as_of="2026-01-01",
    )  # fmt: skip
    ids = person.pk, firm.pk
    keep(article_at(), roles=[role("Mara Quint", "chief executive", "Orne Widgets", ids)])
    row = PositionProposal.objects.get()
    assert (row.state, row.position_id, row.decided_by, row.articles) == ("accepted", held.pk, "newsdesk", 1)
    keep(article_at(1), roles=[role("Mara Quint", "chief executive", "Orne Widgets", ids, former=True)])
    assert PositionProposal.objects.get(former=True).state == PositionProposal.State.OPEN


def test_a_position_that_ended_before_the_article_is_asked_about() -> None:
    person, firm = make_entity("Mara Quint", kind="person"), make_entity("Orne Widgets")
    Position.objects.create(
        person=person, organization=firm, title="Chairman", until="2020", source="test", as_of="2026-01-01"
    )
    ids = person.pk, firm.pk
    keep(article_at(), roles=[role("Mara Quint", "chairman", "Orne Widgets", ids)])
    assert PositionProposal.objects.get().state == PositionProposal.State.OPEN


@pytest.mark.django_db(transaction=True)
def test_articles_at_once_with_the_same_names_are_all_counted_and_none_waits_crosswise() -> None:
    names = [f"Orne {chr(97 + n)} Widgets" for n in range(12)]
    articles = [article_at(day) for day in range(4)]
    failed: list[BaseException] = []

    def write(article: Article, order: list[str]) -> None:
        try:
            for count in (12, 6, 12):
                keep(
                    article, unknown(*order[:count]), [role("Mara Quint", "chairman", name) for name in order]
                )
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells it
            failed.append(error)
        finally:
            connection.close()

    threads = [
        Thread(target=write, args=(article, names[::-1] if n % 2 else names))
        for n, article in enumerate(articles)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert failed == []
    assert list(Proposal.objects.values_list("articles", flat=True)) == [4] * 12
    assert list(PositionProposal.objects.values_list("articles", flat=True)) == [4] * 12
