"""Go to: entities, events and pages by the beginning of a name; a list of options, or a page without script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.entities import find_entities
from articles.queries.events import find_events
from newsdesk.desk.shell import PLACES, sees

ENTITIES, EVENTS = 8, 5


@dataclass(frozen=True, slots=True)
class Option:
    """One place to go to."""

    href: str
    icon: str
    words: str
    note: str = ""


def _options(text: str, user: Any) -> list[Option]:
    """Pages first while nothing or a page's name is typed; then entities, events and the search itself."""
    options = [
        Option(reverse(view), icon, name, words)
        for name, view, icon, _, place_for, words in PLACES
        if sees(place_for, user) and name.lower().startswith(text.lower())
    ]
    if not text:
        return options
    for chip in find_entities(text, ENTITIES):
        note = f"{chip.ticker} {chip.mic}" if chip.ticker else chip.description[:60]
        options.append(Option(reverse("entity", args=[chip.slug]), chip.icon, chip.name, note))
    for event in find_events(text, EVENTS):
        note = f"{event.articles} article{'' if event.articles == 1 else 's'}"
        options.append(Option(reverse("event", args=[event.id]), "events", event.title, note))
    options.append(
        Option(f"{reverse('articles')}?{_search(text)}", "search", f"Search articles for “{text}”")
    )
    return options


def _search(text: str) -> str:
    """The query string of a search for a text."""
    search = HttpRequest().GET.copy()
    search["q"] = text
    return search.urlencode()


@require_safe
@analyst_required
def palette(request: HttpRequest) -> HttpResponse:
    """Where `?q=` may lead: only the options for a script, a whole page for everybody else."""
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    context = {"options": _options(text, request.user), "text": text}
    if "HX-Request" in request.headers:
        answer = HttpResponse(render_to_string("desk/palette_options.html", context))
    else:
        answer = render(request, "desk/palette.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer
