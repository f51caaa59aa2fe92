"""Acts: an admin switches a publisher's learnt lines and the rules of residue, adds a line, and takes that back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from articles.errors import RefusedError
from articles.ingest.clean import LEARNT_CHARACTERS, line_key
from articles.ingest.decided import EDGE_LINES as SUBJECT
from articles.ingest.residue import RULE_WORDS
from articles.models import EdgeLine, PageRules, Publisher
from entities.history import record_change
from entities.models import Change

ADDED = "line added"
LINE_ACTS = {True: "line switched on", False: "line switched off"}
RULE_ACTS = {True: "rule switched on", False: "rule switched off"}
# More lines than this by hand for one publisher are a sign that a selector is what is wanted.
MOST_BY_HAND = 200
# A key of one letter or digit would take list numbers and initials.
_SHORTEST = 2


def add_line(by: str, publisher_id: int, line: str) -> Change:
    """Have a line taken off the edges of a publisher's articles from the next reading on.

    A line that is known already is switched on. Raises RefusedError for one without words or of more than
    LEARNT_CHARACTERS, and when it is on already.
    """
    line = " ".join(line.split())
    key = line_key(line)
    if len(key) < _SHORTEST:
        raise RefusedError("Write the line as it stands under the articles: it needs at least two letters.")
    if max(len(line), len(key)) > LEARNT_CHARACTERS:
        raise RefusedError(
            f"The line has {len(line):,} characters, more than the {LEARNT_CHARACTERS} of a line: is it a paragraph?"
        )
    with transaction.atomic():
        _lock(publisher_id)
        known = EdgeLine.objects.filter(publisher_id=publisher_id, key=key).first()
        if known is not None:
            return _switch(by, known, is_on=True)
        if EdgeLine.objects.filter(publisher_id=publisher_id).exclude(decided_by="").count() >= MOST_BY_HAND:
            raise RefusedError(
                f"People decided about {MOST_BY_HAND} lines of this publisher already: a rule for its pages does more."
            )
        EdgeLine.objects.create(
            publisher_id=publisher_id,
            key=key,
            line=line,
            is_on=True,
            decided_by=by,
            decided_at=Now(),
            last_seen_at=Now(),
        )
        return record_change(SUBJECT, publisher_id, by, ADDED, after={"key": key, "is_on": True}, why=line)


def switch_line(by: str, publisher_id: int, line_id: int, *, is_on: bool) -> Change:
    """Have a known line taken off, or left in; the machine never overrules that. Raises RefusedError."""
    with transaction.atomic():
        _lock(publisher_id)
        known = EdgeLine.objects.filter(pk=line_id, publisher_id=publisher_id).first()
        if known is None:
            raise RefusedError("This line is not known any more. Reload the page.")
        return _switch(by, known, is_on=is_on)


def switch_rule(by: str, publisher_id: int, rule: str, *, is_on: bool) -> Change:
    """Use a rule of residue for a publisher's articles, or not. Raises RefusedError."""
    if rule not in RULE_WORDS:
        raise RefusedError("There is no such rule. Reload the page.")
    with transaction.atomic():
        _lock(publisher_id)
        return _switch_rule(by, publisher_id, rule, is_on=is_on)


def undo_line_change(by: str, change_id: int) -> int:
    """Take one decision about lines or rules back; the publisher's number. Raises RefusedError."""
    with transaction.atomic():
        change = Change.objects.filter(pk=change_id, subject_kind=SUBJECT, undoes=None).first()
        if change is None:
            raise RefusedError("This change cannot be taken back.")
        publisher_id = change.subject_id
        _lock(publisher_id)
        if Change.objects.filter(undoes=change).exists():
            raise RefusedError("This change was taken back already.")
        _refuse_the_overruled(change)
        if change.act in RULE_ACTS.values():
            _switch_rule(
                by, publisher_id, str(change.after["rule"]), is_on=bool(change.before["is_on"]), undoes=change
            )
            return publisher_id
        line = EdgeLine.objects.filter(publisher_id=publisher_id, key=change.after.get("key", "")).first()
        if line is None:
            raise RefusedError("This line is not known any more: there is nothing to take back.")
        if line.is_on != change.after["is_on"]:
            raise RefusedError("Somebody decided otherwise since: switch the line itself.")
        if change.act == ADDED:
            line.delete()
            record_change(
                SUBJECT,
                publisher_id,
                by,
                "line taken out",
                before={"is_on": True},
                why=line.line,
                undoes=change,
            )
        else:
            _restore(by, line, change)
        return publisher_id


