"""What an editor decided today on the review pages, newest first, and what can be taken back of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from articles.models import Proposal
from articles.queries.review_kinds import FACT, NAME, POSITION, SAME, Question, link_question
from articles.queries.review_placements import placement_question
from entities.models import Change, Entity, Resemblance

SHOWN = 8
LONGEST = 60
COMPANION_WITHIN = 20  # rows of history; several people may decide at once
PAIR_ACTS = frozenset({"merge_entities", "say_not_same", "say_unsure"})
# Placements: what is said of them.
PLACING_ACTS = {
    "confirm_placement": "stays in its event",
    "move_article": "moved to another event",
    "move_articles": "moved to another event",
}
# What a person can decide here, and whether it says yes (a tick before it) or no (a cross).
ACTS = {
    "settle_name": True,
    "accept_proposal": True,
    "join_proposal": True,
    "reject_proposal": False,
    "merge_entities": True,
    "say_not_same": False,
    "say_unsure": False,
    "decide_conflict": True,
    "accept_position": True,
    "reject_position": False,
    "make_rule": True,
    "confirm_placement": True,
    "move_article": False,
    "move_articles": False,
}


@dataclass(frozen=True, slots=True)
class DoneRow:
    """One decision: about whom, what was said, and whether it stands and can be taken back."""

    id: int
    at: datetime
    name: str
    words: str
    yes: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A person's decisions of today in their time zone; `n` counts those that stand, `minutes` is since the first."""

    n: int
    rows: tuple[DoneRow, ...]

    @property
    def last(self) -> DoneRow | None:
        """The newest that stands."""
        return next((row for row in self.rows if not row.undone), None)


def done_today(by: str) -> Done:
    """What one person decided since midnight of the active time zone, one query."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = list(
        Change.objects.filter(by=by, at__gte=midnight, act__in=ACTS)
        .annotate(
            undone=Exists(Change.objects.filter(undoes_id=OuterRef("pk"))),
            subject=Subquery(Entity.objects.filter(pk=OuterRef("subject_id")).values("name")),
            unknown=Subquery(Proposal.objects.filter(pk=OuterRef("subject_id")).values("name")),
        )
        .order_by("-id")
        .values("id", "at", "act", "before", "after", "undone", "subject_kind", "subject", "unknown")
    )
    return Done(sum(not row["undone"] for row in rows), tuple(_row(row) for row in rows[:SHOWN]))


def _row(row: Mapping[str, Any]) -> DoneRow:
    name, words = done_words(row["act"], row["after"])
    if row["subject_kind"] == "entity" and not name:
        name = row["subject"] or ""
    elif row["subject_kind"] == "proposal":
        name = _short(row["unknown"] or "")
    yes = ACTS[row["act"]]
    if row["act"] == "settle_name":
        yes = bool(row["after"].get("entity"))
    elif row["act"] == "decide_conflict":
        yes = row["after"].get("decision") != "ours"
    return DoneRow(row["id"], row["at"], name, words, yes, row["undone"])


def done_words(act: str, after: Mapping[str, Any]) -> tuple[str, str]:
    """Whom a decision is about (empty: its subject) and what it says, in a few words."""
    if act in {"settle_name", "make_rule"}:
        meant = f"means {_short(after['name'])}" if after.get("entity") else "is nobody that we follow"
        n = len(after.get("articles", ()))
        where = f", in {n} article{'' if n == 1 else 's'}" if act == "settle_name" else ", by a rule"
        return _short(after.get("surface", "")), meant + where
    if act in PLACING_ACTS:
        n = int(after.get("articles", 1))
        more = f" and {n - 1} more" if n > 1 else ""
        return _short(after.get("title", "")), f"{more} {PLACING_ACTS[act]}".strip()
    if act == "decide_conflict":
        said = {"ours": "ours is kept", "theirs": "the table is right", "both": "both hold"}
        return "", f"{after.get('field', '')}: {said.get(after.get('decision', ''), '')}"
    if act == "reject_proposal":
        return "", "is rejected for ever"
    words = str(after.get("words") or act.replace("_", " "))
    return "", _short(words.removeprefix("noted it as ") if act == "accept_position" else words)


def _short(text: object) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def question_of(change_id: int) -> Question | None:
    """Which question a decision answered; None when the history does not say."""
    change = Change.objects.filter(pk=change_id).values("act", "before", "after", "subject_id").first()
    if change is None:
        return None
    act, after = change["act"], change["after"]
    if act == "settle_name":
        return link_question(after["surface"], after.get("candidates", ()))
    for key, kind in (("position_proposal", POSITION), ("proposal", NAME)):
        if isinstance(after.get(key), int):
            return Question(kind, number=after[key])
    if act == "reject_proposal" or (act == "decide_conflict" and after.get("conflicts")):
        is_name = act == "reject_proposal"
        return Question(NAME, change["subject_id"]) if is_name else Question(FACT, after["conflicts"][0])
    if act in PAIR_ACTS:
        return _pair_of(change_id, change["subject_id"], after)
    return _placement_of(change["before"]) if act in PLACING_ACTS else None


def _placement_of(before: Mapping[str, Any]) -> Question | None:
    """Between which events an article was in doubt before the decision; None when it was in none."""
    was = next((row for row in before["memberships"].values() if row.get("unsure")), None)
    return placement_question(was["event_id"], was["runner_up_id"]) if was else None


def _pair_of(change_id: int, entity_id: int, after: Mapping[str, Any]) -> Question | None:
    """The pair that was judged: the other one is named by a merge, and by the companion row on its own page."""
    other = after.get("gone")
    if other is None:  # written right behind the decision
        companions = Change.objects.filter(
            pk__gt=change_id, pk__lte=change_id + COMPANION_WITHIN, after__part_of=change_id
        )
        other = companions.values_list("subject_id", flat=True).first()
    pair = Resemblance.objects.filter(left__in=[entity_id, other], right__in=[entity_id, other]).first()
    return Question(SAME, number=pair.pk) if pair is not None else None
