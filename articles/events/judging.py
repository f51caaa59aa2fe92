"""Acts: what a person decides about events holds for every later run, and can be undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from articles.errors import RefusedError
from articles.events.database import lock_shard, mark_stale, next_seq, recount_event, redirect_event
from articles.events.features import shard_of
from articles.events.scoring import RULE_VERSION
from articles.models import Article, Constraint, Event, Membership
from entities.history import record_change
from entities.models import Change

# Members of the other event that a decision is tied to: enough that it outlives the removal of some.
ANCHORS = 3
KEPT_APART_FROM = 20
MOST_PAIRED = 50
LONGEST_TITLE = 300
_MEMBERSHIP_FIELDS = (
    "event_id",
    "score",
    "runner_up_id",
    "runner_up_score",
    "why",
    "rule_version",
    "decided_by",
)
_EVENT_FIELDS = ("title", "titled_by", "status", "merged_into_id")


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a decision: the history row that undoes it, and the event to show next."""

    change_id: int
    event_id: int


@dataclass(slots=True)
class _Case:
    """A decision in the making: which rows it may touch, how they were, and the constraints it changes."""

    by: str
    why: str
    article_ids: list[int]
    event_ids: list[int]
    before: dict[str, Any]
    seqs: dict[str, int]
    in_force: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)


def move_article(article_id: int, event_id: int | None, by: str, why: str = "") -> Judged:
    """Put an article into another event, or (None) into a new one of its own.

    It will never be placed with what stays behind again, and stays with what it was put to.
    Raises RefusedError when it has no event yet or is there already.
    """
    with transaction.atomic():
        standing = _standing(article_id)
        target = None if event_id is None else _event(event_id)
        if target is not None and target.pk == standing.event_id:
            raise RefusedError("The article is in this event already: choose another one.")
        case = _open(by, why, [article_id], [standing.event_id, *([target.pk] if target else [])])
        standing = _standing(article_id)
        left_behind = _members(standing.event_id, without=[article_id])
        if target is None and not left_behind:
            raise RefusedError("The article is alone in its event already: there is nothing to part it from.")
        if target is None:
            target = _new_event(case, standing)
        met = _members(target.pk)
        _withdraw(case, Constraint.Kind.MUST, [article_id], left_behind)
        _withdraw(case, Constraint.Kind.CANNOT, [article_id], met)
        _say(case, Constraint.Kind.CANNOT, [article_id], left_behind[:KEPT_APART_FROM])
        _say(case, Constraint.Kind.MUST, [article_id], met[:ANCHORS])
        _put(case, [article_id], target.pk, "moved it here")
        change_id = _close(case, "article", article_id, "move_article")
        for kind, place in (("article_left", standing.event_id), ("article_came", target.pk)):
            after = {"part_of": change_id, "article": article_id}
            record_change("event", place, by, kind, after=after, why=why)
        return Judged(change_id, target.pk)


def join_events(keep_id: int, other_id: int, by: str, why: str = "") -> Judged:
    """Make two events one: all of the other's articles go to the kept one, and its address leads there.

    Raises RefusedError when both are the same event.
    """
    with transaction.atomic():
        keep, other = _event(keep_id), _event(other_id)
        if keep.pk == other.pk:
            raise RefusedError("Both are the same event already: choose another one to join with it.")
        case = _open(by, why, _members(other.pk), [keep.pk, other.pk])
        kept, coming = _members(keep.pk), _members(other.pk)
        case.article_ids = coming
        case.before = _snapshot(coming, case.event_ids)
        _withdraw(case, Constraint.Kind.CANNOT, kept, coming)
        _say(case, Constraint.Kind.MUST, kept[:1], coming[:MOST_PAIRED])
        _put(case, coming, keep.pk, "joined the two events")
        redirect_event(other.pk, keep.pk)
        change_id = _close(case, "event", keep.pk, "join_events")
        after = {"part_of": change_id, "into": keep.pk}
        record_change("event", other.pk, by, "joined_into", after=after, why=why)
        return Judged(change_id, keep.pk)


