"""Acts: a person decides between a table and the knowledge base; later imports obey it, and it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from articles.editing.entities import AliasDraft, names_of, renew_names, write_alias
from articles.editing.written import Written
from articles.errors import RefusedError
from entities.history import record_change
from entities.lexicon import names_changed
from entities.models import (
    Alias,
    Change,
    Conflict,
    Entity,
    Exchange,
    Identifier,
    Listing,
    Ownership,
    Security,
)
from entities.names import fold
from entities.slugs import SHADOWED
from entities.sources.countries import ISO_CODES
from entities.sources.facts import identifier_is_valid

ACT, UNDO_ACT = "decide_conflict", "undo_decide_conflict"
# Rows that a decision may have written, by the name under which its history keeps them.
_KINDS: dict[str, type[models.Model]] = {
    "alias": Alias, "entity": Entity, "identifier": Identifier, "listing": Listing, "ownership": Ownership,
    "security": Security,
}  # fmt: skip
_NAMING = {"alias", "listing"}  # rows by which an entity is named in articles
_FULL_DATE = 10  # YYYY-MM-DD
_SLUG = 100


@dataclass(slots=True)
class _Written:
    """What a decision wrote, so that it can be taken back: rows added, and columns changed from what to what."""

    conflict: Conflict
    entity: Entity
    today: date
    # In order: (kind of row, its id, {column: [before, after]}); no columns for a row that was added.
    steps: list[tuple[str, int, dict[str, list[Any]]]] = field(default_factory=list)

    others: set[int] = field(default_factory=set)  # entities besides that got or gave something

    def add(self, kind: str, row: models.Model) -> None:
        """Note a new row."""
        self.steps.append((kind, row.pk, {}))

    def change(self, table: str, row: models.Model, **values: Any) -> None:
        """Write columns of a row and note what they were."""
        before = {name: getattr(row, name) for name in values}
        moved = {name: [_plain(before[name]), _plain(value)] for name, value in values.items()}
        moved = {name: pair for name, pair in moved.items() if pair[0] != pair[1]}
        if not moved:
            return
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        self.steps.append((table, row.pk, moved))


@transaction.atomic
def decide_conflict(conflict_id: int, by: str, decision: str, why: str = "") -> Change:
    """Decide an open conflict: `ours`, `theirs` (its value is written, and importers leave the entity alone) or `both`.

    The same contradiction told by other tables is decided with it, and no later import raises it again. What stops to hold
    ends on the table's date, or today (UTC) when that is no full date. Raises RefusedError when it is decided already, or
    when the table's value cannot be written: the sentence says what stands in the way.
    """
    conflict = Conflict.objects.select_for_update().filter(pk=conflict_id).first()
    if conflict is None:
        raise RefusedError("This conflict is not here any more. Reload the page.")
    if conflict.decision:
        raise RefusedError(f"{conflict.decided_by} has decided this already: take that back first.")
    if decision not in {"ours", "theirs", "both"}:
        raise RefusedError("Choose one: what we have, what the table says, or both.")
    entity = Entity.objects.select_for_update().get(pk=conflict.entity_id)
    while entity.merged_into_id is not None:
        entity = Entity.objects.select_for_update().get(pk=entity.merged_into_id)
    written = _Written(conflict, entity, timezone.now().date())
    try:
        with transaction.atomic():
            if decision == "theirs":
                _WRITE_THEIRS[conflict.field](written)
                written.change("entity", entity, edited_by_human=True)
            elif decision == "both":
                _WRITE_BOTH[conflict.field](written)
    except IntegrityError as error:
        raise RefusedError(
            f"{conflict.theirs} is held by somebody else by now. Reload the page and look at both."
        ) from error
    same = sorted(_told_again(conflict).values_list("pk", flat=True))
    Conflict.objects.filter(pk__in=same).update(decision=decision, decided_by=by, decided_at=Now())
    touched = sorted({entity.pk, *written.others})
    if written.steps:
        is_new = any(kind in _NAMING and not moved for kind, _, moved in written.steps)
        names = _names_in(written.steps)
        renew_names(names, touched if names else [], is_new=is_new, touched=touched)
    return record_change(
        "entity",
        entity.pk,
        by,
        ACT,
        before={"field": conflict.field, "place": conflict.place, "value": conflict.ours},
        after={
            "decision": decision, "field": conflict.field, "place": conflict.place, "value": conflict.theirs,
            "source": conflict.theirs_source, "conflicts": same, "wrote": written.steps, "touched": touched,
        },
        why=why,
    )  # fmt: skip


@transaction.atomic
def undo_conflict_change(change: Change, by: str) -> Change:
    """Take a decision back: what it wrote is as before, and the conflict is open again.

    Raises RefusedError when what it wrote was changed since, or when articles link a company that it added.
    """
    if change.act != ACT:
        raise RefusedError("This was no decision on a conflict.")
    conflicts = list(
        Conflict.objects.select_for_update().filter(pk__in=change.after["conflicts"]).order_by("pk")
    )
    if Change.objects.filter(undoes=change).exists() or not any(one.decision for one in conflicts):
        raise RefusedError("This is taken back already. Reload the page.")
    wrote = change.after["wrote"]
    names = _names_in(wrote)
    for kind, pk, moved in reversed(wrote):
        if moved:
            _restore(kind, pk, moved)
        else:
            _take_away(kind, pk)
    Conflict.objects.filter(pk__in=change.after["conflicts"]).update(
        decision="", decided_by="", decided_at=None
    )
    if wrote:
        # A company that is taken away again is compiled out of everything; others are read anew.
        if any(kind == "entity" and not moved for kind, _, moved in wrote):
            names_changed()
        touched = change.after.get("touched", [change.subject_id])
        is_new = any(kind == "listing" and moved for kind, _, moved in wrote)  # its ticker means it again
        renew_names(names, touched if names else [], is_new=is_new, touched=touched)
    return record_change(
        "entity", change.subject_id, by, UNDO_ACT, before=change.after, after=change.before, undoes=change
    )


def _names_in(steps: Iterable[Sequence[Any]]) -> list[str]:
    """The names and tickers whose meaning these steps touch, as they stand in the database now."""
    rows: dict[str, list[int]] = {}
    names: list[str] = []
    for kind, pk, moved in steps:
        rows.setdefault(kind, []).append(pk)
        if "country" in moved:  # evidence for each of its names
            names += names_of(pk)
    names += Alias.objects.filter(pk__in=rows.get("alias", [])).values_list("text", flat=True)
    names += Listing.objects.filter(pk__in=rows.get("listing", [])).values_list("ticker", flat=True)
    return sorted(set(names))


def _told_again(conflict: Conflict) -> models.QuerySet[Conflict]:
    """The open conflicts of these two values, whichever of them is ours and whichever table says so."""
    pair = Q(ours=conflict.ours, theirs=conflict.theirs) | Q(ours=conflict.theirs, theirs=conflict.ours)
    return Conflict.objects.filter(
        pair, entity_id=conflict.entity_id, field=conflict.field, place=conflict.place, decision=""
    )


def _take_country(written: _Written) -> None:
    country = written.conflict.theirs
    if country not in ISO_CODES:
        raise RefusedError(
            f"“{country[:20]}” is no country's two letters: keep what we have, and correct the table."
        )
    written.change("entity", written.entity, country=country)


def _take_name(written: _Written) -> None:
    old = written.entity.name
    written.change("entity", written.entity, name=written.conflict.theirs[:200])
    _add_name(written, written.conflict.theirs, "legal")
    former = Alias.objects.filter(entity=written.entity, text=old, kind__in=["legal", "name"]).first()
    if former is not None:
        written.change("alias", former, kind="former")


def _take_number(written: _Written) -> None:
    """The table's number holds, and ours of that scheme does not any more."""
    conflict = written.conflict
    for row in Identifier.objects.filter(
        entity=written.entity, scheme=conflict.field, valid=True, value__in=conflict.ours.split(", ")
    ):
        written.change("identifier", row, valid=False)
    _add_number(written)


