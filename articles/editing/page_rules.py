"""Acts: an admin writes selectors for a publisher's pages, tries them on one, and has its articles read again."""

from __future__ import annotations

import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from articles.editing.preview import Ask, fetch_in_turn, reader
from articles.errors import ConflictError, NewsdeskError, ParseFailedError, RefusedError, SandboxKilledError
from articles.ingest.canonical import absolute_url, url_sha256
from articles.ingest.decided import PAGE_RULES as SUBJECT
from articles.ingest.page_rules import SelectorLimits, parse_selectors
from articles.ingest.publisher_rules import reading_rules, rereadable, rules_of, texts_of
from articles.ingest.sites import site_of
from articles.jobs import add_jobs
from articles.models import Article, Feed, Job, PageRules, PageTrial, Publisher
from articles.texts.diff import DiffParagraph, word_diff
from articles.types import (
    SELECTOR_PARTS,
    ExtractedPage,
    FetchFailure,
    FetchRequest,
    PageContainer,
    ReadingRules,
)
from entities.history import record_change
from entities.models import Change

EDITED = "edited"
READ_AGAIN = "read again"
# A publisher's pages lie where its newest articles, its feeds and its homepage do.
ARTICLES_ASKED = 50
MAX_SELECTOR = 500
# Of a very long text so much is compared, in characters; what comes after it is not shown.
COMPARED = 60_000

_GONE = "This publisher is not here any more. Reload the page."


@dataclass(frozen=True, slots=True)
class RulesDraft:
    """What an admin writes: selectors, one a line."""

    keep: str = ""
    remove: str = ""
    title: str = ""
    date: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which page the rules are tried on: an article of the publisher, or an address of its site.

    `anew`: the page is asked for even if it was fetched a moment ago.
    """

    article_id: int | None = None
    address: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How a page reads by one set of rules; without a `page`, `problem` says why it cannot be read."""

    page: ExtractedPage | None
    problem: str
    milliseconds: int

    @property
    def words(self) -> int:
        """How many words the text has."""
        return len(self.page.text.split()) if self.page else 0


@dataclass(frozen=True, slots=True)
class Trial:
    """One page as it reads by the rules in force (`before`) and by those of the form (`after`).

    `problems` are sentences about selectors of the form that cannot be used and were left out. `is_cut`: the texts are
    longer than what `paragraphs` compares.
    """

    url: str
    final_url: str
    status: int
    size: int
    fetch_milliseconds: int
    fetched_at: datetime
    is_fresh: bool
    before: Reading
    after: Reading
    paragraphs: tuple[DiffParagraph, ...]
    is_cut: bool
    containers: tuple[PageContainer, ...]
    problems: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether both sets of rules read the page alike."""
        return self.before.page == self.after.page and self.before.problem == self.after.problem


def selector_limits() -> SelectorLimits:
    """How much an admin may write, by the settings."""
    return SelectorLimits(
        max_text=settings.PAGE_RULE_TEXT,
        max_selectors=settings.PAGE_RULE_SELECTORS,
        max_selector=min(MAX_SELECTOR, settings.PAGE_RULE_TEXT),
    )


def problems_of(draft: RulesDraft) -> dict[str, tuple[str, ...]]:
    """By part, what is wrong with its selectors; nothing when all can be used."""
    bounds = selector_limits()
    found = {part: parse_selectors(text, bounds)[1] for part, text in asdict(draft).items()}
    return {part: problems for part, problems in found.items() if problems}


def save_rules(by: str, publisher_id: int, draft: RulesDraft, version: int) -> Change | None:
    """Store the rules of a publisher's pages; None when nothing is different.

    `version` is what the form was filled with, 0 without any rules. Raises ConflictError when somebody saved since,
    RefusedError for a selector that cannot be used.
    """
    with transaction.atomic():
        row = _locked(publisher_id)
        now_at = row.version if row else 0
        if now_at != version:
            # Not the row's own name: that may be who switched a rule of residue, which is no other version.
            written = Change.objects.filter(subject_kind=SUBJECT, subject_id=publisher_id).exclude(
                act=READ_AGAIN
            )
            who = written.order_by("-pk").values_list("by", flat=True).first() or "Somebody"
            raise ConflictError(
                f"{who} changed these rules since you opened them. Yours are still in the form:"
                " compare them with the history below, and save again to put them in force."
            )
        return _write(by, publisher_id, row, draft, EDITED)


def undo_rules_change(by: str, change_id: int) -> int:
    """Take one change of rules back; the publisher's number. Raises RefusedError."""
    with transaction.atomic():
        change = Change.objects.filter(pk=change_id, subject_kind=SUBJECT, act=EDITED).first()
        if change is None:
            raise RefusedError("This change cannot be taken back.")
        row = _locked(change.subject_id)
        if Change.objects.filter(undoes=change).exists():
            raise RefusedError("This change was taken back already.")
        later = (
            Change.objects.filter(
                subject_kind=SUBJECT,
                subject_id=change.subject_id,
                act=EDITED,
                pk__gt=change.pk,
                undone_by=None,
                after__has_any_keys=list(change.after),
            )
            .order_by("-pk")
            .first()
        )
        if later is not None:
            raise RefusedError(
                f"{later.by} changed the same selectors since: take that back first, or write them anew."
            )
        draft = RulesDraft(**{**texts_of(row), **change.before})
        if _write(by, change.subject_id, row, draft, "undone", undoes=change) is None:
            raise RefusedError("It is so already.")
        return change.subject_id


