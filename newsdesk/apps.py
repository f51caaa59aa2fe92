"""Names the house for Django, and sees that every process knows which Celery application is ours."""

from __future__ import annotations

from django.apps import AppConfig

from newsdesk.celery import app

__all__ = ["NewsdeskConfig", "app"]


class NewsdeskConfig(AppConfig):
    """Shared tasks sent from a page or a command go to the desk's own broker."""

    name = "newsdesk"
