"""The desk's own Celery application with one more task that does nothing: what Celery itself costs."""

from __future__ import annotations

from newsdesk.celery import app

__all__ = ["NOTHING", "app", "nothing"]

NOTHING = "measured_nothing"


@app.task(name=NOTHING)
def nothing() -> None:
    """Come and go."""
