"""Rules for names that hold beyond one article: read once a process, and again when one of them has changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from articles.models import Article
from entities.names import plain_form
from entities.types import NameRule

# What they are, in one short answer: whoever merges entities or switches a rule changes it. Asked before each text, so
# that no text is linked by a rule that somebody has just switched off.
_STAMP = """
SELECT coalesce(md5(string_agg(concat_ws(' ', r.id, coalesce(e.merged_into_id, e.id), coalesce(b.merged_into_id, b.id)),
                               ',' ORDER BY r.id)), '')
FROM articles_linkrule r LEFT JOIN entities_entity e ON e.id = r.entity_id LEFT JOIN entities_entity b ON b.id = r.beside_id
WHERE r.off_at IS NULL
"""
# The general before the special: of two rules on one name the later stands.
_RULES = """
SELECT r.id, r.surface, coalesce(e.merged_into_id, e.id), coalesce(b.merged_into_id, b.id), r.publisher_id, r.by, r.why
FROM articles_linkrule r LEFT JOIN entities_entity e ON e.id = r.entity_id LEFT JOIN entities_entity b ON b.id = r.beside_id
WHERE r.off_at IS NULL
ORDER BY r.beside_id IS NOT NULL, r.publisher_id IS NOT NULL, r.id
"""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule, and the one publisher in whose articles it holds; None: everywhere. `plain`: its words in plain form."""

    rule: NameRule
    publisher_id: int | None
    plain: str


def ruled(rule: NameRule, publisher_id: int | None) -> Ruled:
    """A rule with its words prepared, once for all texts."""
    return Ruled(rule, publisher_id, plain_form(rule.surface))


class _Kept:
    """The rules that this process has read, and the stamp under which they stood."""

    def __init__(self) -> None:
        self.of: tuple[str, tuple[Ruled, ...]] = ("", ())
        self.lock = threading.Lock()


_kept = _Kept()


def rules_in_force() -> tuple[Ruled, ...]:
    """All rules as they stand at this moment, the general first; one small query, two when one has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        (name,) = cursor.fetchone()
    # One database may be another test's or desk's: its name belongs to the stamp.
    stamp = f"{connection.settings_dict['NAME']} {name}" if name else ""
    if not stamp:
        return ()
    held, rules = _kept.of
    if held == stamp:
        return rules
    with _kept.lock, connection.cursor() as cursor:
        cursor.execute(_RULES)
        rules = tuple(
            ruled(NameRule(pk, surface, entity_id, by, why, beside), publisher_id)
            for pk, surface, entity_id, beside, publisher_id, by, why in cursor.fetchall()
        )
        _kept.of = (stamp, rules)
    return rules


def rules_with(also: Ruled) -> tuple[Ruled, ...]:
    """The rules in force and one that is tried, in the place that it would have."""
    return tuple(sorted((*rules_in_force(), also), key=_is_special))


def _is_special(one: Ruled) -> tuple[bool, bool]:
    return one.rule.beside is not None, one.publisher_id is not None


def rules_for(article_id: int, title: str, text: str) -> list[NameRule]:
    """Those rules in force whose words stand in this text and that hold for its publisher, the special last."""
    found = _spoken(rules_in_force(), title, text)
    if any(one.publisher_id is not None for one in found):
        own = Article.objects.filter(pk=article_id).values_list("publisher_id", flat=True).first()
        return rules_among(found, own, title, text)
    return [one.rule for one in found]


def rules_among(rules: Sequence[Ruled], publisher_id: int | None, title: str, text: str) -> list[NameRule]:
    """Those of the rules whose words stand in this text and that hold for its publisher, in their order."""
    spoken = _spoken(rules, title, text)
    return [one.rule for one in spoken if one.publisher_id in {None, publisher_id}]


def _spoken(rules: Sequence[Ruled], title: str, text: str) -> list[Ruled]:
    if not rules:
        return []
    # Quotes and dashes are written in many ways.
    plain = f"{plain_form(title)}\n{plain_form(text)}"
    return [one for one in rules if one.plain in plain]
