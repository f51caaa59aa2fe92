"""Acts: how visits end. Whole batches of feeds are closed by one UPDATE and one COPY, whatever they brought."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import connection, transaction

from articles.ingest.claim import ClaimedFeed
from articles.ingest.copying import copy_rows
from articles.ingest.identity import IdentityPolicy
from articles.ingest.schedule import (
    REDIRECTS_SPAN_SECONDS,
    REDIRECTS_TO_PROPOSE,
    Bounds,
    Plan,
    after_answer,
    after_failure,
    jittered,
)
from articles.ingest.websub import declared_links
from articles.models import FetchRun
from articles.types import FetchFailure, FetchResult, ParsedFeed

# The sample world lies on this machine and its pieces are meant to appear while one watches.
SAMPLE_SECONDS = 20
_SAMPLE_WHY = "Every 20 s: the sample world is meant to be watched."
# What only an answer to a question teaches: a push holds just what is new, and often not the feed's own links. Nor
# does it heal a feed whose server refuses: what counts its failures stays, and so does what was last said of it.
_UNTOUCHED_BY_PUSH = frozenset({
    "interval_seconds", "floor_seconds", "known_share", "turnover_seconds", "error_weight", "etag", "last_modified",
    "body_sha256", "full_fetch_at", "last_fetch_at", "last_success_at", "last_status", "last_outcome", "last_message",
    "failures", "failing_since", "proposed_url", "redirects_seen", "redirects_since", "hub_url", "topic_url",
})  # fmt: skip
_GONE_WHY = "Its server says that it is gone for good (410): it is not asked again."
# What of an answer's headers tells something about the source: validators, wishes, what it is and where it came from.
_KEPT_HEADERS = (
    "age", "cache-control", "content-encoding", "content-length", "content-type", "date", "etag", "expires",
    "last-modified", "link", "location", "retry-after", "server", "via", "x-cache",
)  # fmt: skip
_LONGEST_HEADER = 300
_LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class Visit:
    """One claimed feed, the token that fences it, and the moment at which the visit counts.

    `forced`: asked without validators although there were some. `pushed`: a hub sent it, nobody asked.
    """

    feed: ClaimedFeed
    token: uuid.UUID
    now: datetime
    forced: bool = False
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """What an answer that was read brought. Nothing at all: it was the one that we have.

    `fresh` entries are new to this feed, `new` ones are new articles: other feeds may have had the same.
    """

    entries: int = 0
    fresh: int = 0
    new: int = 0
    changed: int = 0
    skipped: Sequence[Mapping[str, str | int]] = ()
    identity: IdentityPolicy | None = None  # when the policy stepped down
    identity_why: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one visit ends: the columns of the feed's row and those of its run."""

    feed_id: int
    row: Mapping[str, Any]
    run: Mapping[str, Any] = field(default_factory=dict)

    def with_run_id(self, run_id: int) -> Ending:
        """The same under a number that articles already bear."""
        return replace(self, run={**self.run, "id": run_id})


def end_of_answer(
    visit: Visit, result: FetchResult, parsed: ParsedFeed | None, brought: Brought, bounds: Bounds
) -> Ending:
    """The end of a visit that was answered. `parsed` is None when the body is the one that we have (304, equal hash)."""
    feed, now = visit.feed, visit.now
    plan = _plan_of_answer(visit, result, parsed, brought, bounds)
    is_304 = result.status == HTTPStatus.NOT_MODIFIED
    message = "; ".join(parsed.problems)[:_LONGEST_MESSAGE] if parsed else ""
    outcome = FetchRun.Outcome.UNCHANGED if parsed is None else FetchRun.Outcome.STORED
    row: dict[str, Any] = {
        **_unchanged_columns(visit, plan),
        "last_status": result.status,
        "last_outcome": outcome,
        "last_message": message,
        "last_success_at": now,
        # A push counts at the moment when it came, which may lie before what a poll has found since.
        "last_new_at": max(now, feed.last_new_at or now) if brought.fresh else feed.last_new_at,
        **_hub_columns(feed, result, parsed),
        "identity": brought.identity,
        "identity_why": brought.identity_why,
    }
    if visit.pushed:
        # As they stood before the claim: it is asked when it would have been.
        row |= {"seconds": None, "next_fetch_at": feed.next_fetch_at, "next_why": feed.next_why}
    else:
        row |= {
            "etag": result.headers.get("etag", feed.etag if is_304 else "")[:1000],
            "last_modified": result.headers.get("last-modified", feed.last_modified if is_304 else "")[:200],
            "body_sha256": feed.body_sha256 if is_304 else result.body_sha256,
            "full_fetch_at": feed.full_fetch_at if is_304 or _was_conditional(visit) else now,
            **_redirect_columns(feed, result, now),
        }
    run = {
        "at": now,
        "outcome": outcome,
        "status": result.status,
        "message": message,
        "milliseconds": round(result.elapsed_seconds * 1000),
        "bytes": result.raw_bytes or len(result.body),
        "entries": brought.entries,
        "new": brought.new,
        "changed": brought.changed,
        "forced": visit.forced,
        "pushed": visit.pushed,
        "answer": _told(result, feed.next_why if visit.pushed else plan.why),
        "skipped": list(brought.skipped),
    }
    return Ending(feed.id, row, run)


