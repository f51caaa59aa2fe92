"""Acts: a person decides about positions that articles state, and ends those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from articles.editing.entities import open_entities, renew_names, say_why
from articles.editing.written import Written, tell
from articles.errors import RefusedError
from articles.ingest.relinking import relink_later
from articles.models import PositionEvidence, PositionProposal
from entities.models import Change, Entity, Position
from entities.titles import position_kind

LONGEST_TITLE = 200
LONGEST_SOURCE = 120
_ORGANISATIONS = frozenset({"company", "organization", "public_body", "place", "other"})
_DATE_LENGTHS = {4: "%Y", 7: "%Y-%m", 10: "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class PositionDraft:
    """What a person corrects of a stated position; what is empty stays as the articles state it.

    Dates are YYYY, YYYY-MM or YYYY-MM-DD. Who and where must be named when the articles' names are no known entities.
    """

    person_id: int | None = None
    organization_id: int | None = None
    title: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""


@transaction.atomic
def accept_position(proposal_id: int, by: str, draft: PositionDraft | None = None, why: str = "") -> Change:
    """Take a stated position into the knowledge base, dated, with the newest article that states it as its source.

    One that has ended is marked so. Others that contradict it stay as they are, side by side. `change.subject_id` is
    the person. Raises RefusedError when somebody decided already, or who or where is no known entity.
    """
    proposal, draft = _open(proposal_id), draft or PositionDraft()
    person_id = draft.person_id or proposal.person_id
    organization_id = draft.organization_id or proposal.organization_id
    if person_id is None:
        raise RefusedError(f"Say first who “{proposal.person_name}” is: accept the name, or choose a person.")
    if organization_id is None:
        raise RefusedError(
            f"Say first what “{proposal.organization_name}” is: accept the name, or choose an organisation."
        )
    person, organization = open_entities(person_id, organization_id)
    _check_pair(person, organization)
    source, as_of = _source(proposal)
    since, until = _date(draft.since, "beginning"), _date(draft.until, "end")
    title = _title(draft.title or proposal.title)
    kind = draft.kind or position_kind(title, organization.kind)
    if kind not in Position.Kind.values:
        raise RefusedError(f"There is no kind of position “{kind[:40]}”: choose one of the list.")
    _check_order(since, until)
    written = Written()
    columns = {"kind": kind, "until": until, "former": proposal.former or _is_over(until)}
    position = Position.objects.filter(
        person=person, organization=organization, title=title, since=since
    ).first()
    if position is None:
        row = Position(
            person=person, organization=organization, title=title, since=since, source=source, as_of=as_of,
            **columns,
        )  # fmt: skip
        position = written.add(row)
    elif position.former != columns["former"] or position.until != until:
        written.change(position, source=source, as_of=as_of, **columns)
    written.change(
        proposal, state=PositionProposal.State.ACCEPTED, position_id=position.pk, decided_by=by,
        decided_at=timezone.now(),
    )  # fmt: skip
    written.mark(person)  # else the next load would correct the post by what its table says
    what = f"{'former ' if position.former else ''}{title}"
    change = written.record(
        ("entity", person.pk), by, "accept_position", f"noted it as {what} of {organization.name}",
        say_why(why), position_proposal=proposal.pk,
    )  # fmt: skip
    tell(change, organization.pk, f"noted {person.name} as its {what}", "position_accepted")
    _renew(proposal.pk)
    return change


@transaction.atomic
def reject_position(proposal_id: int, by: str, why: str = "") -> Change:
    """Say that a stated position is not to be kept; later articles that state it change nothing. Raises RefusedError."""
    proposal = _open(proposal_id)
    written = Written()
    written.change(proposal, state=PositionProposal.State.REJECTED, decided_by=by, decided_at=timezone.now())
    what = f"{'former ' if proposal.former else ''}{proposal.title} of {proposal.organization_name}"
    words = f"rejected that {proposal.person_name} is {what}"
    if proposal.person_id is None:
        subject = ("position_proposal", proposal.pk)
    else:
        subject = ("entity", proposal.person_id)
    return written.record(subject, by, "reject_position", words, say_why(why), position_proposal=proposal.pk)


@transaction.atomic
def end_position(position_id: int, by: str, until: str = "", why: str = "") -> Change:
    """Say that a position is over, and when (YYYY, YYYY-MM, YYYY-MM-DD, or empty when nobody knows).

    Raises RefusedError when it is over already, or the date is no date, in the future or before its beginning.
    """
    position = Position.objects.filter(pk=position_id).first()
    if position is None:
        raise RefusedError("This position is not here any more. Reload the page.")
    person, organization = open_entities(position.person_id, position.organization_id)
    position = Position.objects.select_for_update().filter(pk=position_id).first()
    if position is None:
        raise RefusedError("This position is not here any more. Reload the page.")
    until = _date(until, "end")
    if position.former and (not until or position.until):
        raise RefusedError("This position is over already: take that back first.")
    if until and not _is_over(until):
        raise RefusedError(f"{until} is in the future: say it when it has happened.")
    _check_order(position.since, until)
    written = Written()
    written.change(position, former=True, until=until, as_of=f"{timezone.now():%Y-%m-%d}")
    written.mark(person)
    when = f" in {until}" if until else ""
    change = written.record(
        ("entity", person.pk), by, "end_position",
        f"ended its position as {position.title} of {organization.name}{when}", say_why(why),
    )  # fmt: skip
    tell(
        change,
        organization.pk,
        f"ended {person.name}’s position as its {position.title}{when}",
        "position_ended",
    )
    return change


def state_again(position_proposal_id: int) -> None:
    """After an acceptance was taken back: what only agreed with the position is asked about again."""
    gone = PositionProposal.objects.filter(state=PositionProposal.State.ACCEPTED, position=None)
    gone.update(state=PositionProposal.State.OPEN, decided_by="", decided_at=None)
    _renew(position_proposal_id)


def _renew(proposal_id: int) -> None:
    """Person and organisation speak for each other in texts: the articles that state it are linked anew."""
    fields = ("person_id", "organization_id", "position__person_id", "position__organization_id")
    known = PositionProposal.objects.filter(pk=proposal_id).values_list(*fields)
    renew_names((), (), touched=sorted({pk for row in known for pk in row if pk is not None}))
    articles = PositionEvidence.objects.filter(proposal_id=proposal_id).order_by("article_id")
    relink_later(articles.values_list("article_id", flat=True), seconds=settings.LEXICON_CHECK_SECONDS + 1)


def _open(proposal_id: int) -> PositionProposal:
    proposal = (
        PositionProposal.objects.select_for_update(no_key=True, of=("self",)).filter(pk=proposal_id).first()
    )
    if proposal is None:
        raise RefusedError("No article states this position any more. Reload the page.")
    if proposal.state != PositionProposal.State.OPEN:
        words = "accepted" if proposal.state == PositionProposal.State.ACCEPTED else "rejected"
        raise RefusedError(f"{proposal.decided_by} {words} this position already: take that back first.")
    return proposal


def _check_pair(person: Entity, organization: Entity) -> None:
    if person.kind != Entity.Kind.PERSON:
        raise RefusedError(f"{person.name} is no person: choose who holds the position.")
    if organization.kind not in _ORGANISATIONS:
        raise RefusedError(f"{organization.name} is a person: choose the organisation.")


def _title(text: str) -> str:
    title = " ".join(text.replace("\x00", "").split())
    if not title:
        raise RefusedError("Give the title of the position.")
    if len(title) > LONGEST_TITLE:
        raise RefusedError(f"The title has {len(title)} characters: shorten it to {LONGEST_TITLE}.")
    return title


def _date(text: str, what: str) -> str:
    text = text.strip()
    form = _DATE_LENGTHS.get(len(text))
    if not text:
        return ""
    try:
        if form is not None:
            datetime.strptime(text, form).replace(tzinfo=UTC)
            return text
    except ValueError:
        pass
    raise RefusedError(f"“{text[:20]}” is no {what}: write 2024, 2024-05 or 2024-05-31.")


def _check_order(since: str, until: str) -> None:
    shorter = min(len(since), len(until))
    if until and until[:shorter] < since[:shorter]:
        raise RefusedError(f"It cannot end in {until}, before its beginning in {since}.")


def _is_over(until: str) -> bool:
    today: date = timezone.now().date()
    return bool(until) and until <= f"{today:%Y-%m-%d}"[: len(until)]


def _source(proposal: PositionProposal) -> tuple[str, str]:
    """Publisher and address of the newest article that states it, and its day (UTC)."""
    newest = (
        PositionEvidence.objects.filter(proposal=proposal)
        .select_related("article__publisher")
        .order_by("-published_at", "-id")
        .first()
    )
    if newest is None:
        raise RefusedError("No article states this position any more. Reload the page.")
    words = f"{newest.article.publisher.name}: {newest.article.url}"
    shown = words if len(words) <= LONGEST_SOURCE else f"{words[: LONGEST_SOURCE - 1]}…"
    return shown, f"{newest.published_at.astimezone(UTC):%Y-%m-%d}"
