"""Acts: what a text says and the knowledge base does not know becomes proposals, counted exactly by article.

A proposal's figures are sums over the articles whose current text has it, one row each: linking anew, another
revision, a merge or the end of an article changes them by what has really changed. Rows of proposals are locked in
the order of their keys, everywhere, so that no two articles wait for each other crosswise. Each change of figures
says anew whether editors are asked about the name (`askable`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.db.models.functions import Now

from articles.ingest.askable import is_askable, told_names
from articles.models import (
    Article,
    PositionEvidence,
    PositionProposal,
    Proposal,
    ProposalArticle,
    Revision,
)
from entities.history import MACHINE
from entities.models import Position
from entities.names import fold, plain_form, proposal_key
from entities.titles import Held, agrees, title_key
from entities.types import FoundRole, LinkedText

Place = tuple[str, int]  # (field, start) of a mention

LONGEST_NAME = 200
LONGEST_KEY = 300
SHORTEST_KEY = 2
MOST_NAMES = 200  # unknown names, and positions, of one article: what no honest text reaches


@dataclass(frozen=True, slots=True)
class _Use:
    """How one article uses an unknown name."""

    name: str
    kind: str
    published_at: datetime
    told: bool  # whether the text itself says what it is


# --- unknown names ---------------------------------------------------------------------------------------


def keep_proposals(article: Article, revision: Revision, linked: LinkedText) -> dict[Place, int]:
    """Keep the unknown names of an article's current text; the proposal of each place (field, start) that has one.

    A proposed mention that is not in the answer is not to be written: people rejected its name, or it is none. Call
    it in the transaction that writes the mentions, with the article's row locked.
    """
    uses, places = _uses(article, revision, linked)
    before = {
        row["proposal__key"]: row
        for row in ProposalArticle.objects.filter(article_id=article.pk).values(
            "proposal__key", "proposal_id", "name", "kind", "published_at", "told"
        )
    }
    known = {
        key: _Use(row["name"], row["kind"], row["published_at"], row["told"]) for key, row in before.items()
    }
    if known == uses:
        states = _states([row["proposal_id"] for row in before.values()])
        ids = {key: row["proposal_id"] for key, row in before.items()}
    else:
        changes = [(key, article.pk, known.get(key), uses.get(key)) for key in {*known, *uses}]
        rows = _change(changes)
        ids = {key: row.id for key, row in rows.items()}
        states = {row.id: row.state for row in rows.values()}
    live = {key: pk for key, pk in ids.items() if states.get(pk) != Proposal.State.REJECTED}
    return {place: live[key] for place, key in places.items() if key in live}


def forget_proposals(article_ids: Collection[int]) -> None:
    """Take articles that are about to be deleted out of all that is counted of unknown names and stated positions."""
    rows = ProposalArticle.objects.filter(article_id__in=article_ids).values_list(
        "proposal__key", "article_id", "name", "kind", "published_at", "told"
    )
    _change(
        [
            (key, article_id, _Use(name, kind, at, told), None)
            for key, article_id, name, kind, at, told in rows
        ]
    )
    _recount_positions(
        sorted(
            PositionEvidence.objects.filter(article_id__in=article_ids).values_list(
                "proposal__key", flat=True
            )
        ),
        gone=article_ids,
    )


def redate_proposals(article_id: int, published_at: datetime) -> None:
    """Count an article's unknown names and stated positions at its corrected date."""
    rows = ProposalArticle.objects.filter(article_id=article_id).exclude(published_at=published_at)
    _change(
        [
            (key, article_id, _Use(name, kind, at, told), _Use(name, kind, published_at, told))
            for key, name, kind, at, told in rows.values_list(
                "proposal__key", "name", "kind", "published_at", "told"
            )
        ]
    )
    stated = PositionEvidence.objects.filter(article_id=article_id).exclude(published_at=published_at)
    keys = sorted(stated.values_list("proposal__key", flat=True))
    if keys:
        stated.update(published_at=published_at)
        _recount_positions(keys)


def _uses(
    article: Article, revision: Revision, linked: LinkedText
) -> tuple[dict[str, _Use], dict[Place, str]]:
    """Each unknown name of a text by its key, as it is first written whole; and the key of each place."""
    uses: dict[str, _Use] = {}
    places: dict[Place, str] = {}
    whole: set[str] = set()
    told = told_names(linked.mentions, linked.roles, f"{revision.title}\n{revision.text}")
    for found in linked.mentions:
        if found.status != "proposed":
            continue
        label = found.label or plain_form(found.text)
        key = proposal_key(label)
        if len(key) < SHORTEST_KEY or (key not in uses and len(uses) >= MOST_NAMES):
            continue
        places[found.field, found.start] = key
        written = " ".join(found.text.split())
        is_whole = proposal_key(written) == key
        if key not in uses or (is_whole and key not in whole):
            name = written if is_whole else label
            uses[key] = _Use(name[:LONGEST_NAME], found.kind, article.published_at, key in told)
        if is_whole:
            whole.add(key)
    return uses, places


