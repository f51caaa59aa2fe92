"""Copy groups for tests of pages: one origin and the articles that carry its text."""

from __future__ import annotations

from collections.abc import Iterable

from articles.models import Article, ArticleCopy, CopyGroup


def make_copies(
    origin: Article, copies: Iterable[tuple[Article, str]], *, share: float = 0.9, wire: str = ""
) -> CopyGroup:
    """A group as placing leaves it: the origin, and copies with their kinds; `wire` is what the copies credit."""
    told = list(copies)
    group = CopyGroup.objects.create(origin=origin, article_count=1 + len(told))
    credit = (
        [{"code": "credit", "words": f"its text credits {wire}", "weight": 0.0, "wire": wire}] if wire else []
    )
    rows = [ArticleCopy(article=origin, group=group, kind="origin", rule_version="test")]
    for article, kind in told:
        why = {"code": "copy", "words": f"same text as “{origin.title}”", "weight": share}
        rows.append(
            ArticleCopy(
                article=article,
                group=group,
                kind=kind,
                containment=share,
                jaccard=share,
                why=[why, *credit],
                rule_version="test",
            )
        )
    ArticleCopy.objects.bulk_create(rows)
    return group
