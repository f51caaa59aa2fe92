"""Acts: a person decides what an unknown name is: a new entity, another name of a known one, or nothing, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from articles.editing.entities import (
    EDITORIAL,
    AliasDraft,
    EntityDraft,
    check_alias,
    make_entity,
    names_of,
    open_entity,
    renew_names,
    say_why,
    write_alias,
)
from articles.editing.written import Written
from articles.errors import RefusedError
from articles.ingest.relinking import relink_later, seek_names
from articles.models import Proposal, ProposalArticle
from entities.models import Change, Entity
from entities.names import is_capitals, proposal_key, strip_legal

# The forms in which articles write a name that go with it, when nobody chose among them.
MOST_FORMS = 5


@transaction.atomic
def accept_proposal(
    proposal_id: int,
    by: str,
    draft: EntityDraft | None = None,
    why: str = "",
    *,
    also: Sequence[int] = (),
) -> Change:
    """Add an unknown name as an entity; every article that has it is linked anew. `change.subject_id` is its number.

    Without a draft the entity is what most articles show. `also` are unknown names that are further names of it: one
    step, taken back as one. Raises RefusedError when somebody decided about one of the names already or a field makes
    no sense, NamesakeError when an entity of this name and kind is known.
    """
    wanted = Proposal.objects.filter(pk__in={proposal_id, *also}).order_by("key").values_list("pk", flat=True)
    opened = {pk: _open(pk) for pk in wanted}  # locked by key, as everywhere
    proposal = opened.pop(proposal_id, None) or _open(proposal_id)
    others = [opened[pk] for pk in dict.fromkeys(also) if pk in opened]
    written = Written()
    entity = make_entity(written, _with_names(draft or _draft_of(proposal), others))
    for one in (proposal, *others):
        _decide(written, one, by, Proposal.State.ACCEPTED, entity)
    words = f"added “{entity.name}”, an unknown name of {_articles(proposal.articles)}"
    if others:
        words += f", with {' and '.join(f'“{one.name}”' for one in others)}"
    change = written.record(
        ("entity", entity.pk), by, "accept_proposal", words, say_why(why), proposal=proposal.pk,
        also=[one.pk for one in others],
    )  # fmt: skip
    seek_names(names_of(entity.pk))
    for one in (proposal, *others):
        _renew(one, names_of(entity.pk), entity.pk)
    return change


@transaction.atomic
def join_proposal(
    proposal_id: int,
    entity_id: int,
    by: str,
    names: Sequence[AliasDraft] | None = None,
    why: str = "",
) -> Change:
    """Say that an unknown name is another name of a known entity; every article that has it is linked anew.

    `names`: the forms to add, without them the one that most articles use. Raises RefusedError when somebody decided
    about the name already, or the entity is gone.
    """
    proposal = _open(proposal_id)
    entity = open_entity(entity_id)
    written = Written()
    known = {alias.text: alias for alias in entity.aliases.all()}
    before = set(known)
    today = f"{timezone.now():%Y-%m-%d}"
    for alias in (check_alias(one) for one in names or _forms(proposal.name)):
        row = known.get(alias.text)
        if row is None:
            known[alias.text] = write_alias(written, entity, alias, EDITORIAL, today)
        elif row.off_at is not None:
            written.change(row, off_at=None, off_by="")
    _decide(written, proposal, by, Proposal.State.ACCEPTED, entity)
    written.mark(entity)
    words = f"joined the unknown name “{proposal.name}” of {_articles(proposal.articles)} to it"
    change = written.record(
        ("entity", entity_id), by, "join_proposal", words, say_why(why), proposal=proposal.pk
    )
    seek_names(known.keys() - before)
    _renew(proposal, list(known), entity_id)
    return change


@transaction.atomic
def reject_proposal(proposal_id: int, by: str, why: str = "") -> Change:
    """Say that a name is nothing to follow: it is never proposed again, and its mentions go at once.

    Raises RefusedError when somebody decided about it already.
    """
    proposal = _open(proposal_id)
    written = Written()
    _decide(written, proposal, by, Proposal.State.REJECTED, None)
    with connection.cursor() as cursor:
        # What is locked is just being written anew by somebody who then waits for this decision and obeys it.
        cursor.execute(
            """DELETE FROM articles_mention WHERE id IN (
                   SELECT id FROM articles_mention WHERE proposal_id = %s AND status = 'proposed'
                   FOR UPDATE SKIP LOCKED)""",
            [proposal.pk],
        )
    words = f"rejected the unknown name “{proposal.name}” of {_articles(proposal.articles)} for ever"
    return written.record(("proposal", proposal.pk), by, "reject_proposal", words, say_why(why))


def propose_again(proposal_id: int) -> None:
    """After a decision was taken back: the articles that have the name are linked anew. In its transaction."""
    Proposal.objects.filter(pk=proposal_id).update(compared_at=None)
    relink_later(_article_ids(proposal_id), seconds=settings.LEXICON_CHECK_SECONDS + 1)


def _open(proposal_id: int) -> Proposal:
    # Foreign keys to the row may still be checked: mentions are written meanwhile.
    proposal = (
        Proposal.objects.select_for_update(no_key=True, of=("self",))
        .select_related("entity")
        .filter(pk=proposal_id)
        .first()
    )
    if proposal is None:
        raise RefusedError("No article has this name any more. Reload the page.")
    if proposal.state == Proposal.State.REJECTED:
        raise RefusedError(f"{proposal.decided_by} rejected “{proposal.name}” already: take that back first.")
    if proposal.state == Proposal.State.ACCEPTED:
        as_whom = f" as {proposal.entity.name}" if proposal.entity else ""
        raise RefusedError(
            f"{proposal.decided_by} accepted “{proposal.name}”{as_whom} already: take that back first."
        )
    return proposal


def _decide(
    written: Written, proposal: Proposal, by: str, state: Proposal.State, entity: Entity | None
) -> None:
    written.change(
        proposal,
        state=state,
        entity_id=entity.pk if entity else None,
        decided_by=by,
        decided_at=timezone.now(),
    )
    # Names that were like this one are like what it became, or are looked at anew.
    Proposal.objects.filter(like=proposal, state=Proposal.State.OPEN).update(
        like=None, like_entity=entity, compared_at=None
    )


def _draft_of(proposal: Proposal) -> EntityDraft:
    """What most articles show, with the forms in which they write it; those in capitals are the typesetter's."""
    forms = sorted(proposal.names, key=lambda name: (-proposal.names[name], name))
    others = [name for name in forms if name != proposal.name and not (" " in name and is_capitals(name))]
    names = dict.fromkeys(
        form.text for name in [proposal.name, *others[:MOST_FORMS]] for form in _forms(name)
    )
    aliases = tuple(AliasDraft(name) for name in names if name != proposal.name)
    return EntityDraft(kind=proposal.kind, name=proposal.name, aliases=aliases)


