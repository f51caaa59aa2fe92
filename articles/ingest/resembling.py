"""Acts: likely duplicates among entities, and whom an unknown name is like; a portion at a time, within the tidying.

New names are looked at once, in the order in which they came: each asks an index for others with its name, the same
without the legal form, its acronym or its first words, and only those are compared. What people judged is not asked
again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from articles.ingest.relinking import relink_later
from articles.models import ArticleEntity, Progress, Proposal
from entities.lines import Line
from entities.models import Alias, Entity, Identifier, Judgement, Listing, Resemblance
from entities.names import is_common
from entities.resemblance import DUPLICATE, HINT, Called, Likeness, Portrait, compare, portray, probes
from entities.sources.storing import LOAD_LOCK

# Under which progress is kept; the number behind it grows with the rules of entities.resemblance, so that all names are
# compared once more and what the older rules asked about is asked no more.
STEPS = ("likely duplicates", "likely duplicates 2")
STEP = STEPS[-1]
NAMES_A_PORTION = 500
PROPOSALS_A_PORTION = 200
# A form that more names than this have tells nothing about who is meant.
COMMON = 24
# Whom an open name is like is asked again after so long: entities came and other names were decided.
COMPARED_AGAIN = timedelta(days=3)
LONGEST_WHY = 200

# Names of others by forms that are found whole (`text_pattern_ops` serves equality), and by beginnings: in the order of
# the index, without which the planner would rather read the whole table for so few rows.
_CANDIDATES = """
WITH found AS (
    SELECT p.of, c.id FROM unnest(%(of)s::bigint[], %(whole)s::text[]) AS p(of, form)
    CROSS JOIN LATERAL (
        SELECT DISTINCT a.entity_id AS id FROM (
            SELECT a.entity_id FROM entities_alias a WHERE a.folded = p.form LIMIT %(most)s
        ) a
    ) c
    UNION
    SELECT p.of, c.id FROM unnest(%(of_begins)s::bigint[], %(begins)s::text[]) AS p(of, form)
    CROSS JOIN LATERAL (
        SELECT a.entity_id AS id FROM entities_alias a
        WHERE a.folded ~>=~ (p.form || ' ') AND a.folded ~<~ (p.form || '!')
        ORDER BY a.folded USING ~<~ LIMIT %(most)s
    ) c
)
SELECT of, id FROM found
"""
_NUMBERS = """
SELECT DISTINCT i.entity_id, o.entity_id FROM entities_identifier i
JOIN entities_identifier o ON o.scheme = i.scheme AND o.value = i.value AND o.entity_id <> i.entity_id
JOIN entities_entity e ON e.id = o.entity_id AND e.merged_into_id IS NULL
WHERE i.entity_id = ANY(%s) AND i.valid AND o.valid
"""
_LIKE_NAMES = """
SELECT p.of, c.id FROM unnest(%(of)s::bigint[], %(whole)s::text[]) AS p(of, form)
JOIN articles_proposal c ON c.key = p.form AND c.id <> p.of AND c.state = 'open' AND c.articles > 0
UNION
SELECT p.of, c.id FROM unnest(%(of_begins)s::bigint[], %(begins)s::text[]) AS p(of, form)
CROSS JOIN LATERAL (
    SELECT c.id FROM articles_proposal c
    WHERE c.key ~>=~ (p.form || ' ') AND c.key ~<~ (p.form || '!') AND c.id <> p.of AND c.state = 'open' AND c.articles > 0
    ORDER BY c.key USING ~<~ LIMIT %(most)s
) c
"""


def find_duplicates(_now: datetime) -> tuple[int, bool]:
    """Compare the entities of a portion of new names with those that may be the same; pairs found, and whether more wait.

    While an import runs nothing is done: its names come all at once when it is over.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOAD_LOCK])
        if not cursor.fetchone()[0]:
            return 0, False
        progress, is_new = Progress.objects.select_for_update().get_or_create(step=STEP)
        if is_new:
            Progress.objects.filter(step__in=STEPS[:-1]).delete()
            Resemblance.objects.all().delete()  # the open ones; what people said stands elsewhere
        names = list(
            Alias.objects.filter(pk__gt=progress.number)
            .order_by("pk")
            .values_list("pk", "entity_id", "entity__merged_into_id", "kind", "off_at")[:NAMES_A_PORTION]
        )
        if not names:
            return 0, False
        ids = {row[1] for row in names if row[2] is None and row[3] != Alias.Kind.TICKER and row[4] is None}
        count = _compare_entities(sorted(ids))
        Progress.objects.filter(pk=STEP).update(number=names[-1][0])
    return count, len(names) == NAMES_A_PORTION