def _add_number(written: _Written) -> None:
    conflict = written.conflict
    scheme, value = conflict.field, conflict.theirs
    if not identifier_is_valid(scheme, value):
        raise RefusedError(
            f"{value} is no sound {conflict.get_field_display()}: keep what we have, and correct the table."
        )
    other = (
        Identifier.objects.filter(scheme=scheme, value=value, valid=True, entity__merged_into__isnull=True)
        .exclude(entity=written.entity)
        .select_related("entity")
        .first()
    )
    if other is not None:
        raise RefusedError(
            f"{value} is the {conflict.get_field_display()} of {other.entity.name}: merge the two if they are one, "
            "or keep what we have."
        )
    row = Identifier.objects.filter(entity=written.entity, scheme=scheme, value=value).first()
    if row is not None:
        written.change("identifier", row, valid=True)
        return
    written.add(
        "identifier",
        Identifier.objects.create(
            entity=written.entity, scheme=scheme, value=value, source=conflict.theirs_source,
            as_of=conflict.theirs_as_of,
        ),
    )  # fmt: skip


def _take_wikidata(written: _Written) -> None:
    item = written.conflict.theirs
    other = Entity.objects.filter(wikidata_id=item).exclude(pk=written.entity.pk).first()
    if other is not None:
        raise RefusedError(
            f"{item} is the Wikidata item of {other.name}: merge the two if they are one, or keep what we have."
        )
    written.change("entity", written.entity, wikidata_id=item)