def _refuse_the_overruled(change: Change) -> None:
    """A decision that another followed stays in the past: undoing it would undo the later word. Raises RefusedError."""
    part = "rule" if change.act in RULE_ACTS.values() else "key"
    later = (
        Change.objects.filter(
            subject_kind=SUBJECT, subject_id=change.subject_id, pk__gt=change.pk, undoes=None, undone_by=None
        )
        .filter(**{f"after__{part}": change.after.get(part, "")})
        .order_by("-pk")
        .first()
    )
    if later is not None:
        what = "rule" if part == "rule" else "line"
        raise RefusedError(
            f"{later.by} decided otherwise since: take that back first, or switch the {what} itself."
        )


def _lock(publisher_id: int) -> None:
    """Whoever decides about a publisher's lines goes one after the other. Raises RefusedError."""
    if not Publisher.objects.select_for_update().filter(pk=publisher_id).exists():
        raise RefusedError("This publisher is not here any more. Reload the page.")


def _switch(by: str, line: EdgeLine, *, is_on: bool) -> Change:
    if line.is_on == is_on and line.decided_by:
        raise RefusedError(
            "The line is switched on already." if is_on else "The line is switched off already."
        )
    before = {"is_on": line.is_on, "decided_by": line.decided_by}
    line.is_on, line.decided_by = is_on, by
    EdgeLine.objects.filter(pk=line.pk).update(is_on=is_on, decided_by=by, decided_at=Now())
    after = {"key": line.key, "is_on": is_on, "decided_by": by}
    return record_change(
        SUBJECT, line.publisher_id, by, LINE_ACTS[is_on], before=before, after=after, why=line.line
    )


def _restore(by: str, line: EdgeLine, change: Change) -> None:
    """As it was before a decision: a line that nobody had decided about is the machine's again.

    When that was is kept: what reads otherwise since then does so by our doing.
    """
    was_on, was_by = bool(change.before["is_on"]), str(change.before["decided_by"])
    EdgeLine.objects.filter(pk=line.pk).update(is_on=was_on, decided_by=was_by, decided_at=Now())
    record_change(
        SUBJECT,
        line.publisher_id,
        by,
        "undone",
        before={"is_on": line.is_on},
        after={"is_on": was_on},
        why=line.line,
        undoes=change,
    )


def _switch_rule(
    by: str, publisher_id: int, rule: str, *, is_on: bool, undoes: Change | None = None
) -> Change:
    row = PageRules.objects.filter(pk=publisher_id).first()
    off: list[Any] = list(row.rules_off) if row else []
    if (rule not in off) is is_on:
        raise RefusedError(
            "The rule is switched on already." if is_on else "The rule is switched off already."
        )
    now_off = sorted({*off, rule} - ({rule} if is_on else set()))
    if row is None:
        PageRules.objects.create(publisher_id=publisher_id, rules_off=now_off, changed_by=by)
    else:
        row.rules_off, row.changed_by = now_off, by
        row.save(update_fields=["rules_off", "changed_by", "changed_at"])
    return record_change(
        SUBJECT,
        publisher_id,
        by,
        "undone" if undoes else RULE_ACTS[is_on],
        before={"is_on": not is_on},
        after={"rule": rule, "is_on": is_on},
        why=RULE_WORDS[rule],
        undoes=undoes,
    )
