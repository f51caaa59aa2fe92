"""The one place where the settings become what the fetch door and the sandbox are told."""

from __future__ import annotations

from django.conf import settings

from articles.ingest.addresses import AddressRules
from articles.ingest.fetch import FetchPolicy
from articles.ingest.limits import FeedLimits, PageLimits
from articles.ingest.sandbox import Sandbox, SandboxLimits
from articles.ingest.schedule import Bounds

_MEGABYTE = 1024 * 1024


def policy_from_settings(*, sample: bool = True) -> FetchPolicy:
    """The door's policy. `sample=False` (previews, discovery, check_url) has no exception for the sample world."""
    return FetchPolicy(
        user_agent=settings.USER_AGENT,
        rules=AddressRules(allow=settings.FETCH_ALLOW, only=settings.FETCH_ONLY, ports=settings.FETCH_PORTS),
        sample_address=settings.SAMPLE_ADDRESS if sample else "",
        connect_seconds=settings.FETCH_CONNECT_SECONDS,
        total_seconds=settings.FETCH_TOTAL_SECONDS,
        batch_seconds=settings.FETCH_BATCH_SECONDS,
        max_raw=settings.FETCH_RAW_MB * _MEGABYTE,
        max_feed=settings.FEED_MB * _MEGABYTE,
        max_page=settings.PAGE_MB * _MEGABYTE,
        concurrency=settings.FETCH_CONCURRENCY,
        host_pause_seconds=settings.FETCH_HOST_SECONDS,
        host_budget=settings.FETCH_HOST_BUDGET,
        own_at_once=settings.FETCH_OWN_AT_ONCE,
        crawl_delay_most=settings.FETCH_CRAWL_DELAY_MOST,
    )


def feed_limits_from_settings() -> FeedLimits:
    """How much of a feed is looked at."""
    return FeedLimits(
        max_bytes=settings.FEED_MB * _MEGABYTE,
        max_entries=settings.FEED_ENTRIES,
        max_title=settings.FEED_TITLE,
        max_html=settings.FEED_TEXT_KB * 1000,
        max_guid=settings.FEED_GUID,
        max_labels=settings.FEED_LABELS,
        max_tag=settings.FEED_TAG,
        max_attributes=settings.FEED_ATTRIBUTES,
        max_depth=settings.FEED_DEPTH,
    )


def bounds_from_settings() -> Bounds:
    """The limits of the schedule."""
    return Bounds(
        least_seconds=settings.FEED_LEAST_MINUTES * 60,
        most_seconds=settings.FEED_MOST_MINUTES * 60,
        start_seconds=settings.FEED_MINUTES * 60,
        news_seconds=settings.FEED_NEWS_MINUTES * 60,
    )


def sandbox_from_settings(size: int = 1, *, wall_seconds: float | None = None) -> Sandbox:
    """A pool of `size` parsing children under the limits of the settings; the caller closes it.

    `wall_seconds` shortens the time on the clock where a person waits.
    """
    limits = SandboxLimits(
        cpu_seconds=settings.SANDBOX_CPU_SECONDS,
        wall_seconds=min(wall_seconds or settings.SANDBOX_WALL_SECONDS, settings.SANDBOX_WALL_SECONDS),
        page_wall_seconds=min(
            wall_seconds or settings.SANDBOX_PAGE_WALL_SECONDS, settings.SANDBOX_PAGE_WALL_SECONDS
        ),
        feed_memory=settings.SANDBOX_FEED_MB * _MEGABYTE,
        page_memory=settings.SANDBOX_PAGE_MB * _MEGABYTE,
        feed=feed_limits_from_settings(),
        page=PageLimits(max_bytes=settings.PAGE_MB * _MEGABYTE),
    )
    return Sandbox(size, limits)
