"""A decision about events in the making: what it touches, how that was before, and what it says from now on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from articles.errors import RefusedError
from articles.events.database import (
    lock_events,
    lock_shard,
    mark_stale,
    next_seq,
    recount_event,
    redirect_event,
)
from articles.events.digesting import ask_for_digests
from articles.events.features import shard_of
from articles.events.scoring import RULE_VERSION
from articles.models import Article, ArticleCopy, Constraint, Event, Membership, StorylineLink
from entities.history import record_change
from entities.models import Change

# Members of the other event that a decision is tied to: enough that it outlives the removal of some.
ANCHORS = 3
# Of the largest events so many articles a side are tied or kept apart one by one.
MOST_TIED = 500
MEMBERSHIP_FIELDS = (
    "event_id",
    "score",
    "runner_up_id",
    "runner_up_score",
    "parts",
    "threshold",
    "unsure",
    "checked_by",
    "why",
    "rule_version",
    "decided_by",
)
EVENT_FIELDS = ("title", "titled_by", "status", "type", "typed_by", "type_why", "merged_into_id")
LINK_FIELDS = ("status", "score", "why", "decided_by")
# What of it a later change must not have touched for an undo to make sense.
_EVENT_STANDS = ("merged_into_id", "status", "titled_by", "typed_by")
_LINK_STANDS = ("status", "decided_by")


@dataclass(slots=True)
class Case:
    """A decision in the making: which rows it may touch, how they were, and the constraints it changes."""

    by: str
    why: str
    article_ids: list[int]
    event_ids: list[int]
    before: dict[str, Any]
    seqs: dict[str, int]
    in_force: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)

    def take(self, article_ids: Sequence[int]) -> None:
        """Name the articles anew, as they are found under the locks; nothing may be written yet."""
        self.article_ids = list(article_ids)
        self.before = snapshot(self.article_ids, self.event_ids)


def open_case(by: str, why: str, article_ids: Sequence[int], event_ids: Sequence[int]) -> Case:
    """Lock the streams that the rows belong to and then the events, always in the same order; note how all is."""
    languages = Article.objects.filter(pk__in=article_ids).values_list("language", flat=True)
    shards = set(Event.objects.filter(pk__in=event_ids).values_list("shard", flat=True))
    shards |= {shard_of(language) for language in languages}
    for shard in sorted(shards):
        lock_shard(shard)
    seqs = {shard: next_seq(shard)[0] for shard in sorted(shards)}
    ids = list(dict.fromkeys(event_ids))
    lock_events(ids)
    return Case(by, why, list(article_ids), ids, snapshot(article_ids, ids), seqs)


def close_case(  # noqa: PLR0913 - a row of history
    case: Case,
    subject_kind: str,
    subject_id: int,
    act: str,
    *,
    undoes: Change | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Bring figures and vectors in line, write the history row and tie the new constraints to it; its number."""
    for event_id in case.event_ids:
        recount_event(event_id)
    for shard, seq in case.seqs.items():
        touched = Event.objects.filter(pk__in=case.event_ids, shard=shard)
        mark_stale(touched.values_list("id", flat=True), seq)
    after = {
        **(detail or {}),
        **snapshot(case.article_ids, case.event_ids),
        "in_force": case.in_force,
        "withdrawn": case.withdrawn,
    }
    change = record_change(
        subject_kind, subject_id, case.by, act, before=case.before, after=after, why=case.why, undoes=undoes
    )
    Constraint.objects.filter(pk__in=case.in_force).update(change_id=change.pk)
    ask_for_digests(case.event_ids)
    return change.pk


def snapshot(article_ids: Iterable[int], event_ids: Iterable[int]) -> dict[str, Any]:
    """How articles, events and the links between events stand, as a row of history keeps it."""
    ids = list(event_ids)
    memberships = Membership.objects.filter(article_id__in=list(article_ids)).order_by("article_id")
    events = Event.objects.filter(pk__in=ids).order_by("id")
    links = StorylineLink.objects.filter(Q(earlier_id__in=ids) | Q(later_id__in=ids)).order_by("id")
    return {
        "memberships": {
            str(row["article_id"]): {name: row[name] for name in MEMBERSHIP_FIELDS}
            for row in memberships.values("article_id", *MEMBERSHIP_FIELDS)
        },
        "events": {
            str(row["id"]): {name: row[name] for name in EVENT_FIELDS}
            for row in events.values("id", *EVENT_FIELDS)
        },
        "links": {
            f"{row['earlier_id']}-{row['later_id']}": {name: row[name] for name in LINK_FIELDS}
            for row in links.values("earlier_id", "later_id", *LINK_FIELDS)
        },
    }


