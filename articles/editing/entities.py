"""Acts: a person makes and edits entities, their names, numbers and listings; importers leave those alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from articles.editing.written import Written
from articles.errors import ConflictError, NamesakeError, RefusedError
from articles.ingest.relinking import relink_names, seek_names
from entities.identifiers import SCHEMES, tidy_identifier, why_refused
from entities.lexicon import names_changed
from entities.models import Alias, Change, Entity, Identifier, Listing
from entities.names import fold, is_common, proposal_key
from entities.slugs import SHADOWED
from entities.sources.countries import ISO_CODES

EDITORIAL = "editorial"  # said by a person of the desk, not read in a source: pages say 'not verified'
# What a person added by hand is known about as well as what was chosen for the starter set.
PROMINENCE = 0.5
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 300
LONGEST_SOURCE = 120
LONGEST_WHY = 1000
MOST_ALIASES = 50
_SLUG = 100


@dataclass(frozen=True, slots=True)
class AliasDraft:
    """A name to add. `weak` None: weak when all its words are ordinary ones."""

    text: str
    kind: str = Alias.Kind.NAME
    weak: bool | None = None
    lang: str = ""


@dataclass(frozen=True, slots=True)
class EntityDraft:
    """What a person says of an entity. `source`: what was read, with its place; empty: an editor's word, not verified.

    `is_namesake` says that another entity of this name and kind is known and is not meant.
    """

    kind: str
    name: str
    country: str = ""
    description: str = ""
    wikidata_id: str = ""
    aliases: tuple[AliasDraft, ...] = ()
    source: str = ""
    is_namesake: bool = False


@transaction.atomic
def create_entity(by: str, draft: EntityDraft, why: str = "") -> Change:
    """Add an entity with its names; articles that have one of them are linked anew, those that only have its words when
    they were looked through. `change.subject_id` is its number.

    Raises RefusedError when a field makes no sense, NamesakeError when one of this name and kind is known.
    """
    written = Written()
    entity = make_entity(written, draft)
    change = written.record(
        ("entity", entity.pk), by, "create_entity", f"added “{entity.name}”", say_why(why)
    )
    renew_names(names_of(entity.pk), [entity.pk], is_new=True)
    return change


def make_entity(written: Written, draft: EntityDraft) -> Entity:
    """Insert an entity with its names; inside the transaction of the act, which records it. Raises RefusedError."""
    draft = check_draft(draft)
    if not draft.is_namesake:
        _refuse_namesakes(draft)
    source, today = draft.source or EDITORIAL, f"{timezone.now():%Y-%m-%d}"
    entity = Entity(
        kind=draft.kind, name=draft.name, country=draft.country, description=draft.description,
        wikidata_id=draft.wikidata_id, prominence=PROMINENCE, source=source, as_of=today, edited_by_human=True,
    )  # fmt: skip
    _add_with_slug(written, entity)
    drafts = [AliasDraft(draft.name), *draft.aliases]
    for alias in {one.text: one for one in reversed(drafts)}.values():
        write_alias(written, entity, alias, source, today)
    return entity


@transaction.atomic
def edit_entity(
    entity_id: int, by: str, draft: EntityDraft, *, seen: datetime | None = None, why: str = ""
) -> Change:
    """Change what is said of an entity; its former name stays one of its names, and names of the draft are added.

    `seen` is the entity's `updated_at` as the page showed it. Raises ConflictError when it was changed since,
    RefusedError when a field makes no sense or nothing changes.
    """
    entity = open_entity(entity_id)
    if seen is not None and entity.updated_at != seen:
        raise ConflictError(
            "Somebody changed this entity since you opened the page. Look at it and edit it again."
        )
    draft = check_draft(draft)
    _refuse_taken_item(draft.wikidata_id, entity)
    written, was = Written(), entity.name
    fields = {"kind": "kind", "name": "name", "country": "country", "description": "description"}
    labels = [label for name, label in fields.items() if getattr(entity, name) != getattr(draft, name)]
    labels += ["Wikidata item"] if entity.wikidata_id != draft.wikidata_id else []
    changed = written.change(
        entity, kind=draft.kind, name=draft.name, country=draft.country, description=draft.description,
        wikidata_id=draft.wikidata_id,
    )  # fmt: skip
    known = set(entity.aliases.values_list("text", flat=True))
    today = f"{timezone.now():%Y-%m-%d}"
    added = [
        one for one in (AliasDraft(draft.name), AliasDraft(was), *draft.aliases) if one.text not in known
    ]
    for alias in {one.text: one for one in added}.values():
        write_alias(written, entity, alias, draft.source or EDITORIAL, today)
    if not changed and not added:
        raise RefusedError("Nothing was changed.")
    if draft.source and draft.source != entity.source:
        written.change(entity, source=draft.source, as_of=today)
    written.mark(entity)
    said = [f"changed its {_listed(labels)}"] if labels else []
    said += [f"added the name “{one.text}”" for one in added if one.text not in (was, draft.name)]
    if draft.name != was:
        said[:1] = (
            [f"named it “{draft.name}” (it was “{was}”)", *said[:1]]
            if labels != ["name"]
            else [f"named it “{draft.name}” (it was “{was}”)"]
        )
    change = written.record(
        ("entity", entity_id), by, "edit_entity", "; ".join(said) or "edited it", say_why(why)
    )
    seek_names(one.text for one in added)
    # The kind and the country are evidence for each of its names.
    renew_names(names_of(entity_id), [entity_id])
    return change


@transaction.atomic
def add_alias(entity_id: int, by: str, alias: AliasDraft, *, source: str = "", why: str = "") -> Change:
    """Give an entity another name; articles in which it stands are linked anew.

    Raises RefusedError when it has the name already or the name makes no sense.
    """
    entity = open_entity(entity_id)
    alias = check_alias(alias)
    same = entity.aliases.filter(text=alias.text).first()
    if same is not None:
        hint = ": switch it on again" if same.off_at else ""
        raise RefusedError(f"“{alias.text}” is a name of {entity.name} already{hint}.")
    written = Written()
    write_alias(written, entity, alias, _source(source) or EDITORIAL, f"{timezone.now():%Y-%m-%d}")
    written.mark(entity)
    change = written.record(
        ("entity", entity_id), by, "add_alias", f"added the name “{alias.text}”", say_why(why)
    )
    renew_names([alias.text], [], is_new=True, touched=[entity_id])
    return change


@transaction.atomic
def switch_alias(
    alias_id: int, by: str, *, weak: bool | None = None, off: bool | None = None, why: str = ""
) -> Change:
    """Make a name weak (it links only beside other evidence) or strong, or switch it off (it links nothing) or on.

    Raises RefusedError when it is so already, or when the entity would have no name left.
    """
    alias = Alias.objects.select_related("entity").filter(pk=alias_id).first()
    if alias is None:
        raise RefusedError("This name is not here any more. Reload the page.")
    entity = open_entity(alias.entity_id)
    alias = Alias.objects.select_for_update(no_key=True).get(pk=alias_id)
    written, said = Written(), []
    if weak is not None and alias.weak != weak:
        written.change(alias, weak=weak)
        said.append(f"made the name “{alias.text}” {'weak' if weak else 'strong'}")
    if off is not None and (alias.off_at is not None) != off:
        if off and not entity.aliases.filter(off_at__isnull=True).exclude(pk=alias_id).exists():
            raise RefusedError(
                f"“{alias.text}” is the only name of {entity.name} that is on: add another first."
            )
        written.change(alias, off_at=timezone.now() if off else None, off_by=by if off else "")
        said.append(f"switched the name “{alias.text}” {'off' if off else 'on'}")
    if not said:
        raise RefusedError(f"The name “{alias.text}” is so already.")
    written.mark(entity)
    change = written.record(("entity", entity.pk), by, "switch_alias", " and ".join(said), say_why(why))
    renew_names([alias.text], [entity.pk], is_new=off is False)
    return change


@transaction.atomic
def add_identifier(  # noqa: PLR0913 - what is noted, where it was read, and why
    entity_id: int, by: str, scheme: str, value: str, *, source: str = "", why: str = ""
) -> Change:
    """Note an identifier; its check digit is tested. A key of SCHEMES is the scheme.

    Raises RefusedError when it is not well formed, is noted already or is another entity's.
    """
    entity = open_entity(entity_id)
    value = tidy_identifier(scheme, value)
    refused = why_refused(scheme, value)
    if refused:
        raise RefusedError(refused)
    name = SCHEMES[scheme].name
    held = Identifier.objects.filter(scheme=scheme, value=value, valid=True, entity__merged_into__isnull=True)
    holder = held.select_related("entity").order_by("id").first()
    if holder is not None:
        if holder.entity_id == entity_id:
            raise RefusedError(f"This {name} is noted already.")
        raise RefusedError(
            f"{holder.entity.name} has this {name}: if both are the same, merge them; else take it away there first."
        )
    written = Written()
    known = Identifier.objects.filter(entity_id=entity_id, scheme=scheme, value=value).first()
    today = f"{timezone.now():%Y-%m-%d}"
    if known is not None:
        written.change(known, valid=True, source=_source(source) or EDITORIAL, as_of=today)
    else:
        row = Identifier(entity=entity, scheme=scheme, value=value, as_of=today, valid=True)
        row.source = _source(source) or EDITORIAL
        written.add(row)
    if scheme == "wikidata" and not entity.wikidata_id:
        _refuse_taken_item(value, entity)
        written.change(entity, wikidata_id=value)
    written.mark(entity)
    return written.record(
        ("entity", entity_id), by, "add_identifier", f"added the {name} {value}", say_why(why)
    )


@transaction.atomic
def remove_identifier(identifier_id: int, by: str, why: str = "") -> Change:
    """Take an identifier away from its entity. Raises RefusedError when it is gone already."""
    row = Identifier.objects.filter(pk=identifier_id).first()
    if row is None:
        raise RefusedError("This identifier is not here any more. Reload the page.")
    entity = open_entity(row.entity_id)
    row = Identifier.objects.select_for_update().filter(pk=identifier_id).first()
    if row is None:
        raise RefusedError("Somebody has just taken this identifier away.")
    written = Written()
    scheme = SCHEMES.get(row.scheme)
    words = f"took away the {scheme.name if scheme else row.scheme} {row.value}"
    if row.scheme == "wikidata" and entity.wikidata_id == row.value:
        written.change(entity, wikidata_id="")
    written.remove(row)
    written.mark(entity)
    return written.record(("entity", entity.pk), by, "remove_identifier", words, say_why(why))


@transaction.atomic
def end_listing(listing_id: int, by: str, on: date, why: str = "") -> Change:
    """Say that a company's shares trade on a market no more since a day; its ticker means it no more.

    Raises RefusedError when the listing has ended already, or the day is in the future or before its beginning.
    """
    listing, entity = _open_listing(listing_id)
    line = f"{listing.ticker} on {listing.exchange_id}"
    if listing.valid_to is not None:
        raise RefusedError(f"{line} ended on {listing.valid_to} already.")
    if on > timezone.now().date():
        raise RefusedError(f"{on} is in the future: say it when it has happened.")
    if listing.valid_from is not None and on < listing.valid_from:
        raise RefusedError(f"{line} began on {listing.valid_from}: give a later day.")
    if Listing.objects.filter(exchange_id=listing.exchange_id, ticker=listing.ticker, valid_to=on).exists():
        raise RefusedError(f"Another listing of {line} ended on {on}: give the right day.")
    written = Written()
    written.change(listing, valid_to=on, primary=False)
    written.mark(entity)
    change = written.record(
        ("entity", entity.pk), by, "end_listing", f"ended the listing {line} on {on}", say_why(why)
    )
    renew_names([listing.ticker], [entity.pk])
    return change


@transaction.atomic
def make_primary(listing_id: int, by: str, why: str = "") -> Change:
    """Say that a listing is the company's main one; the one before is so no more. Raises RefusedError."""
    listing, entity = _open_listing(listing_id)
    line = f"{listing.ticker} on {listing.exchange_id}"
    if listing.valid_to is not None:
        raise RefusedError(f"{line} ended on {listing.valid_to}: choose one that trades now.")
    if listing.primary:
        raise RefusedError(f"{line} is the main listing already.")
    written = Written()
    others = Listing.objects.select_for_update(of=("self",)).filter(
        security__issuer_id=entity.pk, primary=True
    )
    for other in others.order_by("pk"):
        written.change(other, primary=False)
    written.change(listing, primary=True)
    written.mark(entity)
    return written.record(
        ("entity", entity.pk), by, "make_primary", f"made {line} the main listing", say_why(why)
    )