def end_of_failure(visit: Visit, failure: FetchFailure, bounds: Bounds) -> Ending:
    """The end of a visit that failed: it is counted, and the next try is put off."""
    feed, now = visit.feed, visit.now
    is_gone = failure.status == HTTPStatus.GONE
    plan = after_failure(feed.rhythm, bounds, failure)
    if is_gone:
        plan = replace(plan, why=_GONE_WHY)
    elif feed.sample:
        plan = replace(plan, seconds=min(plan.seconds, SAMPLE_SECONDS * (1 + feed.failures)), why=_SAMPLE_WHY)
    row = _unchanged_columns(visit, plan) | {
        "last_status": failure.status,
        "last_outcome": FetchRun.Outcome.FAILED,
        "last_message": failure.message[:_LONGEST_MESSAGE],
        "failures": min(feed.failures + 1, 32_767),
        "failing_since": feed.failing_since or now,
        "is_gone": is_gone,
    }
    run = {
        "at": now,
        "outcome": FetchRun.Outcome.FAILED,
        "kind": failure.kind,
        "status": failure.status,
        "message": failure.message[:_LONGEST_MESSAGE],
        "milliseconds": round(failure.elapsed_seconds * 1000),
        "forced": visit.forced,
        "pushed": visit.pushed,
        "answer": {
            "final_url": failure.final_url or failure.url,
            "headers": _kept(failure.headers),
            "steps": [list(step) for step in failure.steps],
            "next_why": plan.why,
        },
    }
    return Ending(feed.id, row, run)


def close_feeds(endings: Sequence[Ending]) -> set[int]:
    """Write these endings in one transaction; the feeds whose lease still held. Of the others nothing is written."""
    if not endings:
        return set()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, [_storable(json.dumps([ending.row for ending in endings], default=str))])
            held = {feed_id for (feed_id,) in cursor.fetchall()}
        kept = [ending for ending in endings if ending.feed_id in held]
        for has_id in (True, False):
            columns = ["id", *_RUN_COLUMNS] if has_id else _RUN_COLUMNS
            rows = [_run_row(ending) for ending in kept if ("id" in ending.run) is has_id]
            if rows:
                copy_rows("articles_fetchrun", columns, rows)
    return held


def _plan_of_answer(
    visit: Visit, result: FetchResult, parsed: ParsedFeed | None, brought: Brought, bounds: Bounds
) -> Plan:
    plan = after_answer(
        visit.feed.rhythm,
        bounds,
        entries=brought.entries,
        known=brought.entries - brought.fresh,
        headers=result.headers,
        ttl_minutes=parsed.ttl_minutes if parsed else None,
        unchanged=parsed is None,
        now=visit.now,
    )
    return replace(plan, seconds=SAMPLE_SECONDS, why=_SAMPLE_WHY) if visit.feed.sample else plan


def _unchanged_columns(visit: Visit, plan: Plan) -> dict[str, Any]:
    """All columns that closing writes, as a visit that brought nothing would leave them."""
    feed = visit.feed
    return {
        "id": feed.id,
        "token": visit.token,
        "is_push": visit.pushed,
        "seconds": plan.seconds
        if feed.sample
        else jittered(plan.seconds, f"{feed.id} {visit.now:%j%H}", most=plan.most_seconds),
        "next_fetch_at": None,
        "next_why": plan.why,
        "interval_seconds": plan.interval_seconds,
        "floor_seconds": plan.floor_seconds,
        "known_share": plan.known_share,
        "turnover_seconds": plan.turnover_seconds,
        "error_weight": plan.error_weight,
        "etag": feed.etag,
        "last_modified": feed.last_modified,
        "body_sha256": feed.body_sha256,
        "full_fetch_at": feed.full_fetch_at,
        "last_fetch_at": visit.now,
        "last_success_at": feed.last_success_at,
        "last_new_at": feed.last_new_at,
        "failures": 0,
        "failing_since": None,
        "is_gone": False,
        "proposed_url": feed.proposed_url,
        "redirects_seen": feed.redirects_seen,
        "redirects_since": feed.redirects_since,
        "hub_url": feed.hub_url,
        "topic_url": feed.topic_url,
        "identity": None,
        "identity_why": "",
    }


def _was_conditional(visit: Visit) -> bool:
    return not visit.forced and bool(visit.feed.etag or visit.feed.last_modified)


def _hub_columns(feed: ClaimedFeed, result: FetchResult, parsed: ParsedFeed | None) -> dict[str, str]:
    """The hub and topic that the answer declares: its headers are asked before its document (WebSub, 4)."""
    if parsed is None:
        return {"hub_url": feed.hub_url, "topic_url": feed.topic_url}
    hub, topic = declared_links(result.headers.get("link", ""), result.final_url)
    return {"hub_url": (hub or parsed.hub_url)[:2000], "topic_url": (topic or parsed.self_url)[:2000]}


