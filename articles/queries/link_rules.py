"""Rules for names as people made them, how often each is at work, and names that won or lost trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from articles.models import Article, LinkRule, Publisher
from articles.queries.chips import Chip, chips_of
from entities.models import Alias, Change
from entities.trust import ENOUGH_RIGHT, ENOUGH_WRONG, HOPELESS, TIMES_RIGHT, TIMES_WRONG, trusted

PAGE = 40
NAMES = 60
HISTORY = 6


@dataclass(frozen=True, slots=True)
class Past:
    """One line of a rule's history."""

    by: str
    at: datetime
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with all that it says; `hits` counts the articles whose current text has a mention made by it, or of one
    that says "no entity" those from which it took a name away.
    """

    id: int
    surface: str
    entity: Chip | None
    publisher: str
    publisher_slug: str
    beside: Chip | None
    article_id: int | None
    article_title: str
    by: str
    why: str
    at: datetime
    off_at: datetime | None
    off_by: str
    hits: int
    past: tuple[Past, ...]

    @property
    def is_on(self) -> bool:
        """Whether it is obeyed."""
        return self.off_at is None


@dataclass(frozen=True, slots=True)
class TrustRow:
    """A name whose trust people changed: how often it meant its entity, how often not, and what follows."""

    id: int
    text: str
    chip: Chip
    weak: bool
    right: int
    wrong: int
    off_at: datetime | None
    off_by: str

    @property
    def is_on(self) -> bool:
        """Whether a person has not switched it off."""
        return self.off_at is None

    @property
    def now(self) -> str:
        """What the machine makes of it."""
        if self.off_at is not None:
            return "switched off: it links nothing"
        weak = trusted(self.weak, self.right, self.wrong)
        if weak is None:
            return "not believed any more: it links nothing"
        if weak == self.weak:
            return "weak: it links only beside other evidence" if weak else "links by itself"
        return (
            "weak by these decisions: it links only beside other evidence"
            if weak
            else "trusted by these decisions"
        )


@dataclass(frozen=True, slots=True)
class RulesPage:
    """A page of rules, newest first; `after` is the cursor of the next one or empty."""

    rules: tuple[RuleRow, ...]
    names: tuple[TrustRow, ...]
    after: str
    on: int
    off: int
    # What the counts do: enough right, how many times wrong; enough wrong; hopeless, how many times right.
    trust: tuple[int, ...] = (ENOUGH_RIGHT, TIMES_WRONG, ENOUGH_WRONG, HOPELESS, TIMES_RIGHT)


_RULES = """
SELECT r.id, r.surface, r.entity_id, coalesce(p.name, ''), coalesce(p.slug, ''), r.beside_id, r.article_id,
       coalesce(a.title, ''), r.by, r.why, r.at, r.off_at, r.off_by,
       (SELECT count(DISTINCT h.revision_id) FROM (
            SELECT m.revision_id FROM articles_mention m WHERE m.rule_id = r.id
            UNION ALL SELECT x.revision_id FROM articles_rulerefusal x WHERE x.rule_id = r.id
        ) h JOIN articles_article c ON c.revision_id = h.revision_id),
       (SELECT count(*) FROM articles_linkrule WHERE off_at IS NULL),
       (SELECT count(*) FROM articles_linkrule WHERE off_at IS NOT NULL)
FROM articles_linkrule r LEFT JOIN articles_publisher p ON p.id = r.publisher_id
LEFT JOIN articles_article a ON a.id = r.article_id
WHERE (%(rule)s::bigint IS NULL OR r.id = %(rule)s) AND (%(after)s::bigint IS NULL OR r.id < %(after)s)
ORDER BY r.id DESC LIMIT %(limit)s
"""


def rules_page(after: int | None = None) -> RulesPage:
    """Rules with their hits and history, and names of changed trust; four queries however many there are."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES, {"rule": None, "after": after, "limit": PAGE + 1})
        found = cursor.fetchall()
    aliases = list(
        Alias.objects.filter(
            Q(right__gt=0) | Q(wrong__gt=0) | Q(off_at__isnull=False), entity__merged_into=None
        )
        .order_by("-wrong", "-right", "id")
        .values("id", "text", "entity_id", "weak", "right", "wrong", "off_at", "off_by")[:NAMES]
    )
    rows = found[:PAGE]
    chips = chips_of(
        [pk for row in rows for pk in (row[2], row[5]) if pk] + [row["entity_id"] for row in aliases]
    )
    past = _past([row[0] for row in rows])
    return RulesPage(
        rules=tuple(_rule(row, chips, past) for row in rows),
        names=tuple(
            TrustRow(
                row["id"], row["text"], chips[row["entity_id"]], row["weak"], row["right"], row["wrong"], row["off_at"],
                row["off_by"],
            )
            for row in aliases
            if row["entity_id"] in chips
        ),
        after=str(rows[-1][0]) if len(found) > PAGE else "",
        on=found[0][14] if found else 0,
        off=found[0][15] if found else 0,
    )  # fmt: skip


