"""Acts: what a person decides about events holds for every later run, and can be undone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from articles.errors import RefusedError
from articles.events.casebook import (
    ANCHORS,
    MOST_TIED,
    Case,
    close_case,
    find_event,
    find_standing,
    gone_events,
    keep_apart,
    members_of,
    new_event,
    open_case,
    put,
    restore,
    say,
    still_stands,
    with_copies,
    withdraw,
)
from articles.events.database import redirect_event
from articles.models import Constraint, Event, Membership, StorylineLink
from entities.history import record_change
from entities.models import Change

LONGEST_TITLE = 300
# What a decision about events leaves in the history; an undo needs all of it.
PARTS = frozenset({"memberships", "events", "in_force", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a decision: the history row that undoes it, and the event to show next."""

    change_id: int
    event_id: int


def move_article(article_id: int, event_id: int | None, by: str, why: str = "") -> Judged:
    """Put an article into another event, or (None) into a new one of its own, with the copies of its text.

    It will never be placed with what stays behind again, and stays with what it was put to.
    Raises RefusedError when it has no event yet or is there already.
    """
    return move_articles([article_id], event_id, by, why)


def move_articles(article_ids: Collection[int], event_id: int | None, by: str, why: str = "") -> Judged:
    """The same for several articles of one event at once."""
    with transaction.atomic():
        source_id = _one_event_of(article_ids)
        target = None if event_id is None else find_event(event_id)
        if target is not None and target.pk == source_id:
            raise RefusedError("The article is in this event already: choose another one.")
        events = [source_id, *([target.pk] if target else [])]
        case = open_case(by, why, with_copies(source_id, article_ids), events)
        going = _going(case, source_id, article_ids)
        staying = members_of(source_id, without=going)
        if target is None and not staying:
            raise RefusedError("The article is alone in its event already: there is nothing to part it from.")
        if target is None:
            target = new_event(case, going[0])
        met = members_of(target.pk)
        withdraw(case, Constraint.Kind.MUST, going, staying)
        withdraw(case, Constraint.Kind.CANNOT, going, met)
        keep_apart(case, going, staying)
        _tie(case, going, met)
        put(case, going, target.pk, "moved it here")
        one = next(iter(article_ids)) if len(set(article_ids)) == 1 else None
        detail = {"title": _title_of(going[0]), "articles": len(going)}
        change_id = (
            close_case(case, "article", one, "move_article", detail=detail)
            if one is not None
            else close_case(case, "article", going[0], "move_articles", detail=detail)
        )
        for kind, place in (("article_left", source_id), ("article_came", target.pk)):
            after = {"part_of": change_id, "article": going[0], "articles": len(going)}
            record_change("event", place, by, kind, after=after, why=why)
        return Judged(change_id, target.pk)


def join_events(keep_id: int, other_id: int, by: str, why: str = "") -> Judged:
    """Make two events one: all of the other's articles go to the kept one, and its address leads there.

    Raises RefusedError when both are the same event.
    """
    with transaction.atomic():
        keep, other = find_event(keep_id), find_event(other_id)
        if keep.pk == other.pk:
            raise RefusedError("Both are the same event already: choose another one to join with it.")
        case = open_case(by, why, members_of(other.pk), [keep.pk, other.pk])
        kept, coming = members_of(keep.pk), members_of(other.pk)
        case.take(coming)
        withdraw(case, Constraint.Kind.CANNOT, kept, coming)
        say(case, Constraint.Kind.MUST, kept[:1], [*kept[1:ANCHORS], *coming[:MOST_TIED]])
        put(case, coming, keep.pk, "joined the two events")
        if Event.objects.filter(pk=other.pk, merged_into__isnull=True).exists():  # it had no articles
            redirect_event(other.pk, keep.pk)
        change_id = close_case(case, "event", keep.pk, "join_events", detail={"title": other.title})
        after = {"part_of": change_id, "into": keep.pk}
        record_change("event", other.pk, by, "joined_into", after=after, why=why)
        return Judged(change_id, keep.pk)


