"""Rules for a publisher's pages, for admins: selectors beside a live preview of a page before and after."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import admin_required
from articles.editing import page_rules
from articles.editing.page_rules import RulesDraft, Wish
from articles.errors import ConflictError, RefusedError
from articles.forms import PageRulesForm, ReadAgainForm
from articles.queries.page_rules import RulesPage, rules_page
from articles.texts.folds import fold
from articles.views.fragments import wanted_part
from articles.views.numbers import whole
from articles.views.sources import by, form_status

TRIAL = "trial"


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def publisher_pages(request: HttpRequest, publisher_id: int) -> HttpResponse:
    """The form; `try` (or the script, while one types) reads a page by it, `save` puts it in force."""
    typed = request.POST if request.method == "POST" else request.GET
    page = rules_page(publisher_id, asked_for=whole(typed.get("article", "")))
    if page is None:
        raise Http404("No publisher has this number.")
    context: dict[str, Any] = {
        "page": page,
        "publisher": page.publisher,
        "trial": None,
        "problem": "",
        "is_asked": False,
    }
    if request.method != "POST":
        context["form"] = PageRulesForm(initial=_initial(request, page), articles=page.articles)
        context["is_asked"] = bool(request.GET.get("article") or request.GET.get("address"))
        return _answer(request, context)
    form = PageRulesForm(_typed(request), articles=page.articles)
    form.is_valid()
    context["form"] = form
    if "save" not in request.POST:
        return _answer(request, context | _trial(request, page, form))
    if not form.errors:
        try:
            change = page_rules.save_rules(
                by(request), publisher_id, _draft(form), form.cleaned_data["version"] or 0
            )
        except ConflictError as error:
            form.add_error(None, str(error))
            form.data = {**_typed(request), "version": str(page.version)}
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            undo = reverse("publisher_pages_undo", args=[change.pk]) if change else ""
            words = (
                "Saved: pages are read by these rules from now on." if change else "Nothing was different."
            )
            messages.success(request, words, extra_tags=undo)
            return redirect(_here(publisher_id, form))
    return _answer(request, context, status=form_status(form))


@require_POST
@admin_required
def publisher_again(request: HttpRequest, publisher_id: int) -> HttpResponse:
    """Have the newest articles read by what holds now; back to the page that asked, `page` is "lines" or "pages"."""
    form = ReadAgainForm(request.POST)
    try:
        count = page_rules.read_again(
            by(request), publisher_id, form.cleaned_data["count"] if form.is_valid() else 0
        )
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        words = "One article is" if count == 1 else f"{count:,} articles are"
        messages.success(
            request, f"{words} read again as their turn comes; what reads otherwise is a new version."
        )
    return redirect(
        "publisher_lines" if request.POST.get("page") == "lines" else "publisher_pages", publisher_id
    )


@require_POST
@admin_required
def publisher_pages_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one change of rules back."""
    try:
        publisher_id = page_rules.undo_rules_change(by(request), change_id)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sources")
    messages.success(request, "Taken back.")
    return redirect("publisher_pages", publisher_id)


def _initial(request: HttpRequest, page: RulesPage) -> dict[str, Any]:
    first = page.articles[0].id if page.articles else None
    return {
        **page.texts,
        "version": page.version,
        "article": first,
        "address": request.GET.get("address", "")[:2000],
    }


def _typed(request: HttpRequest) -> dict[str, str]:
    """What the form says; a part of the page that was chosen for its text joins what is to be kept."""
    typed = {name: str(value) for name, value in request.POST.items()}
    chosen = typed.get("use", "")
    if chosen:
        typed["keep"] = chosen
    return typed


def _draft(form: PageRulesForm) -> RulesDraft:
    return RulesDraft(**form.texts())


def _trial(request: HttpRequest, page: RulesPage, form: PageRulesForm) -> dict[str, Any]:
    wish = Wish(
        article_id=whole(str(form.data.get("article", ""))),
        address=str(form.data.get("address", ""))[:2000],
        anew="anew" in request.POST,
    )
    try:
        trial = page_rules.try_rules(page.publisher.pk, wish, _draft(form), timezone.now())
    except RefusedError as error:
        return {"problem": str(error)}
    return {"trial": trial, "folds": fold(trial.paragraphs), "both": [trial.before.page, trial.after.page]}


def _answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    if wanted_part(request) == TRIAL:
        return render(request, "publishers/trial.html", context)
    return render(request, "publishers/rules.html", context, status=status)


def _here(publisher_id: int, form: PageRulesForm) -> str:
    """The same page with the same article or address chosen."""
    address = reverse("publisher_pages", args=[publisher_id])
    article = whole(str(form.data.get("article", "")))
    return f"{address}?article={article}" if article else address
