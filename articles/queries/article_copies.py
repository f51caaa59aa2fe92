"""What the page of an article reads of its copies: who carries its text, since when, and who shares some of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from articles.models import ArticleCopy, ArticleShare, CopyDecision

COPIES = 7  # members that the page shows: the origin and the earliest; the rest is behind a link
SHARES = 5

_MEMBER = (
    "article_id", "article__publisher__name", "article__title", "article__published_at",
    "article__published_day_only", "containment", "kind", "why",
)  # fmt: skip
KIND_WORDS = {
    ArticleCopy.Kind.ORIGIN: "origin",
    ArticleCopy.Kind.VERBATIM: "verbatim",
    ArticleCopy.Kind.ABRIDGED: "abridged",
}


@dataclass(frozen=True, slots=True)
class CopyRow:
    """Another article that carries the text, or some of it; `kind` is empty when it is no copy."""

    id: int
    publisher: str
    title: str
    published_at: datetime
    day_only: bool
    share: float
    kind: str = ""
    kind_words: str = ""


@dataclass(frozen=True, slots=True)
class NotCopy:
    """An article that somebody said is no copy of this one."""

    id: int
    publisher: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CopyBox:
    """The copies of an article. `others` are all that carry its text, `rows` those that are shown.

    `kind` is the article's own place among them and `share` what it shares with the origin; `first` is the earliest,
    `origin` the presumed origin (None when it is this one), `why` says why that is. `shares` are no copies and not
    counted.
    """

    kind: str
    share: float
    others: int
    rows: tuple[CopyRow, ...]
    first: CopyRow | None
    origin: CopyRow | None
    why: tuple[str, ...]
    own_why: tuple[str, ...]
    shares: tuple[CopyRow, ...]
    more_shares: bool
    refused: tuple[NotCopy, ...]

    @property
    def more(self) -> int:
        """How many copies are not shown."""
        return self.others - len(self.rows)

    @property
    def is_origin(self) -> bool:
        """Whether the article is the presumed origin itself."""
        return self.kind == ArticleCopy.Kind.ORIGIN


def copies_of(article_id: int) -> CopyBox | None:
    """Its copy group, what it shares with others, and what people said; four queries. None when there is nothing."""
    mine = ArticleCopy.objects.filter(article_id=article_id).select_related("group").first()
    members = _members(mine) if mine else []
    shares = _shares(article_id, mine.group_id if mine else None)
    refused = _refused(article_id)
    if not members and not shares and not refused:
        return None
    rows = [_row(row) for row in members]
    others = [row for row in rows if row.id != article_id]
    origin = next((row for row in members if row["kind"] == ArticleCopy.Kind.ORIGIN), None)
    return CopyBox(
        kind=mine.kind if mine and others else "",
        share=mine.containment if mine else 0.0,
        others=mine.group.article_count - 1 if mine and others else 0,
        rows=tuple(others[:COPIES]),
        first=min(rows, key=lambda row: (row.published_at, row.id), default=None),
        origin=next((row for row in others if row.kind == ArticleCopy.Kind.ORIGIN), None),
        why=_words(origin["why"]) if origin else (),
        own_why=_words(mine.why) if mine else (),
        shares=tuple(shares[:SHARES]),
        more_shares=len(shares) > SHARES,
        refused=refused,
    )


def _members(mine: ArticleCopy) -> list[Mapping[str, Any]]:
    """The origin and the earliest others of a group, the article itself among them when it is early."""
    origin_first = Q(kind=ArticleCopy.Kind.ORIGIN)
    return list(
        ArticleCopy.objects.filter(group_id=mine.group_id)
        .alias(is_origin=origin_first)
        .order_by("-is_origin", "article__published_at", "article_id")
        .values(*_MEMBER)[: COPIES + 1]
    )


def _row(row: Mapping[str, Any]) -> CopyRow:
    return CopyRow(
        id=row["article_id"],
        publisher=row["article__publisher__name"],
        title=row["article__title"],
        published_at=row["article__published_at"],
        day_only=row["article__published_day_only"],
        share=row["containment"],
        kind=row["kind"],
        kind_words=KIND_WORDS[ArticleCopy.Kind(row["kind"])],
    )


def _shares(article_id: int, group_id: int | None) -> list[CopyRow]:
    """Articles that share text without being copies, those that share most first; one more than are shown."""
    found: list[CopyRow] = []
    for own, other in (("article", "other"), ("other", "article")):
        rows = ArticleShare.objects.filter(**{f"{own}_id": article_id})
        if group_id is not None:
            # Copies of one text by way of a third are shown as copies.
            rows = rows.exclude(**{f"{other}__copy__group_id": group_id})
        found += [
            CopyRow(*row)
            for row in rows.order_by("-containment", f"{other}_id").values_list(
                f"{other}_id", f"{other}__publisher__name", f"{other}__title", f"{other}__published_at",
                f"{other}__published_day_only", "containment",
            )[: SHARES + 1]
        ]  # fmt: skip
    return sorted(found, key=lambda row: (-row.share, row.id))[: SHARES + 1]


def _refused(article_id: int) -> tuple[NotCopy, ...]:
    said = CopyDecision.objects.filter(
        Q(article_id=article_id) | Q(other_id=article_id),
        kind=CopyDecision.Kind.NOT_COPY,
        withdrawn_at__isnull=True,
        other__isnull=False,
    ).select_related("article__publisher", "other__publisher")
    rows = []
    for row in said.order_by("-at"):
        other = row.other if row.article_id == article_id else row.article
        if other is not None:
            rows.append(NotCopy(other.pk, other.publisher.name, row.by, row.why))
    return tuple(rows)


def _words(why: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(part["words"]) for part in why if part.get("words"))
