"""The review pages: each kind of question is answered, refused, undone and left for the next; also without a script."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import LinkDecision, Mention, Proposal
from articles.queries.review import forget_left, queue_page
from articles.queries.review_kinds import link_question
from entities.models import Alias, Change, Conflict, Entity, Position
from newsdesk.accounts.models import User
from tests.factories import make_article, make_entity
from tests.review_world import Waiting, alike, contradict, make_waiting, propose, unsure_of

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true", "HX-Target": "review"}


@pytest.fixture
def waiting(db: None) -> Waiting:
    forget_left()
    return make_waiting()


@pytest.fixture
def signed_in(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def heading(page: str) -> str:
    found = re.search(r'<h2 id="it-h"[^>]*>(.*?)</h2>', page)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def link_key(waiting: Waiting) -> str:
    return f"link.{'-'.join(map(str, sorted((waiting.bank.pk, waiting.school.pk))))}.Fudal"


def newest_change() -> Change:
    return Change.objects.order_by("-id").exclude(subject_kind="article")[0]


def test_it_shows_the_first_question_and_the_list_of_all(signed_in: Client, waiting: Waiting) -> None:
    page = text_of(signed_in, "/review/")
    assert heading(page) == "Whom does “Fudal” mean?"
    assert page.count("data-item") == 6  # five lines and Skip
    assert "<b>5</b> left, 0 done today" in page
    assert text_of(signed_in, "/help/").count('<span class="n">5</span>') == 2  # rail and menu


def test_each_kind_has_its_page(signed_in: Client, waiting: Waiting) -> None:
    heads = {
        "link": "Whom does “Fudal” mean?",
        "name": "Is “Intral Metals” somebody to follow?",
        "same": "Are Semi Works and Semi Works International one?",
        "fact": "Which country of Fudal Bank is right?",
        "position": "Is Zhao Wei chairman of Fudal Bank?",
    }
    for kind, head in heads.items():
        page = text_of(signed_in, f"/review/?kind={kind}")
        assert heading(page) == head
        assert "1 of 1" in page


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ((0.64, 0.6), "Two are too near each other"),
        ((0.45, 0.4), "Too little speaks for any of them"),
        ((0.5,), "Something in the text speaks against it"),
    ],
)
def test_it_says_why_nothing_is_linked(
    signed_in: Client, waiting: Waiting, scores: tuple[float, ...], words: str
) -> None:
    candidates = [
        {"entity": one.pk, "score": score, "why": []}
        for one, score in zip((waiting.bank, waiting.school), scores, strict=False)
    ]
    Mention.objects.filter(text="Fudal").update(candidates=candidates)
    key = link_question("Fudal", [waiting.bank.pk, waiting.school.pk][: len(scores)]).key
    assert words in text_of(signed_in, f"/review/?item={key}")


def test_an_analyst_neither_sees_nor_counts_it(client: Client, analyst: User, waiting: Waiting) -> None:
    client.force_login(analyst)
    assert client.get("/review/").status_code == 403
    page = text_of(client, "/help/")
    assert "/review/" not in page
    assert "go to Review" not in page
    assert "Review" not in text_of(client, "/palette/?q=rev")


def test_the_palette_and_today_lead_there(signed_in: Client, waiting: Waiting) -> None:
    assert 'href="/review/"' in text_of(signed_in, "/palette/?q=rev")
    today = text_of(signed_in, "/")
    assert "To review</span><b>5</b>" in today


def test_a_name_is_linked_in_the_ticked_articles_and_undone(signed_in: Client, waiting: Waiting) -> None:
    key = link_key(waiting)
    answer = signed_in.post(
        "/review/links/",
        {
            "item": key, "surface": "Fudal", "article": [waiting.article.pk], "entity": waiting.bank.pk,
            "next": f"fact.{waiting.conflict.pk}", "in_kind": "",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert answer["Location"] == f"/review/?item=fact.{waiting.conflict.pk}"
    assert list(
        Mention.objects.filter(text="Fudal", entity=waiting.bank).values_list(
            "revision__article_id", flat=True
        )
    ) == [waiting.article.pk]
    page = text_of(signed_in, answer["Location"])
    assert "“Fudal” is linked, in 1 article." in page
    assert "1 done today" in page
    assert "means Fudal Bank, in 1 article" in page
    undone = signed_in.post(f"/review/changes/{newest_change().pk}/undo/", {"in_kind": "link"})
    assert undone.status_code == 302
    assert not LinkDecision.objects.filter(withdrawn_at__isnull=True).exists()


def test_a_name_may_mean_somebody_typed_or_nobody(signed_in: Client, waiting: Waiting) -> None:
    other = make_entity("Fudal Street", kind="place")
    base = {"item": link_key(waiting), "surface": "Fudal", "article": [waiting.article.pk]}
    refused = signed_in.post("/review/links/", {**base, "other": "Nobody Known"})
    assert "No entity is called “Nobody Known”" in text_of(signed_in, refused["Location"])
    refused = signed_in.post("/review/links/", {**base, "other": "Fudal"})
    assert "may be several" in text_of(signed_in, refused["Location"])
    signed_in.post("/review/links/", {**base, "other": "Fudal Street"})
    assert LinkDecision.objects.get(withdrawn_at__isnull=True).entity_id == other.pk
    second = Mention.objects.filter(text="Fudal", status="ambiguous")
    article_id = second.values_list("revision__article_id", flat=True)[0]
    signed_in.post("/review/links/", {**base, "article": [article_id], "nothing": "1"})
    assert LinkDecision.objects.get(article_id=article_id).entity_id is None


def test_who_comes_second_is_told(signed_in: Client, waiting: Waiting) -> None:
    post = {"decision": "ours", "in_kind": "fact"}
    signed_in.post(f"/review/facts/{waiting.conflict.pk}/", post)
    Conflict.objects.update(decided_by="Ursula")
    again = signed_in.post(f"/review/facts/{waiting.conflict.pk}/", post)
    page = text_of(signed_in, again["Location"])
    assert "Ursula has decided this already" in page
    assert "Ursula decided it meanwhile" in page
    assert "This one is settled" in page
    for gone in ("name.999999", "link.1-2.Nobody", "nonsense", "position.9" * 50):
        assert "This one is settled" in text_of(signed_in, f"/review/?item={gone}")


def test_a_new_name_opens_a_short_form_and_is_added(signed_in: Client, waiting: Waiting) -> None:
    pk = waiting.proposal.pk
    page = text_of(signed_in, f"/review/?item=name.{pk}&accept=1")
    assert 'value="Intral Metals"' in page
    assert re.search(r'<option value="company" selected', page)
    sent = {
        "item": f"name.{pk}",
        "accept": "1",
        "kind": "company",
        "name": "Intral Metals",
        "aliases": "Intral\nIML",
    }
    wrong = signed_in.post(f"/review/names/{pk}/", {**sent, "country": "China"})
    assert wrong.status_code == 422
    assert "Write the two letters" in wrong.content.decode()
    done = signed_in.post(f"/review/names/{pk}/", {**sent, "country": "de", "description": "A foundry."})
    assert done.status_code == 302
    entity = Entity.objects.get(name="Intral Metals")
    assert (entity.kind, entity.country, entity.description) == ("company", "DE", "A foundry.")
    assert set(entity.aliases.values_list("text", flat=True)) == {"Intral Metals", "Intral", "IML"}
    assert Proposal.objects.get(pk=pk).entity_id == entity.pk
    back = signed_in.post(f"/review/changes/{newest_change().pk}/undo/", {})
    assert back["Location"] == f"/review/?item=name.{pk}"
    assert not Entity.objects.filter(name="Intral Metals").exists()


def test_a_new_name_takes_those_beside_it_along_and_gives_them_back(
    signed_in: Client, waiting: Waiting
) -> None:
    pk = waiting.proposal.pk
    short, foreign = (
        propose(name, make_article(name, f"{name} grew.")) for name in ("Intral", "Elsewhere Corp")
    )
    page = text_of(signed_in, f"/review/?item=name.{pk}&accept=1")
    assert f'name="also" value="{short.pk}">' in page
    assert "Elsewhere Corp</span>" not in page[page.index("These wait, too") :]
    sent = {"item": f"name.{pk}", "accept": "1", "kind": "company", "name": "Intral Metals"}
    wrong = signed_in.post(f"/review/names/{pk}/", {**sent, "country": "China", "also": str(short.pk)})
    assert f'name="also" value="{short.pk}" checked>' in wrong.content.decode()
    signed_in.post(f"/review/names/{pk}/", {**sent, "also": [str(short.pk), str(foreign.pk)]})
    entity = Entity.objects.get(name="Intral Metals")
    assert set(entity.aliases.values_list("text", flat=True)) == {"Intral Metals", "Intral"}
    states = dict(Proposal.objects.filter(pk__in=(pk, short.pk, foreign.pk)).values_list("pk", "state"))
    assert states == {pk: "accepted", short.pk: "accepted", foreign.pk: "open"}
    assert "with “Intral”" in text_of(signed_in, "/entities/intral-metals/")
    signed_in.post(f"/review/changes/{newest_change().pk}/undo/", {})
    assert not Entity.objects.filter(name="Intral Metals").exists()
    assert set(Proposal.objects.filter(pk__in=(pk, short.pk)).values_list("state", flat=True)) == {"open"}


def test_what_was_done_today_is_told_in_few_words(signed_in: Client, waiting: Waiting) -> None:
    signed_in.post(f"/review/names/{waiting.proposal.pk}/", {"reject": "1"})
    signed_in.post(f"/review/positions/{waiting.position.pk}/", {"accept": "1", "title": "chairman"})
    done = text_of(signed_in, "/review/")
    done = done[done.index('id="do-h"') :]
    assert "<b>Intral Metals</b> is rejected for ever" in done
    assert "<b>Zhao Wei</b> chairman of Fudal Bank" in done


def test_a_namesake_must_be_meant(signed_in: Client, waiting: Waiting) -> None:
    make_entity("Intral Metals")
    pk = waiting.proposal.pk
    sent = {"item": f"name.{pk}", "accept": "1", "kind": "company", "name": "Intral Metals"}
    refused = signed_in.post(f"/review/names/{pk}/", sent)
    assert refused.status_code == 422
    assert Entity.objects.filter(name="Intral Metals").count() == 1
    assert signed_in.post(f"/review/names/{pk}/", {**sent, "is_namesake": "on"}).status_code == 302
    assert Entity.objects.filter(name="Intral Metals").count() == 2


def test_a_new_name_is_joined_or_rejected_for_ever(signed_in: Client, waiting: Waiting) -> None:
    Proposal.objects.filter(pk=waiting.proposal.pk).update(like_entity=waiting.bank, like_why="shares a word")
    assert "shares a word" in text_of(signed_in, f"/review/?item=name.{waiting.proposal.pk}")
    signed_in.post(f"/review/names/{waiting.proposal.pk}/", {"join": waiting.bank.pk})
    assert Alias.objects.filter(entity=waiting.bank, text="Intral Metals").exists()
    other = propose("Nonsense Words", make_article("Odd", "The Nonsense Words stand here."))
    signed_in.post(f"/review/names/{other.pk}/", {"reject": "1"})
    assert Proposal.objects.get(pk=other.pk).state == "rejected"
    signed_in.post(f"/review/changes/{newest_change().pk}/undo/", {})
    assert Proposal.objects.get(pk=other.pk).state == "open"


def test_two_become_one_and_two_again(signed_in: Client, waiting: Waiting) -> None:
    left, right = waiting.pair.left, waiting.pair.right
    page = text_of(signed_in, "/review/?kind=same")
    assert f'name="keep" value="{left.pk}" data-key="y"' in page
    path = f"/review/same/{waiting.pair.pk}/"
    refused = signed_in.post(path, {"keep": "1"})
    assert "Choose which of the two stays" in text_of(signed_in, refused["Location"])
    signed_in.post(path, {"keep": str(right.pk)})
    assert Entity.objects.get(pk=left.pk).merged_into_id == right.pk
    assert "settled" in text_of(signed_in, f"/review/?item=same.{waiting.pair.pk}")
    undone = signed_in.post(f"/review/changes/{newest_of('merge_entities').pk}/undo/", {"in_kind": "same"})
    assert undone["Location"] == f"/review/?kind=same&item=same.{waiting.pair.pk}"
    assert Entity.objects.get(pk=left.pk).merged_into_id is None


def test_two_are_kept_apart_for_ever_until_undone(signed_in: Client, waiting: Waiting) -> None:
    signed_in.post(f"/review/same/{waiting.pair.pk}/", {"apart": "1"})
    assert "Nothing of this kind waits" in text_of(signed_in, "/review/?kind=same")
    again = signed_in.post(f"/review/same/{waiting.pair.pk}/", {"apart": "1"})
    assert 'role="alert"' in text_of(signed_in, again["Location"])
    undone = signed_in.post(f"/review/changes/{newest_of('say_not_same').pk}/undo/", {})
    assert undone["Location"] == f"/review/?item=same.{waiting.pair.pk}"
    assert signed_in.post(f"/review/same/{waiting.pair.pk}/", {"unsure": "1"}).status_code == 302
    assert "Nothing of this kind waits" in text_of(signed_in, "/review/?kind=same")
    signed_in.post(f"/review/changes/{newest_of('say_unsure').pk}/undo/", {})
    assert heading(text_of(signed_in, "/review/?kind=same")).startswith("Are Semi Works")


def test_a_fact_is_decided_and_undone(signed_in: Client, waiting: Waiting) -> None:
    second = contradict(make_entity("Other Bank", country="HK"))
    answer = signed_in.post(
        f"/review/facts/{waiting.conflict.pk}/",
        {"decision": "theirs", "in_kind": "fact", "next": f"fact.{second.pk}"},
    )
    assert answer["Location"] == f"/review/?kind=fact&item=fact.{second.pk}"
    assert Entity.objects.get(pk=waiting.bank.pk).country == "CN"
    back = signed_in.post(f"/review/changes/{newest_change().pk}/undo/", {"in_kind": "fact"})
    assert back["Location"] == f"/review/?kind=fact&item=fact.{waiting.conflict.pk}"
    assert Entity.objects.get(pk=waiting.bank.pk).country == "HK"


def test_a_position_is_taken_in_with_its_dates(signed_in: Client, waiting: Waiting) -> None:
    path = f"/review/positions/{waiting.position.pk}/"
    refused = signed_in.post(
        path,
        {
            "accept": "1",
            "title": "chairman",
            "since": "last year",
            "item": f"position.{waiting.position.pk}",
        },
    )
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "no beginning" in page
    assert 'role="alert"' in page
    assert 'value="last year"' in page, "what was typed stands there again"
    assert 'name="title" value="chairman"' in text_of(signed_in, "/review/?kind=position")
    signed_in.post(path, {"accept": "1", "title": "chairman of the board", "since": "2024-05"})
    held = Position.objects.get(person__name="Zhao Wei")
    assert (held.title, held.organization_id) == ("chairman of the board", waiting.bank.pk)
    assert held.since == "2024-05"
    assert "0 of" not in text_of(signed_in, "/review/?kind=position")
    assert "Nothing of this kind waits" in text_of(signed_in, "/review/?kind=position")
    signed_in.post(f"/review/changes/{newest_of('accept_position').pk}/undo/", {})
    assert not Position.objects.exists()


def newest_of(act: str) -> Change:
    return Change.objects.filter(act=act).order_by("-id")[0]


def test_a_script_gets_the_part_alone(signed_in: Client, waiting: Waiting) -> None:
    answer = signed_in.get("/review/?kind=fact", headers=PART)
    part = answer.content.decode()
    assert part.strip().startswith('<div id="review"')
    assert "<html" not in part
    assert len(part) <= 20_000
    assert "HX-Target" in answer.headers["Vary"]


def test_the_next_question_is_named_for_fetching_ahead(signed_in: Client, waiting: Waiting) -> None:
    page = text_of(signed_in, "/review/")
    assert re.search(rf'data-next="/review/\?item=name\.{waiting.proposal.pk}"', page)
    last = text_of(signed_in, f"/review/?item=position.{waiting.position.pk}")
    assert "data-next" not in last


def test_nothing_waits(signed_in: Client) -> None:
    forget_left()
    page = text_of(signed_in, "/review/")
    assert "Nothing waits for you" in page
    assert "nothing left" in page


def test_no_question_costs_more_than_twelve_queries_whatever_list_it_is_in(
    signed_in: Client, waiting: Waiting
) -> None:
    text_of(signed_in, "/review/")
    for line in queue_page("").lines:
        for kind in ("", f"kind={line.question.kind}&"):
            with CaptureQueriesContext(connection) as seen:
                text_of(signed_in, f"/review/?{kind}{urlencode({'item': line.key})}")
            assert len(seen) <= 12, line.key


@pytest.mark.parametrize("kind", ["", "link", "name", "same", "fact", "position"])
def test_the_page_costs_the_same_for_ten_and_for_fifty(
    signed_in: Client, waiting: Waiting, kind: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            text_of(signed_in, f"/review/?kind={kind}")
        return len(seen)

    text_of(signed_in, "/review/")  # the rail's number is known from here on
    few = cost()
    for number in range(30):
        article = make_article(f"Story {number}", f"Somebody called Nam{number:03} spoke of Fudal.")
        unsure_of(article, f"Nam{number:03}", waiting.bank, waiting.school)
        unsure_of(article, "Fudal", waiting.bank, waiting.school)
        propose(f"New {number:03} Corp", article)
        alike(make_entity(f"Left {number}"), make_entity(f"Right {number}"), 0.95)
        contradict(waiting.bank, source=f"Table {number}")
    assert cost() == few <= 12