def _states(ids: Sequence[int]) -> dict[int, str]:
    """The states, which nobody changes until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state FROM articles_proposal WHERE id = ANY(%s) ORDER BY key FOR SHARE", [list(ids)]
        )
        return dict(cursor.fetchall())


@dataclass(slots=True)
class _Row:
    """A locked proposal while its figures change."""

    id: int
    state: str
    name: str
    kind: str
    kinds: dict[str, int]
    names: dict[str, int]
    articles: int
    first_at: datetime
    last_at: datetime
    told: int
    askable: bool = False

    def take_out(self, use: _Use) -> None:
        self.articles -= 1
        self.told -= use.told
        _add(self.names, use.name, -1)
        _add(self.kinds, use.kind, -1)

    def put_in(self, use: _Use) -> None:
        self.articles += 1
        self.told += use.told
        _add(self.names, use.name, 1)
        _add(self.kinds, use.kind, 1)
        self.first_at = min(self.first_at, use.published_at)
        self.last_at = max(self.last_at, use.published_at)

    def choose(self) -> None:
        """The name that most articles use, of equals the longer, the kind that most see, and whether people are asked."""
        if self.names:
            self.name = max(self.names, key=lambda name: (self.names[name], len(name), name))
        if self.kinds:
            self.kind = max(self.kinds, key=lambda kind: (self.kinds[kind], kind == self.kind, kind))
        self.askable = is_askable(self.kind, self.names, self.articles, self.told)


def _add(votes: dict[str, int], what: str, more: int) -> None:
    votes[what] = votes.get(what, 0) + more
    if votes[what] <= 0:
        del votes[what]


_Change = tuple[str, int, _Use | None, _Use | None]  # key, article, before, after

# DO UPDATE, so that the row is locked, and one that is deleted at this moment is made anew.
_LOCK_PROPOSALS = """
INSERT INTO articles_proposal (key, name, kind, kinds, names, articles, told, askable, first_at, last_at, like_why, state,
                               decided_by)
SELECT n.key, n.name, n.kind, '{}', '{}', 0, 0, false, n.at, n.at, '', 'open', ''
FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[]) AS n(key, name, kind, at) ORDER BY n.key
ON CONFLICT (key) DO UPDATE SET key = excluded.key
RETURNING key, id, state, name, kind, kinds, names, articles, first_at, last_at, told
"""
_WRITE_USES = """
INSERT INTO articles_proposalarticle (proposal_id, article_id, name, kind, published_at, told)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::bool[])
    AS n(proposal_id, article_id, name, kind, published_at, told) ORDER BY 1, 2
ON CONFLICT (proposal_id, article_id) DO UPDATE
SET name = excluded.name, kind = excluded.kind, published_at = excluded.published_at, told = excluded.told
"""
_WRITE_FIGURES = """
UPDATE articles_proposal p SET name = n.name, kind = n.kind, kinds = n.kinds, names = n.names, articles = n.articles,
    first_at = n.first_at, last_at = n.last_at, told = n.told, askable = n.askable
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::int[], %s::timestamptz[],
            %s::timestamptz[], %s::int[], %s::bool[])
    AS n(id, name, kind, kinds, names, articles, first_at, last_at, told, askable)