def compare_proposals(now: datetime) -> tuple[int, bool]:
    """Say of a portion of open unknown names which other one, and which entity, each probably is, and why."""
    with transaction.atomic():
        due = Proposal.objects.filter(Q(compared_at=None) | Q(compared_at__lt=now - COMPARED_AGAIN))
        chosen = list(
            due.filter(state=Proposal.State.OPEN, articles__gt=0)
            .order_by(F("compared_at").asc(nulls_first=True), "pk")
            .values_list("pk", flat=True)[:PROPOSALS_A_PORTION]
        )
        if not chosen:
            return 0, False
        count = _compare_names(chosen, now)
    return count, len(chosen) == PROPOSALS_A_PORTION


def drop_unused_names(_now: datetime) -> tuple[int, bool]:
    """Open unknown names and stated positions that no article's current text has any more."""
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("articles_proposal", "articles_positionproposal"):
            # Whoever is just using one again holds it; it is left alone.
            cursor.execute(
                f"""SELECT id FROM {table} WHERE state = 'open' AND articles = 0
                    ORDER BY key LIMIT %s FOR UPDATE SKIP LOCKED""",  # noqa: S608 - one of two names
                [NAMES_A_PORTION],
            )
            ids = [pk for (pk,) in cursor.fetchall()]
            if table == "articles_proposal":
                cursor.execute(
                    "UPDATE articles_mention SET proposal_id = NULL WHERE proposal_id = ANY(%s)", [ids]
                )
                cursor.execute(
                    'UPDATE articles_proposal SET "like_id" = NULL WHERE "like_id" = ANY(%s)', [ids]
                )
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [ids])  # noqa: S608 - as above
            count += len(ids)
    return count, count >= NAMES_A_PORTION


def mend_merged(_now: datetime) -> tuple[int, bool]:
    """Articles that were linked to an entity at the very moment at which it became part of another are linked anew."""
    stale = ArticleEntity.objects.filter(entity__merged_into__isnull=False)
    ids = sorted(set(stale.values_list("article_id", flat=True)[:NAMES_A_PORTION]))
    return relink_later(ids) if ids else 0, False


# --- entities --------------------------------------------------------------------------------------------


def _compare_entities(ids: Sequence[int]) -> int:
    if not ids:
        return 0
    names = _names(ids)
    kinds = dict(Entity.objects.filter(pk__in=ids).values_list("pk", "kind"))
    asked = _Asked()
    for pk in ids:
        asked.add(pk, probes(names.get(pk, ()), kind=kinds.get(pk, "")))
    pairs = {(min(pair), max(pair)) for pair in asked.candidates() if pair[0] != pair[1]}
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [list(ids)])
        pairs |= {(min(pair), max(pair)) for pair in cursor.fetchall()}
    pairs -= _judged(pairs)
    portraits = _portraits({pk for pair in pairs for pk in pair}, names)
    found: dict[tuple[int, int], Likeness] = {}
    for left, right in sorted(pairs):
        if left in portraits and right in portraits:
            likeness = compare(portraits[left], portraits[right])
            if likeness.score >= DUPLICATE:
                found[left, right] = likeness
    _write_resemblances(found)
    return len(found)


