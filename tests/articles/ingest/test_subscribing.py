"""Subscriptions with a hub of our own on loopback: asked, verified, renewed, refused, ended."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.ingest.subscribing import ask_hubs, plan_subscriptions, websub_is_open
from articles.models import Feed, HostTime, Job, Push, Subscription
from tests.hub import Hub, hub, hub_serving
from tests.sources_world import make_source

__all__ = ["hub"]

pytestmark = pytest.mark.django_db

BODY = b"<rss version='2.0'><channel><title>Harbour</title></channel></rss>"


def _feed(hub: Hub, name: str = "Harbour Ledger", **columns: Any) -> Feed:
    return make_source(name, **{"hub_url": hub.url, "topic_url": "https://harbour.example/self", **columns})


def _ask(hub: Hub) -> int:
    before = len(hub.asked)
    plan_subscriptions()
    ask_hubs(60)
    return len(hub.asked) - before


def _row() -> Subscription:
    return Subscription.objects.get()


def _verified(hub: Hub, client: Client, **changes: Any) -> Feed:
    feed = _feed(hub, **changes)
    _ask(hub)
    assert client.get(hub.callback, hub.intent()).status_code == 200
    return feed


def test_a_hub_is_asked_and_what_it_asks_back_is_confirmed(hub: Hub, client: Client) -> None:
    _feed(hub)
    assert _ask(hub) == 1
    row = _row()
    assert (row.state, row.hub, row.topic) == ("asked", hub.url, "https://harbour.example/self")
    assert hub.last["hub.callback"] == f"https://desk.example/push/{row.token}/"
    assert hub.last["hub.secret"].encode() not in bytes(row.secret), "secrets lie encrypted"
    answer = client.get(hub.callback, hub.intent(lease_seconds="86400"))
    assert (answer.status_code, answer.content) == (200, b"a challenge <b>&amp;")
    assert answer["Content-Type"].startswith("text/plain")
    row = _row()
    now = timezone.now()
    assert row.state == "active"
    assert row.lease_until is not None
    assert now + timedelta(hours=23) < row.lease_until < now + timedelta(hours=25)
    assert now < row.renew_at < row.lease_until
    shown = _row()
    assert (shown.get_state_display(), shown.hub, shown.message) == ("Active", hub.url, "")
    assert _ask(hub) == 0, "what is as it should be is left alone"


def test_a_feed_without_a_self_link_is_asked_for_by_its_own_address(hub: Hub) -> None:
    feed = _feed(hub, topic_url="")
    _ask(hub)
    assert hub.last["hub.topic"] == feed.url


@pytest.mark.parametrize(
    "changes",
    [{"topic": "https://harbour.example/other"}, {"mode": "publish"}, {"challenge": ""}],
)
def test_a_question_that_does_not_fit_is_not_confirmed(
    hub: Hub, client: Client, changes: dict[str, str]
) -> None:
    _feed(hub)
    _ask(hub)
    question = hub.intent() | {f"hub.{name}": value for name, value in changes.items()}
    assert client.get(hub.callback, question).status_code == 404
    assert _row().state == "asked"


def test_nothing_is_confirmed_for_a_token_that_nobody_gave_but_that_we_are_gone(
    hub: Hub, client: Client
) -> None:
    _feed(hub)
    _ask(hub)
    assert client.get("/push/another-token/", hub.intent()).status_code == 404
    assert client.get("/push/another-token/", hub.intent("unsubscribe")).status_code == 200
    assert client.get(hub.callback, hub.intent("unsubscribe")).status_code == 404, "we want to stay"


def test_a_request_that_was_asked_long_ago_is_not_confirmed(hub: Hub, client: Client) -> None:
    _feed(hub)
    _ask(hub)
    Subscription.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert client.get(hub.callback, hub.intent()).status_code == 404


def test_a_hub_may_refuse_and_is_asked_again_in_a_week(hub: Hub, client: Client) -> None:
    _feed(hub)
    _ask(hub)
    answer = client.get(hub.callback, hub.intent("denied", reason="topic not known"))
    assert answer.status_code == 200
    shown = _row()
    assert (shown.state, shown.message) == ("denied", "The hub refuses: topic not known.")
    assert client.get(hub.callback, hub.intent()).status_code == 404
    assert client.post(hub.callback, BODY, "text/xml").status_code == 410
    assert _ask(hub) == 0
    old = _row().token
    Subscription.objects.update(renew_at=timezone.now())
    assert _ask(hub) == 1
    assert (_row().state, _row().token == old) == ("asked", False)


def test_a_lease_is_renewed_before_it_ends_and_pushes_go_on_meanwhile(hub: Hub, client: Client) -> None:
    _verified(hub, client)
    token, secret, ends = _row().token, hub.last["hub.secret"], _row().lease_until
    Subscription.objects.update(renew_at=timezone.now(), verified_at=timezone.now() - timedelta(days=8))
    assert _ask(hub) == 1
    assert (_row().state, _row().lease_until) == ("active", ends)
    assert (hub.last["hub.secret"], _row().token) == (secret, token)
    assert _ask(hub) == 0
    client.get(hub.callback, hub.intent(lease_seconds="7776000"))
    assert _row().lease_until > ends  # type: ignore[operator]


def test_a_renewal_that_fails_keeps_the_lease_that_runs_and_says_so(hub: Hub, client: Client) -> None:
    _verified(hub, client)
    hub.status = 503
    Subscription.objects.update(renew_at=timezone.now(), verified_at=timezone.now() - timedelta(days=8))
    _ask(hub)
    shown = _row()
    assert shown.state == "active"
    assert "did not take the request" in shown.message
    Subscription.objects.update(renew_at=timezone.now(), lease_until=timezone.now() - timedelta(seconds=1))
    _ask(hub)
    assert _row().state == "failed"


def test_a_hub_that_does_not_answer_is_asked_ever_more_rarely(hub: Hub) -> None:
    hub.status = 500
    _feed(hub)
    waits: list[int] = []
    for _ in range(5):
        assert _ask(hub) == 1
        assert _ask(hub) == 0
        row = _row()
        assert row.state == "failed"
        waits.append(round((row.renew_at - timezone.now()) / timedelta(hours=1)))
        Subscription.objects.update(renew_at=timezone.now())
    assert waits == [1, 6, 24, 168, 168]


def test_a_hub_that_never_verifies_is_told_of(hub: Hub) -> None:
    _feed(hub)
    _ask(hub)
    Subscription.objects.update(renew_at=timezone.now())
    assert _ask(hub) == 1
    shown = _row()
    assert (shown.state, shown.message) == ("asked", "The hub took the last request, but never verified it.")


def test_a_hub_that_verifies_although_its_answer_was_lost_is_believed(hub: Hub, client: Client) -> None:
    hub.status = 500
    _feed(hub)
    _ask(hub)
    assert client.get(hub.callback, hub.intent()).status_code == 200
    assert _row().state == "active"


def test_a_feed_that_names_another_hub_leaves_the_first(hub: Hub, client: Client, settings: Any) -> None:
    feed = _verified(hub, client)
    old, was_at = _row().token, hub.callback
    with hub_serving() as other:
        Feed.objects.filter(pk=feed.pk).update(hub_url=other.url)
        settings.FETCH_PORTS = frozenset({hub.server.port, other.server.port})
        plan_subscriptions()
        ask_hubs(60)
        assert other.last["hub.mode"] == "subscribe"
        assert hub.last["hub.mode"] == "unsubscribe"
        assert old in hub.last["hub.callback"]
        assert _row().token != old
        assert client.get(was_at, hub.intent("unsubscribe")).status_code == 200
        assert client.post(was_at, BODY, "text/xml").status_code == 410


@pytest.mark.parametrize("columns", [{"state": "paused"}, {"state": "gone"}])
def test_a_feed_that_is_stopped_unsubscribes_and_comes_back_when_it_is_resumed(
    hub: Hub, client: Client, columns: dict[str, str]
) -> None:
    feed = _verified(hub, client)
    Feed.objects.filter(pk=feed.pk).update(**columns)
    assert _ask(hub) == 1
    assert hub.last["hub.mode"] == "unsubscribe"
    assert _row().state == "ended"
    assert client.get(hub.callback, hub.intent("unsubscribe")).status_code == 200
    assert client.get(hub.callback, hub.intent()).status_code == 404
    assert _ask(hub) == 0
    Feed.objects.filter(pk=feed.pk).update(state="active")
    assert _ask(hub) == 1
    assert (hub.last["hub.mode"], _row().state) == ("subscribe", "asked")


def test_a_hub_that_is_missing_from_one_answer_is_kept_until_its_lease_is_due(
    hub: Hub, client: Client
) -> None:
    feed = _verified(hub, client)
    Feed.objects.filter(pk=feed.pk).update(hub_url="")
    assert _ask(hub) == 0
    Subscription.objects.update(renew_at=timezone.now())
    assert _ask(hub) == 1
    assert hub.last["hub.mode"] == "unsubscribe"


def test_a_source_that_was_removed_answers_that_it_is_gone(hub: Hub, client: Client) -> None:
    feed = _verified(hub, client)
    feed.delete()
    assert client.post(hub.callback, BODY, "text/xml").status_code == 410


def test_no_hub_is_asked_where_none_could_call_or_nobody_wants_it(hub: Hub, settings: Any) -> None:
    _feed(hub)
    for site, word in (("http://desk.example", "auto"), ("", "auto"), ("https://desk.example", "off")):
        settings.SITE_URL, settings.WEBSUB = site, word
        assert not websub_is_open()
        assert _ask(hub) == 0
    assert not Subscription.objects.exists()


def test_switching_it_off_ends_what_runs(hub: Hub, client: Client, settings: Any) -> None:
    _verified(hub, client)
    settings.WEBSUB = "off"
    assert _ask(hub) == 1
    assert (hub.last["hub.mode"], _row().state) == ("unsubscribe", "ended")


def test_no_secret_is_sent_over_plain_http_to_a_stranger(hub: Hub) -> None:
    _feed(hub, hub_url="http://hub.example/")
    assert _ask(hub) == 0
    shown = _row()
    assert shown.state == "failed"
    assert "plain http" in shown.message
    assert _ask(hub) == 0


def test_the_sample_has_no_hub(hub: Hub) -> None:
    _feed(hub, sample=True)
    assert _ask(hub) == 0


def test_a_signed_push_is_kept_for_a_worker_and_answered_at_once(hub: Hub, client: Client) -> None:
    feed = _verified(hub, client)
    answer = client.post(
        hub.callback, BODY, "application/rss+xml", headers={"X-Hub-Signature": hub.signature(BODY)}
    )
    assert answer.status_code == 202
    push = Push.objects.get()
    assert (push.feed_id, bytes(push.body), push.content_type) == (feed.pk, BODY, "application/rss+xml")
    assert Job.objects.filter(kind="push", subject_id=feed.pk, state="waiting").exists()
    row = _row()
    assert (row.pushes, row.refused, row.pushed_at) == (1, 0, push.at)


@pytest.mark.parametrize("header", ["", "sha256=00", "sha1=junk"])
def test_a_forged_push_is_answered_counted_and_never_read(hub: Hub, client: Client, header: str) -> None:
    _verified(hub, client)
    answer = client.post(hub.callback, BODY, "text/xml", headers={"X-Hub-Signature": header})
    assert answer.status_code == 202
    assert (Push.objects.count(), _row().refused, _row().pushes, _row().pushed_at) == (0, 1, 0, None)


def test_a_push_needs_no_session_and_no_form_token(hub: Hub) -> None:
    strict = Client(enforce_csrf_checks=True)
    _verified(hub, strict)
    answer = strict.post(
        hub.callback, BODY, "text/xml", headers={"X-Hub-Signature": hub.signature(BODY, "sha1")}
    )
    assert answer.status_code == 202
    assert Push.objects.count() == 1


def test_a_push_larger_than_a_feed_may_be_is_not_taken(hub: Hub, client: Client, settings: Any) -> None:
    _verified(hub, client)
    settings.FEED_MB = 1
    body = b"x" * (1024 * 1024)
    headers = {"X-Hub-Signature": hub.signature(body)}
    assert client.post(hub.callback, body, "text/xml", headers=headers).status_code == 202
    assert client.post(hub.callback, body + b"x", "text/xml", headers=headers).status_code == 413
    assert Push.objects.count() == 1


def test_a_hub_that_pushes_faster_than_is_stored_is_told_to_come_again(
    hub: Hub, client: Client, settings: Any
) -> None:
    _verified(hub, client)
    settings.PUSHES_WAITING = 2
    headers = {"X-Hub-Signature": hub.signature(BODY)}
    answers = [client.post(hub.callback, BODY, "text/xml", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 503]
    assert answers[-1]["Retry-After"] == "120"


def test_secrets_that_no_key_opens_are_made_anew(hub: Hub, client: Client) -> None:
    _verified(hub, client)
    signed = {"X-Hub-Signature": hub.signature(BODY)}
    Subscription.objects.update(secret=b"lost", renew_at=timezone.now())
    assert client.post(hub.callback, BODY, "text/xml", headers=signed).status_code == 202
    assert (Push.objects.count(), _row().refused) == (0, 1)
    before = hub.last["hub.secret"]
    assert _ask(hub) == 1
    assert hub.last["hub.secret"] != before


def test_planning_costs_the_same_for_many_feeds(hub: Hub) -> None:
    def queries(count: int) -> int:
        for number in range(count):
            _feed(hub, f"Paper {count} {number}")
        with CaptureQueriesContext(connection) as seen:
            assert plan_subscriptions() == count
        return len(seen)

    assert queries(3) == queries(20) <= 3


def _keep_busy(hub: Hub, settings: Any) -> None:
    """The hub is a stranger's, and somebody else asks it just now."""
    settings.FETCH_OWN_AT_ONCE = 0
    HostTime.objects.create(
        host=hub.server.address, free_at=timezone.now() + timedelta(minutes=5), why="in use"
    )


