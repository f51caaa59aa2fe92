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


BRIDGE = (
    "The Halvard Bridge over the river Orne was closed to lorries on Tuesday after Norland Road Authority found cracks "
    "in two of its main cables.\n\nSkagen Steel AB, which made the cables, said that it would send engineers. Shares of "
    "Skagen Steel fell by four per cent.\n\n“Nobody was ever in danger,” said Ingrid Tveit, who leads the authority. "
    "She expects the repair to take eleven weeks."
)
BRIDGE_RETOLD = (
    "TESSIN (Coastwire) - The Halvard Bridge over the river Orne was closed to lorries on Wednesday after Norland Road "
    "Authority found cracks in two of its main cables.\n\n'Nobody was ever in danger', said Ingrid Tveit, who leads the "
    "authority. She expects the repair to take twelve weeks.\n\nFerries will carry lorries until the spring, the "
    "harbour master wrote in a letter to hauliers."
)
