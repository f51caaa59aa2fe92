"""The review queue: one question at a time beside the list, and what may be answered to each kind."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from articles.access import editor_required
from articles.editing.conflicts import decide_conflict
from articles.editing.entity_merges import merge_entities, say_not_same, say_unsure
from articles.editing.link_batches import settle_name
from articles.editing.positions import PositionDraft, accept_position, reject_position
from articles.editing.proposals import accept_proposal, join_proposal, reject_proposal
from articles.editing.taking_back import take_back
from articles.errors import NamesakeError, RefusedError
from articles.events.judging import confirm_placements, move_articles
from articles.forms import NewEntityForm
from articles.queries.chips import called
from articles.queries.review import Queue, forget_left, questions_left, queue_page
from articles.queries.review_done import done_today, question_of
from articles.queries.review_items import NameItem, review_item, why_gone
from articles.queries.review_kinds import KINDS, NAME, PLACEMENT, POSITION, SAME, Question, read_question
from articles.queries.review_pairs import PairItem
from articles.queries.review_placements import PlacementItem
from articles.views.fragments import wanted_part
from articles.views.numbers import whole

CHOOSE_ONE = "Choose which of the two stays, or say that they are not the same."
PART = "review"  # the id of what a script swaps


def _by(request: HttpRequest) -> str:
    return request.user.get_username()


@require_safe
@editor_required
def review(request: HttpRequest) -> HttpResponse:
    """The queue and one question of it: that of the address, else the first."""
    return _page(request, request.GET)


def _page(
    request: HttpRequest, asked: QueryDict, form: forms.Form | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page, or only its part for a script; what was sent and refused stands in its fields again."""
    kind = _kind(asked)
    after = asked.get("after", "") if kind else ""
    queue, left = queue_page(kind, after), questions_left()
    if after and not queue.lines:  # all of that page is decided
        queue, after = queue_page(kind), ""
    wanted = asked.get("item", "")
    question = read_question(wanted) if wanted else _first(queue)
    item = review_item(question) if question is not None else None
    gone = ""
    if item is None and wanted:
        gone = why_gone(question) if question else "This address names no question."
    key = question.key if question is not None else ""
    before, following = queue.neighbours(key)
    if isinstance(item, NameItem) and form is None and asked.get("accept"):
        form = NewEntityForm(initial=_proposed(item))
    context: dict[str, Any] = {
        "here": reverse("review"),
        "kind": kind,
        "after": after,
        "kinds": [("", "All", left.total), *((word, KINDS[word][0], left.by_kind[word]) for word in KINDS)],
        "queue": queue,
        "left": left,
        "done": done_today(_by(request)),
        "item": item,
        "gone": gone,
        "key": key,
        "before_key": before,
        "next_key": following,
        "form": form,
        "ticked": {whole(text) for text in asked.getlist("also")},
        "typed": asked if status != HTTPStatus.OK else None,
        "sides": (item.left, item.right) if isinstance(item, PairItem) else (),
        "sides_of_placement": (item.here, item.there) if isinstance(item, PlacementItem) else (),
        "place": _place(queue, key, left.by_kind.get(item.kind, 0)) if item is not None else "",
        "item_template": f"review/{item.kind}.html" if item is not None else "",
        "effect_template": f"review/{item.kind}_effect.html" if item is not None else "",
        "keys": getattr(request.user, "single_key_shortcuts", False),
    }
    template = "review/answer.html" if wanted_part(request) == PART else "review/review.html"
    answer = render(request, template, context, status=status)
    patch_vary_headers(answer, ["HX-Request", "HX-Target"])
    return answer


def _kind(asked: QueryDict) -> str:
    """The kind whose list one is in: of the address, or as a form holds it beside its own fields."""
    kind = asked.get("in_kind") or asked.get("kind", "")
    return kind if kind in KINDS else ""


def _first(queue: Queue) -> Question | None:
    return queue.lines[0].question if queue.lines else None


def _place(queue: Queue, key: str, total: int) -> str:
    """Where a question stands among those of its kind, in words."""
    kind = key.partition(".")[0]
    keys = [line.key for line in queue.lines if line.question.kind == kind]
    return (
        f"{keys.index(key) + 1} of {total:,}"
        if key in keys and keys.index(key) < total
        else f"one of {total:,}"
    )