def _free() -> None:
    HostTime.objects.all().delete()
    Job.objects.update(not_before=timezone.now())


@pytest.mark.parametrize("columns", [{"state": "paused"}, {"topic_url": "https://harbour.example/other"}])
def test_a_farewell_to_a_busy_hub_is_sent_later(
    hub: Hub, client: Client, settings: Any, columns: dict[str, str]
) -> None:
    feed = _verified(hub, client)
    before = Subscription.objects.values().get()
    Feed.objects.filter(pk=feed.pk).update(**columns)
    _keep_busy(hub, settings)
    assert _ask(hub) == 0
    assert Subscription.objects.values().get() == before, "nothing was asked, nothing has changed"
    _free()
    asked = len(hub.asked)
    ask_hubs(60)
    assert hub.asked[asked]["hub.mode"] == "unsubscribe"
    assert before["token"] in hub.asked[asked]["hub.callback"]


def test_a_renewal_that_waits_for_a_busy_hub_is_no_try(hub: Hub, client: Client, settings: Any) -> None:
    _verified(hub, client)
    Subscription.objects.update(renew_at=timezone.now())
    before = Subscription.objects.values().get()
    _keep_busy(hub, settings)
    assert _ask(hub) == 0
    assert Subscription.objects.values().get() == before
    job = Job.objects.get(kind="subscribe")
    assert (job.state, job.tries, job.attempts) == ("waiting", 0, 0)
    _free()
    assert _ask(hub) == 1
    assert _row().tries == before["tries"] + 1