def _rule(row: Sequence[Any], chips: Mapping[int, Chip], past: Mapping[int, Sequence[Past]]) -> RuleRow:
    return RuleRow(
        id=row[0],
        surface=row[1],
        entity=chips.get(row[2] or 0),
        publisher=row[3],
        publisher_slug=row[4],
        beside=chips.get(row[5] or 0),
        article_id=row[6],
        article_title=row[7],
        by=row[8],
        why=row[9],
        at=row[10],
        off_at=row[11],
        off_by=row[12],
        hits=row[13],
        past=tuple(past.get(row[0], ())),
    )


def _past(rule_ids: Sequence[int]) -> dict[int, list[Past]]:
    """The history of rules, newest first, a few rows each."""
    found: dict[int, list[Past]] = {}
    rows = Change.objects.filter(subject_kind="link_rule", subject_id__in=rule_ids).order_by("-id")
    for row in rows.values("subject_id", "by", "at", "act", "after", "why"):
        lines = found.setdefault(row["subject_id"], [])
        if len(lines) < HISTORY:
            lines.append(
                Past(row["by"], row["at"], _words(row["act"], on=row["after"].get("on", True)), row["why"])
            )
    return found


def _words(act: str, *, on: bool) -> str:
    """What was done to a rule, behind the name of who did it; `on` is how the rule stood after it."""
    if act == "make_rule":
        return "made it"
    if act == "undo_make_rule":
        return "took back that it was made"
    if act.startswith("undo_"):
        return f"took back that it was switched {'off' if on else 'on'}"
    return "switched it on" if on else "switched it off"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article in which a rule is at work; `taken` names whom the machine would have linked there without it."""

    id: int
    title: str
    publisher: str
    published_at: datetime
    taken: tuple[str, ...]


_HITS = """
SELECT a.id, a.title, p.name, a.published_at, array_agg(DISTINCT h.taken) FILTER (WHERE h.taken <> '') FROM (
    SELECT m.revision_id, '' AS taken FROM articles_mention m WHERE m.rule_id = %(rule)s
    UNION ALL
    SELECT x.revision_id, coalesce(k.name, e.name, '') FROM articles_rulerefusal x
    LEFT JOIN entities_entity e ON e.id = x.entity_id LEFT JOIN entities_entity k ON k.id = e.merged_into_id
    WHERE x.rule_id = %(rule)s
) h JOIN articles_article a ON a.revision_id = h.revision_id JOIN articles_publisher p ON p.id = a.publisher_id
GROUP BY a.id, p.name ORDER BY a.published_at DESC, a.id DESC LIMIT %(most)s
"""


def hits_of(rule_id: int, most: int = 50) -> list[Hit]:
    """The newest articles in which a rule is at work, one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HITS, {"rule": rule_id, "most": most})
        return [
            Hit(pk, title, publisher, at, tuple(taken or ()))
            for pk, title, publisher, at, taken in cursor.fetchall()
        ]


def publisher_of(article_id: int) -> tuple[int, str] | None:
    """The publisher of an article."""
    return Article.objects.filter(pk=article_id).values_list("publisher_id", "publisher__name").first()


def publisher_called(text: str) -> tuple[int, str] | None:
    """A publisher by its short or whole name."""
    text = text.replace("\x00", "").strip()
    return Publisher.objects.filter(Q(slug=text) | Q(name__iexact=text)).values_list("id", "name").first()


@dataclass(frozen=True, slots=True)
class Shown:
    """The rule whose articles are shown: its words, and whether it links them or takes links away."""

    surface: str
    links: bool


def rule_shown(rule_id: int) -> Shown | None:
    """A rule by its number, None when there is none."""
    row = LinkRule.objects.filter(pk=rule_id).values_list("surface", "entity_id").first()
    return Shown(row[0], links=row[1] is not None) if row is not None else None
