"""Who stays in a copy group when the text that its members carry leaves it or changes."""

from __future__ import annotations

import pytest
from django.db import transaction

from articles.events import database
from articles.events.forgetting import forget_articles, lock_shards
from articles.events.placing import place_articles
from articles.models import Article, ArticleCopy, ArticleShare, CopyGroup
from tests.articles.events.passages import passage
from tests.articles.events.told import Told, revise, store_article

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_held(db: None) -> None:
    database._held.clear()


def _put(*texts: str) -> list[Article]:
    articles = [
        store_article(Told("s", f"paper-{n}", n, f"Told by {n}", text)) for n, text in enumerate(texts)
    ]
    place_articles(article.pk for article in articles)
    return articles


def _leaves(article: Article, how: str) -> None:
    if how == "deleted":
        with transaction.atomic():
            lock_shards(["en"])
            forget_articles([article.pk])
            Article.objects.filter(pk=article.pk).delete()
    else:
        revise(article, "Something else", passage(500, 10))
        place_articles([article.pk])


def _references() -> dict[int, tuple[str, int | None]]:
    rows = ArticleCopy.objects.order_by("article_id")
    return {
        row.article_id: (
            row.kind,
            next((reason["detail"]["article"] for reason in row.why if reason["code"] == "copy"), None),
        )
        for row in rows
    }


@pytest.mark.parametrize("how", ["revised", "deleted"])
def test_two_that_were_copies_of_a_text_that_left_are_no_group_but_share_what_they_share(how: str) -> None:
    whole, beginning, end = _put(passage(0, 10), passage(0, 6), passage(4, 6))
    assert CopyGroup.objects.get().article_count == 3
    _leaves(whole, how)
    assert not CopyGroup.objects.exists()
    assert not ArticleCopy.objects.exists()
    (share,) = ArticleShare.objects.all()
    assert (share.article_id, share.other_id) == (end.pk, beginning.pk)
    assert 0.25 <= share.containment < 0.5


@pytest.mark.parametrize("how", ["revised", "deleted"])
def test_those_that_are_copies_of_each_other_stay_and_name_one_who_is_there(how: str) -> None:
    whole, beginning, end, again = _put(passage(0, 10), passage(0, 6), passage(4, 6), passage(4, 6))
    assert CopyGroup.objects.get().article_count == 4
    _leaves(whole, how)
    # The earliest of those that are left copies nobody: it is no origin of theirs.
    assert _references() == {end.pk: ("origin", None), again.pk: ("verbatim", end.pk)}
    group = CopyGroup.objects.get()
    assert (group.origin_id, group.article_count) == (end.pk, 2)
    assert (
        ArticleShare.objects.filter(other=beginning).count()
        + ArticleShare.objects.filter(article=beginning).count()
        == 1
    )


def test_a_copy_by_way_of_another_names_that_one_when_the_origin_left() -> None:
    whole, beginning, middle, end = _put(passage(0, 12), passage(0, 8), passage(3, 8), passage(6, 6))
    assert CopyGroup.objects.get().article_count == 4
    _leaves(whole, "deleted")
    assert _references() == {
        beginning.pk: ("origin", None),
        middle.pk: ("abridged", beginning.pk),
        end.pk: ("abridged", middle.pk),
    }


def test_an_origin_that_keeps_but_a_part_of_its_text_loses_those_who_carry_the_rest() -> None:
    whole, beginning, end = _put(passage(0, 12), passage(0, 7), passage(5, 7))
    assert CopyGroup.objects.get().article_count == 3
    revise(whole, "Told by 0", passage(0, 7))
    place_articles([whole.pk])
    assert _references() == {whole.pk: ("origin", None), beginning.pk: ("verbatim", whole.pk)}
    assert not ArticleCopy.objects.filter(article=end).exists()