# --- what the other acts on entities use -----------------------------------------------------------------


def open_entity(entity_id: int) -> Entity:
    """Lock an entity for editing. Raises RefusedError when it is gone, or became part of another."""
    entity = Entity.objects.select_for_update(no_key=True, of=("self",)).filter(pk=entity_id).first()
    if entity is None:
        raise RefusedError("This entity is not here any more. Search for it again.")
    if entity.merged_into_id is not None:
        keep = Entity.objects.get(pk=entity.merged_into_id)
        raise RefusedError(f"{entity.name} became part of {keep.name}: edit that one.")
    return entity


def open_entities(*entity_ids: int) -> list[Entity]:
    """Lock several, in one order everywhere; answered as asked for. Raises RefusedError."""
    by_id = {pk: open_entity(pk) for pk in sorted(set(entity_ids))}
    return [by_id[pk] for pk in entity_ids]


def names_of(entity_id: int) -> list[str]:
    """The names of an entity that are on."""
    return list(
        Alias.objects.filter(entity_id=entity_id, off_at__isnull=True)
        .exclude(kind=Alias.Kind.TICKER)
        .order_by("id")
        .values_list("text", flat=True)
    )


def renew_names(
    names: Iterable[str], entity_ids: Sequence[int], *, is_new: bool = False, touched: Sequence[int] = ()
) -> None:
    """Have every process learn that names changed, and the articles that they touch linked anew.

    `touched` are entities whose names, listings or positions changed, besides those whose articles are linked anew.
    """
    names_changed([*entity_ids, *touched])
    relink_names(names, entity_ids=entity_ids, is_new=is_new)


