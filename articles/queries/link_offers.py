"""After a decision on a name in one article: in how many others the same name is linked otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from articles.queries.chips import Chip, chips_of
from entities.models import Change

# The mentions of a name in current texts that do not mean what was decided.
_OTHERS = """
SELECT count(DISTINCT m.revision_id) FROM articles_mention m JOIN articles_article a ON a.revision_id = m.revision_id
WHERE m.text = %s AND a.id <> %s AND m.entity_id IS DISTINCT FROM %s
"""
DECIDE = "decide_link"


@dataclass(frozen=True, slots=True)
class Offer:
    """A decision that might hold elsewhere: the name, whom it means (None: nobody), and in how many articles else."""

    change_id: int
    surface: str
    chip: Chip | None
    others: int
    why: str


def offer_after(article_id: int, change_id: int) -> Offer | None:
    """What a decision might settle elsewhere; None when it is taken back, or no other article would differ."""
    change = (
        Change.objects.filter(
            pk=change_id, subject_kind="article", subject_id=article_id, act=DECIDE, undone_by__isnull=True
        )
        .values("after", "why")
        .first()
    )
    if change is None:
        return None
    surface, entity_id = change["after"]["surface"], change["after"]["entity"]
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, [surface, article_id, entity_id])
        others = cursor.fetchone()[0]
    if not others:
        return None
    chips = chips_of([entity_id] if entity_id else ())
    return Offer(change_id, surface, chips.get(entity_id or 0), others, change["why"])


def change_of_decision(article_id: int, surface: str, start: int) -> int | None:
    """The change by which a person's decision on a name in force in an article can be taken back.

    A decision on the one place goes before one on the whole article.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id FROM articles_linkdecision d
               JOIN entities_change c ON c.subject_kind = 'article' AND c.subject_id = d.article_id
                AND c.act = 'decide_link' AND (c.after ->> 'decision')::bigint = d.id
               WHERE d.article_id = %s AND d.surface = %s AND d.withdrawn_at IS NULL
                 AND (d.start IS NULL OR d.start = %s)
               ORDER BY d.start IS NULL, d.id DESC LIMIT 1""",
            [article_id, surface, start],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def is_link_change(change_id: int) -> bool:
    """Whether a change was a decision on a name in an article."""
    return Change.objects.filter(pk=change_id, subject_kind="article", act=DECIDE).exists()
