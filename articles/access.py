"""Who may open a page: decorators that read the user's role and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

ANALYSTS = frozenset({"analyst", "editor", "admin"})
EDITORS = frozenset({"editor", "admin"})
ADMINS = frozenset({"admin"})


def _required(roles: frozenset[str], refusal: str) -> Callable[[View[P]], View[P]]:
    """Anonymous people are sent to sign in; a role that is too low gets the 403 page with `refusal`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user: Any = request.user
            if not user.is_authenticated:
                # A POST is not repeated after signing in: its page is the better place to return to.
                return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
            if user.role not in roles:
                raise PermissionDenied(refusal)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def analyst_required(view: View[P]) -> View[P]:
    """Every signed-in person."""
    return _required(ANALYSTS, "This page is for people of the desk.")(view)


def editor_required(view: View[P]) -> View[P]:
    """Editors and admins."""
    return _required(EDITORS, "Only editors and admins may do this. Ask an admin for the editor's role.")(
        view
    )


def admin_required(view: View[P]) -> View[P]:
    """Admins."""
    return _required(ADMINS, "Only admins may see sources and people. Ask an admin of your desk.")(view)
