"""Two entities side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.chips import called
from articles.queries.compare import compare
from articles.queries.times import WORDS, read_range

LONGEST = 100


@require_safe
@analyst_required
def entities_compare(request: HttpRequest) -> HttpResponse:
    """How often `?a=` and `?b=` are named, and what they share; each is a slug, a name or a ticker."""
    span = read_range(request.GET.get("range", ""), timezone.now(), default="30d")
    typed = {side: request.GET.get(side, "").strip()[:LONGEST] for side in ("a", "b")}
    found = {side: called(text) for side, text in typed.items()}
    one, other = (chips[0] if len(chips) == 1 else None for chips in found.values())
    same = one is not None and other is not None and one.id == other.id
    page = compare(one, other, span) if one and other and not same else None
    fields = [
        {
            "side": side,
            "label": label,
            "typed": typed[side],
            "other": typed["b" if side == "a" else "a"],
            "other_side": "b" if side == "a" else "a",
            "choices": found[side] if len(found[side]) > 1 else (),
            "unknown": bool(typed[side]) and not found[side],
        }
        for side, label in (("a", "First"), ("b", "Second"))
    ]
    context = {"page": page, "fields": fields, "same": same, "span": span, "ranges": WORDS}
    return render(request, "entities/compare.html", context)