def _proposed(item: NameItem) -> dict[str, str]:
    """What the form for a new entity says at first."""
    others = [name for name, _ in item.names if name != item.name]
    return {"kind": item.entity_kind, "name": item.name, "aliases": "\n".join(others)}


def _onward(request: HttpRequest, key: str, *, stay: bool = False) -> HttpResponse:
    """To the question after the one that was answered, or (`stay`) back to it; filters of the address are kept."""
    query = QueryDict(mutable=True)
    kind, after = _kind(request.POST), request.POST.get("after", "")
    if kind:
        query["kind"] = kind
        if after:
            query["after"] = after
    wanted = key if stay else request.POST.get("next", "")
    question = read_question(wanted) if wanted else None
    if question is not None and (stay or review_item(question) is not None):
        query["item"] = question.key
    where = reverse("review")
    return redirect(f"{where}?{query.urlencode()}" if query else where)


def _done(request: HttpRequest, change_id: int, words: str) -> HttpResponse:
    forget_left()
    messages.success(request, words, extra_tags=reverse("review_undo", args=[change_id]))
    return _onward(request, "")


def _refused(request: HttpRequest, error: Exception, question: Question | None) -> HttpResponse:
    forget_left()
    messages.error(request, str(error))
    return _onward(request, question.key if question else "", stay=question is not None)


@require_POST
@editor_required
def review_link(request: HttpRequest) -> HttpResponse:
    """Say whom a name means in the ticked articles: a candidate, somebody typed, or nobody that we follow."""
    question = read_question(request.POST.get("item", ""))
    surface = request.POST.get("surface", "").replace("\x00", "")[:300]
    articles = [number for text in request.POST.getlist("article") if (number := whole(text)) is not None]
    try:
        entity_id, meant = _meant(request)
        candidates = question.candidates if question else ()
        settled = settle_name(surface, articles, entity_id, _by(request), candidates=candidates)
    except RefusedError as error:
        return _refused(request, error, question)
    n = settled.articles
    words = f"“{surface}” {meant}, in {n} article{'' if n == 1 else 's'}."
    if settled.rest:
        words += f" {settled.shown} show it now, {settled.rest} follow in the background."
    return _done(request, settled.change.pk, words)


def _meant(request: HttpRequest) -> tuple[int | None, str]:
    """The entity that was chosen or typed, and the words for the toast. Raises RefusedError when it is not one."""
    if request.POST.get("nothing"):
        return None, "is nobody that we follow"
    chosen, typed = whole(request.POST.get("entity")), request.POST.get("other", "").strip()
    if chosen is not None:
        return chosen, "is linked"
    found = _typed(typed)
    return found[0], f"means {found[1]}"


def _typed(typed: str) -> tuple[int, str]:
    """The one entity that is called so. Raises RefusedError when none or several are."""
    if not typed:
        raise RefusedError("Choose whom it means, or write a name or a ticker.")
    found = called(typed)
    if not found:
        raise RefusedError(f"No entity is called “{typed[:80]}”. Try its full name or its ticker.")
    if len(found) > 1:
        names = ", ".join(f"{chip.name} ({chip.slug})" for chip in found)
        raise RefusedError(f"“{typed[:80]}” may be several: {names}. Write the words in brackets of one.")
    return found[0].id, found[0].name


