"""Acts: what a page brought becomes an article's text, as a revision, when it is one and says more or something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from articles.events.features import shard_of
from articles.ingest.clean import without_lines
from articles.ingest.embeddings import keep_embedding
from articles.ingest.entries import TITLE_CHARACTERS, normal_text, text_key
from articles.ingest.facts import take_facts
from articles.ingest.link import link_revision, redate_entities, write_mentions
from articles.ingest.naming import read_one
from articles.ingest.noise import is_noise, is_same_headline, substance_key
from articles.ingest.proposing import redate_proposals
from articles.ingest.publisher_rules import is_read_otherwise
from articles.ingest.rechecks import is_part, seconds_held
from articles.jobs import add_jobs
from articles.models import Article, Job, Revision
from articles.search.index import index_articles, redate_article
from articles.texts.changes import changes_between
from articles.types import ExtractedPage

# A page's text must say more than the feed did, by this much, to take its place.
LONGER_BY = 1.1
NO_TEXT = "The page holds no text that could be read."
# Among a revision's problems: what was read is only the beginning.
STUB = "Only the beginning: the rest of the page is for subscribers."
# The same of a text that changed by the desk's own doing.
REREAD = "Read by other rules than the version before: the publisher need not have changed it."
STANDS = "What was read before stands."
# When a language model failed over a text, it reads it again after so long.
NAMES_AGAIN_SECONDS = 600.0
CUT = "Its page gives much less text than before: that counts when a later look finds the same."
_WITH_TEXT = frozenset({"article", "paywall"})


@dataclass(frozen=True, slots=True)
class Held:
    """A text much shorter than the one that stands, by its key; believed when it is found again at `until` or after."""

    key: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page did to its article, which the caller saves: `fields` names what was set on it.

    `note` says in words why the page's text was not taken, and is empty when all is well.
    """

    revision: Revision
    is_new: bool
    fields: tuple[str, ...]
    note: str
    held: Held | None = None  # what the page gave waits to be found again


def take_page(  # noqa: PLR0913 - what is known of one page
    article: Article,
    current: Revision,
    page: ExtractedPage,
    now: datetime,
    *,
    known_title: str = "",
    is_asked: bool = False,
    held: Held | None = None,
) -> Taken:
    """Take over what a page says. `known_title` is the headline that it had when it was read before.
    `is_asked`: somebody asked for it, so that a line which the desk has learnt to take off since makes a version too.

    A page that is no article (a list, a wall, a check for robots) changes nothing but `page_kind`. The first text of a
    page that takes the place of the feed's is no correction; neither is what reads otherwise for the first time since
    an admin changed the publisher's rules.

    A text that is drastically shorter than the page's text that stands is held back (`Taken.held`) until the same is
    found again some time later, given as `held` then: it may be the page of an outage. It takes no facts either.
    """
    article.page_kind = page.kind
    if page.kind not in _WITH_TEXT:
        return Taken(current, is_new=False, fields=("page_kind",), note=_why_not(page))
    text = normal_text(page.text)
    is_first = current.origin == Revision.Origin.FEED
    waits = None if is_first or not text else _waits(article, current, text, held, now)
    if waits is not None:
        return Taken(current, is_new=False, fields=("page_kind",), note=f"{CUT} {STANDS}", held=waits)
    fields = ["page_kind", *take_facts(article, page, now=now)]
    if not text:
        return Taken(current, is_new=False, fields=tuple(fields), note=NO_TEXT)
    is_stub = page.kind == "paywall"
    if is_stub and not is_first and STUB not in current.problems:
        note = f"Its page shows only its beginning by now. {STANDS}"
        return Taken(current, is_new=False, fields=tuple(fields), note=note)
    title = _title(article, current, page, known_title)
    if _says_no_more(current, page, title, text, is_first=is_first, is_asked=is_asked):
        return Taken(current, is_new=False, fields=tuple(fields), note="")
    is_reread = not is_first and (
        is_read_otherwise(article.publisher_id, current.created_at)
        or (current.title == title and _is_cleaned(current, page, text))
    )
    revision = Revision(
        article_id=article.pk,
        number=_last_number(article) + 1,
        follows=current.pk,
        title=title,
        text=text,
        html=page.html,
        text_sha256=text_key(title, text),
        origin=Revision.Origin.PAGE,
        removed=[list(line) for line in page.removed],
        problems=[*page.problems, *([STUB] if is_stub else []), *([REREAD] if is_reread else [])],
    )
    # What was only the beginning and is whole now, or was the feed's and is the page's, was not corrected.
    is_correction = not is_first and not is_reread and (STUB in current.problems) == is_stub
    if not is_reread:
        revision.changes = changes_of(current, revision, is_same_sort=is_correction)
    revision.save(force_insert=True)
    article.revision = revision
    article.title = title
    if is_correction:
        article.corrected_at = article.corrected_at or now
    note_changes(article, revision.changes, now)
    fields += ["revision", "title", "corrected_at", "headline_changed_at", "number_changed_at"]
    return Taken(revision, is_new=True, fields=tuple(fields), note="")


