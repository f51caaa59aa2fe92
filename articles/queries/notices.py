"""What the pages read about notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from articles.models import Job, Notice

# More stand only when something is wrong with all of them; the oldest are then as good as said.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice as the list shows it; `feed_id` is None when it is about the desk itself."""

    id: int
    kind: str
    label: str
    words: str
    at: datetime
    feed_id: int | None
    feed_title: str
    seen_by: str
    seen_at: datetime | None
    mailed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenNotices:
    """The notices that stand: those nobody has seen, newest first, and those that somebody has."""

    new: Sequence[NoticeRow]
    seen: Sequence[NoticeRow]
    mail_trouble: str  # why the last mail did not go out, in words; empty when nothing is wrong


def open_notices() -> OpenNotices:
    """What stands now, and whether mail about it is stuck; two queries."""
    rows = [
        NoticeRow(
            notice.pk,
            notice.kind,
            notice.get_kind_display(),
            notice.words,
            notice.at,
            notice.feed_id,
            notice.feed.title if notice.feed else "",
            notice.seen_by,
            notice.seen_at,
            notice.mailed_at,
        )
        for notice in Notice.objects.filter(closed_at__isnull=True)
        .select_related("feed")
        .only(*_COLUMNS)
        .order_by("-at", "-pk")[:SHOWN]
    ]
    stuck = (
        Job.objects.filter(kind=Job.Kind.MAIL, state__in=[Job.State.WAITING, Job.State.FAILED])
        .exclude(message="")
        .order_by("-pk")
        .values_list("message", flat=True)
        .first()
    )
    return OpenNotices(
        [row for row in rows if row.seen_at is None], [row for row in rows if row.seen_at], stuck or ""
    )


_COLUMNS = ("kind", "words", "at", "feed__title", "seen_by", "seen_at", "mailed_at")
