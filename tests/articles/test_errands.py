"""A real worker asks hubs, stores what they push and mails notices, woken by nothing but beat's tick."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.editing.notices import note_feed_health
from articles.ingest.subscribing import plan_subscriptions
from articles.jobs import add_jobs
from articles.models import Article, Feed, Job, Notice, Subscription
from articles.tasks import errands, poke
from newsdesk.accounts.models import User
from tests.hub import Hub, hub
from tests.mail_server import mail_server
from tests.sources_world import make_source
from tests.workers import test_environment, wait_until, working

__all__ = ["hub"]

BODY = (
    b"<rss version='2.0'><channel><title>Harbour</title><item><guid>one</guid><title>Quay opens</title>"
    b"<link>https://harbour.example/one</link><description>Words.</description></item></channel></rss>"
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_all_errands(
    tmp_path: Path, hub: Hub, client: Client, admin: User, settings: Any
) -> None:
    feed = make_source(
        "Harbour Ledger",
        hub_url=hub.url,
        topic_url="https://harbour.example/self",
        next_fetch_at=timezone.now() + timedelta(hours=1),
    )
    with mail_server() as mails:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{mails.port}"
        settings.NOTICE_MAIL_MINUTES = 0.0
        environment = test_environment(
            EMAIL_URL=settings.EMAIL_URL,
            NEWSDESK_SITE_URL="https://desk.example",
            NEWSDESK_ENCRYPTION_KEY=settings.ENCRYPTION_KEY,
            NEWSDESK_FETCH_ALLOW="127.0.0.0/8",
            NEWSDESK_FETCH_PORTS=str(hub.server.port),
            NEWSDESK_DATA=str(settings.DATA_DIR),
        )
        broken = make_source(
            "Kowloon Wire", failures=5, error_weight=5.0, next_fetch_at=timezone.now() + timedelta(hours=1)
        )
        Feed.objects.filter(pk=broken.pk).update(failing_since=timezone.now() - timedelta(hours=6))
        note_feed_health([broken.pk])
        log = tmp_path / "worker.log"

        def after_a_tick(is_so: Any, what: str) -> None:
            def looked() -> bool:
                poke.apply_async()
                return bool(is_so())

            wait_until(looked, f"{what}; see {log}", pause=1.0)

        with working(log, environment):
            after_a_tick(lambda: mails.received, "the notice is mailed")
            after_a_tick(lambda: hub.asked, "the hub is asked")
            assert client.get(hub.callback, hub.intent()).status_code == 200
            signed = {"X-Hub-Signature": hub.signature(BODY)}
            assert client.post(hub.callback, BODY, "text/xml", headers=signed).status_code == 202
            after_a_tick(Article.objects.exists, "what was pushed is an article")
    assert mails.received[0][0] == ["ada@desk.example"]
    assert Notice.objects.get(feed=broken).mailed_at is not None
    assert Subscription.objects.get(feed=feed).state == "active"


@pytest.mark.django_db
def test_an_errand_that_fails_stops_none_of_those_behind_it(hub: Hub, admin: User, settings: Any) -> None:
    make_source("Harbour Ledger", hub_url=hub.url, next_fetch_at=timezone.now() + timedelta(hours=1))
    plan_subscriptions()
    notice = Notice.objects.create(feed=make_source("Kowloon Wire"), kind="failing", words="It has trouble.")
    add_jobs(Job.Kind.MAIL, [(notice.pk, "", 0, None)])
    settings.MIN_FREE_GB = None  # the room on the disk cannot be judged: nothing that was pushed is stored
    with mail_server() as mails:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{mails.port}"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mails.port
        with pytest.raises(TypeError):
            errands()
        assert len(mails.received) == 1
    assert hub.last["hub.mode"] == "subscribe"