@require_POST
@editor_required
def review_name(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Add an unknown name (`accept`), join it to one that we know (`join`, `other`), or reject it for ever."""
    question = Question(NAME, number=proposal_id)
    if request.POST.get("accept"):
        return _accept_name(request, question)
    try:
        if request.POST.get("reject"):
            change, words = reject_proposal(proposal_id, _by(request)), "Rejected: it is not asked again."
        else:
            known = whole(request.POST.get("join")) or _typed(request.POST.get("other", "").strip())[0]
            change, words = join_proposal(proposal_id, known, _by(request)), "Joined: it is one more name."
    except RefusedError as error:
        return _refused(request, error, question)
    return _done(request, change.pk, words)


def _accept_name(request: HttpRequest, question: Question) -> HttpResponse:
    """Add it as the form says; a form with faults is shown again as it was sent."""
    form = NewEntityForm(request.POST)
    if form.is_valid():
        try:
            change = accept_proposal(
                question.number, _by(request), form.draft(), also=_also(request, question)
            )
        except NamesakeError as error:
            form.add_error("is_namesake", str(error))
        except RefusedError as error:
            if review_item(question) is None:
                return _refused(request, error, question)
            form.add_error(None, str(error))
        else:
            return _done(request, change.pk, f"{form.cleaned_data['name']} is added.")
    return _page(request, request.POST, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _also(request: HttpRequest, question: Question) -> list[int]:
    """The ticked names that stand beside the one in question."""
    item = review_item(question)
    beside = {one.id for one in item.akin} if isinstance(item, NameItem) else set()
    ticked = (whole(text) for text in request.POST.getlist("also"))
    return [number for number in ticked if number in beside]


@require_POST
@editor_required
def review_same(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Say of two entities that they are one (`keep` is the number of who stays), or that they are not."""
    question = Question(SAME, number=pair_id)
    item = review_item(question)
    if not isinstance(item, PairItem):
        return _refused(request, RefusedError(why_gone(question)), None)
    left, right = item.left.chip, item.right.chip
    keep = whole(request.POST.get("keep"))
    try:
        if request.POST.get("apart"):
            change, words = (
                say_not_same(left.id, right.id, _by(request)),
                "Kept apart: it is not asked again.",
            )
        elif request.POST.get("unsure"):
            change, words = say_unsure(left.id, right.id, _by(request)), "Noted: nobody is asked again."
        else:
            stays, goes = (right, left) if keep == right.id else (left, right)
            if keep != stays.id:
                return _refused(request, RefusedError(CHOOSE_ONE), question)
            change = merge_entities(stays.id, goes.id, _by(request))
            words = f"{goes.name} is part of {stays.name} now."
    except RefusedError as error:
        return _refused(request, error, question)
    return _done(request, change.pk, words)


@require_POST
@editor_required
def review_position(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take a stated position into the knowledge base, or reject it."""
    question = Question(POSITION, number=proposal_id)
    try:
        if request.POST.get("reject"):
            change, words = reject_position(proposal_id, _by(request)), "Rejected."
        else:
            person, organization = (request.POST.get(name, "").strip() for name in ("person", "organization"))
            draft = PositionDraft(
                person_id=_typed(person)[0] if person else None,
                organization_id=_typed(organization)[0] if organization else None,
                title=request.POST.get("title", "").strip(),
                since=request.POST.get("since", ""),
                until=request.POST.get("until", ""),
            )
            change = accept_position(proposal_id, _by(request), draft)
            words = "It stands on both pages now."
    except RefusedError as error:
        if review_item(question) is None:
            return _refused(request, error, question)
        messages.error(request, str(error))
        return _page(request, request.POST, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _done(request, change.pk, words)


@require_POST
@editor_required
def review_fact(request: HttpRequest, conflict_id: int) -> HttpResponse:
    """Decide between a table and the knowledge base."""
    question = Question("fact", number=conflict_id)
    decision = request.POST.get("decision", "")
    try:
        change = decide_conflict(conflict_id, _by(request), decision)
    except RefusedError as error:
        return _refused(request, error, question)
    words = {"ours": "Ours is kept.", "theirs": "The table’s value is written.", "both": "Both hold."}
    return _done(request, change.pk, words.get(decision, "Decided."))


@require_POST
@editor_required
def review_placement(request: HttpRequest, event_id: int) -> HttpResponse:
    """Say that the ticked articles belong to their event (`confirm`), or to another one (`to`, empty: a new one)."""
    question = read_question(request.POST.get("item", "")) or Question(PLACEMENT, number=event_id)
    articles = [number for text in request.POST.getlist("article") if (number := whole(text)) is not None]
    many = len(articles) > 1
    try:
        if request.POST.get("confirm"):
            change = confirm_placements(articles, _by(request)).change_id
            words = "They stay in this event." if many else "It stays in this event."
        elif "to" in request.POST:
            change = move_articles(articles, whole(request.POST["to"]), _by(request)).change_id
            words = "They were moved." if many else "It was moved."
        else:
            return _refused(request, RefusedError("Say whether they belong to this event."), question)
    except RefusedError as error:
        return _refused(request, error, question)
    return _done(request, change, words)


@require_POST
@editor_required
def review_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one decision back and show its question again."""
    try:
        take_back(change_id, _by(request))
    except RefusedError as error:
        return _refused(request, error, read_question(request.POST.get("item", "")))
    forget_left()
    messages.success(request, "Taken back.")
    question = question_of(change_id)
    if question is not None and review_item(question) is not None:
        return _onward(request, question.key, stay=True)
    return _onward(request, request.POST.get("item", ""), stay=True)
