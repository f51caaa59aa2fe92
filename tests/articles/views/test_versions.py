"""Versions of an article: any two compared, one in full, and the markers that lead to them from lists."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Revision
from articles.search.index import index_articles
from newsdesk.accounts.models import User
from tests.articles.views.versions_world import FIRST, SECOND, THIRD, make_revised_article, revise
from tests.factories import make_article, make_entity, make_event, make_revision, name_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(analyst: User) -> Client:
    client = Client()
    client.force_login(analyst)
    return client


def page_of(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def read(page: str, dropped: str) -> str:
    """The text of a comparison without the parts of one tag, paragraphs that are empty then left out."""
    prose = page[page.index('<div class="prose diff">') :]
    prose = prose[: prose.index("</article>")]
    prose = re.sub(
        r"<summary.*?</summary>|<span class=\"(vh|moved-words small)\">.*?</span>", "", prose, flags=re.DOTALL
    )
    prose = re.sub(r'<p class="mark-break.*?</p>', "", prose, flags=re.DOTALL)
    prose = re.sub(rf"<{dropped}>.*?</{dropped}>", "", prose, flags=re.DOTALL)
    paragraphs = [
        unescape(re.sub(r"<[^>]+>", "", part)) for part in re.findall(r"<p[^>]*>(.*?)</p>", prose, re.DOTALL)
    ]
    return "\n\n".join(part for part in paragraphs if part.strip())


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [(1, 2, (FIRST, SECOND)), (2, 3, (SECOND, THIRD)), (1, 3, (FIRST, THIRD)), (3, 1, (THIRD, FIRST))],
)
def test_both_versions_can_be_read_whole_from_a_comparison(
    browser: Client, before: int, after: int, texts: tuple[str, str]
) -> None:
    article = make_revised_article()
    page = page_of(browser, f"/articles/{article.pk}/versions/{before}/{after}/")
    assert (read(page, "ins"), read(page, "del")) == texts


def test_it_says_what_changed_in_words(browser: Client) -> None:
    article = make_revised_article()
    page = page_of(browser, f"/articles/{article.pk}/versions/1/2/")
    plain = " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())
    for words in (
        "Headline changed", "12 is now 15: “Crane falls at Halvard, 15 hurt”", "1.2 million is now 1.4 million",
        "1 paragraph added, 12 words added, 2 words removed", "84 words", "94 words", "The article's page",
    ):  # fmt: skip
        assert words in plain, words
    assert '<del><span class="vh">[taken out: </span>12<span' in page
    assert '<ins><span class="vh">[came in: </span>15<span' in page


def test_versions_that_say_the_same_are_said_to(browser: Client) -> None:
    article = make_article("A title", "One two three.")
    make_revision(article, "A title", "One two three four.")
    make_revision(article, "A title", "One two three.")
    page = page_of(browser, f"/articles/{article.pk}/versions/1/3/")
    assert "Both say the same, word for word." in page
    assert "<ins>" not in page
    assert "<del>" not in page


def test_it_folds_what_did_not_change_far_from_any_change(browser: Client) -> None:
    paragraphs = [f"Paragraph {place} of the story stands here." for place in range(12)]
    article = make_article("Long", "\n\n".join(paragraphs))
    make_revision(
        article, "Long", "\n\n".join(["A new beginning.", *paragraphs[:-1], "Another end of it all."])
    )
    page = page_of(browser, f"/articles/{article.pk}/versions/1/2/")
    assert "9 paragraphs unchanged" in page
    details = page[page.index('<details class="unchanged">') : page.index("</details>")]
    assert "Paragraph 1 of" in details
    assert "Paragraph 0 of" not in details
    assert read(page, "ins") == "\n\n".join(paragraphs)


def test_it_goes_from_change_to_change(browser: Client) -> None:
    article = make_revised_article()
    where = f"/articles/{article.pk}/versions"
    first = page_of(browser, f"{where}/1/2/")
    assert f'rel="next" href="{where}/2/3/"' in first
    assert 'rel="prev"' not in first
    last = page_of(browser, f"{where}/2/3/")
    assert f'rel="prev" href="{where}/1/2/"' in last
    assert 'rel="next"' not in last
    assert f'href="{where}/3/2/"' in last, "the way back"
    assert "read it as going back" in page_of(browser, f"{where}/3/2/")


def test_a_form_without_a_script_leads_to_any_two(browser: Client) -> None:
    article = make_revised_article()
    where = f"/articles/{article.pk}/versions/"
    page = page_of(browser, f"{where}1/2/")
    assert f'<form class="filterline pick-versions" method="get" action="{where}">' in page
    assert page.count("<option") == 6
    assert browser.get(f"{where}?from=3&to=1")["Location"] == f"{where}3/1/"
    assert browser.get(f"{where}?from=2&to=2", follow=True).redirect_chain[-1][0] == f"{where}2/"


@pytest.mark.parametrize(
    ("query", "pair"),
    [("", "2/3"), ("?what=text", "2/3"), ("?what=headline", "1/2"), ("?what=number", "1/2"), ("?what=cow", "2/3"),
     ("?from=x&to=1", "2/3"), ("?from=1", "2/3"), ("?from=" + "9" * 40 + "&to=1", "2/3")],
)  # fmt: skip
def test_it_leads_to_where_something_changed_last(browser: Client, query: str, pair: str) -> None:
    article = make_revised_article()
    assert (
        browser.get(f"/articles/{article.pk}/versions/{query}")["Location"]
        == f"/articles/{article.pk}/versions/{pair}/"
    )


def test_a_single_version_is_read_in_full(browser: Client) -> None:
    article = make_article("Alone", "One.\n\nTwo <b>bold</b>.")
    answer = browser.get(f"/articles/{article.pk}/versions/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/articles/{article.pk}/versions/1/"
    page = answer.content.decode()
    assert "<p>One.</p><p>Two &lt;b&gt;bold&lt;/b&gt;.</p>" in page
    assert "The first that the desk read." in page


def test_an_earlier_version_says_that_it_is_not_in_force(browser: Client) -> None:
    article = make_revised_article()
    page = page_of(browser, f"/articles/{article.pk}/versions/2/")
    assert "This is not the text in force." in page
    assert "The police ask witnesses" in page
    for path in ("1/", "3/", "1/2/"):
        assert f"/articles/{article.pk}/versions/{path}" in page
    assert "not the text in force" not in page_of(browser, f"/articles/{article.pk}/versions/3/")


def test_it_escapes_what_others_wrote(browser: Client) -> None:
    article = make_article("<i>Old</i>", "a <script>alert(1)</script> stays here now")
    revise(article, "<i>New</i>", "a <script>alert(2)</script> stays here now")
    for path in ("versions/1/2/", "versions/2/", ""):
        page = page_of(browser, f"/articles/{article.pk}/{path}")
        assert "<script>alert" not in page
        assert "<i>" not in page


@pytest.mark.parametrize(
    "path", ["versions/1/9/", "versions/9/1/", "versions/0/1/", "versions/9/", f"versions/{'9' * 30}/1/"]
)
def test_what_is_not_there_is_not_found(browser: Client, path: str) -> None:
    article = make_revised_article()
    assert browser.get(f"/articles/{article.pk}/{path}").status_code == 404
    assert browser.get(f"/articles/999999/{path}").status_code == 404
    assert browser.get("/articles/999999/versions/").status_code == 404


def test_an_article_without_a_text_has_no_versions(browser: Client) -> None:
    article = make_article()
    Article.objects.filter(pk=article.pk).update(revision=None)
    Revision.objects.filter(article=article).delete()
    assert browser.get(f"/articles/{article.pk}/versions/").status_code == 404
    assert "No text has been read yet." in page_of(browser, f"/articles/{article.pk}/")


def test_a_version_without_a_text_can_be_compared(browser: Client) -> None:
    article = make_article("Short", "")
    make_revision(article, "Short", "Now there is one.")
    page = page_of(browser, f"/articles/{article.pk}/versions/1/2/")
    assert read(page, "del") == "Now there is one."
    assert "This version has no text." in page_of(browser, f"/articles/{article.pk}/versions/1/")


def test_the_articles_page_says_what_changed_in_each_version(browser: Client) -> None:
    article = make_revised_article()
    page = page_of(browser, f"/articles/{article.pk}/")
    section = page[page.index('id="versions"') :]
    plain = " ".join(unescape(re.sub(r"<[^>]+>", "", section)).split())
    for words in (
        "Headline was “Crane falls at Halvard, 12 hurt”, is “Crane falls at Halvard, 15 hurt”",
        "12 is now 15", "1.2 million is now 1.4 million", "1 paragraph removed", "The article's page, 84 words",
    ):  # fmt: skip
        assert words in plain, words
    for path in ("1/2/", "2/3/", "1/", "2/", "3/"):
        assert f'href="/articles/{article.pk}/versions/{path}"' in section, path


def test_versions_written_before_changes_were_noted_show_their_words(browser: Client) -> None:
    article = make_article("Old", "One two three.")
    make_revision(article, "Old", "One two three four five.")
    page = page_of(browser, f"/articles/{article.pk}/")
    assert "3 words" in page
    assert re.search(r'5 words <span class="muted">\+2</span>', page)


def test_pages_of_versions_cost_the_same_for_few_and_many(browser: Client) -> None:
    costs: dict[str, list[int]] = {}
    for number in (10, 40):
        article = make_article(f"{number}", FIRST)
        for place in range(number):
            revise(article, f"{number} {place}", FIRST + f"\n\nWord {place}.")
        for path in ("versions/1/2/", f"versions/1/{number}/", "versions/2/", ""):
            with CaptureQueriesContext(connection) as caught:
                page_of(browser, f"/articles/{article.pk}/{path}")
            costs.setdefault(path.replace(str(number), "n"), []).append(len(caught))
    assert all(few == many <= 20 for few, many in costs.values()), costs


MARKS = {
    "headline": ({"headline_changed_at": 3}, "headline changed", "versions/?what=headline"),
    "number": ({"number_changed_at": 5}, "number changed", "versions/?what=number"),
    "both": (
        {"headline_changed_at": 4, "number_changed_at": 4},
        "headline and number changed",
        "versions/?what=headline",
    ),
    "text": ({"corrected_at": 2}, "corrected", "versions/?what=text"),
    "gone": ({"gone_at": 6}, "deleted", ""),
}


@pytest.mark.parametrize("name", MARKS)
def test_every_list_marks_what_became_of_an_article(browser: Client, name: str) -> None:
    minutes, words, path = MARKS[name]
    company = make_entity("Orne Shipping")
    article = make_article()
    name_in(article, "Orne Shipping", company)
    event = make_event("The harbour", [article])
    now = timezone.now() - timedelta(seconds=5)
    Article.objects.filter(pk=article.pk).update(
        **{column: now - timedelta(minutes=ago) for column, ago in minutes.items()}
    )
    ago = f"{next(iter(minutes.values()))} min ago"
    lists = (
        "/articles/",
        f"/articles/?peek={article.pk}",
        f"/events/{event.pk}/",
        "/entities/orne-shipping/",
        "/",
    )
    for where in lists:
        page = page_of(browser, where)
        found = re.findall(r'<a class="became[^"]*" href="([^"]*)">(.*?)</a>', page, re.DOTALL)
        plain = [
            (href, re.sub(r"<span class=\"vh\">.*?</span>|<[^>]+>", "", inside, flags=re.DOTALL))
            for href, inside in found
        ]
        assert (f"/articles/{article.pk}/{path}", f"{words} {ago}") in plain, (where, plain)
        assert all("<time datetime=" in inside for _, inside in found)


def test_lists_do_not_mark_what_stayed(browser: Client) -> None:
    make_article()
    page = page_of(browser, "/articles/")
    assert 'class="became' not in page


def test_a_filter_finds_what_its_markers_show(browser: Client) -> None:
    changed = make_article("Changed one", number_changed_at=timezone.now())
    index_articles([changed.pk])
    make_article("Quiet one")
    page = page_of(browser, "/articles/?q=is:changed")
    assert "Changed one" in page
    assert "Quiet one" not in page
    assert "is:changed" in page_of(browser, "/help/")
