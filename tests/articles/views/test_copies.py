"""Copies on the page of an article, two articles side by side, and what editors say of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, ArticleCopy, ArticleShare, CopyDecision
from newsdesk.accounts.models import User
from tests.copies_world import BRIDGE, BRIDGE_RETOLD, make_copies
from tests.factories import make_article, make_publisher

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def tell(number: int, *, text: str = BRIDGE) -> list[Article]:
    """So many articles of as many publishers, half an hour apart, the earliest first."""
    start = timezone.now() - timedelta(hours=number)
    return [
        make_article(
            f"Story {place}",
            text,
            publisher=make_publisher(f"Paper {place}"),
            published_at=start + timedelta(minutes=30 * place),
        )
        for place in range(number)
    ]


def box_of(browser: Client, article: Article) -> str:
    """The section of the copies as it reads."""
    page = browser.get(f"/articles/{article.pk}/").text
    return page.partition('id="copies"')[2].partition("</section>")[0]


def queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(path).status_code == 200
    return len(caught)


def test_a_copy_says_of_whom_since_when_and_how_much(browser: Client) -> None:
    told = tell(3)
    make_copies(told[0], [(told[1], "verbatim"), (told[2], "abridged")], share=0.82, wire="Paper 0")
    box = box_of(browser, told[1])
    for words in (
        "Same text as 2 others", "by Paper 0", "82\u00a0% shared", "its text credits Paper 0", "abridged", "Not a copy",
        "This is the origin", f"/articles/{told[1].pk}/shared/{told[0].pk}/", f"/articles/{told[1].pk}/shared/{told[2].pk}/",
    ):  # fmt: skip
        assert words in box, words
    assert f'href="/articles/{told[1].pk}/"' not in box


def test_the_origin_says_that_it_is_and_why(browser: Client) -> None:
    told = tell(2)
    make_copies(told[0], [(told[1], "verbatim")])
    why = [{"code": "origin_time", "words": "it is the earliest", "weight": 0.3}]
    ArticleCopy.objects.filter(article=told[0]).update(why=why)
    box = box_of(browser, told[0])
    assert "this one is taken for the origin" in box
    assert "this one: it is the earliest" in box
    assert "90\u00a0%" in box
    assert "Not a copy" not in box
    assert "it is the earliest" in box_of(browser, told[1])


def test_the_earliest_is_named_when_it_is_not_the_origin(browser: Client) -> None:
    told = tell(3)
    make_copies(told[1], [(told[0], "verbatim"), (told[2], "verbatim")])
    box = box_of(browser, told[2])
    assert "by Paper 0" in box
    assert "Origin</dt><dd>Paper 1" in box
    assert "here, 90" in box_of(browser, told[0])


def test_what_only_shares_text_stands_apart_and_is_not_counted(browser: Client) -> None:
    told = tell(4)
    make_copies(told[0], [(told[1], "verbatim")])
    for place, share in ((2, 0.31), (3, 0.44)):
        ArticleShare.objects.create(
            article=told[place], other=told[0], containment=share, jaccard=0.2, rule_version="test"
        )
    # A pair that became copies by way of a third is shown as copies alone.
    ArticleShare.objects.create(
        article=told[1], other=told[0], containment=0.49, jaccard=0.2, rule_version="test"
    )
    box = box_of(browser, told[0])
    counted, _, shares = box.partition("Shares text, no copy")
    assert "Same text as 1 other:" in counted
    assert "Paper 2" not in counted
    assert shares.index("Paper 3") < shares.index("Paper 2")
    assert "Paper 1" not in shares
    alone = box_of(browser, told[2])
    assert "Same text" not in alone
    assert "31\u00a0%" in alone


def test_a_big_group_is_cut_and_all_of_it_is_a_list(browser: Client) -> None:
    told = tell(12)
    make_copies(told[0], [(article, "verbatim") for article in told[1:]])
    page = browser.get(f"/articles/{told[11].pk}/")
    assert len(page.context["page"].copies.rows) == 7
    assert "All 12" in page.text
    listed = browser.get(f"/articles/?q=copies:{told[11].pk}&fold=0")
    assert listed.context["page"].shown == 12


def test_an_article_without_copies_has_no_such_section(browser: Client) -> None:
    assert box_of(browser, tell(1)[0]) == ""


def test_the_page_costs_the_same_for_more_copies(browser: Client) -> None:
    few, many = tell(2), tell(40)
    make_copies(few[0], [(few[1], "verbatim")])
    make_copies(many[0], [(article, "verbatim") for article in many[1:]])
    for one in (few[1], many[20]):
        ArticleShare.objects.create(
            article=one, other=tell(1)[0], containment=0.3, jaccard=0.2, rule_version="test"
        )
    assert queries(browser, f"/articles/{many[20].pk}/") == queries(browser, f"/articles/{few[1].pk}/")


def test_two_texts_stand_side_by_side_with_what_they_share(browser: Client) -> None:
    first, second = tell(1)[0], make_article("Bridge shut", BRIDGE_RETOLD, publisher=make_publisher("Coast"))
    answer = browser.get(f"/articles/{first.pk}/shared/{second.pk}/")
    page = answer.context["page"]
    assert page.shared.passages == 2
    assert "68\u00a0% of the shorter text" in answer.text
    assert "The desk does not count them as copies of each other." in answer.text
    for half, text in zip(page.halves, (BRIDGE, BRIDGE_RETOLD), strict=True):
        assert "".join(run.text for run in half.text.runs) == text
    assert '<span class="vh"> differs: </span>Wednesday' in answer.text
    assert queries(browser, f"/articles/{first.pk}/shared/{second.pk}/") <= 12


def test_any_two_articles_may_be_compared_but_no_article_with_itself(browser: Client) -> None:
    first, second = tell(1)[0], make_article("Nothing of the kind", "Wholly other words about a quiet lake.")
    answer = browser.get(f"/articles/{first.pk}/shared/{second.pk}/")
    assert "They share no passage" in answer.text
    for path in (f"{first.pk}/shared/{first.pk}", f"{first.pk}/shared/999999"):
        assert browser.get(f"/articles/{path}/").status_code == 404


def test_a_text_that_is_not_read_yet_is_said_to_be_missing(browser: Client) -> None:
    first, second = tell(2)
    Article.objects.filter(pk=second.pk).update(revision=None, summary="")
    assert (
        "Paper 1 has no text that could be compared yet"
        in browser.get(f"/articles/{first.pk}/shared/{second.pk}/").text
    )


def test_nearly_all_is_not_called_all(browser: Client) -> None:
    words = " ".join(f"word{number}" for number in range(600))
    first = make_article("One", words)
    second = make_article("Two", words.replace("word300", "changed"))
    assert "99\u00a0% of the shorter text" in browser.get(f"/articles/{first.pk}/shared/{second.pk}/").text


def test_texts_are_never_markup(browser: Client) -> None:
    first = make_article(
        "<i>One</i>", "<script>alert(1)</script> stands in both texts, word for word it does so."
    )
    second = make_article("Two", "<script>alert(1)</script> stands in both texts, word for word it does so.")
    page = browser.get(f"/articles/{first.pk}/shared/{second.pk}/").text
    assert "<script>alert" not in page
    assert "<i>One" not in page


def test_an_editor_says_that_it_is_no_copy_and_takes_it_back(browser: Client) -> None:
    told = tell(3)
    make_copies(told[0], [(told[1], "verbatim"), (told[2], "verbatim")])
    side = f"/articles/{told[1].pk}/shared/{told[0].pk}/"
    assert "Not a copy" in browser.get(side).text
    form = {"other": told[0].pk, "beside": told[0].pk, "why": "only the quotes are the same"}
    done = browser.post(f"/articles/{told[1].pk}/copies/no/", form, follow=True)
    assert done.redirect_chain[-1][0] == side
    assert "an editor said so" in done.text
    assert "only the quotes are the same" in done.text
    assert not ArticleCopy.objects.filter(article=told[1]).exists()
    assert "is no copy, ed said: only the quotes are the same" in box_of(browser, told[1])
    past = browser.get(f"/articles/{told[1].pk}/").context["page"].past[0]
    assert past.undoable
    browser.post(f"/articles/changes/{past.id}/undo/", follow=True)
    assert ArticleCopy.objects.filter(article=told[1]).exists()
    assert not CopyDecision.objects.filter(withdrawn_at__isnull=True).exists()


def test_an_editor_says_which_is_the_origin(browser: Client) -> None:
    told = tell(2)
    make_copies(told[0], [(told[1], "verbatim")])
    done = browser.post(f"/articles/{told[1].pk}/copies/origin/", {"why": "they told me"}, follow=True)
    assert "This article is the origin, now and in every later run." in done.text
    assert ArticleCopy.objects.get(article=told[1]).kind == "origin"
    assert "they told me" in box_of(browser, told[1])
    again = browser.post(f"/articles/{told[1].pk}/copies/origin/", {}, follow=True)
    assert "Somebody said already" in again.text


def test_a_word_on_articles_that_are_no_copies_is_refused_in_a_sentence(browser: Client) -> None:
    told = tell(2)
    for path, form, words in (
        ("no", {"other": told[1].pk}, "in no copy group"),
        ("origin", {}, "in no copy group"),
    ):
        assert words in browser.post(f"/articles/{told[0].pk}/copies/{path}/", form, follow=True).text
    for path, bad in (("no", {"other": "x"}), ("no", {"other": 999_999}), ("no", {})):
        assert browser.post(f"/articles/{told[0].pk}/copies/{path}/", bad).status_code == 404


def test_an_analyst_sees_copies_and_decides_nothing(analyst: User, client: Client) -> None:
    told = tell(2)
    make_copies(told[0], [(told[1], "verbatim")])
    client.force_login(analyst)
    assert "Not a copy" not in box_of(client, told[1])
    assert "Is the desk wrong?" not in client.get(f"/articles/{told[1].pk}/shared/{told[0].pk}/").text