def split_event(event_id: int, article_ids: Collection[int], by: str, why: str = "") -> Judged:
    """Take some articles of an event, with the copies of their texts, out into a new event of their own.

    What was refused as an earlier or later development of the whole is refused for the part, too; what was confirmed
    is suggested. Raises RefusedError unless some, not all, of the event's articles are named.
    """
    with transaction.atomic():
        event = find_event(event_id)
        case = open_case(by, why, with_copies(event.pk, article_ids), [event.pk])
        if not set(article_ids) or set(article_ids) - set(members_of(event.pk)):
            raise RefusedError(
                "Some of these articles are not in the event: load the page again and choose anew."
            )
        going = _going(case, event.pk, article_ids)
        staying = members_of(event.pk, without=going)
        if not staying:
            raise RefusedError("All articles were chosen: leave at least one in the event.")
        target = new_event(case, going[0])
        withdraw(case, Constraint.Kind.MUST, going, staying)
        keep_apart(case, going, staying)
        _tie(case, going, [])
        put(case, going, target.pk, "split it off")
        _hand_links_down(event.pk, target.pk)
        change_id = close_case(case, "event", event.pk, "split_event", detail={"articles": len(going)})
        after = {"part_of": change_id, "from": event.pk}
        record_change("event", target.pk, by, "split_from", after=after, why=why)
        return Judged(change_id, target.pk)


def not_same_event(a_id: int, b_id: int, by: str, why: str = "") -> Judged:
    """Say that two events are not one: no article of the one is ever placed with those of the other.

    Raises RefusedError when both are the same event, or it was said already.
    """
    with transaction.atomic():
        a, b = find_event(a_id), find_event(b_id)
        if a.pk == b.pk:
            raise RefusedError("Both are one event: split it, or move the articles that do not belong.")
        case = open_case(by, why, [], [a.pk, b.pk])
        left, right = members_of(a.pk), members_of(b.pk)
        withdraw(case, Constraint.Kind.MUST, left, right)
        keep_apart(case, left, right)
        if not case.in_force:
            raise RefusedError("It was said already that these two are not the same event.")
        detail = {"other": b.pk, "title": b.title}
        change_id = close_case(case, "event", a.pk, "not_same_event", detail=detail)
        after = {"part_of": change_id, "other": a.pk, "title": a.title}
        record_change("event", b.pk, by, "not_same_event", after=after, why=why)
        return Judged(change_id, a.pk)


def not_in_event(article_id: int, event_id: int, by: str, why: str = "") -> Judged:
    """Say that an article does not belong to an event: out of it, when it is there, and never into it.

    Raises RefusedError when it has no event yet, is alone in this one, or it was said already.
    """
    with transaction.atomic():
        standing, event = find_standing(article_id), find_event(event_id)
        if standing.event_id == event.pk:
            return move_articles([article_id], None, by, why)
        case = open_case(by, why, [article_id], [event.pk])
        others = members_of(event.pk)
        if article_id in others:  # placed there while we waited
            raise RefusedError("The article came to this event just now: load the page again.")
        withdraw(case, Constraint.Kind.MUST, [article_id], others)
        keep_apart(case, [article_id], others)
        if not case.in_force:
            raise RefusedError("It was said already that the article does not belong there.")
        detail = {"title": _title_of(article_id), "other": event.pk}
        change_id = close_case(case, "article", article_id, "not_in_event", detail=detail)
        after = {"part_of": change_id, "article": article_id}
        record_change("event", event.pk, by, "article_kept_out", after=after, why=why)
        return Judged(change_id, find_standing(article_id).event_id)


def confirm_placement(article_id: int, by: str, why: str = "") -> Judged:
    """Say that the machine put an article into the right event: later runs leave it there.

    One that opened an event of its own is kept apart from the next best one. Raises RefusedError when it has no event,
    or a person has placed or confirmed it already.
    """
    return confirm_placements([article_id], by, why)


def confirm_placements(article_ids: Collection[int], by: str, why: str = "") -> Judged:
    """The same for several articles of one event at once."""
    with transaction.atomic():
        event_id = _one_event_of(article_ids)
        case = open_case(by, why, sorted(set(article_ids)), [event_id])
        members = members_of(event_id)
        case.take([key for key in members if key in set(article_ids)])
        if len(case.article_ids) < len(set(article_ids)):
            raise RefusedError("One of the articles was moved just now: load the page again.")
        rows = Membership.objects.filter(article_id__in=case.article_ids)
        open_rows = rows.filter(decided_by="", checked_by="")
        if not open_rows.exists():
            raise RefusedError("A person has decided this already.")
        others = [key for key in members if key not in set(case.article_ids)]
        if others:
            _tie(case, case.article_ids, others)
        else:
            _tie(case, case.article_ids, [])
            for runner_up in sorted(set(rows.values_list("runner_up_id", flat=True)) - {None, event_id}):
                keep_apart(case, case.article_ids, members_of(int(runner_up or 0)))
        open_rows.update(unsure="", checked_by=by)
        first = case.article_ids[0]
        detail = {"title": _title_of(first), "articles": len(case.article_ids)}
        change_id = close_case(case, "article", first, "confirm_placement", detail=detail)
        after = {"part_of": change_id, "article": first, "articles": len(case.article_ids)}
        record_change("event", event_id, by, "placement_confirmed", after=after, why=why)
        return Judged(change_id, event_id)