def say_why(text: str) -> str:
    """A reason as it is kept. Raises RefusedError when it is too long."""
    text = " ".join(text.replace("\x00", "").split())
    if len(text) > LONGEST_WHY:
        raise RefusedError(f"The reason has {len(text)} characters: shorten it to {LONGEST_WHY}.")
    return text


def check_draft(draft: EntityDraft) -> EntityDraft:
    """The draft with tidy fields. Raises RefusedError that names the field."""
    name = check_name(draft.name)
    if draft.kind not in Entity.Kind.values:
        kinds = ", ".join(str(label).lower() for label in Entity.Kind.labels)
        raise RefusedError(f"There is no kind “{draft.kind[:40]}”: choose {kinds}.")
    country = draft.country.strip().upper()
    if country and country not in ISO_CODES:
        raise RefusedError(
            f"“{country[:20]}” is no country: give the two letters of ISO 3166-1, such as US, or none."
        )
    description = " ".join(draft.description.replace("\x00", "").split())
    if len(description) > LONGEST_DESCRIPTION:
        raise RefusedError(
            f"The description has {len(description)} characters: shorten it to {LONGEST_DESCRIPTION}."
        )
    item = tidy_identifier("wikidata", draft.wikidata_id)
    if item:
        refused = why_refused("wikidata", item)
        if refused:
            raise RefusedError(refused)
    if len(draft.aliases) > MOST_ALIASES:
        raise RefusedError(f"{len(draft.aliases)} names are too many at once: at most {MOST_ALIASES}.")
    aliases = tuple(check_alias(one) for one in draft.aliases)
    return EntityDraft(
        kind=draft.kind, name=name, country=country, description=description, wikidata_id=item, aliases=aliases,
        source=_source(draft.source), is_namesake=draft.is_namesake,
    )  # fmt: skip


