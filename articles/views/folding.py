"""Whether a list folds copies: the address decides (`fold=0`, `fold=1`), else the reader's setting."""

from __future__ import annotations

from django.http import HttpRequest


def folding_of(request: HttpRequest) -> tuple[bool, str]:
    """Whether copies are folded, and what the address says of it: 0, 1 or empty."""
    asked = request.GET.get("fold", "")
    if asked in {"0", "1"}:
        return asked == "1", asked
    return bool(getattr(request.user, "fold_copies", True)), ""