def _take_isin(written: _Written) -> None:
    """The line belongs to the security of the table's ISIN; a security with no other line gets that ISIN itself."""
    conflict = written.conflict
    line = _line(written)
    security = line.security
    other = Security.objects.filter(isin=conflict.theirs).select_related("issuer").first()
    if other is not None and other.issuer_id != written.entity.pk:
        raise RefusedError(
            f"{conflict.theirs} is the ISIN of {other.issuer.name}: merge the two if they are one, or keep what we have."
        )
    if other is not None:
        written.change("listing", line, security_id=other.pk)
    elif security.listings.exclude(pk=line.pk).exists():
        written.change("listing", line, security_id=_add_security(written).pk)
    else:
        written.change(
            "security", security, isin=conflict.theirs, source=conflict.theirs_source, as_of=conflict.theirs_as_of
        )  # fmt: skip


def _add_isin(written: _Written) -> None:
    """Both ISINs are the company's: the table's is that of one more security, whose line nobody has told yet."""
    if Security.objects.filter(isin=written.conflict.theirs, issuer=written.entity).exists():
        return
    _add_security(written)


def _add_security(written: _Written) -> Security:
    conflict = written.conflict
    if not identifier_is_valid("isin", conflict.theirs):
        raise RefusedError(f"The check digit of {conflict.theirs} is wrong: keep what we have.")
    other = Security.objects.filter(isin=conflict.theirs).select_related("issuer").first()
    if other is not None:
        raise RefusedError(
            f"{conflict.theirs} is the ISIN of {other.issuer.name}: merge the two if they are one, or keep what we have."
        )
    row = Security.objects.create(
        issuer=written.entity, isin=conflict.theirs, source=conflict.theirs_source, as_of=conflict.theirs_as_of
    )  # fmt: skip
    written.add("security", row)
    return row


def _take_listing(written: _Written) -> None:
    """Our line ended; the company of the table's name has it now, and is added when nobody bears that name."""
    conflict = written.conflict
    line = _line(written)
    owner = _company_named(written, conflict.theirs)
    written.others.add(owner.pk)
    written.change("listing", line, valid_to=_told_on(written))
    security = Security.objects.create(
        issuer=owner, source=conflict.theirs_source, as_of=conflict.theirs_as_of
    )
    written.add("security", security)
    written.add(
        "listing",
        Listing.objects.create(
            security=security, exchange_id=line.exchange_id, ticker=line.ticker, currency=line.currency, primary=True,
            source=conflict.theirs_source, as_of=conflict.theirs_as_of,
        ),
    )  # fmt: skip


def _company_named(written: _Written, name: str) -> Entity:
    found = list(
        Entity.objects.filter(
            aliases__folded=fold(name), aliases__off_at__isnull=True, kind="company", merged_into__isnull=True
        )
        .exclude(pk=written.entity.pk)
        .distinct()[:2]
    )
    if len(found) == 1:
        return found[0]
    conflict = written.conflict
    owner = Entity.objects.create(
        kind="company", name=name[:200], slug=_free_slug(f"{name} {conflict.place}" if found else name),
        source=conflict.theirs_source, as_of=conflict.theirs_as_of,
    )  # fmt: skip
    written.add("entity", owner)
    _add_name(written, name, "name", owner)
    return owner


def _name_too(written: _Written) -> None:
    """Both names are the company's: the table's becomes one more name."""
    _add_name(written, written.conflict.theirs, "name")


def _take_owner(written: _Written) -> None:
    """The parent that we have has stopped to be it; the table's is."""
    for row in _parents(written).filter(owner__name=written.conflict.ours):
        written.change("ownership", row, until=_told_on(written).isoformat())
    _add_owner(written)


