"""What the page about a publisher's rules reads: the rules, articles to try them on, what may be read again, the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from articles.ingest.decided import PAGE_RULES
from articles.ingest.publisher_rules import rereadable, texts_of
from articles.models import Article, EdgeLine, Job, PageRules, Publisher
from articles.queries.source_page import HistoryLine, history_line
from entities.history import history_of
from entities.models import Change

SHOWN_ARTICLES = 20
_COLUMNS = ("id", "title", "published_at", "page_kind")


@dataclass(frozen=True, slots=True)
class TriedArticle:
    """An article whose page the rules may be tried on."""

    id: int
    title: str
    published_at: datetime
    page_kind: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Everything that the page about a publisher's rules shows.

    `texts` are those in force, by part, and `version` what a form must name to change them. `articles` are the newest
    whose text is on their page, the one asked for first. `rereadable` counts up to the most that one act reads again,
    `waiting` those of its articles that wait to be read now.
    """

    publisher: Publisher
    texts: Mapping[str, str]
    version: int
    changed_by: str
    changed_at: datetime | None
    articles: Sequence[TriedArticle]
    lines_on: int
    rereadable: int
    waiting: int
    history: Sequence[HistoryLine]

    @property
    def has_rules(self) -> bool:
        """Whether anything is written."""
        return any(self.texts.values())


def rules_page(publisher_id: int, *, asked_for: int | None = None) -> RulesPage | None:
    """The rules of one publisher, with `asked_for` among the articles if it is one of its own; None when there is none.

    Nine queries, whatever it has.
    """
    publisher = Publisher.objects.filter(pk=publisher_id).first()
    if publisher is None:
        return None
    row = PageRules.objects.filter(pk=publisher_id).first()
    own = Article.objects.filter(rereadable(publisher_id))
    newest = list(own.order_by("-published_at", "-pk").values_list(*_COLUMNS)[:SHOWN_ARTICLES])
    asked = (
        Article.objects.filter(pk=asked_for or 0, publisher_id=publisher_id).values_list(*_COLUMNS).first()
    )
    chosen = [TriedArticle(*one) for one in dict.fromkeys([*([asked] if asked else []), *newest])]
    ids = own.order_by("-published_at", "-pk").values("pk")[: settings.PAGE_RULE_REREADS]
    waiting = Job.objects.filter(kind=Job.Kind.READ, state=Job.State.WAITING, subject_id__in=ids)
    return RulesPage(
        publisher=publisher,
        texts=texts_of(row),
        version=row.version if row else 0,
        changed_by=row.changed_by if row else "",
        changed_at=row.changed_at if row else None,
        articles=chosen,
        lines_on=EdgeLine.objects.filter(publisher_id=publisher_id, is_on=True).count(),
        rereadable=ids.count(),
        waiting=waiting.count(),
        history=[_line(change) for change in history_of(PAGE_RULES, publisher_id)],
    )


def _line(change: Change) -> HistoryLine:
    """A change with its selectors parted by commas: one a line would run together into another selector."""
    line = history_line(change)
    return replace(
        line,
        parts=[
            (name, before.replace("\n", ", "), after.replace("\n", ", "))
            for name, before, after in line.parts
        ],
    )
