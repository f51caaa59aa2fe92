"""What admins decide about publishers: name, owner, country, language; owners tell who is independent of whom."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from django.db import connection, transaction

from articles.errors import RefusedError
from articles.ingest.decided import PUBLISHER as SUBJECT
from articles.models import Publisher
from entities.history import record_change
from entities.models import Change

# The events that speak of this publisher count their owners anew: one statement, whatever their number. They are locked
# in the order of their numbers, as all do who write several.
RECOUNT = """
with s as materialized (
  select m.event_id, count(distinct coalesce(nullif(p.owner, ''), p.name)) as owners
  from articles_membership m
  join articles_article a on a.id = m.article_id
  join articles_publisher p on p.id = a.publisher_id
  where m.event_id in (
    select m2.event_id from articles_membership m2 join articles_article a2 on a2.id = m2.article_id
    where a2.publisher_id = %s
  )
  group by m.event_id
), held as materialized (
  select e.id, s.owners from articles_event e join s on s.event_id = e.id and e.owner_count <> s.owners
  order by e.id for no key update of e
)
update articles_event e set owner_count = held.owners, version = e.version + 1, updated_at = now()
from held where e.id = held.id
"""


@dataclass(frozen=True, slots=True)
class PublisherDraft:
    """What a person decides about a publisher. An empty owner means: its own."""

    name: str
    owner: str = ""
    country: str = ""
    language: str = ""
    homepage: str = ""


def _locked(publisher_id: int) -> Publisher:
    # Its key stays: whoever stores an article of it meanwhile, and holds events that we want, does not wait for us.
    publisher = Publisher.objects.select_for_update(no_key=True).filter(pk=publisher_id).first()
    if publisher is None:
        raise RefusedError("This publisher is not here any more. Reload the page.")
    return publisher


def draft_of(publisher: Publisher) -> PublisherDraft:
    """A publisher as it is."""
    return PublisherDraft(
        publisher.name, publisher.owner, publisher.country, publisher.language, publisher.homepage
    )


@transaction.atomic
def edit_publisher(by: str, publisher_id: int, draft: PublisherDraft, today: date) -> Change | None:
    """Store what an admin decided; None when nothing changed. A changed owner counts from `today`.

    Raises RefusedError for a name that another publisher has, and for those of the sample.
    """
    publisher = _locked(publisher_id)
    return _write(publisher, draft, by, "edited", today=today)


def _write(  # noqa: PLR0913 - one decision and how it is recorded
    publisher: Publisher,
    draft: PublisherDraft,
    by: str,
    act: str,
    *,
    today: date,
    undoes: Change | None = None,
) -> Change | None:
    if publisher.sample:
        raise RefusedError(f"“{publisher.name}” belongs to the sample and stays as it is.")
    draft = PublisherDraft(
        name=" ".join(draft.name.split())[:200],
        owner=" ".join(draft.owner.split())[:200],
        country=draft.country.strip().upper()[:2],
        language=draft.language.strip()[:16],
        homepage=draft.homepage.strip()[:2000],
    )
    if not draft.name:
        raise RefusedError("A publisher needs a name.")
    if Publisher.objects.filter(name__iexact=draft.name).exclude(pk=publisher.pk).exists():
        raise RefusedError(f"Another publisher is called “{draft.name}”. Move its sources there instead.")
    before, after = asdict(draft_of(publisher)), asdict(draft)
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        return None
    for name in changed:
        setattr(publisher, name, after[name])
    fields = [*changed]
    if "owner" in changed:
        publisher.owner_source = "editorial" if publisher.owner else ""
        publisher.owner_as_of = today.isoformat() if publisher.owner else ""
        fields += ["owner_source", "owner_as_of"]
    publisher.save(update_fields=fields)
    if {"owner", "name"} & set(changed):
        with connection.cursor() as cursor:
            cursor.execute(RECOUNT, [publisher.pk])
    return record_change(
        SUBJECT,
        publisher.pk,
        by,
        act,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        undoes=undoes,
    )


@transaction.atomic
def undo_publisher_change(by: str, change_id: int, today: date) -> int:
    """Take one change of a publisher back; the publisher's number. Raises RefusedError."""
    change = Change.objects.filter(pk=change_id, subject_kind=SUBJECT, act="edited").first()
    if change is None:
        raise RefusedError("This change cannot be taken back.")
    if Change.objects.filter(undoes=change).exists():
        raise RefusedError("This change was taken back already.")
    publisher = _locked(change.subject_id)
    draft = PublisherDraft(**{**asdict(draft_of(publisher)), **change.before})
    if _write(publisher, draft, by, "undone", today=today, undoes=change) is None:
        raise RefusedError("It is so already.")
    return publisher.pk