def _add_owner(written: _Written) -> None:
    conflict = written.conflict
    owner = (
        Entity.objects.filter(
            Q(name=conflict.theirs) | Q(aliases__text=conflict.theirs), merged_into__isnull=True
        )
        .exclude(pk=written.entity.pk)
        .order_by("-prominence", "pk")
        .first()
    )
    if owner is None:
        raise RefusedError(f"{conflict.theirs} is not known any more: add it first, or keep what we have.")
    if _parents(written).filter(owner=owner).exists():
        return
    written.add(
        "ownership",
        Ownership.objects.create(
            owner=owner, asset=written.entity, kind=conflict.place or "direct", source=conflict.theirs_source,
            as_of=conflict.theirs_as_of,
        ),
    )  # fmt: skip


def _parents(written: _Written) -> models.QuerySet[Ownership]:
    return Ownership.objects.filter(asset=written.entity, kind=written.conflict.place or "direct", until="")


def _add_name(written: _Written, text: str, kind: str, entity: Entity | None = None) -> None:
    owner = entity or written.entity
    text = text[:200]
    if Alias.objects.filter(entity=owner, text=text).exists():
        return
    conflict = written.conflict
    # Without a word on it, an everyday word is a weak name, as one that a person adds.
    draft = AliasDraft(text, kind)
    alias = write_alias(Written(), owner, draft, conflict.theirs_source, conflict.theirs_as_of)
    written.add("alias", alias)


def _line(written: _Written) -> Listing:
    ticker, _, mic = written.conflict.place.rpartition(" ")
    line = (
        Listing.objects.select_related("security")
        .filter(
            exchange__in=Exchange.objects.filter(mic=mic), ticker=ticker, valid_to__isnull=True,
            security__issuer=written.entity,
        )
        .first()
    )  # fmt: skip
    if line is None:
        raise RefusedError(
            f"{written.entity.name} has no line {written.conflict.place} any more: keep what we have."
        )
    return line


def _told_on(written: _Written) -> date:
    told = written.conflict.theirs_as_of
    return date.fromisoformat(told) if len(told) == _FULL_DATE else written.today


def _free_slug(name: str) -> str:
    stem = slugify(name)[:_SLUG].strip("-") or "entity"
    taken = SHADOWED.union(Entity.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _nothing(_written: _Written) -> None:
    """That both hold is kept with the conflict; there is nowhere else to write a second one."""


_WRITE_THEIRS = {
    "country": _take_country, "name": _take_name, "lei": _take_number, "cik": _take_number, "figi": _take_number,
    "wikidata": _take_wikidata, "isin": _take_isin, "listing": _take_listing, "owner": _take_owner,
}  # fmt: skip
_WRITE_BOTH = {
    "country": _nothing, "name": _name_too, "lei": _add_number, "cik": _add_number, "figi": _add_number,
    "wikidata": _add_number, "isin": _add_isin, "listing": _name_too, "owner": _add_owner,
}  # fmt: skip


def _restore(kind: str, pk: int, moved: Mapping[str, list[Any]]) -> None:
    row = _KINDS[kind]._default_manager.filter(pk=pk).first()  # noqa: SLF001 - Django's public name for it
    if row is None or any(_plain(getattr(row, name)) != pair[1] for name, pair in moved.items()):
        raise RefusedError("What this decision wrote was changed since: take that back first.")
    _KINDS[kind]._default_manager.filter(pk=pk).update(  # noqa: SLF001
        **{name: pair[0] for name, pair in moved.items()}
    )


def _take_away(kind: str, pk: int) -> None:
    row = _KINDS[kind]._default_manager.filter(pk=pk).first()  # noqa: SLF001
    if row is None:
        return
    if isinstance(row, Entity) and (row.edited_by_human or _is_used(row)):
        raise RefusedError(f"{row.name} is used by now: merge it into another instead of taking this back.")
    row.delete()


def _is_used(entity: Entity) -> bool:
    """Whether articles, people or other rows than those of the decision speak of an entity that it added."""
    own = {"aliases", "securities", "identifiers", "conflicts"}
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: entity}).exists()  # noqa: SLF001
        for relation in Entity._meta.related_objects  # noqa: SLF001 - Django documents it
        if relation.get_accessor_name() not in own
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
