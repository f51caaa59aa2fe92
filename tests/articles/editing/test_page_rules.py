"""Rules for a publisher's pages: written, tried on a real page, put in force, taken back, and read again by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from articles.editing.edge_lines import switch_rule
from articles.editing.page_rules import (
    RulesDraft,
    Wish,
    problems_of,
    read_again,
    save_rules,
    try_rules,
    undo_rules_change,
)
from articles.errors import ConflictError, RefusedError
from articles.ingest.publisher_rules import is_read_otherwise, reading_rules
from articles.ingest.taking import REREAD
from articles.models import Article, EdgeLine, Job, PageRules, PageTrial, Publisher
from articles.pipeline import read_new_articles
from articles.types import ReadingRules
from entities.models import Change
from tests.factories import make_article, make_publisher
from tests.feedworld import FeedWorld, serving
from tests.pages_world import BOX, LEAD, harbour_post, story

pytestmark = pytest.mark.django_db

World = tuple[FeedWorld, Publisher]


@pytest.fixture
def post(settings: Any) -> Iterator[World]:
    with harbour_post() as (world, publisher):
        settings.FETCH_PORTS = frozenset({world.port})
        settings.FETCH_HOST_SECONDS = 0.0
        yield world, publisher


def _first(publisher: Publisher) -> int:
    article = Article.objects.filter(publisher=publisher).order_by("-published_at").first()
    assert article is not None
    return article.pk


# --- writing ----------------------------------------------------------------------------------


def test_it_stores_rules_and_they_are_in_force_at_once() -> None:
    publisher = make_publisher()
    change = save_rules(
        "ada", publisher.pk, RulesDraft(keep="  div.story \r\n\r\nmain", date="time"), version=0
    )
    assert change is not None
    assert (change.before, change.after) == (
        {"keep": "", "date": ""},
        {"keep": "div.story\nmain", "date": "time"},
    )
    rules = reading_rules([publisher.pk])[publisher.pk]
    assert (rules.keep, rules.date, rules.remove) == (("div.story", "main"), ("time",), ())
    assert is_read_otherwise(publisher.pk, timezone.now() - timedelta(minutes=1))
    assert not is_read_otherwise(publisher.pk, timezone.now() + timedelta(minutes=1))


def test_it_says_that_nothing_was_different() -> None:
    publisher = make_publisher()
    assert save_rules("ada", publisher.pk, RulesDraft(), version=0) is None
    assert not PageRules.objects.exists()
    save_rules("ada", publisher.pk, RulesDraft(keep="main"), version=0)
    assert save_rules("ada", publisher.pk, RulesDraft(keep=" main \n"), version=1) is None
    assert Change.objects.filter(subject_kind="page_rules").count() == 1


def test_it_refuses_a_selector_that_cannot_be_used_and_stores_nothing() -> None:
    publisher = make_publisher()
    with pytest.raises(RefusedError, match=r"“div\[” cannot be used"):
        save_rules("ada", publisher.pk, RulesDraft(keep="main\ndiv["), version=0)
    assert not PageRules.objects.exists()


def test_it_never_overwrites_what_somebody_saved_meanwhile() -> None:
    publisher = make_publisher()
    save_rules("ada", publisher.pk, RulesDraft(keep="main"), version=0)
    with pytest.raises(ConflictError, match="ada changed these rules"):
        save_rules("bea", publisher.pk, RulesDraft(keep="article"), version=0)
    assert PageRules.objects.get().keep == "main"


def test_it_takes_a_change_back_and_leaves_the_rest() -> None:
    publisher = make_publisher()
    save_rules("ada", publisher.pk, RulesDraft(keep="main"), version=0)
    change = save_rules("ada", publisher.pk, RulesDraft(keep="article", title="h1"), version=1)
    assert change is not None
    assert undo_rules_change("bea", change.pk) == publisher.pk
    row = PageRules.objects.get()
    assert (row.keep, row.title, row.version, row.changed_by) == ("main", "", 3, "bea")
    with pytest.raises(RefusedError, match="already"):
        undo_rules_change("bea", change.pk)


def test_it_takes_no_old_change_back_when_a_later_one_of_the_same_selectors_stands() -> None:
    publisher = make_publisher()
    first = save_rules("ada", publisher.pk, RulesDraft(keep="main"), version=0)
    second = save_rules("bea", publisher.pk, RulesDraft(keep="article"), version=1)
    third = save_rules("cy", publisher.pk, RulesDraft(keep="article", title="h1"), version=2)
    assert first is not None
    assert second is not None
    assert third is not None
    with pytest.raises(RefusedError, match=r"^bea changed the same selectors since: take that back first"):
        undo_rules_change("dan", first.pk)
    row = PageRules.objects.get()
    assert (row.keep, row.title, row.version) == ("article", "h1", 3)
    for change in (second, first):
        undo_rules_change("dan", change.pk)
    row = PageRules.objects.get()
    assert (row.keep, row.title) == ("", "h1"), "what was written of another part stays"


def test_it_names_who_wrote_the_selectors_and_not_who_switched_a_rule_after() -> None:
    publisher = make_publisher()
    save_rules("ada", publisher.pk, RulesDraft(keep="main"), version=0)
    switch_rule("bo", publisher.pk, "share", is_on=False)
    with pytest.raises(ConflictError, match="ada changed these rules"):
        save_rules("cy", publisher.pk, RulesDraft(keep="article"), version=0)


def test_it_leaves_alone_what_the_page_of_lines_decides() -> None:
    publisher = make_publisher()
    PageRules.objects.create(publisher=publisher, rules_off=["follow-us"], version=1)
    save_rules("ada", publisher.pk, RulesDraft(keep="main"), version=1)
    assert reading_rules([publisher.pk])[publisher.pk].rules_off == {"follow-us"}


def test_it_limits_the_text_by_the_settings(settings: Any) -> None:
    settings.PAGE_RULE_TEXT = 20
    settings.PAGE_RULE_SELECTORS = 2
    assert problems_of(RulesDraft(keep="p" * 21)).keys() == {"keep"}
    assert problems_of(RulesDraft(remove="a\nb\ni")).keys() == {"remove"}
    assert problems_of(RulesDraft(keep="a\nb")) == {}


# --- reading the rules ------------------------------------------------------------------------


def test_rules_and_repeated_lines_come_together_for_every_publisher(
    django_assert_num_queries: Any,
) -> None:
    ruled, lined, plain = (make_publisher(name) for name in ("Ruled", "Lined", "Plain"))
    save_rules("ada", ruled.pk, RulesDraft(keep="main"), version=0)
    now = timezone.now()
    EdgeLine.objects.create(publisher=lined, key="read more", line="Read more", last_seen_at=now)
    EdgeLine.objects.create(publisher=lined, key="off", line="Off", last_seen_at=now, is_on=False)
    with django_assert_num_queries(2):
        found = reading_rules([ruled.pk, lined.pk, plain.pk])
    assert found[ruled.pk].keep == ("main",)
    assert found[lined.pk] == ReadingRules(repeated_lines=frozenset({"read more"}))
    assert found[plain.pk] == ReadingRules()
    assert reading_rules([]) == {}


# --- trying -----------------------------------------------------------------------------------


def test_it_shows_a_page_before_and_after_and_changes_nothing(post: World) -> None:
    world, publisher = post
    draft = RulesDraft(keep=".story-text", remove=".box", title=".headline", date=".stamp", author=".writer")
    trial = try_rules(publisher.pk, Wish(_first(publisher)), draft, timezone.now())
    before, after = trial.before.page, trial.after.page
    assert before is not None
    assert after is not None
    assert BOX in before.text
    assert BOX not in after.text
    assert after.text.startswith(LEAD)
    assert after.authors == ("Anna Smith", "Bob Jones")
    assert (after.published_from, after.by_rule) == ("rule", ("keep", "title", "date", "author"))
    gone = " ".join(part.text for one in trial.paragraphs for part in one.words if part.op == "out")
    assert BOX in gone
    assert any(one.selector == "div.story-text" for one in trial.containers)
    assert (trial.is_same, trial.problems, trial.status) == (False, (), 200)
    assert world.answers["/story", 200] == 1
    assert not PageRules.objects.exists()
    assert not Job.objects.exists()


def test_typing_asks_the_server_nothing_again_until_the_page_is_old(post: World) -> None:
    world, publisher = post
    now = timezone.now()
    wish = Wish(_first(publisher))
    assert try_rules(publisher.pk, wish, RulesDraft(), now).is_fresh
    assert not try_rules(publisher.pk, wish, RulesDraft(keep="main"), now + timedelta(seconds=30)).is_fresh
    assert world.answers["/story", 200] == 1
    assert try_rules(publisher.pk, Wish(wish.article_id, anew=True), RulesDraft(), now).is_fresh
    assert try_rules(publisher.pk, wish, RulesDraft(), now + timedelta(hours=1)).is_fresh
    assert world.answers["/story", 200] == 3
    assert PageTrial.objects.count() == 1


def test_old_pages_of_trials_go_when_another_is_fetched(post: World) -> None:
    world, publisher = post
    now = timezone.now()
    try_rules(publisher.pk, Wish(_first(publisher)), RulesDraft(), now)
    try_rules(publisher.pk, Wish(address=world.url("/other")), RulesDraft(), now + timedelta(hours=1))
    assert [row.url for row in PageTrial.objects.all()] == [world.url("/other")]


def test_it_tries_the_good_selectors_and_names_the_bad(post: World) -> None:
    _, publisher = post
    trial = try_rules(
        publisher.pk, Wish(_first(publisher)), RulesDraft(keep="div[\n.story-text"), timezone.now()
    )
    assert len(trial.problems) == 1
    assert "“div[” cannot be used" in trial.problems[0]
    assert trial.after.page is not None
    assert "keep" in trial.after.page.by_rule


def test_a_page_reads_the_same_by_rules_that_match_nothing_and_the_notes_say_so(post: World) -> None:
    _, publisher = post
    trial = try_rules(publisher.pk, Wish(_first(publisher)), RulesDraft(keep=".gone"), timezone.now())
    assert trial.before.page is not None
    assert trial.after.page is not None
    assert trial.before.page.text == trial.after.page.text
    assert "“.gone” (keep) matches nothing in this page." in trial.after.page.notes


def test_it_reads_by_the_rules_in_force_for_the_side_before(post: World) -> None:
    _, publisher = post
    save_rules("ada", publisher.pk, RulesDraft(keep=".story-text", remove=".box"), version=0)
    trial = try_rules(publisher.pk, Wish(_first(publisher)), RulesDraft(), timezone.now())
    assert trial.before.page is not None
    assert trial.after.page is not None
    assert BOX not in trial.before.page.text
    assert BOX in trial.after.page.text


@pytest.mark.parametrize(
    ("path", "words"),
    [("/gone", "404"), ("/secret", "robots.txt"), ("nowhere at all", "no web address")],
)
def test_it_says_in_words_why_a_page_cannot_be_tried(post: World, path: str, words: str) -> None:
    world, publisher = post
    address = world.url(path) if path.startswith("/") else path
    with pytest.raises(RefusedError, match=words):
        try_rules(publisher.pk, Wish(address=address), RulesDraft(), timezone.now())


def test_a_page_without_a_text_is_shown_as_what_it_is(post: World) -> None:
    world, publisher = post
    wish = Wish(address=world.url("/empty"))
    trial = try_rules(publisher.pk, wish, RulesDraft(keep="p"), timezone.now())
    for reading in (trial.before, trial.after):
        assert reading.problem or reading.page is None or not reading.page.text
    assert trial.paragraphs == ()


def test_it_asks_for_no_page_of_another_site(post: World) -> None:
    world, publisher = post
    with pytest.raises(RefusedError, match="not where this publisher's pages are"):
        try_rules(publisher.pk, Wish(address="https://elsewhere.example/x"), RulesDraft(), timezone.now())
    other = make_publisher("Other Paper")
    with pytest.raises(RefusedError, match="Choose one of this publisher's articles"):
        try_rules(other.pk, Wish(_first(publisher)), RulesDraft(), timezone.now())
    assert not world.answers


def test_a_page_that_a_redirect_leads_to_another_site_is_neither_shown_nor_kept(
    post: World, settings: Any
) -> None:
    world, publisher = post
    with serving(FeedWorld({"/private": story()}, {"/private": "text/html"})) as other:
        settings.FETCH_PORTS = frozenset({world.port, other.port})
        world.moved = {"/story": other.url("/private"), "/old": world.url("/other")}
        for wish in (Wish(_first(publisher)), Wish(address=world.url("/story"))):
            with pytest.raises(
                RefusedError, match=rf"led to “127\.0\.0\.1:{other.port}”, which is not where"
            ):
                try_rules(publisher.pk, wish, RulesDraft(), timezone.now())
        assert not PageTrial.objects.exists()
        Publisher.objects.filter(pk=publisher.pk).update(homepage=other.url("/"))
        assert try_rules(publisher.pk, wish, RulesDraft(), timezone.now()).final_url == other.url("/private")
    trial = try_rules(publisher.pk, Wish(address=world.url("/old")), RulesDraft(), timezone.now())
    assert trial.final_url == world.url("/other")


def test_a_typed_address_never_gets_the_exception_for_the_sample(post: World, settings: Any) -> None:
    world, publisher = post
    settings.FETCH_ALLOW = ()
    settings.SAMPLE_ADDRESS = f"127.0.0.1:{world.port}"
    with pytest.raises(RefusedError):
        try_rules(publisher.pk, Wish(address=world.url("/story")), RulesDraft(), timezone.now())
    assert not world.answers
    Article.objects.filter(publisher=publisher).update(sample=True)
    assert try_rules(publisher.pk, Wish(_first(publisher)), RulesDraft(), timezone.now()).is_fresh


# --- reading again ----------------------------------------------------------------------------


def test_the_newest_articles_are_read_again(post: World) -> None:
    _, publisher = post
    assert read_again("ada", publisher.pk, 2) == 2
    chosen = set(Job.objects.filter(kind=Job.Kind.READ, state="waiting").values_list("subject_id", flat=True))
    newest = Article.objects.filter(publisher=publisher).order_by("-published_at")
    assert chosen == {article.pk for article in newest[:2]}
    assert [article.needs_page for article in newest] == [True, True, False]
    assert Change.objects.get(subject_kind="page_rules", act="read again").after == {"articles": 2}


def test_what_is_gone_or_came_whole_by_its_feed_is_not_read_again(post: World, settings: Any) -> None:
    _, publisher = post
    Article.objects.filter(publisher=publisher).update(gone_at=timezone.now())
    with pytest.raises(RefusedError, match="nothing to read"):
        read_again("ada", publisher.pk, 5)
    settings.PAGE_RULE_REREADS = 5
    for count in (0, 6):
        with pytest.raises(RefusedError, match="1 to 5"):
            read_again("ada", publisher.pk, count)
    fed = make_article("Whole in its feed", publisher=publisher)
    fed.revisions.update(origin="feed")
    with pytest.raises(RefusedError, match="nothing to read"):
        read_again("ada", publisher.pk, 5)


def test_reading_again_by_new_rules_makes_a_version_that_is_no_correction(post: World) -> None:
    _, publisher = post
    read_again("ada", publisher.pk, 1)
    read_new_articles(600)
    article = Article.objects.get(publisher=publisher, url__endswith="/story")
    plain = article.revision
    assert plain is not None
    assert BOX in plain.text
    Article.objects.filter(pk=article.pk).update(
        corrected_at=None, headline_changed_at=None, number_changed_at=None
    )
    draft = RulesDraft(keep=".story-text", remove=".box", title=".headline", author=".writer", date=".stamp")
    save_rules("ada", publisher.pk, draft, version=0)
    read_again("ada", publisher.pk, 1)
    read_new_articles(600)
    article.refresh_from_db()
    ruled = article.revision
    assert ruled is not None
    assert ruled.number == plain.number + 1
    assert ruled.text.startswith(LEAD)
    assert BOX not in ruled.text
    assert (ruled.changes, article.corrected_at, article.number_changed_at) == ([], None, None)
    assert REREAD in ruled.problems
    assert (article.title, article.authors) == ("Quay sold below its price", ["Anna Smith", "Bob Jones"])
    assert (article.published_from, article.published_at.date().isoformat()) == ("rule", "2024-05-03")
    plain.refresh_from_db()
    assert BOX in plain.text


def test_what_changes_after_it_was_read_by_the_new_rules_is_a_correction_again(post: World) -> None:
    world, publisher = post
    save_rules("ada", publisher.pk, RulesDraft(keep=".story-text"), version=0)
    for _ in range(2):
        read_again("ada", publisher.pk, 1)
        read_new_articles(600)
    article = Article.objects.get(publisher=publisher, url__endswith="/story")
    assert article.corrected_at is None
    world.bodies = {**world.bodies, "/story": story(lead=LEAD.replace("41 million", "39 million"))}
    read_again("ada", publisher.pk, 1)
    read_new_articles(600)
    article.refresh_from_db()
    assert article.revision is not None
    assert "39 million" in article.revision.text
    assert article.number_changed_at is not None
    assert REREAD not in article.revision.problems