def try_rules(publisher_id: int, wish: Wish, draft: RulesDraft, now: datetime) -> Trial:
    """Read one page of a publisher by the rules in force and by those of a form; nothing of it is stored but the page.

    The page comes through the one door as the pipeline's do, or is what the door brought within PAGE_TRIAL_SECONDS.
    Raises RefusedError, in words for an admin, when there is no such page or it does not come.
    """
    url, is_sample = _wanted(publisher_id, wish)
    kept, is_fresh = _page(publisher_id, url, now, is_sample=is_sample, anew=wish.anew)
    body = zlib.decompress(bytes(kept.body))
    present = reading_rules([publisher_id])[publisher_id]
    bounds = selector_limits()
    good: dict[str, str] = {}
    problems: list[str] = []
    for part, text in asdict(draft).items():
        selectors, found = parse_selectors(text, bounds)
        good[part] = "\n".join(selectors)
        problems += found
    edited = rules_of(good, repeated_lines=present.repeated_lines, rules_off=present.rules_off)

    def read(rules: ReadingRules) -> Reading:
        return _read(body, kept, rules)

    with ThreadPoolExecutor(2, thread_name_prefix="trial") as pool:
        before = pool.submit(read, present)
        after = pool.submit(read, edited) if edited != present else before
        containers = pool.submit(_containers, body, kept.content_type)
        readings = before.result(), after.result()
        parts = containers.result()
    old, new = (reading.page.text if reading.page else "" for reading in readings)
    return Trial(
        url=url,
        final_url=kept.final_url,
        status=kept.status,
        size=kept.size,
        fetch_milliseconds=kept.milliseconds,
        fetched_at=kept.fetched_at,
        is_fresh=is_fresh,
        before=readings[0],
        after=readings[1],
        paragraphs=tuple(word_diff(old[:COMPARED], new[:COMPARED])),
        is_cut=max(len(old), len(new)) > COMPARED,
        containers=parts,
        problems=tuple(problems),
    )


def read_again(by: str, publisher_id: int, count: int) -> int:
    """Have the pages of a publisher's newest articles fetched and read by the rules in force; how many.

    What reads otherwise becomes a further revision; nothing is overwritten. Raises RefusedError for a count beyond
    PAGE_RULE_REREADS, and when there is no such article.
    """
    most = settings.PAGE_RULE_REREADS
    if not 1 <= count <= most:
        raise RefusedError(f"Choose 1 to {most:,} articles to be read again.")
    with transaction.atomic():
        if not Publisher.objects.filter(pk=publisher_id).exists():
            raise RefusedError(_GONE)
        newest = Article.objects.filter(rereadable(publisher_id)).order_by("-published_at", "-pk")
        chosen = sorted(newest.values_list("pk", flat=True)[:count])
        if not chosen:
            raise RefusedError("None of its articles has its text from a page, so there is nothing to read.")
        rows = list(Article.objects.select_for_update().filter(pk__in=chosen).order_by("pk"))
        Article.objects.filter(pk__in=[row.pk for row in rows]).update(needs_page=True)
        add_jobs(Job.Kind.READ, [(row.pk, "", row.batch, row.published_at) for row in rows])
        record_change(SUBJECT, publisher_id, by, READ_AGAIN, after={"articles": len(rows)})
    return len(rows)


def _locked(publisher_id: int) -> PageRules | None:
    """The publisher's rules, locked by way of the publisher, which is always there. Raises RefusedError."""
    if not Publisher.objects.select_for_update().filter(pk=publisher_id).exists():
        raise RefusedError(_GONE)
    return PageRules.objects.filter(pk=publisher_id).first()