def check_alias(alias: AliasDraft) -> AliasDraft:
    """The name with tidy fields. Raises RefusedError."""
    if alias.kind not in Alias.Kind.values or alias.kind == Alias.Kind.TICKER:
        raise RefusedError(f"There is no kind of name “{alias.kind[:40]}”: choose one of the list.")
    if len(alias.lang) > 8:  # noqa: PLR2004 - the column
        raise RefusedError(f"“{alias.lang[:40]}” is no tag of a language: give one such as zh, or none.")
    return AliasDraft(check_name(alias.text), alias.kind, alias.weak, alias.lang.strip().lower())


def check_name(text: str) -> str:
    """A name as it is kept. Raises RefusedError when it is empty, too long or has no letter or digit."""
    name = " ".join(text.replace("\x00", "").split())
    if not proposal_key(name):
        raise RefusedError("Give a name with at least one letter or digit.")
    if len(name) > LONGEST_NAME:
        raise RefusedError(f"The name has {len(name)} characters: shorten it to {LONGEST_NAME}.")
    return name


def _source(text: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if len(text) > LONGEST_SOURCE:
        raise RefusedError(f"The source has {len(text)} characters: shorten it to {LONGEST_SOURCE}.")
    return text


def _refuse_namesakes(draft: EntityDraft) -> None:
    same = Entity.objects.filter(
        aliases__folded__in=sorted({fold(draft.name)}), kind=draft.kind, merged_into__isnull=True
    ).distinct()
    found = list(same.order_by("-prominence", "pk")[:5])
    if found:
        raise NamesakeError(
            f"{found[0].name} is known by this name already: join the name to it, or say that another one is meant.",
            [row.pk for row in found],
        )
    _refuse_taken_item(draft.wikidata_id, None)


def _refuse_taken_item(item: str, entity: Entity | None) -> None:
    if not item:
        return
    holder = Entity.objects.filter(wikidata_id=item).first()
    if holder is not None and holder != entity:
        raise RefusedError(f"{holder.name} is the Wikidata item {item}: if both are the same, merge them.")


def _add_with_slug(written: Written, entity: Entity) -> None:
    """Insert with a free address: "orne-widgets", else "orne-widgets-2"."""
    stem = slugify(fold(entity.name))[:_SLUG] or "entity"
    taken = SHADOWED.union(Entity.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    free = (
        slug for n in range(1, len(taken) + 3) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken
    )
    entity.slug = next(free)
    try:
        with transaction.atomic():
            written.add(entity)
    except IntegrityError as error:
        raise RefusedError(
            "Somebody has just added an entity of this name. Look at it before you add another."
        ) from error


def write_alias(written: Written, entity: Entity, alias: AliasDraft, source: str, as_of: str) -> Alias:
    """Insert a name of an entity; without a word on it, it is weak when all its words are ordinary ones."""
    weak = is_common(alias.text) if alias.weak is None else alias.weak
    row = Alias(
        entity=entity, text=alias.text, folded=fold(alias.text), lang=alias.lang, kind=alias.kind, weak=weak,
        source=source, as_of=as_of,
    )  # fmt: skip
    return written.add(row)


def _open_listing(listing_id: int) -> tuple[Listing, Entity]:
    listing = Listing.objects.select_related("security").filter(pk=listing_id).first()
    if listing is None:
        raise RefusedError("This listing is not here any more. Reload the page.")
    entity = open_entity(listing.security.issuer_id)
    return Listing.objects.select_for_update().get(pk=listing_id), entity


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
