"""What the page of an entity reads: heat, company, positions with their sources, tabs, marks; and what a comparison reads."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.link_rules import RuleDraft, make_rule, switch_rule
from articles.models import LinkRule, PositionProposal
from articles.queries.chips import chips_of
from articles.queries.compare import compare
from articles.queries.entity import EntityAsked, EntityPage, entity_page
from articles.queries.times import read_range
from entities.history import record_change
from entities.models import Alias, Entity, Judgement, Position
from newsdesk.accounts.models import User
from tests.entity_world import LEI, Known, make_known, tell

pytestmark = pytest.mark.django_db
SLUG = "skagen-steel-ab"


@pytest.fixture
def known(db: None) -> Known:
    return make_known(timezone.now(), days=64)


def page_of(code: str = "30d", **asked: object) -> EntityPage:
    span = read_range(code, timezone.now())
    page = entity_page(SLUG, span, 0, EntityAsked(**asked))  # type: ignore[arg-type]  # fields by name
    assert page is not None
    return page


def test_the_page_says_all_that_is_known(known: Known, analyst: User, client: Client) -> None:
    Judgement.objects.create(left=known.company, right=known.others[0], verdict="not_same", by="ed")
    client.force_login(analyst)
    text = client.get(f"/entities/{SLUG}/").text
    for words in (
        "Company, Norway",
        f'href="https://search.gleif.org/#/record/{LEI}" rel="noopener noreferrer"',
        'href="https://www.wikidata.org/wiki/Q4242" rel="noopener noreferrer"',
        "Norland Exchange",
        "until 28 Jun 2024",
        "direct parent, since 2019",
        "62\u00a0%",
        "subsidiary",
        "weak: links only beside other evidence",
        "right 3×, wrong 1×",
        "switched off by ed",
        "2021-04 to now",
        "2015 to 2023",
        "stated, not decided",
        "Anders Moe, chief executive of Skagen Steel, said that the cables were sound.",
        "Not the same",
    ):
        assert words in text, words


def test_heat_is_told_for_today_the_week_and_the_range(known: Known) -> None:
    page = page_of()
    assert [spoken for spoken, _ in page.heats] == ["today", "the last 7 days", "the last 30 days"]
    assert all(heat.level != "short" for _, heat in page.heats)
    assert sum(bar.n for bar in page.bars) == page.heats[2][1].n == page.mentioned
    assert {bar.usual for bar in page.bars} == {2.0}
    assert [spoken for spoken, _ in page_of("24h").heats] == ["today"]


def test_marks_lead_to_the_events_that_name_it_most(known: Known, client: Client, analyst: User) -> None:
    (flag,) = page_of().flags
    assert (flag.letter, flag.words) == ("A", "Cables of the Halvard Bridge crack")
    client.force_login(analyst)
    assert '<b class="fl">A</b>' in client.get(f"/entities/{SLUG}/").text


def test_positions_stand_beside_what_contradicts_them(known: Known) -> None:
    rows = {(row.name, row.title, row.stated): row for row in page_of().posts.people}
    kept, stated = rows["Ingrid Tveit", "chief executive", False], rows["Anders Moe", "chief executive", True]
    assert kept.against[0].startswith("Anders Moe, chief executive (1 article")
    assert stated.against == ("Ingrid Tveit, chief executive (Register of Norland, 2026-03)",)
    assert [quote.publisher for quote in stated.quotes] == ["Harbour Post"]
    over = rows["Anders Moe", "chairman", False]
    assert over.ended
    assert not over.against
    assert over.line is not None
    assert over.line.start == 0.0


def test_a_post_that_is_over_says_until_when_beside_what_contradicts_it(known: Known) -> None:
    kept = known.company.people.get(person__name="Anders Moe")
    PositionProposal.objects.filter(person=kept.person).update(title="Chairman")
    rows = {(row.name, row.title, row.stated): row for row in page_of().posts.people}
    (said,) = rows["Anders Moe", "Chairman", True].against
    assert said == "Anders Moe, chairman 2015 to 2023 (Register of Norland, 2026-03)"


def test_a_person_is_introduced_by_the_post_of_now(known: Known, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    text = client.get("/entities/ingrid-tveit/").text
    assert "<circle" not in text
    Position.objects.filter(person=known.person).update(
        since="", source="Harbour Post: https://post.example/a?b=1&c"
    )
    text = client.get("/entities/ingrid-tveit/").text
    assert "<circle" in text, "what has no dates is a point on the line of time"
    assert '<a href="https://post.example/a?b=1&amp;c" rel="noopener noreferrer">Harbour Post</a>' in text
    head = text[text.index('class="aka"') : text.index("</header>", text.index('class="aka"'))]
    assert f'chief executive, <a href="/entities/{SLUG}/">Skagen Steel AB</a>' in head
    over = client.get("/entities/anders-moe/").text
    assert "chairman, <a" not in over[: over.index("Articles a")]


def test_a_long_name_gives_way_to_its_short_one_in_the_graph(known: Known) -> None:
    assert page_of().graph.nodes[0].name == "Skagen Steel AB"
    Entity.objects.filter(pk=known.company.pk).update(name="Skagen Steel and Cables Works AB")
    Alias.objects.filter(entity=known.company, text="Skagen Steel").update(kind="short")
    assert page_of().graph.nodes[0].name == "Skagen Steel", "a weak name stands for nobody"


def test_the_history_tells_every_change_that_of_its_rules_too(
    known: Known, editor: User, client: Client
) -> None:
    client.force_login(editor)
    made = make_rule(RuleDraft("Skagen", known.company.pk), "ed", "the maker of cables")
    switch_rule(made.subject_id, "eva", on=False)
    beside = make_rule(RuleDraft("Norland", known.others[0].pk, beside_id=known.company.pk), "ed", "")
    page = client.get(f"/entities/{SLUG}/").text
    for words in (
        "<b>ed</b> made the rule that “Skagen” means it: “the maker of cables”",
        "<b>eva</b> switched the rule that “Skagen” means it off",
        f"made the rule that “Norland” means {known.others[0].name} beside it",
    ):
        assert words in page, words
    undoable = {int(number) for number in re.findall(r"/entities/changes/(\d+)/undo/", page)}
    assert made.pk not in undoable, "the rule was switched since"
    gone = client.post(f"/entities/changes/{beside.pk}/undo/")
    assert gone["Location"] == f"/entities/{known.others[0].slug}/"
    assert LinkRule.objects.get(pk=beside.subject_id).off_at is not None
    assert "took back: made the rule that “Norland”" in client.get(f"/entities/{SLUG}/").text
    for number in range(60):
        record_change(
            "entity", known.company.pk, "ed", "add_alias", after={"words": f"added name {number:02}"}
        )
    page = client.get(f"/entities/{SLUG}/").text
    assert "added name 59" in page
    assert "made the rule that “Skagen”" not in page
    assert f'href="/entities/{SLUG}/?all=history#hist-h">All changes' in page
    assert "made the rule that “Skagen”" in client.get(f"/entities/{SLUG}/?all=history").text


def test_who_is_named_together_can_be_sorted(known: Known) -> None:
    by_count = page_of().together
    assert [one.n for one in by_count.others] == sorted((one.n for one in by_count.others), reverse=True)
    by_name = page_of(sort="name").together
    assert [one.chip.name for one in by_name.others] == sorted(one.chip.name for one in by_name.others)
    assert {one.chip.id for one in by_name.others} == {one.chip.id for one in by_count.others}
    lifts = [one.lift for one in page_of(sort="lift").together.others]
    assert lifts == sorted(lifts, reverse=True)
    assert page_of(sort="nonsense").together.sort == "articles"


def test_lift_is_above_one_for_those_that_seek_each_other(known: Known) -> None:
    now = timezone.now()
    close, common = known.others[0], known.others[1]
    for number in range(20):
        tell(9000 + number, now - timedelta(hours=3), [common])
    lifts = {one.chip.id: one.lift for one in page_of().together.others}
    assert lifts[close.pk] > 1 > lifts[common.pk]


def test_the_graph_has_the_nodes_of_the_table(known: Known) -> None:
    page = page_of()
    assert {node.id for node in page.graph.nodes} == {0, *(one.chip.id for one in page.together.others)}
    assert len(page.graph_thin.nodes) <= 15


def test_tabs_part_what_is_about_it_from_what_only_names_it(known: Known) -> None:
    about = [fold.row for fold in page_of(show="about").latest.folds]
    naming = [fold.row for fold in page_of(show="mentioning").latest.folds]
    assert all(row.about and row.why == "it stands in the title" for row in about)
    assert not any(row.about for row in naming)
    assert len(about) == len(naming) == 10


def test_the_latest_articles_are_paged_without_loss(known: Known) -> None:
    seen: list[int] = []
    after = ""
    for _ in range(40):
        latest = page_of(after=after).latest
        seen += [fold.row.id for fold in latest.folds]
        after = latest.after
        if not after:
            break
    assert sorted(seen) == sorted(article.pk for article in known.articles)
    assert page_of(after="nonsense").latest.folds[0].row.id == seen[0]


def test_a_comparison_tells_what_two_have_in_common(known: Known, analyst: User, client: Client) -> None:
    other = known.others[0]
    chips = chips_of([known.company.pk, other.pk])
    both = compare(chips[known.company.pk], chips[other.pk], read_range("30d", timezone.now()))
    together = next(one for one in page_of().together.others if one.chip.id == other.pk)
    assert both.both == together.n
    assert [sum(bar.n for bar in side.bars) for side in both.sides] == [side.named for side in both.sides]
    assert both.events[0].title == "Cables of the Halvard Bridge crack"
    assert known.others[1].pk in {one.chip.id for one in both.others}
    person = compare(
        chips_of([known.person.pk])[known.person.pk],
        chips[known.company.pk],
        read_range("30d", timezone.now()),
    )
    assert person.ties[0].words == "is chief executive of"
    client.force_login(analyst)
    assert (
        "No entity is called “nobody”" in client.get("/entities/compare/", {"a": "SKST", "b": "nobody"}).text
    )
    assert "mean the same entity" in client.get("/entities/compare/", {"a": "SKST", "b": SLUG}).text


def test_more_of_everything_costs_no_more_queries(known: Known, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    client.post(f"/entities/{SLUG}/watch/")

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    paths = (f"/entities/{SLUG}/", f"/entities/compare/?a={SLUG}&b={known.others[0].slug}")
    few = [cost(path) for path in paths]
    now = timezone.now()
    for number in range(30):
        tell(5000 + number, now - timedelta(hours=number), [known.company, *known.others])
    assert [cost(path) for path in paths] == few
    assert max(few) <= 20