def gone_events(*pictures: Mapping[str, Any]) -> frozenset[int]:
    """The events that these pictures of `snapshot` name beside their own, and that were deleted since."""
    named: set[int | None] = set()
    for picture in pictures:
        named |= {row.get("runner_up_id") for row in picture["memberships"].values()}
        named |= {row["merged_into_id"] for row in picture["events"].values()}
        named |= {int(key) for pair in picture.get("links", {}) for key in pair.split("-")}
    ids = {key for key in named if key is not None}
    return frozenset(ids - set(Event.objects.filter(pk__in=ids).values_list("id", flat=True)))


def still_stands(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: Mapping[str, Any],
    gone: Collection[int] = (),
) -> bool:
    """Whether what a decision made is as it left it; what the machine chose may have moved on.

    Links with events that are `gone` count for nothing.
    """
    return (
        all(
            now["memberships"].get(key, {}).get("event_id") == row["event_id"]
            for key, row in after["memberships"].items()
        )
        and all(_event_stands(row, now["events"].get(key)) for key, row in after["events"].items())
        and all(
            _link_stands(after["links"].get(key), now["links"].get(key))
            for key in changed_links(before, after, gone)
        )
    )


def _event_stands(left: Mapping[str, Any], found: Mapping[str, Any] | None) -> bool:
    if found is None or any(name in left and found[name] != left[name] for name in _EVENT_STANDS):
        return False
    if left["titled_by"] and found["title"] != left["title"]:
        return False
    return not left.get("typed_by") or bool(found["type"] == left["type"])


def _link_stands(left: Mapping[str, Any] | None, found: Mapping[str, Any] | None) -> bool:
    if left is None or found is None:
        return left is found
    return all(found[name] == left[name] for name in _LINK_STANDS)


def changed_links(
    before: Mapping[str, Any], after: Mapping[str, Any], gone: Collection[int] = ()
) -> list[str]:
    """The links ("earlier-later") that a decision made, changed or took away, but those with events that are gone."""
    old, new = before.get("links", {}), after.get("links", {})
    changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    return [pair for pair in changed if not any(int(key) in gone for key in pair.split("-"))]


def restore(
    case: Case, before: Mapping[str, Any], after: Mapping[str, Any], gone: Collection[int] = ()
) -> None:
    """Put articles, events, links and constraints back as they were before a decision that left them as `after`.

    What led to events that are `gone` leads nowhere.
    """
    Constraint.objects.filter(pk__in=after["in_force"], withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now()
    )
    case.withdrawn = list(after["in_force"])
    for key in after["withdrawn"]:
        _enforce(case, key)
    for key, row in before["events"].items():
        goal = None if row["merged_into_id"] in gone else row["merged_into_id"]
        Event.objects.filter(pk=key).update(merged_into_id=goal, status=row["status"])
        left = after["events"][key]
        if row["titled_by"] or left["titled_by"]:
            Event.objects.filter(pk=key).update(title=row["title"], titled_by=row["titled_by"])
        if row.get("typed_by") or left.get("typed_by"):
            names = ("type", "typed_by", "type_why")
            Event.objects.filter(pk=key).update(**{name: row[name] for name in names})
    for key, row in before["memberships"].items():
        values = {name: row[name] for name in MEMBERSHIP_FIELDS if name in row}
        if values.get("runner_up_id") in gone:
            values["runner_up_id"] = None
        Membership.objects.filter(article_id=key).update(**values)
    for key in changed_links(before, after, gone):
        _restore_link(key, before["links"].get(key))
    for event_id in case.event_ids:
        lead_on(event_id, [row["event_id"] for row in before["memberships"].values()])


def _restore_link(key: str, row: Mapping[str, Any] | None) -> None:
    earlier, later = map(int, key.split("-"))
    if row is None:
        StorylineLink.objects.filter(earlier_id=earlier, later_id=later).delete()
    elif not StorylineLink.objects.filter(earlier_id=earlier, later_id=later).update(**row):
        StorylineLink.objects.create(earlier_id=earlier, later_id=later, **row)


def find_standing(article_id: int) -> Membership:
    """Where an article is. Raises RefusedError when it has no event."""
    standing = Membership.objects.filter(article_id=article_id).first()
    if standing is None:
        raise RefusedError("The article has no event yet: wait until it was placed.")
    return standing


def find_event(event_id: int) -> Event:
    """The event, or the one that its address leads to. Raises RefusedError when there is none."""
    event = Event.objects.filter(pk=event_id).first()
    while event is not None and event.merged_into_id is not None:
        event = Event.objects.filter(pk=event.merged_into_id).first()
    if event is None:
        raise RefusedError(f"There is no event {event_id}: load the page again and choose anew.")
    return event


def members_of(event_id: int, without: Collection[int] = ()) -> list[int]:
    """The event's articles: those that a person placed or confirmed first, then in the order of placing."""
    rows = Membership.objects.filter(event_id=event_id).exclude(article_id__in=list(without))
    return list(rows.order_by("-decided_by", "-checked_by", "id").values_list("article_id", flat=True))