def rename_event(event_id: int, title: str, by: str, why: str = "") -> Judged:
    """Give an event a title that no machine changes; an empty one gives the choice back to the machine."""
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE:
        raise RefusedError(f"The title has {len(title)} characters: shorten it to {LONGEST_TITLE}.")
    with transaction.atomic():
        event = find_event(event_id)
        case = open_case(by, why, [], [event.pk])
        Event.objects.filter(pk=event.pk).update(titled_by=by if title else "", title=title or event.title)
        return Judged(close_case(case, "event", event.pk, "rename_event"), event.pk)


def set_event_status(event_id: int, status: str, by: str, why: str = "") -> Judged:
    """Say how far an event is. Raises RefusedError for an unknown status or the one it has."""
    if status not in Event.Status.values:
        raise RefusedError(f"There is no status {status!r}: use one of {', '.join(Event.Status.values)}.")
    with transaction.atomic():
        event = find_event(event_id)
        case = open_case(by, why, [], [event.pk])
        if Event.objects.filter(pk=event.pk, status=status).exists():
            raise RefusedError("The event has this status already.")
        Event.objects.filter(pk=event.pk).update(status=status)
        return Judged(close_case(case, "event", event.pk, "set_event_status"), event.pk)


def set_event_type(event_id: int, kind: str, by: str, why: str = "") -> Judged:
    """Say what type of event it is, which no machine changes; an empty one gives the choice back to the machine.

    Raises RefusedError for an unknown type, or when nothing would change.
    """
    if kind and kind not in Event.Type.values:
        raise RefusedError(f"There is no type {kind!r}: use one of {', '.join(Event.Type.values)}.")
    with transaction.atomic():
        event = find_event(event_id)
        case = open_case(by, why, [], [event.pk])
        event.refresh_from_db(fields=["type", "typed_by"])
        if not kind and not event.typed_by:
            raise RefusedError("The desk itself chooses the type already.")
        if kind and event.typed_by and event.type == kind:
            raise RefusedError("A person gave the event this type already.")
        words = f"{by} said so" + (f": {why}" if why else "")
        reasons = [{"code": "person", "words": words, "weight": 1.0}] if kind else []
        Event.objects.filter(pk=event.pk).update(type=kind, typed_by=by if kind else "", type_why=reasons)
        return Judged(close_case(case, "event", event.pk, "set_event_type"), event.pk)


def decide_storyline(link_id: int, status: str, by: str, why: str = "") -> Judged:
    """Confirm or refuse that one event came out of another, or (suggested) leave it open again.

    Raises RefusedError for a link that is gone, an unknown status or the one it has.
    """
    if status not in StorylineLink.Status.values:
        raise RefusedError(f"There is no answer {status!r}: confirm or refuse the link.")
    with transaction.atomic():
        link = StorylineLink.objects.filter(pk=link_id).first()
        if link is None:
            raise RefusedError("This link is gone: load the page again.")
        case = open_case(by, why, [], [link.earlier_id, link.later_id])
        link = StorylineLink.objects.select_for_update().filter(pk=link_id).first()
        if link is None or not {link.earlier_id, link.later_id} <= set(case.event_ids):
            raise RefusedError("This link was changed just now: load the page again.")
        if link.status == status:
            raise RefusedError("This was said already.")
        link.status, link.decided_by = status, by if status != StorylineLink.Status.SUGGESTED else ""
        link.save(update_fields=["status", "decided_by"])
        return _close_link(case, link)


def link_events(a_id: int, b_id: int, by: str, why: str = "") -> Judged:
    """Say that of two events the later came out of the earlier one, whatever the machine thinks.

    Raises RefusedError when both are one event, or it was said already.
    """
    with transaction.atomic():
        a, b = find_event(a_id), find_event(b_id)
        if a.pk == b.pk:
            raise RefusedError("Both are the same event: choose another one.")
        case = open_case(by, why, [], [a.pk, b.pk])
        pair = Q(earlier=a, later=b) | Q(earlier=b, later=a)
        link = StorylineLink.objects.select_for_update().filter(pair).order_by("id").first()
        if link is not None and link.status == StorylineLink.Status.CONFIRMED:
            raise RefusedError("These two are linked already.")
        if link is None:
            earlier, later = sorted((a, b), key=lambda event: (event.first_at, event.last_at, event.pk))
            link = StorylineLink.objects.create(earlier=earlier, later=later)
        link.status, link.decided_by = StorylineLink.Status.CONFIRMED, by
        words = f"{by} linked them" + (f": {why}" if why else "")
        link.why = [*link.why, {"code": "person", "words": words, "weight": 0.0}]
        link.save(update_fields=["status", "decided_by", "why"])
        return _close_link(case, link, shown=a.pk)


