"""The append-only history: every act of a person, and what the machine did in its stead, leaves one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from entities.models import Change

MACHINE = "newsdesk"


def record_change(  # noqa: PLR0913 - one column an argument
    subject_kind: str,
    subject_id: int,
    by: str,
    act: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
    undoes: Change | None = None,
) -> Change:
    """Write one row of history inside the caller's transaction.

    `before` and `after` hold only what changed and must be JSON; `by` is a user's name, or MACHINE.
    An undo names the row that it takes back; a row can be taken back once (IntegrityError otherwise).
    """
    return Change.objects.create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        by=by,
        act=act,
        before=dict(before or {}),
        after=dict(after or {}),
        why=why,
        undoes=undoes,
    )


def history_of(subject_kind: str, subject_id: int, *former: int, limit: int = 50) -> Sequence[Change]:
    """The newest rows about one subject, newest first; `undone_by` is loaded, so a page can say what still holds.

    `former` are numbers of rows that became part of it.
    """
    return list(
        Change.objects.filter(subject_kind=subject_kind, subject_id__in=[subject_id, *former])
        .prefetch_related("undone_by")
        .order_by("-id")[:limit]
    )
