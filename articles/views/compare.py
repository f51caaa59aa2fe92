"""Two entities side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import analyst_required
from articles.queries.chips import Chip, called
from articles.queries.compare import compare
from articles.queries.times import WORDS, read_range

LONGEST = 100


@require_safe
@analyst_required
def entities_compare(request: HttpRequest) -> HttpResponse:
    """How often `?a=` and `?b=` are named, and what they share; each is a slug, a name or a ticker.

    A name that several bear means the one of `?a_is=` (`?b_is=`), a slug, when that is one of them.
    """
    span = read_range(request.GET.get("range", ""), timezone.now(), default="30d")
    typed = {side: request.GET.get(side, "").strip()[:LONGEST] for side in ("a", "b")}
    found = {side: _meant(text, request.GET.get(f"{side}_is", "")) for side, text in typed.items()}
    one, other = (chips[0] if len(chips) == 1 else None for chips in found.values())
    same = one is not None and other is not None and one.id == other.id
    page = compare(one, other, span) if one and other and not same else None
    fields = [
        {
            "side": side,
            "label": label,
            "typed": found[side][0].name if len(found[side]) == 1 else typed[side],
            "is": found[side][0].slug if len(found[side]) == 1 else "",
            "other": typed["b" if side == "a" else "a"],
            "other_side": "b" if side == "a" else "a",
            "choices": found[side] if len(found[side]) > 1 else (),
            "unknown": bool(typed[side]) and not found[side],
        }
        for side, label in (("a", "First"), ("b", "Second"))
    ]
    context = {"page": page, "fields": fields, "same": same, "span": span, "ranges": WORDS}
    return render(request, "entities/compare.html", context)


def _meant(text: str, slug: str) -> tuple[Chip, ...]:
    """Whom a text may mean; of several only the one of the slug, if its name is the text."""
    found = called(text)
    known = tuple(chip for chip in found if chip.slug == slug and chip.name == text)
    return known if len(found) > 1 and known else found