def split_event(event_id: int, article_ids: Collection[int], by: str, why: str = "") -> Judged:
    """Take some articles of an event out into a new event of their own.

    Raises RefusedError unless some, not all, of the event's articles are named.
    """
    with transaction.atomic():
        event = _event(event_id)
        case = _open(by, why, sorted(set(article_ids)), [event.pk])
        members = _members(event.pk)
        going = [key for key in members if key in set(article_ids)]
        staying = [key for key in members if key not in set(article_ids)]
        if not going or len(going) < len(set(article_ids)):
            raise RefusedError(
                "Some of these articles are not in the event: load the page again and choose anew."
            )
        if not staying:
            raise RefusedError("All articles were chosen: leave at least one in the event.")
        target = _new_event(case, _standing(going[0]))
        _withdraw(case, Constraint.Kind.MUST, going, staying)
        for key in going[:KEPT_APART_FROM]:
            _say(case, Constraint.Kind.CANNOT, [key], staying[:ANCHORS])
        _say(case, Constraint.Kind.MUST, going[:1], going[1:MOST_PAIRED])
        _put(case, going, target.pk, "split it off")
        change_id = _close(case, "event", event.pk, "split_event")
        after = {"part_of": change_id, "from": event.pk}
        record_change("event", target.pk, by, "split_from", after=after, why=why)
        return Judged(change_id, target.pk)


def rename_event(event_id: int, title: str, by: str, why: str = "") -> Judged:
    """Give an event a title that no machine changes; an empty one gives the choice back to the machine."""
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE:
        raise RefusedError(f"The title has {len(title)} characters: shorten it to {LONGEST_TITLE}.")
    with transaction.atomic():
        event = _event(event_id)
        case = _open(by, why, [], [event.pk])
        Event.objects.filter(pk=event.pk).update(titled_by=by if title else "", title=title or event.title)
        return Judged(_close(case, "event", event.pk, "rename_event"), event.pk)


def set_event_status(event_id: int, status: str, by: str, why: str = "") -> Judged:
    """Say how far an event is. Raises RefusedError for an unknown status or the one it has."""
    if status not in Event.Status.values:
        raise RefusedError(f"There is no status {status!r}: use one of {', '.join(Event.Status.values)}.")
    with transaction.atomic():
        event = _event(event_id)
        case = _open(by, why, [], [event.pk])
        if Event.objects.filter(pk=event.pk, status=status).exists():
            raise RefusedError("The event has this status already.")
        Event.objects.filter(pk=event.pk).update(status=status)
        return Judged(_close(case, "event", event.pk, "set_event_status"), event.pk)


def undo(change_id: int, by: str, why: str = "") -> Judged:
    """Take back a decision about events: articles, titles and constraints are as before it.

    What the machine placed since stays. An undo is a decision like others and can be undone in turn.
    Raises RefusedError when it is no such decision, was undone already, or a later one stands on it.
    """
    with transaction.atomic():
        change = _decision(change_id)
        before, after = change.before, change.after
        article_ids = sorted(map(int, after["memberships"]))
        event_ids = sorted(map(int, after["events"]))
        case = _open(by, why, article_ids, event_ids)
        if Change.objects.filter(undoes=change).exists():
            raise RefusedError("This was undone already.")
        if not _still_stands(after, case.before):
            raise RefusedError("Something of this was changed since: undo the later change first.")
        now = timezone.now()
        Constraint.objects.filter(pk__in=after["in_force"], withdrawn_at__isnull=True).update(
            withdrawn_at=now
        )
        case.withdrawn = list(after["in_force"])
        for key in after["withdrawn"]:
            _enforce(case, key)
        for key, row in before["events"].items():
            Event.objects.filter(pk=key).update(merged_into_id=row["merged_into_id"], status=row["status"])
            if row["titled_by"] or after["events"][key]["titled_by"]:
                Event.objects.filter(pk=key).update(title=row["title"], titled_by=row["titled_by"])
        for key, row in before["memberships"].items():
            Membership.objects.filter(article_id=key).update(
                **{name: row[name] for name in _MEMBERSHIP_FIELDS}
            )
        for key in event_ids:
            _lead_on(key, [row["event_id"] for row in before["memberships"].values()])
        closed = _close(
            case, change.subject_kind, change.subject_id, f"undo_{change.act}"[:48], undoes=change
        )
        shown = next((row["event_id"] for row in before["memberships"].values()), event_ids[0])
        return Judged(closed, shown)