def with_copies(event_id: int, article_ids: Collection[int]) -> list[int]:
    """These articles of an event with the copies of their texts in it, which nobody put there: they follow."""
    chosen = set(article_ids)
    groups = ArticleCopy.objects.filter(article_id__in=chosen, kind=ArticleCopy.Kind.ORIGIN)
    followers = Membership.objects.filter(
        event_id=event_id,
        decided_by="",
        article__copy__group_id__in=list(groups.values_list("group_id", flat=True)),
    )
    found = chosen | set(followers.values_list("article_id", flat=True))
    return [key for key in members_of(event_id) if key in found]


def new_event(case: Case, article_id: int) -> Event:
    """An event for an article to begin with, noted in the case as if it had always been there, empty."""
    article = Article.objects.get(pk=article_id)
    event = Event.objects.create(
        title=article.title,
        shard=shard_of(article.language),
        first_at=article.published_at,
        last_at=article.published_at,
        sample=article.sample,
        rule_version=RULE_VERSION,
    )
    case.event_ids.append(event.pk)
    case.before["events"][str(event.pk)] = {name: getattr(event, name) for name in EVENT_FIELDS}
    return event


def put(case: Case, article_ids: Sequence[int], event_id: int, did: str) -> None:
    """Move articles into an event by a person's word; an event left empty leads there."""
    words = f"{case.by} {did}" + (f": {case.why}" if case.why else "")
    Membership.objects.filter(article_id__in=article_ids).update(
        event_id=event_id,
        score=1.0,
        runner_up_id=None,
        runner_up_score=0.0,
        parts={},
        threshold=None,
        unsure="",
        checked_by="",
        why=[{"code": "person", "words": words, "weight": 1.0}],
        decided_by=case.by,
    )
    for row in case.before["memberships"].values():
        lead_on(row["event_id"], [event_id])


def lead_on(event_id: int, targets: Sequence[int]) -> None:
    """An event that was left empty leads to where its articles went."""
    target = next((key for key in targets if key != event_id), None)
    empty = Event.objects.filter(pk=event_id, merged_into__isnull=True, memberships__isnull=True)
    if target is not None and empty.exists():
        redirect_event(event_id, target)


def keep_apart(case: Case, left: Sequence[int], right: Sequence[int]) -> None:
    """Say that no article of the left is ever in an event with those of the right."""
    say(case, Constraint.Kind.CANNOT, left[:MOST_TIED], right[:ANCHORS])
    say(case, Constraint.Kind.CANNOT, right[:MOST_TIED], left[:ANCHORS])


def say(case: Case, kind: Constraint.Kind, left: Sequence[int], right: Sequence[int]) -> None:
    """Write constraints between each of the left and each of the right; what is in force already stays."""
    pairs = sorted({(min(a, b), max(a, b)) for a in left for b in right if a != b})
    between = Q(a_id__in=left, b_id__in=right) | Q(a_id__in=right, b_id__in=left)
    standing = {
        (a, b): (pk, known)
        for pk, a, b, known in Constraint.objects.filter(between, withdrawn_at__isnull=True).values_list(
            "id", "a_id", "b_id", "kind"
        )
    }
    contrary = [standing[pair][0] for pair in pairs if pair in standing and standing[pair][1] != kind]
    _end(case, contrary)
    made = Constraint.objects.bulk_create(
        [
            Constraint(kind=kind, a_id=a, b_id=b, by=case.by, why=case.why)
            for a, b in pairs
            if (a, b) not in standing or standing[a, b][1] != kind
        ]
    )
    case.in_force += [row.pk for row in made]


def withdraw(case: Case, kind: Constraint.Kind, left: Sequence[int], right: Sequence[int]) -> None:
    """End the constraints of a kind between left and right that this decision contradicts."""
    between = Q(a_id__in=left, b_id__in=right) | Q(a_id__in=right, b_id__in=left)
    found = Constraint.objects.filter(between, kind=kind, withdrawn_at__isnull=True).order_by("id")
    _end(case, list(found.values_list("id", flat=True)))


def _end(case: Case, constraint_ids: Sequence[int]) -> None:
    case.withdrawn += constraint_ids
    Constraint.objects.filter(pk__in=constraint_ids).update(withdrawn_at=timezone.now())


def _enforce(case: Case, constraint_id: int) -> None:
    """Put a withdrawn constraint in force again, unless a later word on the same pair stands."""
    row = Constraint.objects.filter(pk=constraint_id, withdrawn_at__isnull=False).first()
    if row is None:
        return
    if not Constraint.objects.filter(a_id=row.a_id, b_id=row.b_id, withdrawn_at__isnull=True).exists():
        row.withdrawn_at = None
        row.save(update_fields=["withdrawn_at"])
        case.in_force.append(row.pk)