WHERE p.id = n.id
"""


def _change(changes: Iterable[_Change]) -> dict[str, _Row]:
    """Change who uses which names; the proposals by key, locked. Five statements at most, whatever their number."""
    wanted = sorted(changes, key=lambda change: change[:2])
    if not wanted:
        return {}
    rows = _lock({key: after or before for key, _, before, after in wanted})
    edges: set[int] = set()
    written: list[tuple[int, int, _Use]] = []
    gone: list[tuple[int, int]] = []
    for key, article_id, before, after in wanted:
        row = rows[key]
        if before == after:
            continue
        if before is not None:
            row.take_out(before)
            if before.published_at in {row.first_at, row.last_at}:
                edges.add(row.id)
        if after is not None:
            row.put_in(after)
            written.append((row.id, article_id, after))
        else:
            gone.append((row.id, article_id))
    with connection.cursor() as cursor:
        if gone:
            cursor.execute(
                """DELETE FROM articles_proposalarticle x
                   USING unnest(%s::bigint[], %s::bigint[]) AS g(proposal_id, article_id)
                   WHERE x.proposal_id = g.proposal_id AND x.article_id = g.article_id""",
                [[pk for pk, _ in gone], [article_id for _, article_id in gone]],
            )
        if written:
            cursor.execute(
                _WRITE_USES,
                [
                    [pk for pk, _, _ in written],
                    [article_id for _, article_id, _ in written],
                    [use.name for _, _, use in written],
                    [use.kind for _, _, use in written],
                    [use.published_at for _, _, use in written],
                    [use.told for _, _, use in written],
                ],
            )
    _bound(rows, edges)
    _write(rows)
    return rows


def _lock(uses: Mapping[str, _Use | None]) -> dict[str, _Row]:
    keys = sorted(uses)
    now = datetime.now(UTC)  # of no use that is counted: there is one for each key
    chosen = [uses[key] or _Use("", "other", now, told=False) for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK_PROPOSALS,
            [
                keys,
                [use.name for use in chosen],
                [use.kind for use in chosen],
                [use.published_at for use in chosen],
            ],
        )
        return {
            key: _Row(pk, state, name, kind, json.loads(kinds), json.loads(names), n, first_at, last_at, told)
            for key, pk, state, name, kind, kinds, names, n, first_at, last_at, told in cursor.fetchall()
        }


def _bound(rows: Mapping[str, _Row], edges: Collection[int]) -> None:
    """First and last anew where an article at the edge left."""
    if not edges:
        return
    by_id = {row.id: row for row in rows.values()}
    bounds = ProposalArticle.objects.filter(proposal_id__in=edges).values("proposal_id")
    for found in bounds.annotate(first=Min("published_at"), last=Max("published_at")):
        row = by_id[found["proposal_id"]]
        row.first_at, row.last_at = found["first"], found["last"]


def _write(rows: Mapping[str, _Row]) -> None:
    ordered = [rows[key] for key in sorted(rows)]
    for row in ordered:
        row.choose()
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_FIGURES,
            [
                [row.id for row in ordered],
                [row.name for row in ordered],
                [row.kind for row in ordered],
                [json.dumps(row.kinds) for row in ordered],
                [json.dumps(row.names) for row in ordered],
                [row.articles for row in ordered],
                [row.first_at for row in ordered],
                [row.last_at for row in ordered],
                [row.told for row in ordered],
                [row.askable for row in ordered],
            ],
        )


# --- stated positions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stated:
    """A position that a text states, by its key."""

    key: str
    role: FoundRole


# As for proposals.
_LOCK_POSITIONS = """
INSERT INTO articles_positionproposal (key, person_id, organization_id, person_name, organization_name, title, former,
                                       first_at, last_at, articles, state, decided_by)
SELECT n.key, n.person_id, n.organization_id, n.person, n.organization, n.title, n.former, n.at, n.at, 0, 'open', ''
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::timestamptz[])
    AS n(key, person_id, organization_id, person, organization, title, former, at) ORDER BY n.key
ON CONFLICT (key) DO UPDATE SET key = excluded.key
RETURNING key, id, state
"""
_WRITE_EVIDENCE = """
INSERT INTO articles_positionevidence (proposal_id, article_id, revision_id, start, "end", quote, published_at)
SELECT n.proposal_id, %s, %s, n.start, n.stop, n.quote, %s
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::text[]) AS n(proposal_id, start, stop, quote) ORDER BY 1
ON CONFLICT (proposal_id, article_id) DO UPDATE SET revision_id = excluded.revision_id, start = excluded.start,
    "end" = excluded."end", quote = excluded.quote, published_at = excluded.published_at
