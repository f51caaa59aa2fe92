"""The page of one entity, and following it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from articles.access import analyst_required
from articles.errors import RefusedError
from articles.following.watching import see_entity, unwatch_entity, watch_entity
from articles.queries.entity import EntityAsked, entity_page, slug_now
from articles.queries.entity_stories import SHOWS
from articles.queries.times import WORDS, read_range
from articles.views.folding import folding_of


def user_of(request: HttpRequest) -> int:
    """The number of who asks; the guard has let in signed-in people only."""
    return int(str(request.user.pk))


@require_safe
@analyst_required
def entity(request: HttpRequest, slug: str) -> HttpResponse:
    """Who or what it is and where it is named; the address of a merged entity leads to the one that stands."""
    now, user_id = timezone.now(), user_of(request)
    span = read_range(request.GET.get("range", ""), now, default="30d")
    folding, _ = folding_of(request)
    asked = EntityAsked(
        request.GET.get("show", ""),
        request.GET.get("after", ""),
        request.GET.get("sort", ""),
        frozenset(request.GET.getlist("all")),
    )
    page = entity_page(slug, span, user_id, asked, folding=folding)
    if page is None:
        target = slug_now(slug)
        if target is None:
            raise Http404("No entity has this name.")
        # Not for good: a merge can be undone, and a browser never asks again for what moved for good.
        return redirect(f"{reverse('entity', args=[target])}?{urlencode({'was': slug})}")
    if page.seen_at is not None and request.method == "GET":
        see_entity(user_id, page.row["id"], now)
    was = request.GET.get("was", "")
    context = {
        "page": page,
        "asked": asked,
        "shows": SHOWS,
        "span": span,
        "ranges": WORDS,
        "as_table": request.GET.get("as") == "table",
        "came_from": next((one for one in page.card.merged if one["slug"] == was), None),
        "hrefs": {other.chip.id: reverse("entity", args=[other.chip.slug]) for other in page.together.others},
    }
    return render(request, "entity/entity.html", context)


@require_POST
@analyst_required
def entity_watch(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow an entity, or no longer (`off`)."""
    off = bool(request.POST.get("off"))
    try:
        found = (unwatch_entity if off else watch_entity)(user_of(request), slug)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("entity", slug)
    said = (
        f"You watch {found.name} no longer."
        if off
        else f"You watch {found.name}: what is new stands on Today."
    )
    messages.success(request, said)
    return redirect("entity", found.slug)