def _with_names(draft: EntityDraft, others: Sequence[Proposal]) -> EntityDraft:
    """The same with the names of other proposals as further names."""
    known = {draft.name, *(alias.text for alias in draft.aliases)}
    more = {form.text: form for other in others for form in _forms(other.name) if form.text not in known}
    return replace(draft, aliases=(*draft.aliases, *more.values()))


def _forms(name: str) -> list[AliasDraft]:
    """A name, and the same without its legal form: articles use both."""
    return [AliasDraft(form) for form in dict.fromkeys((name, strip_legal(name).base)) if proposal_key(form)]


def _renew(proposal: Proposal, names: Sequence[str], entity_id: int) -> None:
    # The articles that have the name are known; those that nothing read as a name are looked for later.
    renew_names([*names, *proposal.names], [entity_id])
    # When every worker knows the name, as for those that are found by it.
    relink_later(_article_ids(proposal.pk), seconds=settings.LEXICON_CHECK_SECONDS + 1)


def _article_ids(proposal_id: int) -> list[int]:
    rows = ProposalArticle.objects.filter(proposal_id=proposal_id)
    return list(rows.order_by("article_id").values_list("article_id", flat=True))


def _articles(count: int) -> str:
    return "one article" if count == 1 else f"{count:,} articles"
