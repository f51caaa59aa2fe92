"""The public page about our fetcher: for the people whose servers it asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.ingest.pages import PAGE_RETRIES
from articles.ingest.robots import product_token
from articles.ingest.schedule import OFFLINE_RETRY_SECONDS
from newsdesk.user_agent import contact_link

_MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class FetcherFacts:
    """What the page says, from the settings that are in force. `token` is the name in a robots.txt."""

    user_agent: str
    token: str
    contact: str
    contact_href: str
    has_site: bool
    least: str
    most: str
    pause: str
    budget: int
    crawl_delay: str
    total: str
    sent_mb: int
    feed_mb: int
    page_mb: int
    is_pushed_to: bool
    page_retries: int
    looks: int  # again at one page, at most; 0 when pages are not looked at again
    looks_apart: str
    offline: str


def fetcher_facts() -> FetcherFacts:
    """The facts as this desk is set up now."""
    return FetcherFacts(
        user_agent=settings.USER_AGENT,
        token=product_token(settings.USER_AGENT),
        contact=settings.CONTACT,
        contact_href=contact_link(settings.CONTACT) if settings.CONTACT else "",
        has_site=bool(settings.SITE_URL),
        least=minutes_in_words(settings.FEED_LEAST_MINUTES),
        most=minutes_in_words(settings.FEED_MOST_MINUTES),
        pause=seconds_in_words(settings.FETCH_HOST_SECONDS),
        budget=settings.FETCH_HOST_BUDGET,
        crawl_delay=seconds_in_words(settings.FETCH_CRAWL_DELAY_MOST),
        total=seconds_in_words(settings.FETCH_TOTAL_SECONDS),
        sent_mb=settings.FETCH_RAW_MB,
        feed_mb=settings.FEED_MB,
        page_mb=settings.PAGE_MB,
        is_pushed_to=settings.WEBSUB != "off" and settings.SITE_URL.startswith("https://"),
        page_retries=len(PAGE_RETRIES),
        looks=settings.LOOK_MOST if settings.LOOKS else 0,
        looks_apart=minutes_in_words(settings.LOOK_LEAST_MINUTES),
        offline=seconds_in_words(OFFLINE_RETRY_SECONDS),
    )


def minutes_in_words(minutes: int) -> str:
    """5 minutes, 24 hours: the larger unit when it fits without a rest."""
    hours, rest = divmod(minutes, _MINUTES_AN_HOUR)
    return _counted(minutes, "minute") if rest else _counted(hours, "hour")


def seconds_in_words(seconds: float) -> str:
    """1 second, 2.5 seconds."""
    return _counted(seconds, "second")


def _counted(count: float, unit: str) -> str:
    return f"{count:g} {unit}{'' if count == 1 else 's'}"


@require_safe
def about_fetcher(request: HttpRequest) -> HttpResponse:
    """What this desk fetches, how often, and how to be left out; for everybody, without signing in."""
    return render(request, "desk/about_fetcher.html", {"facts": fetcher_facts()})