def _open(by: str, why: str, article_ids: Sequence[int], event_ids: Sequence[int]) -> _Case:
    """Lock the streams that the rows belong to, always in the same order, and note how the rows are."""
    languages = Article.objects.filter(pk__in=article_ids).values_list("language", flat=True)
    shards = set(Event.objects.filter(pk__in=event_ids).values_list("shard", flat=True))
    shards |= {shard_of(language) for language in languages}
    for shard in sorted(shards):
        lock_shard(shard)
    seqs = {shard: next_seq(shard)[0] for shard in sorted(shards)}
    ids = list(dict.fromkeys(event_ids))
    return _Case(by, why, list(article_ids), ids, _snapshot(article_ids, ids), seqs)


def _close(case: _Case, subject_kind: str, subject_id: int, act: str, *, undoes: Change | None = None) -> int:
    """Bring figures and vectors in line, write the history row and tie the new constraints to it."""
    for event_id in case.event_ids:
        recount_event(event_id)
    for shard, seq in case.seqs.items():
        touched = Event.objects.filter(pk__in=case.event_ids, shard=shard)
        mark_stale(touched.values_list("id", flat=True), seq)
    after = {
        **_snapshot(case.article_ids, case.event_ids),
        "in_force": case.in_force,
        "withdrawn": case.withdrawn,
    }
    change = record_change(
        subject_kind, subject_id, case.by, act, before=case.before, after=after, why=case.why, undoes=undoes
    )
    Constraint.objects.filter(pk__in=case.in_force).update(change_id=change.pk)
    return change.pk


def _snapshot(article_ids: Iterable[int], event_ids: Iterable[int]) -> dict[str, Any]:
    memberships = Membership.objects.filter(article_id__in=list(article_ids)).order_by("article_id")
    events = Event.objects.filter(pk__in=list(event_ids)).order_by("id")
    return {
        "memberships": {
            str(row["article_id"]): {name: row[name] for name in _MEMBERSHIP_FIELDS}
            for row in memberships.values("article_id", *_MEMBERSHIP_FIELDS)
        },
        "events": {
            str(row["id"]): {name: row[name] for name in _EVENT_FIELDS}
            for row in events.values("id", *_EVENT_FIELDS)
        },
    }


