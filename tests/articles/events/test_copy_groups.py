"""Copy groups in both stores: who joins, who leaves, who is the origin, and what people said."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from articles.editing.copies import say_not_copy, say_origin
from articles.events import database, stories
from articles.events.copies import MOST_HOLDERS, shingles_of, sketch_of
from articles.events.copy_groups import move_copy_rows
from articles.events.forgetting import forget_articles, lock_shards
from articles.events.memory import MemoryStore
from articles.events.placement import Story, place
from articles.events.placing import place_again, place_articles
from articles.models import (
    Article,
    ArticleCopy,
    ArticleShare,
    ArticleSketch,
    CopyDecision,
    CopyGroup,
    Membership,
)
from tests.articles.events.passages import passage, sentence
from tests.articles.events.told import BRIDGE, START, VACCINE, Told, revise, store_article

WINDOW = timedelta(days=14)

Groups = set[frozenset[tuple[int, str, float, str]]]


@pytest.fixture(autouse=True)
def _new_process(db: None) -> None:
    database._held.clear()


def _told(source: str, hours: int, text: str, title: str = "") -> Told:
    return Told(source, source, hours, title or f"Told by {source}", text)


def _place(*told: Told) -> list[Article]:
    articles = [store_article(one) for one in told]
    place_articles(article.pk for article in articles)
    return articles


def _groups() -> list[set[str]]:
    found: dict[int, set[str]] = {}
    for group_id, slug in ArticleCopy.objects.values_list("group_id", "article__publisher__slug"):
        found.setdefault(group_id, set()).add(slug)
    return sorted(found.values(), key=sorted)


def _origin(article: Article) -> str:
    row = ArticleCopy.objects.get(article=article)
    group = CopyGroup.objects.get(pk=row.group_id)
    origins = ArticleCopy.objects.filter(group=group, kind="origin").values_list("article_id", flat=True)
    assert list(origins) == [group.origin_id]
    assert group.article_count == ArticleCopy.objects.filter(group=group).count()
    return (
        Article.objects.select_related("publisher").get(copy__group=group, copy__kind="origin").publisher.slug
    )


def _why(article: Article) -> str:
    return str(ArticleCopy.objects.get(article=article).why[0]["words"])


def test_text_that_is_shared_without_being_copied_is_noted_and_makes_no_group() -> None:
    first, second, third = _place(
        _told("a", 0, passage(0, 10) + " " + passage(20, 10)),
        _told("b", 1, passage(0, 7) + " " + passage(40, 13)),
        _told("c", 2, passage(60, 20)),
    )
    assert _groups() == []
    share = ArticleShare.objects.get()
    assert (share.article_id, share.other_id) == (second.pk, first.pk)
    assert 0.25 <= share.containment < 0.5
    assert share.jaccard < share.containment
    assert not ArticleShare.objects.filter(article=third).exists()


def test_a_copy_and_its_origin_say_why_in_words() -> None:
    origin, copy = _place(_told("a", 0, BRIDGE, "Bridge closed"), _told("b", 1, BRIDGE))
    assert _origin(copy) == "a"
    assert _why(origin) == "first published at 08:00 UTC on 10 March 2026"
    assert _why(copy) == "same text as “Bridge closed” by a: 100% of the shorter one is shared"
    assert ArticleCopy.objects.get(article=copy).why[0]["detail"] == {"article": origin.pk}


def test_the_wires_own_piece_takes_the_group_over_when_it_comes_later() -> None:
    paper, cut = _place(
        _told("tessin-times", 0, "TESSIN (Reuters) - " + passage(0, 12)), _told("coast", 1, passage(0, 8))
    )
    assert _origin(cut) == "tessin-times"
    wire = _place(_told("reuters", 2, passage(0, 12), "Bridge closed"))[0]
    assert _origin(wire) == "reuters"
    assert _why(wire) == "credited to Reuters in the dateline of tessin-times"
    rows = {row.article_id: row for row in ArticleCopy.objects.all()}
    assert rows[paper.pk].kind == "verbatim"
    assert rows[paper.pk].containment > 0.95
    assert rows[paper.pk].why[0]["detail"] == {"article": wire.pk}
    assert [reason.get("wire") for reason in rows[paper.pk].why] == [None, "Reuters"]
    assert (rows[cut.pk].kind, rows[cut.pk].why[0]["detail"]) == ("abridged", {"article": wire.pk})


def test_a_brief_that_is_the_same_is_a_copy() -> None:
    brief = "The Halvard Bridge was closed to lorries on Tuesday after inspectors found cracks in its main cables."
    _place(
        _told("a", 0, brief, "Bridge closed"),
        _told("b", 1, brief, "Bridge closed"),
        _told("c", 2, brief, "Else"),
    )
    assert _groups() == [{"a", "b"}]


def test_groups_whose_texts_are_parts_of_a_longer_one_stay_two() -> None:
    whole = passage(0, 20)
    early, late = passage(0, 11), passage(9, 11)
    articles = _place(_told("a", 0, early), _told("b", 1, early), _told("c", 2, late), _told("d", 3, late))
    assert _groups() == [{"a", "b"}, {"c", "d"}]
    # The whole text holds both; they share too little with each other to be one.
    bridge = _place(_told("e", 4, whole))[0]
    assert len(_groups()) == 2
    assert ArticleShare.objects.filter(article=bridge).exists()
    assert CopyGroup.objects.count() == 2
    assert _origin(articles[2]) == "c"


def test_groups_of_one_text_that_did_not_find_each_other_become_one() -> None:
    one, other = passage(0, 12), passage(0, 9) + " " + passage(30, 3)
    articles = _place(_told("a", 0, one), _told("b", 1, one))
    third = _place(_told("c", 2, passage(50, 12)), _told("d", 3, passage(50, 12)))
    assert _groups() == [{"a", "b"}, {"c", "d"}]
    # Both of the second group are corrected to what the first group carries, unseen by the copier.
    for article in third:
        revise(article, article.title, other)
        ArticleSketch.objects.filter(article=article).delete()
    place_articles([third[0].pk])  # compared with its old copy, too, although no sketch tells of it
    assert _groups() == [{"a", "b", "c", "d"}]
    assert _origin(third[1]) == _origin(articles[0]) == "a"


def test_two_standing_groups_are_bridged_by_a_new_article_that_carries_their_text() -> None:
    parts = [passage(at, 4) for at in (0, 10, 20, 30)]
    one, other = " ".join(parts[:3]), " ".join([*parts[1:3], parts[3]])
    articles = _place(_told("a", 0, one), _told("b", 1, one))
    with_other = _place(_told("c", 2, passage(60, 12)), _told("d", 3, passage(60, 12)))
    for article in with_other:  # what they say changes, and only their sketches know of it
        revise(article, article.title, other)
    _resketch(with_other)
    assert _groups() == [{"a", "b"}, {"c", "d"}]
    last = _place(_told("e", 4, one))[0]
    assert _groups() == [{"a", "b", "c", "d", "e"}]
    assert _origin(last) == "a"
    assert CopyGroup.objects.count() == 1
    measured = ArticleCopy.objects.get(article=with_other[0])
    assert (measured.kind, measured.why[0]["detail"]) == ("abridged", {"article": articles[0].pk})
    assert measured.containment == pytest.approx(0.66, abs=0.05)


def _resketch(articles: Sequence[Article]) -> None:
    """Give the rows the sketches of their present texts, as if copies had been looked for by an older rule."""
    from_rows = stories.load_stories([article.pk for article in articles])
    store = MemoryStore(None)
    for story in from_rows:
        place(story, store, None)
        kept = store._kept[story.key].sketch
        assert kept is not None
        ArticleSketch.objects.filter(article_id=story.key).update(hashes=list(kept.hashes), full=kept.full)


def test_stories_that_stand_beside_each_other_in_a_round_up_are_no_copies() -> None:
    one, other = passage(0, 6), passage(20, 6)
    _place(_told("a", 0, one), _told("round-up", 1, one + " " + other + " " + passage(40, 20)))
    late = _place(_told("b", 2, other))[0]
    assert _groups() == [{"a", "round-up"}]
    share = ArticleShare.objects.get(article=late)
    assert share.other.publisher.slug == "round-up"
    assert share.containment == 1.0


def test_a_revised_text_that_is_no_copy_any_more_leaves_its_group() -> None:
    origin, copy, third = _place(_told("a", 0, BRIDGE), _told("b", 1, BRIDGE), _told("c", 2, BRIDGE))
    revise(copy, copy.title, VACCINE)
    place_articles([copy.pk])
    assert _groups() == [{"a", "c"}]
    revise(origin, origin.title, passage(0, 12))
    place_articles([origin.pk])
    assert _groups() == []
    assert CopyGroup.objects.count() == 0
    revise(copy, copy.title, BRIDGE)
    place_articles([copy.pk])
    assert _groups() == [{"b", "c"}]
    assert _origin(third) == "b"


def test_a_revised_text_that_is_a_copy_still_stays_with_new_measures_and_shares() -> None:
    origin, copy = _place(_told("a", 0, passage(0, 12)), _told("b", 1, passage(0, 12)))
    group = ArticleCopy.objects.get(article=copy).group_id
    revise(origin, origin.title, passage(0, 12) + " " + passage(30, 12))
    place_articles([origin.pk])
    assert ArticleCopy.objects.get(article=copy).group_id == group
    assert _origin(copy) == "a"
    row = ArticleCopy.objects.get(article=copy)
    assert row.kind == "abridged"
    assert row.jaccard == pytest.approx(0.5, abs=0.05)
    other = _place(_told("c", 2, passage(30, 7) + " " + passage(50, 16)))[0]
    assert ArticleShare.objects.get().other_id == origin.pk
    revise(origin, origin.title, passage(0, 12))
    place_articles([origin.pk])
    assert not ArticleShare.objects.filter(article=other).exists()


def test_an_old_article_that_is_placed_anew_keeps_its_copies_and_shares_although_their_sketches_are_gone() -> (
    None
):
    origin, copy, other = _place(
        _told("a", 0, passage(0, 12)),
        _told("b", 1, passage(0, 12)),
        _told("c", 2, passage(0, 4) + passage(40, 8)),
    )
    ArticleSketch.objects.exclude(article=copy).delete()
    place_again([copy.pk])
    place_articles([copy.pk])
    assert _groups() == [{"a", "b"}]
    assert _origin(copy) == "a"
    assert ArticleShare.objects.get().article_id == other.pk
    ArticleSketch.objects.all().delete()
    place_again([other.pk])
    place_articles([other.pk])
    assert ArticleShare.objects.get().other_id == origin.pk


def test_enough_sketches_hold_a_text_and_its_further_copies_are_found_by_them() -> None:
    articles = _place(*(_told(f"p{number}", number, BRIDGE) for number in range(MOST_HOLDERS + 4)))
    assert len(_groups()) == 1
    assert CopyGroup.objects.get().article_count == MOST_HOLDERS + 4
    assert ArticleSketch.objects.count() == MOST_HOLDERS
    revise(articles[-1], articles[-1].title, VACCINE)
    place_articles([articles[-1].pk])
    assert ArticleSketch.objects.count() == MOST_HOLDERS + 1


def test_both_stores_agree_when_enough_sketches_hold_a_text() -> None:
    told = [
        _told(
            f"p{number}", number, passage(0, 12 - number % 3) + " " + passage(1000 + 20 * number, number % 5)
        )
        for number in range(MOST_HOLDERS + 8)
    ]
    memory = MemoryStore(WINDOW)
    for story in stories.load_stories([store_article(one).pk for one in told]):
        place_articles([story.key])
        place(story, memory, WINDOW)
    assert _stored() == _remembered(memory)
    hashes = {key: tuple(values) for key, values in ArticleSketch.objects.values_list("article_id", "hashes")}
    kept = {key: kept.sketch.hashes for key, kept in memory._kept.items() if kept.sketch is not None}
    assert hashes == kept
    assert 0 < len(hashes) < len(told)


def test_a_look_up_reads_no_table_as_a_whole() -> None:
    _place(*(_told(f"p{number}", number, passage(number * 20, 12)) for number in range(30)))
    story = stories.load_stories([store_article(_told("late", 40, passage(100, 12))).pk])[0]
    shingles = shingles_of(story.text)
    assert shingles is not None
    with transaction.atomic(), connection.cursor() as cursor:
        database.lock_shard("en")
        parameters = database.match_parameters(story, sketch_of(shingles), START)
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + database.MATCHES, parameters)
        plan = json.dumps(cursor.fetchone()[0])
    assert "articlesketch_hashes" in plan
    assert '"Seq Scan"' not in plan
    assert _most_rows(json.loads(plan)[0]["Plan"], "articles_membership") <= 1
    assert _most_rows(json.loads(plan)[0]["Plan"], "articles_articlesketch") <= 1


def _most_rows(node: dict[str, Any], table: str) -> float:
    """How many rows of a table one visit of it brings."""
    own = float(node["Actual Rows"]) if node.get("Relation Name") == table else 0.0
    return max([own, *(_most_rows(child, table) for child in node.get("Plans", ()))])


def test_a_revised_text_that_is_too_short_leaves_group_and_sketch() -> None:
    origin, copy = _place(_told("a", 0, BRIDGE), _told("b", 1, BRIDGE))
    revise(copy, copy.title, "Removed.")
    place_articles([copy.pk])
    assert _groups() == []
    assert list(ArticleSketch.objects.values_list("article_id", flat=True)) == [origin.pk]


def test_an_article_that_a_person_put_into_an_event_stays_there_and_its_copies_are_looked_for_anew() -> None:
    origin, copy = _place(_told("a", 0, BRIDGE), _told("b", 1, BRIDGE))
    other = _place(_told("c", 2, VACCINE))[0]
    event_id = Membership.objects.get(article=origin).event_id
    Membership.objects.filter(article=copy).update(decided_by="ed")
    revise(copy, copy.title, VACCINE)
    place_articles([copy.pk])
    assert Membership.objects.get(article=copy).event_id == event_id
    assert Membership.objects.get(article=copy).decided_by == "ed"
    assert _groups() == [{"b", "c"}]
    assert _origin(other) == "b"


def test_articles_that_are_deleted_leave_their_groups_and_the_origin_is_presumed_anew() -> None:
    articles = _place(
        _told("a", 0, passage(0, 10)),
        _told("b", 1, passage(0, 9)),
        _told("c", 2, "TESSIN (Reuters) - " + passage(0, 10)),
        _told("reuters", 3, passage(0, 10)),
    )
    assert _origin(articles[0]) == "reuters"
    for gone, origin in ((articles[3], "a"), (articles[0], "b")):
        with transaction.atomic():
            lock_shards(["en"])
            forget_articles([gone.pk])
            Article.objects.filter(pk=gone.pk).delete()
        assert _origin(articles[1]) == origin
    assert _why(articles[1]).startswith("first published at 09:00")
    assert _groups() == [{"b", "c"}]
    with transaction.atomic():
        lock_shards(["en"])
        forget_articles([articles[1].pk])
        Article.objects.filter(pk=articles[1].pk).delete()
    assert not CopyGroup.objects.exists()
    assert not ArticleCopy.objects.exists()


def test_a_merged_article_leaves_its_copies_to_the_one_that_it_became() -> None:
    kept = _place(_told("a", 0, VACCINE))[0]
    double, copy, other = _place(
        _told("a", 1, passage(0, 12)),
        _told("b", 2, passage(0, 12)),
        _told("c", 3, passage(0, 5) + passage(40, 9)),
    )
    CopyDecision.objects.create(kind="not_copy", article=other, other=double, by="ed")
    say_origin(double.pk, "ed")
    assert ArticleShare.objects.filter(article=other, other=double).exists()
    with transaction.atomic():
        lock_shards(["en"])
        move_copy_rows(double.pk, kept.pk)
    assert set(ArticleCopy.objects.values_list("article_id", flat=True)) == {kept.pk, copy.pk}
    assert CopyGroup.objects.get().origin_id == kept.pk
    assert ArticleShare.objects.filter(article=other, other=kept).exists()
    assert CopyDecision.objects.get(kind="not_copy").other_id == kept.pk
    assert CopyDecision.objects.get(kind="origin").article_id == kept.pk
    with transaction.atomic():
        lock_shards(["en"])
        move_copy_rows(copy.pk, kept.pk)  # its own rows stand: a group of one is none
    assert not CopyGroup.objects.exists()
    Article.objects.filter(pk__in=[double.pk, copy.pk]).delete()


def test_a_merged_articles_group_stays_closed_to_one_that_is_said_to_be_no_copy_of_a_member() -> None:
    first, kept = _place(_told("x", 0, passage(0, 12)), _told("a", 1, passage(0, 12)))
    say_not_copy(kept.pk, first.pk, "ed")
    place_articles([kept.pk])
    (double,) = _place(_told("a", 2, passage(0, 12)))
    assert set(ArticleCopy.objects.values_list("article_id", flat=True)) == {first.pk, double.pk}
    with transaction.atomic():
        lock_shards(["en"])
        move_copy_rows(double.pk, kept.pk)
    assert not CopyGroup.objects.exists()


def test_a_word_on_a_merged_article_parts_the_one_that_it_became_from_its_own_group() -> None:
    first, kept, double = _place(*(_told(name, at, passage(0, 12)) for at, name in enumerate("xab")))
    say_not_copy(double.pk, first.pk, "ed")
    assert set(ArticleCopy.objects.values_list("article_id", flat=True)) == {first.pk, kept.pk}
    with transaction.atomic():
        lock_shards(["en"])
        assert move_copy_rows(double.pk, kept.pk)
    assert not CopyGroup.objects.exists()
    assert CopyDecision.objects.get().article_id == kept.pk


def _stream(seed: int) -> list[Told]:
    """Two dozen pieces cut from three stories, credited now and then, in which groups overlap and meet."""
    chance = random.Random(seed)  # noqa: S311 - texts, not secrets
    told = []
    for number in range(24):
        story = chance.randrange(3) * 100
        start, count = chance.randrange(0, 12, 3), chance.choice((5, 9, 12, 16))
        text = passage(story + start, count)
        if chance.random() < 0.3:
            text += " " + passage(1000 + number * 50, chance.choice((4, 12)))
        if chance.random() < 0.2:
            text = "TESSIN (Reuters) - " + text
        if chance.random() < 0.2:
            text += " " + passage((story + 100) % 300, 8)
        source = "reuters" if number == 17 else f"paper-{number % 9}"
        told.append(_told(source, number, text, sentence(5000 + number, 6)))
    return told


@pytest.mark.parametrize("seed", range(4))
def test_both_stores_make_the_same_groups_shares_and_origins(seed: int) -> None:
    articles = [store_article(one) for one in _stream(seed)]
    keys = [article.pk for article in articles]
    CopyDecision.objects.create(kind="not_copy", article_id=keys[5], other_id=keys[2], by="ed")
    CopyDecision.objects.create(kind="not_copy", article_id=keys[8], other_id=keys[20], by="ed")
    word = CopyDecision.objects.create(kind="origin", article_id=keys[7], by="ed", why="I was there")
    memory = MemoryStore(WINDOW)
    memory.part(keys[5], keys[2])
    memory.part(keys[8], keys[20])
    memory.prefer(keys[7], "ed said that this is the origin: I was there")
    assert word.pk
    for story in stories.load_stories(keys):
        place_articles([story.key])
        place(story, memory, WINDOW)
    assert _stored() == _remembered(memory)
    shared = {
        (row.article_id, row.other_id): (row.containment, row.jaccard) for row in ArticleShare.objects.all()
    }
    assert shared == {
        (key, one.key): (one.overlap.containment, one.overlap.jaccard)
        for key, shares in memory.shares.items()
        for one in shares
    }
    assert len(_stored()) > 1
    assert shared


def _stored() -> Groups:
    found: dict[int, set[tuple[int, str, float, str]]] = {}
    for row in ArticleCopy.objects.all():
        found.setdefault(row.group_id, set()).add(
            (row.article_id, row.kind, row.containment, row.why[0]["words"])
        )
    return set(map(frozenset, found.values()))


def _remembered(memory: MemoryStore) -> Groups:
    return {
        frozenset(
            (key, member.kind, member.overlap.containment, member.why[0].words)
            for key, member in group.members.items()
        )
        for group in memory.groups_by_id.values()
        if len(group.members) > 1
    }


def _story(key: int, text: str, *, publisher: str = "p", at: datetime = START) -> Story:
    return Story(key, "en", f"Title {key}", text, at + timedelta(minutes=key), None, publisher, publisher)


def test_a_group_meets_people_who_said_no_copy_in_memory_too() -> None:
    store = MemoryStore(None)
    store.part(1, 3)
    for key in (1, 2, 3, 4):
        place(_story(key, BRIDGE), store, None)
    groups = [set(group.members) for group in store.groups_by_id.values()]
    assert sorted(groups, key=min) == [{1, 2, 4}, {3}]
    assert [one.key for one in store.shares[3]] == [1]


def test_an_agencys_piece_in_a_stream_is_the_origin() -> None:
    store = MemoryStore(None)
    place(_story(1, "TESSIN (AP) - " + BRIDGE), store, None)
    place(replace(_story(2, BRIDGE), publisher_name="apnews.com"), store, None)
    assert store.groups_by_id[1].origin == 2
