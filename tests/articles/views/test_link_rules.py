"""A correction becomes a rule: offered after a decision, looked at, made, switched, undone; names with their trust."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.editing.link_rules import RuleDraft, make_rule
from articles.editing.links import LinkDraft, decide_link
from articles.ingest.link import relink_article
from articles.models import Article, LinkDecision, LinkRule, Mention
from entities.models import Alias, Change, Entity
from newsdesk.accounts.models import User
from tests.factories import make_article, make_entity, make_publisher

pytestmark = pytest.mark.django_db
TEXT = "The harbour was closed, Orne Shipping said. Orne Shipping expects ferries to run again."


@pytest.fixture
def shipping(db: None) -> Entity:
    return make_entity("Orne Shipping")


@pytest.fixture
def ferries(db: None) -> Entity:
    return make_entity("Orne Ferries Holding")


@pytest.fixture
def articles(shipping: Entity, ferries: Entity) -> list[Article]:
    made = [make_article(f"Harbour {n}", TEXT, publisher=make_publisher(f"Paper {n}")) for n in range(3)]
    for one in made:
        relink_article(one.pk)
    return made


@pytest.fixture
def signed_in(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def meant(article: Article) -> set[int | None]:
    article.refresh_from_db()
    rows = Mention.objects.filter(revision=article.revision_id, text="Orne Shipping")
    return set(rows.values_list("entity_id", flat=True))


def newest() -> Change:
    return Change.objects.order_by("-id")[0]


def test_a_correction_is_offered_for_the_other_articles(
    signed_in: Client, articles: list[Article], ferries: Entity
) -> None:
    answer = signed_in.post(
        f"/articles/{articles[0].pk}/links/",
        {"surface": "Orne Shipping", "start": TEXT.index("Orne"), "field": "text", "slug": ferries.slug,
         "everywhere": "on", "why": "renamed"},
    )  # fmt: skip
    assert answer["Location"] == f"/articles/{articles[0].pk}/?settled={newest().pk}&at=1#settled"
    page = text_of(signed_in, answer["Location"].partition("#")[0])
    assert "The same name stands in 2 other articles" in page
    assert "surface=Orne%20Shipping&amp;entity=orne-ferries-holding" in page
    assert "why=renamed" in page
    assert page.index('id="slot-1"') < page.index('id="settled"')
    undone = signed_in.post(f"/articles/changes/{newest().pk}/undo/")
    assert undone.status_code == 302
    assert 'id="settled"' not in text_of(signed_in, answer["Location"].partition("#")[0])


def test_what_holds_everywhere_already_is_not_offered(
    signed_in: Client, articles: list[Article], shipping: Entity
) -> None:
    answer = signed_in.post(
        f"/articles/{articles[0].pk}/links/",
        {"surface": "Orne Shipping", "slug": shipping.slug, "everywhere": "on"},
    )
    assert 'id="settled"' not in text_of(signed_in, answer["Location"].partition("#")[0])


def test_the_undo_of_a_link_can_be_undone(
    signed_in: Client, articles: list[Article], ferries: Entity
) -> None:
    change = decide_link(articles[0].pk, "ed", LinkDraft("Orne Shipping", ferries.pk), "renamed")
    undone = signed_in.post(f"/articles/changes/{change.pk}/undo/")
    assert meant(articles[0]) != {ferries.pk}
    page = text_of(signed_in, undone["Location"])
    assert f'action="/articles/links/{change.pk}/again/"' in page
    again = signed_in.post(f"/articles/links/{change.pk}/again/")
    assert meant(articles[0]) == {ferries.pk}
    assert "It holds again." in text_of(signed_in, again["Location"])
    assert LinkDecision.objects.get(withdrawn_at__isnull=True).why == "renamed"
    twice = signed_in.post(f"/articles/links/{change.pk}/again/")
    assert "Reload" in text_of(signed_in, twice["Location"]) or "alert" in text_of(
        signed_in, "/review/rules/"
    )


def test_the_reasons_offer_to_take_a_decision_back(
    signed_in: Client, articles: list[Article], ferries: Entity
) -> None:
    mention = Mention.objects.filter(revision=articles[0].revision_id).order_by("start")[0]
    page = text_of(signed_in, f"/articles/{articles[0].pk}/?why={mention.pk}")
    assert re.search(r'name="nothing" value="1" data-undo', page)
    change = decide_link(articles[0].pk, "ed", LinkDraft("Orne Shipping", ferries.pk))
    mention = Mention.objects.filter(revision=articles[0].revision_id, entity=ferries).order_by("start")[0]
    page = text_of(signed_in, f"/articles/{articles[0].pk}/?why={mention.pk}")
    assert f'action="/articles/changes/{change.pk}/undo/"' in page
    assert page.count("data-undo") == 1


def test_a_rule_is_looked_at_before_it_is_made(
    signed_in: Client, articles: list[Article], ferries: Entity
) -> None:
    path = "/review/rules/new/?surface=Orne+Shipping&entity=Orne+Ferries+Holding&scope=everywhere"
    page = text_of(signed_in, path)
    assert "3 of the 3 newest articles would change; nothing is stored yet" in page
    assert page.count("<b>Orne Ferries Holding</b>") == 4  # the sentence above, and a row each
    assert not LinkRule.objects.exists()
    sent = {"surface": "Orne Shipping", "entity": ferries.slug, "scope": "everywhere", "why": "the group was renamed",
            "article": articles[0].pk}  # fmt: skip
    done = signed_in.post("/review/rules/new/", sent)
    assert done["Location"] == "/review/rules/"
    assert all(meant(one) == {ferries.pk} for one in articles)
    page = text_of(signed_in, "/review/rules/")
    assert "by a rule: its newest articles show it now" in page
    assert "the group was renamed, from" in page
    assert "3 articles" in page
    rule = LinkRule.objects.get()
    assert "Harbour 2" in text_of(signed_in, f"/review/rules/?rule={rule.pk}")
    page = text_of(signed_in, f"{path}&article={articles[0].pk}")
    assert f'href="/review/rules/#rule-{rule.pk}">is in force already' in page
    assert "Make it a rule" not in page
    again = signed_in.post("/review/rules/new/", sent)
    assert again.status_code == 422
    assert "A rule says so already" in again.content.decode()


def test_a_text_that_defines_the_name_stays_and_the_preview_says_why(
    signed_in: Client, shipping: Entity, ferries: Entity
) -> None:
    article = make_article("Harbour", "The harbour of Orne Shipping (ORS) was closed, a spokesman said.")
    relink_article(article.pk)
    page = text_of(signed_in, f"/review/rules/new/?surface=ORS&entity={ferries.slug}&scope=everywhere")
    assert "0 of the 1 newest articles would change" in page
    assert "as now: the text says itself who that is" in page


def test_a_rule_may_hold_for_one_publisher_or_beside_another(
    signed_in: Client, articles: list[Article], ferries: Entity, shipping: Entity
) -> None:
    base = f"/review/rules/new/?surface=Orne+Shipping&entity={ferries.slug}"
    page = text_of(signed_in, f"{base}&scope=publisher&article={articles[1].pk}")
    assert "1 of the 1 newest articles would change" in page
    assert "Empty: Paper 1" in page
    assert "Write the name of a publisher" in text_of(signed_in, f"{base}&scope=publisher&publisher=Nobody")
    assert "No entity is called so" in text_of(signed_in, f"{base}&scope=beside&beside=Nobody")
    sent = {"surface": "Orne Shipping", "entity": ferries.slug, "scope": "publisher", "publisher": "Paper 1"}
    signed_in.post("/review/rules/new/", sent)
    assert [meant(one) == {ferries.pk} for one in articles] == [False, True, False]
    assert "only in articles of Paper 1" in text_of(signed_in, "/review/rules/")


def test_a_rule_asks_until_it_knows_whom_it_means(signed_in: Client, articles: list[Article]) -> None:
    make_entity("Orne One", aliases=["Orne"])
    make_entity("Orne Two", aliases=["Orne"])
    page = text_of(signed_in, "/review/rules/new/?surface=Orne&entity=Orne&scope=everywhere")
    assert page.count("?surface=Orne&amp;entity=orne-") == 2
    assert "Write whom it means" in text_of(signed_in, "/review/rules/new/?surface=Orne")
    assert "No entity is called “Nobody”" in text_of(
        signed_in, "/review/rules/new/?surface=Orne&entity=Nobody"
    )
    assert "is nobody that we follow" in text_of(
        signed_in, "/review/rules/new/?surface=Orne+Shipping&nothing=on"
    )


def test_a_rule_is_switched_off_and_on_and_each_is_undone(
    signed_in: Client, articles: list[Article], ferries: Entity, shipping: Entity
) -> None:
    rule = make_rule(RuleDraft("Orne Shipping", ferries.pk), "ed", "renamed").subject_id
    assert meant(articles[0]) == {ferries.pk}
    signed_in.post(f"/review/rules/{rule}/switch/", {"on": "0"})
    assert meant(articles[0]) == {shipping.pk}
    page = text_of(signed_in, "/review/rules/")
    assert "switched off by ed" in page
    assert "Switch on" in page
    refused = signed_in.post(f"/review/rules/{rule}/switch/", {"on": "0"})
    assert "switched off already" in text_of(signed_in, refused["Location"])
    signed_in.post(f"/review/rules/changes/{newest().pk}/undo/")
    assert meant(articles[0]) == {ferries.pk}


def test_names_show_the_trust_that_people_gave_them_and_have_a_switch(
    signed_in: Client, articles: list[Article], shipping: Entity, ferries: Entity
) -> None:
    decide_link(articles[0].pk, "ed", LinkDraft("Orne Shipping", ferries.pk))
    page = text_of(signed_in, "/review/rules/")
    alias = Alias.objects.get(text="Orne Shipping")
    assert f'action="/review/rules/names/{alias.pk}/switch/"' in page
    alias.entity.aliases.create(text="Orne", folded="orne", source="test", as_of="2026")
    signed_in.post(f"/review/rules/names/{alias.pk}/switch/", {"off": "1"})
    assert "switched off: it links nothing" in text_of(signed_in, "/review/rules/")
    signed_in.post(f"/review/rules/changes/{newest().pk}/undo/")
    alias.refresh_from_db()
    assert alias.off_at is None


def test_before_the_first_rule_it_says_how_one_comes(signed_in: Client) -> None:
    page = text_of(signed_in, "/review/rules/")
    assert "No rule yet" in page
    assert "None yet." in page


def test_the_list_of_rules_costs_the_same_for_ten_and_for_a_hundred(
    signed_in: Client, ferries: Entity, shipping: Entity
) -> None:
    def fill(rows: int) -> None:
        for _ in range(rows):
            surface = f"Name {LinkRule.objects.count()}"
            make_rule(RuleDraft(surface, ferries.pk, beside_id=shipping.pk), "ed", "because")
            Alias.objects.create(
                entity=ferries, text=surface, folded=surface.lower(), source="t", as_of="2026", wrong=1
            )

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            text_of(signed_in, "/review/rules/")
        return len(seen)

    fill(10)
    text_of(signed_in, "/review/rules/")
    few = cost()
    fill(60)
    assert cost() == few <= 12
    page = text_of(signed_in, "/review/rules/")
    assert "?after=" in page