"""
_COUNT_POSITIONS = """
UPDATE articles_positionproposal p
SET articles = coalesce(c.n, 0), first_at = coalesce(c.first_at, p.first_at), last_at = coalesce(c.last_at, p.last_at)
FROM unnest(%s::bigint[]) AS w(id)
LEFT JOIN LATERAL (
    SELECT count(*) AS n, min(published_at) AS first_at, max(published_at) AS last_at
    FROM articles_positionevidence e WHERE e.proposal_id = w.id
) c ON true
WHERE p.id = w.id
"""


def keep_positions(article: Article, revision: Revision, linked: LinkedText) -> None:
    """Keep the positions that an article's current text states, with its words, counted by article.

    What the knowledge base says too gets the article as evidence and is asked of nobody. Call it in the transaction
    that writes the mentions, with the article's row locked.
    """
    stated: dict[str, _Stated] = {}
    for one in _stated(linked.roles):
        stated.setdefault(one.key, one)
    before = set(
        PositionEvidence.objects.filter(article_id=article.pk).values_list("proposal__key", flat=True)
    )
    if not stated and not before:
        return
    known = _known_positions(stated.values(), article.published_at)
    ids = _lock_positions(article, stated, before)
    gone = sorted(ids[key][0] for key in before - set(stated))
    if gone:
        PositionEvidence.objects.filter(article_id=article.pk, proposal_id__in=gone).delete()
    written = [(ids[key][0], stated[key].role) for key in sorted(stated)]
    with connection.cursor() as cursor:
        if written:
            cursor.execute(
                _WRITE_EVIDENCE,
                [
                    article.pk,
                    revision.pk,
                    article.published_at,
                    [pk for pk, _ in written],
                    [role.start for _, role in written],
                    [role.end for _, role in written],
                    [role.quote for _, role in written],
                ],
            )
        cursor.execute(_COUNT_POSITIONS, [[pk for pk, _ in ids.values()]])
    for key, position_id in sorted(known.items()):
        pk, state = ids[key]
        if state == PositionProposal.State.OPEN:
            PositionProposal.objects.filter(pk=pk).update(
                state=PositionProposal.State.ACCEPTED,
                position_id=position_id,
                decided_by=MACHINE,
                decided_at=Now(),
            )


def position_key(
    person: str, title: str, organization: str, *, ids: tuple[int | None, int | None], former: bool
) -> str:
    """What tells whether two statements are one: who (by number where known), what, where, and whether it has ended."""
    who = f"#{ids[0]}" if ids[0] else proposal_key(person)
    where = f"#{ids[1]}" if ids[1] else proposal_key(organization)
    what = title_key(title) or fold(title)
    return "|".join((who[:110], what[:70], where[:110], "former" if former else ""))[:LONGEST_KEY]


def _stated(roles: Iterable[FoundRole]) -> Iterator[_Stated]:
    """Positions whose person, title and organisation are all told, the first of each key."""
    count = 0
    for role in roles:
        person = role.person_id or proposal_key(role.person)
        organization = role.organization_id or proposal_key(role.organization)
        if not person or not organization or not title_key(role.title) or person == organization:
            continue
        count += 1
        if count > MOST_NAMES:
            return
        ids = (role.person_id, role.organization_id)
        yield _Stated(
            position_key(role.person, role.title, role.organization, ids=ids, former=role.former), role
        )


def _known_positions(stated: Iterable[_Stated], published_at: datetime) -> dict[str, int]:
    """Of which statements the knowledge base says the same: key to position."""
    whole = [one for one in stated if one.role.person_id and one.role.organization_id]
    if not whole:
        return {}
    held: dict[tuple[int, int], list[Position]] = {}
    people = {one.role.person_id for one in whole}
    for row in Position.objects.filter(person_id__in=people).order_by("id"):
        held.setdefault((row.person_id, row.organization_id), []).append(row)
    found: dict[str, int] = {}
    said_on = f"{published_at.astimezone(UTC):%Y-%m-%d}"
    for one in whole:
        pair = (one.role.person_id or 0, one.role.organization_id or 0)
        for row in held.get(pair, ()):
            known = Held(row.title, row.since, row.until, row.former, row.as_of)
            if agrees(known, one.role.title, former=one.role.former, said_on=said_on):
                found.setdefault(one.key, row.pk)
    return found


def _lock_positions(
    article: Article, stated: Mapping[str, _Stated], before: Collection[str]
) -> dict[str, tuple[int, str]]:
    """Key to (number, state) of all that the article states or stated, locked in the order of the keys."""
    keys = sorted({*stated, *before})
    none = FoundRole("", "", "", 0, 0, "")
    roles = [stated[key].role if key in stated else none for key in keys]
    columns: list[list[Any]] = [
        keys,
        [role.person_id for role in roles],
        [role.organization_id for role in roles],
        [role.person[:LONGEST_NAME] for role in roles],
        [role.organization[:LONGEST_NAME] for role in roles],
        [role.title[:LONGEST_NAME] for role in roles],
        [role.former for role in roles],
        [article.published_at for _ in roles],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_POSITIONS, columns)
        return {key: (pk, state) for key, pk, state in cursor.fetchall()}


def _recount_positions(keys: Sequence[str], gone: Collection[int] = ()) -> None:
    """Count statements anew, without the articles that go; in the order of the keys."""
    if not keys:
        return
    rows = PositionProposal.objects.filter(key__in=keys).order_by("key").select_for_update(no_key=True)
    ids = list(rows.values_list("pk", flat=True))
    if gone:
        PositionEvidence.objects.filter(article_id__in=gone, proposal_id__in=ids).delete()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_POSITIONS, [ids])
