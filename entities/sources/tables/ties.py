"""Acts: posts of people and ownership of firms, between whoever is known, go into the knowledge base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet

from entities.models import Conflict, Entity, Ownership, Position
from entities.sources.facts import (
    AliasFact,
    EntityFact,
    FactBatch,
    LoadReport,
    OwnershipFact,
    PositionFact,
)
from entities.sources.packages.companies import LISTED
from entities.sources.storing import store_facts
from entities.sources.tables.adding import free_slug
from entities.sources.tables.contradictions import other_parent
from entities.sources.tables.known import Known, KnownEntity
from entities.sources.tables.rows import OwnershipRow, PostRow, Reject

_PERSON = frozenset({"person"})
_BODIES = frozenset({"company", "organization", "public_body", "place", "other"})
ONE_PARENT = frozenset({"direct", "ultimate"})  # a firm has one of each at a time
NOBODY = "Its {what} is not known, or several bear the name: give a number."


def store_posts(rows: Sequence[PostRow], known: Known, form: str) -> tuple[LoadReport, int, list[Reject]]:
    """Add persons and their posts at bodies that are known; (what was stored, posts of known persons, left out).

    A person without a number is one that we know when she bears the name and has a post at that body, or comes from the
    same table; a namesake elsewhere is not.
    """
    slugs = set(Entity.objects.values_list("slug", flat=True))
    at_body = _people_by_body()
    heads: dict[str, EntityFact] = {}
    fresh: dict[tuple[str, str], EntityFact] = {}
    posts: list[PositionFact] = []
    left_out: list[Reject] = []
    n_known = 0
    for row in rows:
        body = known.find_party(row.organization, _BODIES)
        if body is None:
            left_out.append(_nobody(row.number, "body", row.place))
            continue
        held = _person(row, body, known, at_body)
        if held is not None:
            n_known += 1
            head = _head(held, row.source, row.as_of)
        else:
            number = dict(row.person.identifiers).get("wikidata", "")
            if not row.person.name:
                left_out.append(_nobody(row.number, "person", row.place))
                continue
            key = (number, "") if number else (row.person.name, body.slug)
            if key not in fresh:
                fresh[key] = EntityFact(
                    slug=free_slug(row.person.name, "", slugs), kind="person", name=row.person.name, source=row.source,
                    as_of=row.as_of, wikidata_id=number, country=body.country, prominence=LISTED,
                )  # fmt: skip
            head = fresh[key]
        heads[head.slug] = head
        heads.setdefault(body.slug, _head(body, row.source, row.as_of))
        posts.append(
            PositionFact(
                person=head.slug, organization=body.slug, title=row.title, source=row.source, as_of=row.as_of,
                kind=row.kind, since=row.since, until=row.until, former=row.former,
            )
        )  # fmt: skip
    names = [AliasFact(one.slug, one.name, "name", one.source, one.as_of) for one in fresh.values()]
    batch = FactBatch(tuple(heads.values()), tuple(names), (), (), tuple(posts))
    return store_facts(batch, form, curated=False), n_known, left_out


def _person(
    row: PostRow, body: KnownEntity, known: Known, at_body: Mapping[int, set[int]]
) -> KnownEntity | None:
    for number in row.person.identifiers:
        held = known.by_number.get(number)
        if held is not None:
            return known.by_id[held]
    if row.person.identifiers or not row.person.name:
        return None
    bearers = known.bearers(row.person.name, _PERSON)
    here = [one for one in bearers if one.id in at_body.get(body.id, ())]
    same = here or [one for one in bearers if one.source == row.source and one.country == body.country]
    return same[0] if same else None


def _people_by_body() -> dict[int, set[int]]:
    people: dict[int, set[int]] = {}
    for body, person in Position.objects.values_list("organization_id", "person_id").iterator(5000):
        people.setdefault(body, set()).add(person)
    return people


def _head(entity: KnownEntity, source: str, as_of: str) -> EntityFact:
    """The key under which facts speak of a known entity; the store changes nothing of it."""
    return EntityFact(slug=entity.slug, kind="other", name=entity.name, source=source, as_of=as_of)


def _nobody(number: int, what: str, place: str) -> Reject:
    return Reject(number, NOBODY.format(what=what), is_bad=False, place=place)


def store_ownership(
    rows: Sequence[OwnershipRow], known: Known, form: str
) -> tuple[LoadReport, int, list[Reject], list[Conflict]]:
    """Add who owns whom; (what was stored, ties between known firms, left out, second parents told as conflicts).

    What has ended is taken first, so that a parent whose end the table tells contradicts no new one.
    """
    told: list[tuple[OwnershipRow, KnownEntity, KnownEntity]] = []
    left_out: list[Reject] = []
    for row in rows:
        owner, asset = known.find_party(row.owner), known.find_party(row.asset)
        if owner is None or asset is None:
            left_out.append(_nobody(row.number, "owner" if owner is None else "owned firm", row.place))
        elif owner.id == asset.id:
            left_out.append(
                Reject(row.number, "Owner and owned are one by now.", is_bad=False, place=row.place)
            )
        else:
            told.append((row, owner, asset))
    parents = _open_parents(asset.id for _, _, asset in told)
    for row, owner, asset in told:
        if row.until:
            parents.get((asset.id, row.kind), {}).pop(owner.id, None)
    heads: dict[str, EntityFact] = {}
    facts: list[OwnershipFact] = []
    conflicts: list[Conflict] = []
    for row, owner, asset in told:
        if row.kind in ONE_PARENT and not row.until:
            held = parents.setdefault((asset.id, row.kind), {})
            others = [one for pk, one in held.items() if pk != owner.id]
            if others and owner.id not in held:
                name, source = others[0]
                conflicts.append(other_parent(row, asset, owner, name, source))
                continue
            held[owner.id] = (owner.name, row.source)
        for one in (owner, asset):
            heads.setdefault(one.slug, _head(one, row.source, row.as_of))
        facts.append(
            OwnershipFact(
                owner=owner.slug, asset=asset.slug, kind=row.kind, source=row.source, as_of=row.as_of, share=row.share,
                since=row.since, until=row.until,
            )
        )  # fmt: skip
    batch = FactBatch(tuple(heads.values()), ownerships=tuple(facts))
    return store_facts(batch, form, curated=False), len(told), left_out, conflicts


def _open_parents(assets: Iterable[int]) -> dict[tuple[int, str], dict[int, tuple[str, str]]]:
    """(firm, kind) -> its parents without an end: (name, source) by id."""
    rows: QuerySet[Ownership] = Ownership.objects.filter(
        asset_id__in=sorted(set(assets)), kind__in=ONE_PARENT, until=""
    ).select_related("owner")
    parents: dict[tuple[int, str], dict[int, tuple[str, str]]] = {}
    for row in rows.order_by("id"):
        parents.setdefault((row.asset_id, row.kind), {})[row.owner_id] = (row.owner.name, row.source)
    return parents