def _still_stands(after: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether what a decision made is as it left it; a title that the machine chose may have moved on."""
    for key, row in after["memberships"].items():
        if now["memberships"].get(key, {}).get("event_id") != row["event_id"]:
            return False
    for key, row in after["events"].items():
        found = now["events"].get(key)
        if found is None or any(
            found[name] != row[name] for name in ("merged_into_id", "status", "titled_by")
        ):
            return False
        if row["titled_by"] and found["title"] != row["title"]:
            return False
    return True


def _decision(change_id: int) -> Change:
    """The history row of a decision; a companion row on another page leads to it."""
    change = Change.objects.filter(pk=change_id).first()
    if change is not None and "part_of" in change.after:
        change = Change.objects.filter(pk=change.after["part_of"]).first()
    if change is None or not {"memberships", "events", "in_force", "withdrawn"} <= change.after.keys():
        raise RefusedError("This is no decision about events that could be undone here.")
    return change


def _standing(article_id: int) -> Membership:
    standing = Membership.objects.filter(article_id=article_id).first()
    if standing is None:
        raise RefusedError("The article has no event yet: wait until it was placed.")
    return standing


def _event(event_id: int) -> Event:
    """The event, or the one that its address leads to."""
    event = Event.objects.filter(pk=event_id).first()
    while event is not None and event.merged_into_id is not None:
        event = Event.objects.filter(pk=event.merged_into_id).first()
    if event is None:
        raise RefusedError(f"There is no event {event_id}: load the page again and choose anew.")
    return event


def _members(event_id: int, without: Collection[int] = ()) -> list[int]:
    """The event's articles, those that a person placed first, then in the order of placing."""
    rows = Membership.objects.filter(event_id=event_id).exclude(article_id__in=list(without))
    return list(rows.order_by("-decided_by", "id").values_list("article_id", flat=True))


def _new_event(case: _Case, standing: Membership) -> Event:
    article = Article.objects.get(pk=standing.article_id)
    event = Event.objects.create(
        title=article.title,
        shard=shard_of(article.language),
        first_at=article.published_at,
        last_at=article.published_at,
        sample=article.sample,
        rule_version=RULE_VERSION,
    )
    case.event_ids.append(event.pk)
    case.before["events"][str(event.pk)] = {
        "title": event.title,
        "titled_by": "",
        "status": event.status,
        "merged_into_id": None,
    }
    return event


def _put(case: _Case, article_ids: Sequence[int], event_id: int, did: str) -> None:
    words = f"{case.by} {did}" + (f": {case.why}" if case.why else "")
    Membership.objects.filter(article_id__in=article_ids).update(
        event_id=event_id,
        score=1.0,
        runner_up_id=None,
        runner_up_score=0.0,
        why=[{"code": "person", "words": words, "weight": 1.0}],
        decided_by=case.by,
    )
    for row in case.before["memberships"].values():
        _lead_on(row["event_id"], [event_id])


def _lead_on(event_id: int, targets: Sequence[int]) -> None:
    """An event that was left empty leads to where its articles went."""
    target = next((key for key in targets if key != event_id), None)
    empty = Event.objects.filter(pk=event_id, merged_into__isnull=True, memberships__isnull=True)
    if target is not None and empty.exists():
        redirect_event(event_id, target)


def _say(case: _Case, kind: Constraint.Kind, left: Sequence[int], right: Sequence[int]) -> None:
    """Write constraints between each of the left and each of the right; what is in force already stays."""
    for one in left:
        for other in right:
            a, b = sorted((one, other))
            standing = Constraint.objects.filter(a_id=a, b_id=b, withdrawn_at__isnull=True).first()
            if standing is not None and standing.kind == kind:
                continue
            if standing is not None:
                _withdraw(case, Constraint.Kind(standing.kind), [one], [other])
            row = Constraint.objects.create(kind=kind, a_id=a, b_id=b, by=case.by, why=case.why)
            case.in_force.append(row.pk)


def _withdraw(case: _Case, kind: Constraint.Kind, left: Sequence[int], right: Sequence[int]) -> None:
    """End the constraints of a kind between left and right that this decision contradicts."""
    between = Q(a_id__in=left, b_id__in=right) | Q(a_id__in=right, b_id__in=left)
    found = Constraint.objects.filter(between, kind=kind, withdrawn_at__isnull=True)
    case.withdrawn += found.values_list("id", flat=True)
    Constraint.objects.filter(pk__in=case.withdrawn, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now()
    )


def _enforce(case: _Case, constraint_id: int) -> None:
    """Put a withdrawn constraint in force again, unless a later word on the same pair stands."""
    row = Constraint.objects.filter(pk=constraint_id, withdrawn_at__isnull=False).first()
    if row is None:
        return
    if not Constraint.objects.filter(a_id=row.a_id, b_id=row.b_id, withdrawn_at__isnull=True).exists():
        row.withdrawn_at = None
        row.save(update_fields=["withdrawn_at"])
        case.in_force.append(row.pk)