def _last_number(article: Article) -> int:
    """Texts that came over from a merged row may stand behind the current one."""
    return int(article.revisions.aggregate(last=Max("number"))["last"] or 0)


def changes_of(before: Revision, after: Revision, *, is_same_sort: bool) -> list[dict[str, Any]]:
    """What a revision changed, as it is stored; of texts of different sorts only the headlines can be compared."""
    found = changes_between(
        before.title, before.text if is_same_sort else "", after.title, after.text if is_same_sort else ""
    )
    return [change.as_json() for change in found]


def note_changes(article: Article, changes: Sequence[dict[str, Any]], now: datetime) -> None:
    """Set on the article when its headline or a number changed, for the markers in lists."""
    codes = {change["code"] for change in changes}
    if "headline" in codes:
        article.headline_changed_at = now
    if "number" in codes:
        article.number_changed_at = now


def stand_anew(article: Article, taken: Taken, *, was_at: datetime, is_to_link: bool) -> None:
    """Have a saved article found, linked and placed by what it says now; `was_at` is its date before.

    The language models read its names and what it is like. When one fails, the article goes on without, says so where
    names are missing, and is read again later.
    """
    if article.published_at != was_at:
        redate_article(article.pk, was_at=was_at)
        redate_entities(article.pk, article.published_at)
        redate_proposals(article.pk, article.published_at)
    if taken.is_new:  # the row is written: the vector is computed from what it says now, in its language
        index_articles([article.pk])
    if is_to_link:
        # One text at a time: of 16 texts read together each cost as much (56 ms against 57), for twice the memory.
        names = read_one(taken.revision.title, taken.revision.text, article.language)
        linked = link_revision(taken.revision, language=article.language, names=names)
        write_mentions(article, taken.revision, linked)
        is_embedded = keep_embedding(article, taken.revision)
        if names.problem:
            article.message = f"{article.message} {names.problem}".strip()
            article.save(update_fields=["message"])
        if names.problem or not is_embedded:
            add_jobs(Job.Kind.LINK, [(article.pk, "", article.batch, None)], seconds=NAMES_AGAIN_SECONDS)
        shard = shard_of(article.language)
        add_jobs(Job.Kind.PLACE, [(article.pk, shard, article.batch, article.published_at)])


def _title(article: Article, current: Revision, page: ExtractedPage, known_title: str) -> str:
    """The article's headline: the page's own counts when it changes, for it may differ from the feed's for good."""
    title = normal_text(page.title)[:TITLE_CHARACTERS].strip()
    if title and "title" in page.by_rule:  # an admin said where it stands
        return title
    if not title or not known_title or article.title != current.title:  # the feed has just changed it
        return article.title
    if is_same_headline(known_title.casefold(), title.casefold()) or is_same_headline(
        article.title.casefold(), title.casefold()
    ):
        return article.title
    return title


def _waits(article: Article, current: Revision, text: str, held: Held | None, now: datetime) -> Held | None:
    """What is held back of a page's text, None when it may count: it is long enough, or was found before."""
    seconds = seconds_held(current.text, text)
    if seconds is None:
        return None
    if is_read_otherwise(article.publisher_id, current.created_at) and is_part(current.text, text):
        return None  # an admin's rules cut it
    key = substance_key(text)
    if held is None or held.key != key:
        return Held(key, now + timedelta(seconds=seconds))
    return held if now < held.until else None


def _says_no_more(  # noqa: PLR0913 - what is compared, and why
    current: Revision, page: ExtractedPage, title: str, text: str, *, is_first: bool, is_asked: bool
) -> bool:
    if text_key(title, text) == current.text_sha256:
        return True
    if is_first:
        return len(text) < len(current.text) * LONGER_BY
    if current.title != title:
        return False
    return is_noise(current.text, text) or (not is_asked and _is_cleaned(current, page, text))


def _is_cleaned(current: Revision, page: ExtractedPage, text: str) -> bool:
    """Whether nothing differs but lines that we take off by now: learnt to be the publisher's between two readings."""
    before = without_lines(current.text, {line for _, line in page.removed})
    return is_noise(before, without_lines(text, {line for _, line in current.removed}))


def _why_not(page: ExtractedPage) -> str:
    what = Article.PageKind(page.kind).label.lower()
    return f"{page.kind_why or f'Its page is no article but {what}.'} {STANDS}"
