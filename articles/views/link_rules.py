"""Rules for names: the list with its switches, and a correction that becomes a rule after its effect was looked at."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.access import editor_required
from articles.editing.entities import switch_alias
from articles.editing.link_rules import RuleDraft, RulePreview, make_rule, preview_rule, switch_rule
from articles.editing.taking_back import take_back
from articles.errors import RefusedError
from articles.forms import LinkRuleForm
from articles.queries.chips import Chip, called
from articles.queries.link_rules import hits_of, publisher_called, publisher_of, rule_shown, rules_page
from articles.views.numbers import whole

EVERYWHERE, PUBLISHER, BESIDE = "everywhere", "publisher", "beside"


def _by(request: HttpRequest) -> str:
    return request.user.get_username()


@require_safe
@editor_required
def link_rules(request: HttpRequest) -> HttpResponse:
    """Every rule in words with its hits and its switch; `?rule=` shows the articles of one."""
    shown = whole(request.GET.get("rule"))
    context = {
        "page": rules_page(whole(request.GET.get("after"))),
        "shown": rule_shown(shown) if shown is not None else None,
        "hits": hits_of(shown) if shown is not None else (),
    }
    return render(request, "review/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def link_rule_new(request: HttpRequest) -> HttpResponse:
    """Say what a name means, look at what would change in which articles, then make it a rule."""
    sent = request.POST if request.method == "POST" else request.GET
    form = LinkRuleForm(sent if sent.get("surface") else None, initial={"scope": EVERYWHERE})
    choices: tuple[Chip, ...] = ()
    preview: RulePreview | None = None
    meant: Chip | None = None
    if form.is_bound and form.is_valid():
        try:
            draft, meant, choices = _draft(form, sent)
            if draft is not None and request.method == "POST":
                article = whole(sent.get("article"))
                change = make_rule(draft, _by(request), form.cleaned_data["why"], article)
                words = f"“{draft.surface}” {_means(meant)}, by a rule: its newest articles show it now."
                messages.success(request, words, extra_tags=reverse("link_rule_undo", args=[change.pk]))
                return redirect("link_rules")
            preview = preview_rule(draft) if draft is not None else None
        except RefusedError as error:
            form.add_error(None, str(error))
    article_id = whole(sent.get("article"))
    context: dict[str, Any] = {
        "form": form,
        "preview": preview,
        "meant": meant,
        "choices": choices,
        "article_id": article_id,
        "publisher": publisher_of(article_id) if article_id is not None else None,
    }
    failed = form.is_bound and bool(form.errors)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if failed and request.method == "POST" else HTTPStatus.OK
    return render(request, "review/rule_new.html", context, status=status)


def _means(meant: Chip | None) -> str:
    return f"means {meant.name}" if meant else "is nobody that we follow"


def _draft(form: LinkRuleForm, sent: QueryDict) -> tuple[RuleDraft | None, Chip | None, tuple[Chip, ...]]:
    """The rule that a form asks for, whom it means, and, where that is not clear yet, whom it may mean."""
    data = form.cleaned_data
    meant: Chip | None = None
    if not data["nothing"]:
        found = called(data["entity"])
        if not data["entity"]:
            form.add_error("entity", "Write whom it means, or tick that it is nobody that we follow.")
        elif not found:
            form.add_error(
                "entity", f"No entity is called “{data['entity'][:80]}”. Try its full name or its ticker."
            )
        if len(found) != 1:
            return None, None, found
        meant = found[0]
    publisher_id = beside_id = None
    if data["scope"] == PUBLISHER:
        article_id = whole(sent.get("article"))
        known = publisher_called(data["publisher"]) if data["publisher"] else None
        if known is None and not data["publisher"] and article_id is not None:
            known = publisher_of(article_id)
        if known is None:
            form.add_error("publisher", "Write the name of a publisher as the list of articles has it.")
            return None, meant, ()
        publisher_id = known[0]
    elif data["scope"] == BESIDE:
        beside = called(data["beside"])
        if len(beside) != 1:
            names = ", ".join(f"{chip.name} ({chip.slug})" for chip in beside)
            said = (
                f"It may be several: {names}. Write the words in brackets of one."
                if names
                else "No entity is called so."
            )
            form.add_error("beside", said)
            return None, meant, ()
        beside_id = beside[0].id
    return RuleDraft(data["surface"], meant.id if meant else None, publisher_id, beside_id), meant, ()


@require_POST
@editor_required
def link_rule_switch(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Switch a rule off or on; its articles follow."""
    on = request.POST.get("on") == "1"
    try:
        change = switch_rule(rule_id, _by(request), on=on)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        words = (
            "The rule is on again."
            if on
            else "The rule is off: its newest articles are linked as without it, the rest follow."
        )
        messages.success(request, words, extra_tags=reverse("link_rule_undo", args=[change.pk]))
    return redirect("link_rules")


@require_POST
@editor_required
def name_switch(request: HttpRequest, alias_id: int) -> HttpResponse:
    """Switch a name of an entity off (it links nothing) or on."""
    off = request.POST.get("off") == "1"
    try:
        change = switch_alias(alias_id, _by(request), off=off)
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        words = "The name is off: it links nothing." if off else "The name is on again."
        messages.success(request, words, extra_tags=reverse("link_rule_undo", args=[change.pk]))
    return redirect("link_rules")


@require_POST
@editor_required
def link_rule_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take back what was done to a rule or a name on this page."""
    try:
        take_back(change_id, _by(request))
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back.")
    return redirect("link_rules")
