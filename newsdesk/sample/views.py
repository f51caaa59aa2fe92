"""The one click that takes the sample world away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from articles.access import admin_required
from newsdesk.sample.sources import remove_sample


@require_POST
@admin_required
def remove(request: HttpRequest) -> HttpResponse:
    """Remove all sample data and say how much it was."""
    gone = remove_sample(request.user.get_username())
    messages.success(
        request, f"The sample is gone: {gone.feeds} sources, {gone.articles} articles, {gone.events} events."
    )
    return redirect("today")