def _redirect_columns(feed: ClaimedFeed, result: FetchResult, now: datetime) -> dict[str, Any]:
    """A permanent redirect that holds for a day is proposed as the new address; an admin applies it."""
    if not result.permanent_url or result.permanent_url == feed.url:
        return {"redirects_seen": 0, "redirects_since": None, "proposed_url": ""}
    seen, since = feed.redirects_seen + 1, feed.redirects_since or now
    settled = seen >= REDIRECTS_TO_PROPOSE and (now - since).total_seconds() >= REDIRECTS_SPAN_SECONDS
    return {
        "redirects_seen": min(seen, 32_767),
        "redirects_since": since,
        "proposed_url": result.permanent_url if settled else feed.proposed_url,
    }


def _told(result: FetchResult, why: str) -> dict[str, Any]:
    """What the source's page shows of an answer."""
    return {
        "final_url": result.final_url,
        "headers": _kept(result.headers),
        "steps": [list(step) for step in result.steps],
        "unpacked_bytes": len(result.body),
        "next_why": why,
    }


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name][:_LONGEST_HEADER] for name in _KEPT_HEADERS if name in headers}


_RUN_COLUMNS = (
    "feed_id", "at", "outcome", "kind", "status", "message", "milliseconds", "bytes", "entries", "new", "changed",
    "forced", "pushed", "answer", "skipped",
)  # fmt: skip
_RUN_DEFAULTS: Mapping[str, Any] = {
    "kind": "", "message": "", "milliseconds": 0, "bytes": 0, "entries": 0, "new": 0, "changed": 0, "forced": False,
    "pushed": False, "answer": {}, "skipped": [],
}  # fmt: skip


def _run_row(ending: Ending) -> list[Any]:
    run = {**_RUN_DEFAULTS, **ending.run, "feed_id": ending.feed_id}
    run["answer"], run["skipped"] = (
        _storable(json.dumps(run["answer"])),
        _storable(json.dumps(run["skipped"])),
    )
    run["message"] = run["message"].encode("utf-8", "replace").decode().replace("\x00", "")
    columns = ["id", *_RUN_COLUMNS] if "id" in run else _RUN_COLUMNS
    return [run[name] for name in columns]


def _storable(packed: str) -> str:
    """JSON that PostgreSQL takes: it has no room for U+0000, and half a surrogate pair is no character."""
    if "\\u0000" not in packed and "\\ud" not in packed:
        return packed
    return json.dumps(_clean(json.loads(packed)))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\x00", "")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value


# Columns that take what the ending says as it is.
_PLAIN = {
    "interval_seconds": "integer", "floor_seconds": "integer", "known_share": "float8", "turnover_seconds": "integer",
    "error_weight": "float8", "etag": "text", "last_modified": "text", "body_sha256": "text",
    "full_fetch_at": "timestamptz", "last_fetch_at": "timestamptz", "last_success_at": "timestamptz",
    "last_new_at": "timestamptz", "last_status": "smallint", "last_outcome": "text", "last_message": "text",
    "failures": "smallint", "failing_since": "timestamptz", "proposed_url": "text", "redirects_seen": "smallint",
    "redirects_since": "timestamptz", "hub_url": "text", "topic_url": "text", "next_why": "text",
}  # fmt: skip
_SET_PLAIN = ", ".join(
    f"{name} = CASE WHEN v.is_push THEN t.{name} ELSE v.{name} END"
    if name in _UNTOUCHED_BY_PUSH
    else f"{name} = v.{name}"
    for name in _PLAIN
)
# What a person decided meanwhile stands: a paused feed stays paused, a chosen identity stays chosen. A push takes back
# its own attempt alone: earlier deaths were those of polls.
_CLOSE = f"""
UPDATE articles_feed t SET lease_until = NULL, lease_token = NULL,
    attempts = CASE WHEN v.is_push THEN greatest(t.attempts - 1, 0) ELSE 0 END,
    next_fetch_at = CASE WHEN v.seconds IS NULL THEN coalesce(v.next_fetch_at, statement_timestamp())
                         ELSE statement_timestamp() + make_interval(secs => v.seconds) END,
    state = CASE WHEN v.is_gone AND t.state = 'active' THEN 'gone' ELSE t.state END,
    identity = CASE WHEN v.identity IS NULL OR t.identity_by <> '' THEN t.identity ELSE v.identity END,
    identity_since = CASE WHEN v.identity IS NULL OR t.identity_by <> '' THEN t.identity_since ELSE v.last_fetch_at END,
    identity_why = CASE WHEN v.identity_why = '' THEN t.identity_why ELSE v.identity_why END,
    {_SET_PLAIN}
FROM json_to_recordset(%s::json) AS v(
    id bigint, token uuid, is_push boolean, seconds float8, next_fetch_at timestamptz, is_gone boolean, identity text, identity_why text,
    {", ".join(f"{name} {kind}" for name, kind in _PLAIN.items())})
WHERE t.id = v.id AND t.lease_token = v.token
RETURNING t.id
"""  # noqa: S608 - names of ours
