"""Acts: a table that a user has as a file goes into the knowledge base, once however often it is imported."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from entities.errors import SourceDataError
from entities.models import Conflict, Entity, Exchange, ImportRun
from entities.names import fold, strip_legal
from entities.sources.exchanges import MARKETS, load_exchanges
from entities.sources.facts import (
    AliasFact,
    EntityFact,
    FactBatch,
    IdentifierFact,
    ListingFact,
    PositionFact,
    identifier_is_valid,
    isin_is_valid,
)
from entities.sources.packages.companies import INDEX_MEMBER, LISTED, is_weak_name
from entities.sources.storing import store_facts
from entities.sources.tables.formats import FORMATS, Origin
from entities.sources.tables.grouping import Group, group_rows
from entities.sources.tables.known import Known, KnownEntity
from entities.sources.tables.rows import EntityRow, Line, MarketRow, NameRow, PostRow, Reject, TableRow

CURATED = 0.5  # entities at least this prominent were chosen by hand: an import gives them no names
SLUG_LENGTH = 100
PORTION = 5000  # entities a transaction
MOST_TURNS = 4
ONE_AN_ENTITY = frozenset({"lei", "cik", "figi", "wikidata"})  # a second one contradicts the first
MOST_REJECTS = 200  # kinds of reasons that are kept
_UNKNOWN = "Nobody is known by its line, its numbers or its name, and this table alone does not prove that it is there."

T = TypeVar("T")


@dataclass(slots=True)
class Told:
    """What an import has to say: rows added and changed by kind, conflicts, and lines left out by reason."""

    added: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    known: int = 0
    conflicts: int = 0
    lines: int = 0
    rejects: dict[str, tuple[int, int, bool]] = field(
        default_factory=dict
    )  # why -> (how many, first line, bad)
    bad: list[tuple[int, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def reject(self, one: Reject) -> None:
        """Count a line that was left out."""
        number, first, _ = self.rejects.get(one.why, (0, one.number, one.is_bad))
        if one.why in self.rejects or len(self.rejects) < MOST_REJECTS:
            self.rejects[one.why] = (number + 1, first, one.is_bad)
        if one.is_bad:
            self.bad.append((one.number, one.why))

    def __str__(self) -> str:
        def words(counts: Counter[str]) -> str:
            return ", ".join(f"{n:,} {what}" for what, n in counts.items() if n) or "none"

        return (
            f"{self.lines:,} lines: added {words(self.added)}; changed {words(self.updated)}; {self.known:,} speak of "
            f"entities that are known; {self.conflicts:,} new conflicts; {sum(n for n, _, _ in self.rejects.values()):,} "
            f"left out, {len(self.bad):,} of them faulty ({self.seconds:.1f} s)"
        )


def import_table(
    form: str,
    path: Path,
    report: Callable[[str], None],
    *,
    origin: Origin | None = None,
    dry_run: bool = False,
) -> Told:
    """Import a file of one of FORMATS; a second time adds nothing. `report` hears of the progress in sentences.

    A bad line is told and left out. The rows are stored in portions, each in a transaction of its own: what an import that
    was stopped has stored is known to the next one, which adds the rest. With `dry_run` everything is done and taken back, so that
    the counts are exact. Raises SourceDataError when the file is not such a table, or cannot be read.
    """
    if form not in FORMATS:
        raise SourceDataError(f"{form} is no kind of table: {', '.join(FORMATS)} are")
    began = time.monotonic()
    own = origin or Origin(form, timezone.now().strftime("%Y-%m"))
    told = Told()
    with transaction.atomic() if dry_run else nullcontext():
        load_exchanges()
        run = _run_of(form, path)
        _import(FORMATS[form].read(path, own), told, run, report)
        if dry_run:
            transaction.set_rollback(True)
    told.seconds = time.monotonic() - began
    return told


def _run_of(form: str, path: Path) -> ImportRun:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while part := stream.read(1 << 20):
                digest.update(part)
    except OSError as error:
        raise SourceDataError(f"{path} cannot be read: {error.strerror}") from error
    return ImportRun.objects.create(form=form, file=path.name[:200], file_sha256=digest.hexdigest())


def _import(rows: Iterable[TableRow], told: Told, run: ImportRun, report: Callable[[str], None]) -> None:
    entities: list[EntityRow] = []
    posts: list[PostRow] = []
    markets: list[MarketRow] = []
    for row in rows:
        told.lines += 1
        match row:
            case Reject():
                told.reject(row)
            case EntityRow():
                entities.append(row)
            case PostRow():
                posts.append(row)
            case MarketRow():
                markets.append(row)
    report(f"{told.lines:,} lines read")
    if markets:
        _store_markets(markets, told)
    if entities:
        _store_entities(entities, told, run.form, report)
    if posts:
        _store_posts(posts, told)
    run.lines = told.lines
    run.counts = {
        "added": dict(told.added), "updated": dict(told.updated), "known": told.known, "conflicts": told.conflicts,
    }  # fmt: skip
    run.rejects = [
        {"why": why, "n": n, "first": first, "bad": bad}
        for why, (n, first, bad) in sorted(told.rejects.items(), key=lambda item: -item[1][0])
    ]
    run.finished_at = timezone.now()
    run.save(update_fields=["lines", "counts", "rejects", "finished_at"])


def _store_entities(rows: Sequence[EntityRow], told: Told, form: str, report: Callable[[str], None]) -> None:
    """Store what rows say, again and again until nothing is added: a line may speak of whom a later line brings in."""
    for turn in range(1, MOST_TURNS + 1):
        known = Known()
        found: dict[int, list[EntityRow]] = {}
        unknown: list[EntityRow] = []
        left_out: list[Reject] = []
        conflicts: list[Conflict] = []
        for row in rows:
            finding = known.find(row)
            if finding.entity is not None:
                found.setdefault(finding.entity.id, []).append(row)
                conflicts += _conflicts(known, finding.entity, row)
            elif finding.why:
                left_out.append(Reject(row.number, finding.why, is_bad=False))
                conflicts += _other_name(finding.holder, row)
            else:
                unknown.append(row)
        told.known = sum(map(len, found.values()))
        new: list[Group] = []
        for group in group_rows(unknown):
            if any(row.may_add for row in group.rows):
                new.append(group)
            else:
                left_out += [Reject(row.number, _UNKNOWN, is_bad=False) for row in group.rows]
        slugs = set(Entity.objects.values_list("slug", flat=True))
        work = [
            *(_known_facts(known, known.by_id[pk], said) for pk, said in found.items()),
            *(_new_facts(known, group, slugs) for group in new),
        ]
        added = _store_portions(work, told, form)
        told.conflicts += _tell_conflicts(conflicts)
        report(f"turn {turn}: {len(found):,} known entities, {len(new):,} new ones, {added:,} rows added")
        if not added or turn == MOST_TURNS:
            for one in left_out:
                told.reject(one)
            return


def _store_portions(work: Sequence[FactBatch], told: Told, form: str) -> int:
    """How many rows were added or changed."""
    changes = 0
    told.refused.clear()
    for portion in _portions(work, PORTION):
        done = store_facts(_joined(portion), form, curated=False, names_for_known=True)
        told.added += Counter(done.added)
        told.updated += Counter(done.updated)
        told.refused += done.refused
        changes += sum(done.added.values()) + sum(done.updated.values())
    return changes


def _known_facts(known: Known, entity: KnownEntity, rows: Sequence[EntityRow]) -> FactBatch:
    """What rows add to an entity: missing lines, numbers and, unless it was chosen by hand, names."""
    first = rows[0]
    head = EntityFact(
        slug=entity.slug, kind=first.kind, name=first.name, source=first.source, as_of=first.as_of
    )
    names = [] if entity.prominence >= CURATED else list(_aliases(entity.slug, rows, known, entity.names))
    listings = [
        fact
        for fact in _listings(
            entity.slug, [row for row in rows if row.may_add or row.line is None], has_line=bool(entity.lines)
        )
        # Chosen by hand without a line of its own: it was taken private, whatever an old table says.
        if entity.lines or entity.prominence < CURATED
    ]
    numbers = [
        IdentifierFact(entity.slug, scheme, value, row.source, row.as_of)
        for row in rows
        for scheme, value in row.identifiers
        if scheme != "wikidata" and not entity.identifiers.get(scheme)
    ]
    return FactBatch((head,), tuple(names), tuple(dict.fromkeys(numbers)), tuple(listings))


def _new_facts(known: Known, group: Group, slugs: set[str]) -> FactBatch:
    first = group.first
    slug = _slug(first, slugs)
    wikidata = next(
        (value for row in group.rows for scheme, value in row.identifiers if scheme == "wikidata"), ""
    )
    head = EntityFact(
        slug=slug, kind=first.kind, name=first.name, country=first.country, description=first.description,
        wikidata_id=wikidata, prominence=INDEX_MEMBER if any(row.is_member for row in group.rows) else LISTED,
        source=first.source, as_of=first.as_of,
    )  # fmt: skip
    numbers = {
        IdentifierFact(slug, scheme, value, row.source, row.as_of)
        for row in group.rows
        for scheme, value in row.identifiers
        if scheme != "wikidata"
    }
    return FactBatch(
        (head,),
        tuple(_aliases(slug, group.rows, known, frozenset())),
        tuple(sorted(numbers, key=lambda fact: (fact.scheme, fact.value))),
        tuple(_listings(slug, [row for row in group.rows if row.may_add], has_line=False)),
    )


def _aliases(slug: str, rows: Sequence[EntityRow], known: Known, has: Iterable[str]) -> Iterator[AliasFact]:
    """The names of rows that the entity does not bear yet; what others bear, or is an everyday word, is weak."""
    seen = set(has)
    for row in rows:
        for name in _names(row):
            folded = fold(name.text)
            if len(name.text) < 2 or folded in seen:  # noqa: PLR2004 - a single letter names nobody
                continue
            seen.add(folded)
            is_guess = name.text.islower()  # its capitals are not known
            is_weak = is_guess or (
                name.kind != "legal"
                and (is_weak_name(name.text, member=row.is_member) or folded in known.taken)
            )
            text = name.text.title() if is_guess else name.text
            yield AliasFact(slug, text, name.kind, row.source, row.as_of, weak=is_weak, lang=name.lang)


def _names(row: EntityRow) -> Iterator[NameRow]:
    stripped = strip_legal(row.name)
    is_legal = row.kind == "company" and bool(stripped.suffix)
    yield NameRow(row.name, "legal" if is_legal else "name")
    if is_legal:
        yield NameRow(stripped.base, "short")
    yield from row.names


def _listings(slug: str, rows: Sequence[EntityRow], *, has_line: bool) -> Iterator[ListingFact]:
    """The lines of rows, those with one ISIN or class of shares as one security; the first one is the main line."""
    securities: dict[tuple[str, str], int] = {}
    seen: set[tuple[str, str]] = set()
    for row in rows:
        line = row.line
        if line is None or line.mic not in MARKETS or (line.mic, line.ticker) in seen:
            continue
        seen.add((line.mic, line.ticker))
        isin = line.isin if isin_is_valid(line.isin) else ""
        number = securities.setdefault(_security(line, isin), len(securities) + 1)
        yield ListingFact(
            slug=slug, mic=line.mic, ticker=line.ticker, source=row.source, as_of=row.as_of, line=number, isin=isin,
            currency=line.currency or MARKETS[line.mic].currency, primary=not has_line and len(seen) == 1,
        )  # fmt: skip


def _security(line: Line, isin: str) -> tuple[str, str]:
    if isin:
        return "isin", isin
    if line.share_class:
        return "class", line.share_class
    return line.mic, line.ticker


def _tell_conflicts(rows: list[Conflict]) -> int:
    """Write down where a table contradicts what is known; how many of these were not told before."""
    before = Conflict.objects.count()
    decided = {_contradiction(row) for row in Conflict.objects.exclude(decision="")}
    # Whichever of the two a person chose, and whichever table tells it: nobody is asked twice.
    new = [row for row in rows if _contradiction(row) not in decided]
    new.sort(key=lambda row: (row.entity_id, row.field, row.place, row.ours, row.theirs, row.theirs_source))
    Conflict.objects.bulk_create(new, ignore_conflicts=True, batch_size=PORTION)
    return Conflict.objects.count() - before


def _contradiction(row: Conflict) -> tuple[int, str, str, frozenset[str]]:
    """Which two values stand against each other: about a market line whoever holds it, else about the entity."""
    about = 0 if row.field in {"listing", "isin"} else row.entity_id
    return about, row.field, row.place, frozenset({row.ours, row.theirs})


def _other_name(holder: KnownEntity | None, row: EntityRow) -> Iterator[Conflict]:
    """A line that a company of another name holds; tables that prove nothing alone contradict nobody."""
    line = row.line
    if holder is None or line is None or not row.may_add:
        return
    yield Conflict(
        entity_id=holder.id, field="listing", place=f"{line.ticker} {line.mic}", ours=holder.name,
        ours_source=holder.source, theirs=row.name[:300], theirs_source=row.source, theirs_as_of=row.as_of,
        line=row.number,
    )  # fmt: skip


def _conflicts(known: Known, entity: KnownEntity, row: EntityRow) -> Iterator[Conflict]:
    def tell(field_name: str, ours: str, ours_source: str, theirs: str, place: str = "") -> Conflict:
        return Conflict(
            entity_id=entity.id, field=field_name, place=place, ours=ours[:300], ours_source=ours_source, theirs=theirs[:300],
            theirs_source=row.source, theirs_as_of=row.as_of, line=row.number,
        )  # fmt: skip

    if row.country and entity.country and row.country != entity.country:
        yield tell("country", entity.country, entity.source, row.country)
    for scheme, value in row.identifiers:
        ours = entity.identifiers.get(scheme, set())
        if scheme in ONE_AN_ENTITY and ours and value not in ours and identifier_is_valid(scheme, value):
            yield tell(scheme, ", ".join(sorted(ours)), entity.source, value)
    line = row.line
    if line is not None and line.isin and isin_is_valid(line.isin):
        isin, source = known.line_isins.get((line.mic, line.ticker), ("", ""))
        if isin and isin != line.isin:
            yield tell("isin", isin, source, line.isin, f"{line.ticker} {line.mic}")


def _store_markets(rows: Sequence[MarketRow], told: Told) -> None:
    """Add markets that are missing; what a market that we keep is called, and how it writes tickers, is our own word."""
    known = set(Exchange.objects.values_list("mic", flat=True))
    new = [
        Exchange(
            mic=row.mic, name=row.name or row.mic, operating_mic=row.operating_mic, country=row.country, city=row.city,
            source=row.source, as_of=row.as_of,
        )
        for row in {one.mic: one for one in rows}.values()
        if row.mic not in known
    ]  # fmt: skip
    Exchange.objects.bulk_create(
        sorted(new, key=lambda row: row.mic), ignore_conflicts=True, batch_size=PORTION
    )
    told.known += len(rows) - len(new)
    told.added["markets"] += len(new)


def _store_posts(rows: Sequence[PostRow], told: Told) -> None:
    """Add persons and their posts at bodies that are known by their Wikidata number or their name."""
    known = Known()
    slugs = set(Entity.objects.values_list("slug", flat=True))
    people: dict[str, EntityFact] = {}
    organizations: dict[str, EntityFact] = {}
    posts: list[PositionFact] = []
    for row in rows:
        body = known.by_number.get(("wikidata", row.organization_wikidata))
        if body is None:
            told.reject(Reject(row.number, f"{row.organization or 'The body'} is not known.", is_bad=False))
            continue
        organization = known.by_id[body]
        organizations[organization.slug] = EntityFact(
            slug=organization.slug, kind="place", name=row.organization, source=row.source, as_of=row.as_of
        )
        held = known.by_number.get(("wikidata", row.person_wikidata))
        if held is not None:
            slug = known.by_id[held].slug
            told.known += 1
            fact = EntityFact(slug=slug, kind="person", name=row.person, source=row.source, as_of=row.as_of)
        else:
            key = row.person_wikidata or row.person
            same = people.get(key)
            slug = same.slug if same else _slug_of(row.person, "", slugs)
            fact = EntityFact(
                slug=slug, kind="person", name=row.person, source=row.source, as_of=row.as_of,
                wikidata_id=row.person_wikidata, country=organization.country, prominence=LISTED,
            )  # fmt: skip
        people[row.person_wikidata or row.person] = fact
        posts.append(
            PositionFact(
                person=slug,
                organization=organization.slug,
                title=row.title,
                source=row.source,
                as_of=row.as_of,
                since=row.since,
                until=row.until,
            )
        )
    names = [AliasFact(one.slug, one.name, "name", one.source, one.as_of) for one in people.values()]
    batch = FactBatch((*people.values(), *organizations.values()), tuple(names), (), (), tuple(posts))
    done = store_facts(batch, "posts", curated=False)
    told.added += Counter(done.added)
    told.updated += Counter(done.updated)
    told.refused += done.refused


def _slug(row: EntityRow, slugs: set[str]) -> str:
    line = row.line
    return _slug_of(row.name, f"{line.ticker} {line.mic}" if line else row.country, slugs)


def _slug_of(name: str, more: str, slugs: set[str]) -> str:
    base = slugify(name)[:SLUG_LENGTH].strip("-") or "entity"
    slug, number = base, 1
    while slug in slugs:
        tail = slugify(more) if number == 1 and more else str(number)
        slug = f"{base[: SLUG_LENGTH - 30].strip('-')}-{tail}"
        number += 1
    slugs.add(slug)
    return slug


def _joined(batches: Sequence[FactBatch]) -> FactBatch:
    return FactBatch(
        tuple(fact for batch in batches for fact in batch.entities),
        tuple(fact for batch in batches for fact in batch.aliases),
        tuple(fact for batch in batches for fact in batch.identifiers),
        tuple(fact for batch in batches for fact in batch.listings),
    )


def _portions(work: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(work), size):
        yield work[start : start + size]
