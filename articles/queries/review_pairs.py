"""Two entities that may be one, side by side: what agrees, what contradicts, and what only one of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from articles.models import ArticleEntity
from articles.queries.chips import Chip, chips_of
from articles.queries.countries import country_name
from articles.queries.review_kinds import SAME, Question
from entities.models import Alias, Entity, Identifier, Judgement, Resemblance

NAMES = 8
_LISTED_ONCE = frozenset({"lei", "cik", "wikidata", "isin"})  # schemes in which an entity has one number


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    chip: Chip
    articles: int
    source: str
    as_of: str
    slug: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the comparison. `verdict`: "agrees", "contradicts" or empty."""

    name: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the two resemble each other."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class PairItem:
    """Two entities that may be one. `keep` is the side that more articles name: the one that a merge would keep."""

    question: Question
    score: float
    reasons: tuple[Reason, ...]
    left: Side
    right: Side
    rows: tuple[Compared, ...]
    kind = SAME

    @property
    def keep(self) -> Side:
        """Who stays when nothing else is chosen."""
        return (
            self.right
            if (self.right.articles, self.right.source != "editorial")
            > (self.left.articles, self.left.source != "editorial")
            else self.left
        )

    @property
    def go(self) -> Side:
        """Who would become part of the other."""
        return self.left if self.keep is self.right else self.right


def pair_item(question: Question) -> PairItem | None:
    """A pair with its comparison, four queries; None when it was judged or merged."""
    judged = Judgement.objects.filter(
        left_id=OuterRef("left_id"), right_id=OuterRef("right_id"), withdrawn_at__isnull=True
    )
    row = (
        Resemblance.objects.filter(
            ~Exists(judged),
            pk=question.number,
            left__merged_into__isnull=True,
            right__merged_into__isnull=True,
        )
        .select_related("left", "right")
        .annotate(left_articles=_articles_of("left_id"), right_articles=_articles_of("right_id"))
        .first()
    )
    if row is None:
        return None
    chips = chips_of((row.left_id, row.right_id))
    sides = [
        Side(chips[one.pk], articles, one.source, one.as_of, one.slug)
        for one, articles in ((row.left, row.left_articles), (row.right, row.right_articles))
    ]
    return PairItem(
        question,
        score=row.score,
        reasons=tuple(Reason(str(part.get("words", "")), float(part.get("weight", 0.0))) for part in row.why),
        left=sides[0],
        right=sides[1],
        rows=_rows(row.left, row.right, sides),
    )


def _articles_of(column: str) -> Coalesce:
    """In how many articles the entity of this column is named."""
    counted = ArticleEntity.objects.filter(entity_id=OuterRef(column)).order_by().values("entity_id")
    return Coalesce(Subquery(counted.annotate(n=Count("id")).values("n")), 0)


def _rows(left: Entity, right: Entity, sides: Sequence[Side]) -> tuple[Compared, ...]:
    rows = [
        _line("Kind", [sides[0].chip.kind_words], [sides[1].chip.kind_words], single=True),
        _line("Country", [country_name(left.country)], [country_name(right.country)], single=True),
        Compared("Description", _some([left.description]), _some([right.description])),
    ]
    listed = [_some([f"{side.chip.ticker} {side.chip.mic}"] if side.chip.ticker else []) for side in sides]
    rows.append(_line("Listing", listed[0], listed[1], single=False))
    schemes: dict[str, dict[int, list[str]]] = {}
    for entity_id, scheme, value in (
        Identifier.objects.filter(Q(entity_id=left.pk) | Q(entity_id=right.pk), valid=True)
        .order_by("scheme", "value")
        .values_list("entity_id", "scheme", "value")
    ):
        schemes.setdefault(scheme, {}).setdefault(entity_id, []).append(value)
    for entity, side in ((left, left.pk), (right, right.pk)):
        if entity.wikidata_id:
            known = schemes.setdefault("wikidata", {}).setdefault(side, [])
            if entity.wikidata_id not in known:
                known.append(entity.wikidata_id)
    for scheme, values in sorted(schemes.items()):
        rows.append(
            _line(
                scheme.upper() if scheme != "wikidata" else "Wikidata",
                values.get(left.pk, []),
                values.get(right.pk, []),
                single=scheme in _LISTED_ONCE,
            )
        )
    names: dict[int, list[str]] = {left.pk: [], right.pk: []}
    for entity_id, text in (
        Alias.objects.filter(entity_id__in=names, off_at__isnull=True)
        .exclude(kind="ticker")
        .order_by("weak", "id")
        .values_list("entity_id", "text")
    ):
        names[entity_id].append(text)
    rows.append(_line("Names", names[left.pk], names[right.pk], single=False))
    return tuple(row for row in rows if row.left or row.right)


def _some(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value.strip())


def _line(name: str, left: Sequence[str], right: Sequence[str], *, single: bool) -> Compared:
    """Values beside each other: a shared one agrees; of what one can have only once, different ones contradict."""
    ours, theirs = _some(left), _some(right)
    shared = {value.casefold() for value in ours} & {value.casefold() for value in theirs}
    verdict = "agrees" if shared else "contradicts" if single and ours and theirs else ""
    return Compared(name, _shown(ours, shared), _shown(theirs, shared), verdict)


def _shown(values: Sequence[str], shared: set[str]) -> tuple[str, ...]:
    """Shared values first, at most NAMES, and how many more there are."""
    ordered = sorted(values, key=lambda value: value.casefold() not in shared)
    more = len(ordered) - NAMES
    return (*ordered[:NAMES], f"and {more} more") if more > 0 else tuple(ordered)