def undo(change_id: int, by: str, why: str = "") -> Judged:
    """Take back a decision about events: articles, titles, types, links and constraints are as before it.

    What the machine placed since stays. An undo is a decision like others and can be undone in turn.
    Raises RefusedError when it is no such decision, was undone already, or a later one stands on it.
    """
    with transaction.atomic():
        change = decision_of(change_id)
        before, after = change.before, change.after
        article_ids = sorted(map(int, after["memberships"]))
        event_ids = sorted(map(int, after["events"]))
        case = open_case(by, why, article_ids, event_ids)
        if Change.objects.filter(undoes=change).exists():
            raise RefusedError("This was undone already.")
        gone = gone_events(before, after)
        if not still_stands(before, after, case.before, gone):
            raise RefusedError("Something of this was changed since: undo the later change first.")
        restore(case, before, after, gone)
        closed = close_case(
            case, change.subject_kind, change.subject_id, f"undo_{change.act}"[:48], undoes=change
        )
        shown = next((row["event_id"] for row in before["memberships"].values()), event_ids[0])
        return Judged(closed, find_event(shown).pk)


def is_decision(change: Change) -> bool:
    """Whether a row of history is a decision about events, or a companion of one, that `undo` can take back."""
    return change.after.keys() >= PARTS or (change.subject_kind == "event" and "part_of" in change.after)


def decision_of(change_id: int) -> Change:
    """The history row of a decision; a companion row on another page leads to it.

    Raises RefusedError when it is none.
    """
    change = Change.objects.filter(pk=change_id).first()
    if change is not None and "part_of" in change.after:
        change = Change.objects.filter(pk=change.after["part_of"]).first()
    if change is None or not change.after.keys() >= PARTS:
        raise RefusedError("This is no decision about events that could be undone here.")
    return change


def _one_event_of(article_ids: Collection[int]) -> int:
    """The event in which all of these articles are."""
    if not article_ids:
        raise RefusedError("No article was chosen: tick at least one.")
    found = {find_standing(article_id).event_id for article_id in article_ids}
    if len(found) > 1:
        raise RefusedError("These articles are in several events: choose articles of one event at a time.")
    return found.pop()


def _going(case: Case, source_id: int, article_ids: Collection[int]) -> list[int]:
    """Under the locks: the chosen articles with their copies, noted in the case."""
    going = with_copies(source_id, article_ids)
    if set(article_ids) - set(going):
        raise RefusedError("One of the articles was moved just now: load the page again and choose anew.")
    case.take(going)
    return going


def _tie(case: Case, articles: list[int], met: list[int]) -> None:
    """Say that articles belong with those that they meet, else with each other."""
    if met:
        say(case, Constraint.Kind.MUST, articles[:MOST_TIED], met[:ANCHORS])
    else:
        say(case, Constraint.Kind.MUST, articles[:1], articles[1:MOST_TIED])


def _title_of(article_id: int) -> str:
    return str(
        Membership.objects.filter(article_id=article_id).values_list("article__title", flat=True).get()
    )


def _hand_links_down(event_id: int, part_id: int) -> None:
    """What people said of an event's earlier and later developments, for a part that was split off."""
    words = "Split off from an event that had this link"
    for link in StorylineLink.objects.filter(Q(earlier_id=event_id) | Q(later_id=event_id)).order_by("id"):
        if link.status == StorylineLink.Status.SUGGESTED:
            continue
        is_refused = link.status == StorylineLink.Status.REFUSED
        StorylineLink.objects.create(
            earlier_id=part_id if link.earlier_id == event_id else link.earlier_id,
            later_id=part_id if link.later_id == event_id else link.later_id,
            status=link.status if is_refused else StorylineLink.Status.SUGGESTED,
            decided_by=link.decided_by if is_refused else "",
            score=link.score,
            why=[{"code": "split", "words": words, "weight": 0.0}, *link.why],
        )


def _close_link(case: Case, link: StorylineLink, shown: int | None = None) -> Judged:
    titles = dict(Event.objects.filter(pk__in=case.event_ids).values_list("id", "title"))
    act = {"confirmed": "confirm_storyline", "refused": "refuse_storyline"}.get(link.status, "open_storyline")
    detail = {"other": link.earlier_id, "title": titles.get(link.earlier_id, "")}
    change_id = close_case(case, "event", link.later_id, act, detail=detail)
    after = {"part_of": change_id, "other": link.later_id, "title": titles.get(link.later_id, "")}
    record_change("event", link.earlier_id, case.by, act, after=after, why=case.why)
    return Judged(change_id, shown or link.later_id)
