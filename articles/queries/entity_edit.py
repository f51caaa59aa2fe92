"""What the pages read on which editors correct an entity, and what a merge of two would move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Exists, OuterRef

from articles.models import SoughtName
from articles.queries.chips import Chip, chips_of
from articles.queries.decided import Decided
from articles.queries.entities import find_entities
from articles.queries.entity_card import Card, card_of
from articles.queries.entity_history import entity_history
from articles.queries.positions import Posts, posts_of
from entities.models import Alias, Entity


@dataclass(frozen=True, slots=True)
class EditPage:
    """An entity with all that editors may correct."""

    id: int
    slug: str
    name: str
    kind: str
    country: str
    description: str
    wikidata_id: str
    source: str
    updated_at: datetime
    card: Card
    posts: Posts
    history: list[Decided]
    sought: tuple[str, ...]  # names for which texts are still to be searched


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of a merge's preview: what each of the two has, and what both have."""

    what: str
    ours: int
    theirs: int
    both: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do; `parted` says who has said that the two are not the same."""

    this: Chip
    other: Chip
    lines: tuple[Moved, ...]
    parted: str
    mixed: bool

    @property
    def possible(self) -> bool:
        """Whether the act would do it."""
        return not self.parted and not self.mixed


_COUNTS = """
SELECT 'names', count(*) FILTER (WHERE entity_id = %(a)s), count(*) FILTER (WHERE entity_id = %(b)s),
       count(*) - count(DISTINCT text) FROM entities_alias WHERE entity_id IN (%(a)s, %(b)s)
UNION ALL
SELECT 'identifiers', count(*) FILTER (WHERE entity_id = %(a)s), count(*) FILTER (WHERE entity_id = %(b)s),
       count(*) - count(DISTINCT (scheme, value)) FROM entities_identifier WHERE entity_id IN (%(a)s, %(b)s)
UNION ALL
SELECT 'listings', count(*) FILTER (WHERE s.issuer_id = %(a)s), count(*) FILTER (WHERE s.issuer_id = %(b)s), 0
FROM entities_listing l JOIN entities_security s ON s.id = l.security_id WHERE s.issuer_id IN (%(a)s, %(b)s)
UNION ALL
SELECT 'positions', count(*) FILTER (WHERE %(a)s IN (person_id, organization_id)),
       count(*) FILTER (WHERE %(b)s IN (person_id, organization_id)), 0
FROM entities_position WHERE person_id IN (%(a)s, %(b)s) OR organization_id IN (%(a)s, %(b)s)
UNION ALL
SELECT 'owners and holdings', count(*) FILTER (WHERE %(a)s IN (owner_id, asset_id)),
       count(*) FILTER (WHERE %(b)s IN (owner_id, asset_id)), 0
FROM entities_ownership WHERE owner_id IN (%(a)s, %(b)s) OR asset_id IN (%(a)s, %(b)s)
UNION ALL
SELECT 'articles', count(*) FILTER (WHERE entity_id = %(a)s), count(*) FILTER (WHERE entity_id = %(b)s),
       count(*) - count(DISTINCT article_id) FROM articles_articleentity WHERE entity_id IN (%(a)s, %(b)s)
UNION ALL
SELECT 'rules for names', count(*) FILTER (WHERE entity_id = %(a)s), count(*) FILTER (WHERE entity_id = %(b)s), 0
FROM articles_linkrule WHERE entity_id IN (%(a)s, %(b)s) AND off_at IS NULL
UNION ALL
SELECT 'people who watch it', count(*) FILTER (WHERE entity_id = %(a)s), count(*) FILTER (WHERE entity_id = %(b)s),
       count(*) - count(DISTINCT user_id) FROM articles_watch WHERE entity_id IN (%(a)s, %(b)s)
"""
_PARTED = """
SELECT j.by FROM entities_judgement j
WHERE j.left_id = least(%(a)s, %(b)s) AND j.right_id = greatest(%(a)s, %(b)s)
  AND j.verdict = 'not_same' AND j.withdrawn_at IS NULL LIMIT 1
"""


def edit_page(slug: str, today: date) -> EditPage | None:
    """An entity with all that editors may correct; None when none stands under this address."""
    row = (
        Entity.objects.filter(slug=slug, merged_into=None)
        .values("id", "slug", "name", "kind", "country", "description", "wikidata_id", "source", "updated_at")
        .first()
    )
    if row is None:
        return None
    return EditPage(
        **row,
        # Its own name is a name that may be switched off, too.
        card=card_of(row["id"], "", row["wikidata_id"]),
        posts=posts_of(row["id"], today),
        history=entity_history(row["id"]),
        sought=names_sought(row["id"]),
    )


def names_sought(entity_id: int) -> tuple[str, ...]:
    """Those names of an entity that are on and for which texts are still to be searched; one query."""
    named = Alias.objects.filter(entity_id=entity_id, off_at=None, text=OuterRef("text"))
    return tuple(SoughtName.objects.filter(Exists(named)).order_by("text").values_list("text", flat=True))


def chip_at(slug: str) -> Chip | None:
    """The entity that stands under an address; None when there is none."""
    pk = Entity.objects.filter(slug=slug, merged_into=None).values_list("id", flat=True).first()
    return chips_of([pk]).get(pk) if pk else None


def merge_choices(this: Chip, find: str) -> list[Chip]:
    """Entities that may be the same: by the beginning of a name, else of this one's first word."""
    found = find_entities(find or this.name.split()[0])
    return [chip for chip in found if chip.id != this.id]


def merge_preview(this: Chip, other_id: int) -> MergePreview | None:
    """What would move if the two were one; None when the other is this one or none that stands. Three queries."""
    other = chips_of([other_id]).get(other_id)
    if (
        other is None
        or other.id == this.id
        or not Entity.objects.filter(pk=other_id, merged_into=None).exists()
    ):
        return None
    values = {"a": this.id, "b": other.id}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        lines = tuple(Moved(*row) for row in cursor.fetchall())
        cursor.execute(_PARTED, values)
        parted = cursor.fetchone()
    mixed = (this.kind == "person") != (other.kind == "person")
    return MergePreview(this, other, lines, parted[0] if parted else "", mixed)
