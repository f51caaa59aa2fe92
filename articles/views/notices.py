"""Notices about sources, for admins: what stands, and a button to say that one has seen to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from articles.access import admin_required
from articles.editing.mailing import why_nothing_is_mailed
from articles.editing.notices import see_all_notices, see_notice
from articles.errors import RefusedError
from articles.queries.notices import open_notices


@require_safe
@admin_required
def notice_list(request: HttpRequest) -> HttpResponse:
    """What stands, newest first, and where it is told besides."""
    context = {"notices": open_notices(), "no_mail": why_nothing_is_mailed()}
    return render(request, "notices/list.html", context)


@require_POST
@admin_required
def notice_see(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One notice was seen."""
    try:
        see_notice(request.user.get_username(), notice_id)
    except RefusedError as error:
        messages.error(request, str(error))
    return redirect("notices")


@require_POST
@admin_required
def notices_see(request: HttpRequest) -> HttpResponse:
    """All of them were."""
    seen = see_all_notices(request.user.get_username())
    messages.success(request, f"{seen} notice{'' if seen == 1 else 's'} marked as seen.")
    return redirect("notices")