class _Asked:
    """What is asked of the index for many at once: who asks, and for which form."""

    def __init__(self) -> None:
        self.whole: list[tuple[int, str]] = []
        self.begins: list[tuple[int, str]] = []

    def add(self, of: int, forms: tuple[Collection[str], Collection[str]]) -> None:
        self.whole += [(of, form) for form in sorted(forms[0])]
        self.begins += [(of, form) for form in sorted(forms[1])]

    def values(self) -> dict[str, Any]:
        return {
            "of": [of for of, _ in self.whole],
            "whole": [form for _, form in self.whole],
            "of_begins": [of for of, _ in self.begins],
            "begins": [form for _, form in self.begins],
            "most": COMMON,
        }

    def candidates(self, sql: str = _CANDIDATES) -> list[tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.values())
            return [(of, pk) for of, pk in cursor.fetchall()]


def _judged(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those about which a person has said something that stands."""
    lefts = {left for left, _ in pairs}
    said = Judgement.objects.filter(left__in=lefts, withdrawn_at__isnull=True)
    return set(said.values_list("left_id", "right_id")) & set(pairs)


def _names(ids: Iterable[int]) -> dict[int, list[Called]]:
    """The names of entities, the first and strong ones first."""
    found: dict[int, list[Called]] = defaultdict(list)
    rows = Alias.objects.filter(entity_id__in=set(ids), off_at__isnull=True).exclude(kind=Alias.Kind.TICKER)
    for pk, text, weak in rows.order_by("entity_id", "weak", "pk").values_list("entity_id", "text", "weak"):
        # A common word may be the whole of a name: then it is as good as any.
        found[pk].append(Called(text, weak=weak and not (" " in text and is_common(text))))
    return found


def _portraits(ids: Collection[int], known: Mapping[int, Sequence[Called]]) -> dict[int, Portrait]:
    """Portraits of entities that are no part of another; four queries."""
    names = {**_names(set(ids) - known.keys()), **known}
    numbers: dict[int, set[tuple[str, str]]] = defaultdict(set)
    rows = Identifier.objects.filter(entity_id__in=ids, valid=True)
    for pk, scheme, value in rows.values_list("entity_id", "scheme", "value"):
        numbers[pk].add((scheme, value))
    lines: dict[int, set[tuple[str, str]]] = defaultdict(set)
    trades: dict[int, set[Line]] = defaultdict(set)
    listings = Listing.objects.filter(security__issuer_id__in=ids).values_list(
        "security__issuer_id", "exchange_id", "exchange__country", "ticker", "valid_to"
    )
    for pk, mic, country, ticker, ended in listings:
        lines[pk].add((mic, ticker))
        if ended is None:
            trades[pk].add(Line(country, ticker))
    found = {}
    entities = Entity.objects.filter(pk__in=ids, merged_into__isnull=True)
    for pk, kind, country, item in entities.values_list("pk", "kind", "country", "wikidata_id"):
        if item:
            numbers[pk].add(("wikidata", item))
        found[pk] = portray(
            names.get(pk, ()), kind=kind, country=country, identifiers=numbers[pk], lines=lines[pk],
            trades=trades[pk],
        )  # fmt: skip
    return found


def _write_resemblances(found: Mapping[tuple[int, int], Likeness]) -> None:
    Resemblance.objects.bulk_create(
        [
            Resemblance(left_id=left, right_id=right, score=likeness.score, why=_why(likeness))
            for (left, right), likeness in sorted(found.items())
        ],
        update_conflicts=True,
        unique_fields=["left", "right"],
        update_fields=["score", "why"],
    )


def _why(likeness: Likeness) -> list[dict[str, Any]]:
    return [{"code": part.code, "words": part.words, "weight": part.weight} for part in likeness.why]


# --- unknown names ---------------------------------------------------------------------------------------


def _compare_names(chosen: Sequence[int], now: datetime) -> int:
    rows = Proposal.objects.in_bulk(chosen)
    portraits = {pk: _portrait_of(row) for pk, row in rows.items()}
    asked = _Asked()
    for pk, row in rows.items():
        asked.add(pk, probes(_called(row), kind=row.kind))
    entities = asked.candidates()
    others = asked.candidates(_LIKE_NAMES)
    known = _portraits({pk for _, pk in entities}, {})
    beside = Proposal.objects.in_bulk({pk for _, pk in others} - rows.keys())
    portraits |= {pk: _portrait_of(row) for pk, row in beside.items()}
    best_entity: dict[int, tuple[float, int, str]] = {}
    for pk, entity_id in entities:
        if entity_id in known:
            likeness = compare(portraits[pk], known[entity_id])
            if likeness.score >= HINT:
                answer = (likeness.score, -entity_id, likeness.words)
                best_entity[pk] = max(best_entity.get(pk, answer), answer)
    best_name: dict[int, tuple[float, int, str]] = {}
    whole = {**rows, **beside}
    for pk, other in others:
        if other not in whole:
            continue
        likeness = compare(portraits[pk], portraits[other])
        if likeness.score >= HINT:
            # The one that fewer articles use is a form of the other.
            less, more = sorted((whole[pk], whole[other]), key=lambda row: (row.articles, -row.pk))
            answer = (likeness.score, -more.pk, likeness.words)
            best_name[less.pk] = max(best_name.get(less.pk, answer), answer)
    _write_likes(whole, set(rows), best_name, best_entity, now)
    return len(best_name.keys() | best_entity.keys())


def _portrait_of(row: Proposal) -> Portrait:
    return portray(_called(row), kind=row.kind if len(row.kinds) <= 1 else "")


def _called(row: Proposal) -> list[Called]:
    forms = sorted(row.names, key=lambda name: (-row.names[name], name))
    return [Called(name) for name in dict.fromkeys([row.name, *forms])]


def _write_likes(
    whole: Mapping[int, Proposal],
    compared: Collection[int],
    names: Mapping[int, tuple[float, int, str]],
    entities: Mapping[int, tuple[float, int, str]],
    now: datetime,
) -> None:
    """Each points at the head of its group, never at one that points on; heads point at nothing.

    One that was not compared itself now only gets a head where it has none.
    """
    points = {pk: row.like_id for pk, row in whole.items() if pk not in compared and row.like_id is not None}
    points |= {pk: -found[1] for pk, found in names.items()}
    rows: list[tuple[int, int | None, int | None, str]] = []
    for pk in sorted(set(compared) | names.keys(), key=lambda key: whole[key].key):
        name, entity = names.get(pk), entities.get(pk)
        head = _head(pk, points) if name else pk
        why = "; ".join(found[2] for found in (entity, name) if found is not None)
        rows.append((pk, head if head != pk else None, -entity[1] if entity else None, why[:LONGEST_WHY]))
    ids = [row[0] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM articles_proposal WHERE id = ANY(%s) ORDER BY key FOR NO KEY UPDATE", [ids]
        )
        cursor.execute(
            """UPDATE articles_proposal p SET like_id = n.like_id, like_why = n.why,
                   like_entity_id = CASE WHEN p.id = ANY(%s) THEN n.entity_id ELSE p.like_entity_id END,
                   compared_at = CASE WHEN p.id = ANY(%s) THEN %s ELSE p.compared_at END
               FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS n(id, like_id, entity_id, why)
               WHERE p.id = n.id AND p.state = 'open' AND (p.id = ANY(%s) OR p.like_why = '')""",
            [
                list(compared), list(compared), now, ids, [row[1] for row in rows], [row[2] for row in rows],
                [row[3] for row in rows], list(compared),
            ],
        )  # fmt: skip
        # Whoever pointed at one that points on now follows it.
        cursor.execute(
            """UPDATE articles_proposal p SET like_id = h.like_id FROM articles_proposal h
               WHERE p.like_id = h.id AND h.like_id IS NOT NULL AND h.like_id <> p.id AND h.id = ANY(%s)""",
            [ids],
        )


def _head(pk: int, points: Mapping[int, int]) -> int:
    """Where a chain of likenesses ends."""
    seen = {pk}
    while pk in points and points[pk] not in seen:
        pk = points[pk]
        seen.add(pk)
    return pk