def _write(  # noqa: PLR0913 - one decision and how it is recorded
    by: str,
    publisher_id: int,
    row: PageRules | None,
    draft: RulesDraft,
    act: str,
    *,
    undoes: Change | None = None,
) -> Change | None:
    bounds = selector_limits()
    after: dict[str, str] = {}
    for part, text in asdict(draft).items():
        selectors, problems = parse_selectors(text, bounds)
        if problems:
            raise RefusedError(problems[0])
        after[part] = "\n".join(selectors)
    before = texts_of(row)
    changed = [part for part in SELECTOR_PARTS if before[part] != after[part]]
    if not changed:
        return None
    row = row or PageRules(publisher_id=publisher_id, version=0)
    is_new = row.version == 0
    for part in changed:
        setattr(row, part, after[part])
    row.version += 1
    row.changed_by = by
    if is_new:
        row.save(force_insert=True)
    else:
        row.save(update_fields=[*changed, "version", "changed_by", "changed_at"])
    return record_change(
        SUBJECT,
        publisher_id,
        by,
        act,
        before={part: before[part] for part in changed},
        after={part: after[part] for part in changed},
        undoes=undoes,
    )


def _wanted(publisher_id: int, wish: Wish) -> tuple[str, bool]:
    """(the address, whether it is one of the sample's own). Raises RefusedError."""
    if wish.address.strip():
        typed = wish.address.strip()
        url = absolute_url(typed if "://" in typed else f"https://{typed}")
        if not url:
            raise RefusedError(f"“{typed[:200]}” is no web address. Write it like https://example.org/story.")
        sites = _sites(publisher_id)
        if site_of(url) not in sites:
            known = ", ".join(sorted(sites)) or "none that is known"
            raise RefusedError(f"“{site_of(url)}” is not where this publisher's pages are: {known}.")
        return url, False
    article = Article.objects.filter(pk=wish.article_id or 0, publisher_id=publisher_id).first()
    if article is None:
        raise RefusedError(
            "Choose one of this publisher's articles, or write the address of a page of its site."
        )
    return article.url, article.sample


def _refuse_elsewhere(publisher_id: int, url: str, final_url: str) -> None:
    """A page that a redirect led away to is another's: neither shown nor kept. Raises RefusedError."""
    site = site_of(final_url)
    if site != site_of(url) and site not in _sites(publisher_id):
        raise RefusedError(
            f"The address led to “{site or final_url[:200]}”, which is not where this publisher's pages are,"
            " so the page is not shown. Choose another article."
        )


def _sites(publisher_id: int) -> set[str]:
    newest = Article.objects.filter(publisher_id=publisher_id).order_by("-published_at", "-pk")
    urls = list(newest.values_list("url", flat=True)[:ARTICLES_ASKED])
    for pair in Feed.objects.filter(publisher_id=publisher_id).values_list("url", "site_url")[
        :ARTICLES_ASKED
    ]:
        urls += pair
    urls += Publisher.objects.filter(pk=publisher_id).values_list("homepage", flat=True)
    return {site for site in map(site_of, filter(None, urls)) if site}


def _page(
    publisher_id: int, url: str, now: datetime, *, is_sample: bool, anew: bool
) -> tuple[PageTrial, bool]:
    """(the page, whether it was asked for just now). Raises RefusedError."""
    oldest = now - timedelta(seconds=settings.PAGE_TRIAL_SECONDS)
    key = url_sha256(url)
    if not anew:
        kept = PageTrial.objects.filter(
            publisher_id=publisher_id, url_sha256=key, fetched_at__gte=oldest
        ).first()
        if kept is not None:
            return kept, False
    answer = fetch_in_turn(FetchRequest(url=url, purpose="page", sample=is_sample), Ask().until)
    if isinstance(answer, FetchFailure):
        raise RefusedError(f"{answer.message} Choose another article, or try again later.")
    _refuse_elsewhere(publisher_id, url, answer.final_url)
    PageTrial.objects.filter(fetched_at__lt=oldest).delete()
    row, _ = PageTrial.objects.update_or_create(
        publisher_id=publisher_id,
        url_sha256=key,
        defaults={
            "url": url,
            "final_url": answer.final_url,
            "content_type": answer.headers.get("content-type", "")[:200],
            "status": answer.status,
            "milliseconds": round(answer.elapsed_seconds * 1000),
            "size": len(answer.body),
            "body": zlib.compress(answer.body, 1),
            "fetched_at": now,
        },
    )
    return row, True


def _read(body: bytes, kept: PageTrial, rules: ReadingRules) -> Reading:
    started = time.monotonic()
    page, problem = None, ""
    try:
        page = reader().extract_page(body, kept.final_url, kept.content_type, rules=rules)
    except (ParseFailedError, SandboxKilledError) as error:
        problem = f"The page cannot be read: {error}"
    return Reading(page, problem, round((time.monotonic() - started) * 1000))


def _containers(body: bytes, content_type: str) -> tuple[PageContainer, ...]:
    """The page's parts; none when it cannot be read, which its reading tells already."""
    try:
        return tuple(reader().find_containers(body, content_type))
    except NewsdeskError:
        return ()