def test_a_first_request_that_waits_for_a_busy_hub_leaves_no_row(hub: Hub, settings: Any) -> None:
    _feed(hub)
    _keep_busy(hub, settings)
    assert _ask(hub) == 0
    assert not Subscription.objects.exists()
    _free()
    assert _ask(hub) == 1


def test_what_breaks_one_subscription_is_its_own_trouble(hub: Hub) -> None:
    bad, good = _feed(hub, "Harbour Ledger"), _feed(hub, "Tessin Times")
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this'; END $$"""
        )
        cursor.execute(
            f"""CREATE TRIGGER refuse BEFORE INSERT ON articles_subscription FOR EACH ROW
                WHEN (NEW.feed_id = {bad.pk}) EXECUTE FUNCTION refuse()"""
        )
    assert _ask(hub) == 1
    assert Subscription.objects.get().feed_id == good.pk
    job = Job.objects.get(kind="subscribe", subject_id=bad.pk)
    assert (job.state, job.tries, job.attempts, job.lease_token) == ("waiting", 1, 0, None)
    assert "could not be asked" in job.message
    Job.objects.filter(pk=job.pk).update(tries=99, not_before=timezone.now())
    ask_hubs(60)
    assert _ask(hub) == 0, "what has failed for good waits for an admin"
    assert Job.objects.get(pk=job.pk).state == "failed"


class _Unread(BytesIO):
    """A body that tells whether anybody read it."""

    was_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.was_read = True
        return super().read(size)


def test_nothing_is_read_for_a_token_that_nobody_gave(hub: Hub, client: Client) -> None:
    _verified(hub, client)
    for path, status in (("/push/another-token/", 410), (hub.callback, 202)):
        body = _Unread(BODY)
        extra: dict[str, Any] = {"wsgi.input": body}
        assert client.post(path, BODY, "text/xml", **extra).status_code == status
        assert body.was_read is (status == 202)
