"""Lists of sources as files: OPML for every reader, JSON with all that the desk knows; read, planned, written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from articles.editing.page_rules import RulesDraft, problems_of, save_rules
from articles.editing.sources import (
    MINUTE,
    ImportLine,
    SecretEdit,
    SourceDraft,
    add_source,
    interval_problem,
    plan_import,
    tags_of,
)
from articles.errors import ParseFailedError, RefusedError, UnreadableSecretsError
from articles.ingest.credentials import find_faults
from articles.ingest.decided import BULK
from articles.ingest.opml import MAX_FEEDS, Outline, read_opml, write_opml
from articles.ingest.policy import bounds_from_settings
from articles.ingest.publisher_rules import texts_of
from articles.ingest.sanitize import plain_text
from articles.ingest.secrets import seal, unseal
from articles.models import Feed, PageRules
from articles.types import SELECTOR_PARTS
from entities.history import record_change

TITLE = "Newsdesk sources"
FORMAT = "newsdesk_sources"
VERSION = 1
SEALED = "sealed:"
STATES = ("active", "paused")
POLICIES = ("guid", "url", "content")


@dataclass(frozen=True, slots=True)
class ListedSource:
    """One source of a file. `line` is its line (OPML) or its place (JSON); `problem` says why it cannot be read."""

    draft: SourceDraft
    line: int = 0
    problem: str = ""
    site_url: str = ""
    state: str = "active"
    identity: str = ""  # empty: the machine decides
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    page_rules: Mapping[str, str] = field(default_factory=dict)  # selectors by part, one a line


def read_list(body: bytes) -> list[ListedSource]:
    """The sources of an OPML or JSON file. Raises ParseFailedError with a sentence about the file."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return read_json_list(body)
    return [_listed(outline) for outline in read_opml(body)]


def counts_places(body: bytes) -> bool:
    """Whether the numbers of a list are places (JSON) and not lines (OPML)."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _listed(outline: Outline) -> ListedSource:
    """The publisher of a feed in OPML is the name of its site."""
    title = plain_text(outline.title)[:300] or outline.url[:300]
    host = _site_of(outline.site_url or outline.url)
    language = outline.language[:16]
    return ListedSource(
        SourceDraft(
            url=outline.url,
            title=title,
            publisher=host.removeprefix("www.")[:200] or title[:200] or "unknown",
            section=plain_text(outline.folder)[:60],
            language=language if language.replace("-", "").isalnum() else "",
            tags=tags_of(plain_text(",".join(outline.tags))),
        ),
        line=outline.line,
        problem="" if outline.url else "it has no xmlUrl",
        site_url=outline.site_url if outline.site_url.startswith(("http://", "https://")) else "",
    )


def _site_of(url: str) -> str:
    """The host in an address as a list writes it; empty when nobody can read it."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:  # brackets around what is no IPv6 address
        return ""


def read_json_list(body: bytes) -> list[ListedSource]:
    """The sources of a file that the desk wrote. Raises ParseFailedError; a fault of one source is its `problem`."""
    try:
        whole = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ParseFailedError("The file is in an encoding that cannot be read. Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ParseFailedError(f"The file is no JSON: {error.msg} in line {error.lineno}.") from error
    except RecursionError as error:
        raise ParseFailedError("The file is nested too deeply for a list of sources.") from error
    if not isinstance(whole, dict) or FORMAT not in whole:
        raise ParseFailedError(f"The file is JSON, but no list of sources: “{FORMAT}” is missing.")
    if whole[FORMAT] != VERSION:
        raise ParseFailedError(f"The list is of version {whole[FORMAT]!r}; version {VERSION} is understood.")
    sources = whole.get("sources")
    if not isinstance(sources, list) or not sources:
        raise ParseFailedError("No source stands in the list.")
    if len(sources) > MAX_FEEDS:
        raise ParseFailedError(f"The list has more than {MAX_FEEDS:,} sources. Split it.")
    return [_from_json(row, place) for place, row in enumerate(sources, 1)]


def _from_json(row: object, place: int) -> ListedSource:
    if not isinstance(row, dict):
        return ListedSource(SourceDraft("", "?", "?"), place, "it is no object")
    publisher = row.get("publisher")
    told = publisher if isinstance(publisher, dict) else {"name": publisher}
    tags, secrets = row.get("tags", []), row.get("secrets", {})
    minutes = row.get("interval_minutes")
    url = _text(row, "url", 2000)
    draft = SourceDraft(
        url=url,
        title=_text(row, "title", 300) or url,
        publisher=_text(told, "name", 200) or _site_of(url).removeprefix("www."),
        section=_text(row, "section", 60),
        language=_text(row, "language", 16),
        tags=tags_of(",".join(tags)) if _are_texts(tags) else (),
        note=_text(row, "note", 4000),
        fixed_minutes=minutes if isinstance(minutes, int) and not interval_problem(minutes) else None,
        user_agent=_text(row, "user_agent", 300),
        owner=_text(told, "owner", 200),
        country=_text(told, "country", 2),
        publisher_language=_text(told, "language", 16),
    )
    faults = [
        "it has no address" if not url else "",
        "its tags are no list of texts" if not _are_texts(tags) else "",
        f"its interval is {problem}"
        if minutes is not None and (problem := interval_problem(minutes))
        else "",
        "its state is neither active nor paused" if row.get("state", "active") not in STATES else "",
        "its identity is none of guid, url and content"
        if row.get("identity", "") not in {"", *POLICIES}
        else "",
        "its secrets are no texts by name"
        if not isinstance(secrets, dict) or not _are_texts(list(secrets.values()))
        else " ".join(find_faults(secrets)),
    ]
    rules, fault = _rules_in(told)
    problem = "; ".join(fault for fault in [*faults, fault] if fault)
    return ListedSource(
        draft,
        place,
        problem,
        site_url=_text(row, "site_url", 2000),
        state=row.get("state", "active") if not problem else "active",
        identity=row.get("identity", "") if not problem else "",
        secrets=secrets if not problem else {},
        page_rules=rules if not problem else {},
    )


def _rules_in(publisher: Mapping[str, Any]) -> tuple[Mapping[str, str], str]:
    """(how the publisher's pages are read, what is wrong with that)."""
    told = publisher.get("page_rules", {})
    if not isinstance(told, dict) or not all(_are_texts(lines) for lines in told.values()):
        return {}, "its page rules are no lists of selectors by name"
    rules: dict[str, str] = {part: "\n".join(told[part]) for part in SELECTOR_PARTS if told.get(part)}
    for part, problems in problems_of(RulesDraft(**rules)).items():
        return {}, f"its page rules ({part}): {problems[0].removesuffix('.')}"
    return rules, ""


def _text(row: Mapping[str, Any], name: str, most: int) -> str:
    value = row.get(name)
    return plain_text(value).strip()[:most] if isinstance(value, str) else ""


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def plan_list(listed: Sequence[ListedSource]) -> list[ImportLine]:
    """The dry run: each source with the reason why it would be left out, or none. Writes nothing."""
    planned = plan_import([source.draft for source in listed], [source.line for source in listed])
    return [
        replace(line, problem=source.problem or line.problem)
        for source, line in zip(listed, planned, strict=True)
    ]


@transaction.atomic
def import_list(by: str, listed: Sequence[ListedSource]) -> int:
    """Add every source that the dry run would add, all or none; returns how many. Raises RefusedError."""
    added = 0
    for source, line in zip(listed, plan_list(listed), strict=True):
        if line.problem:
            continue
        feed = add_source(by, source.draft, site_url=source.site_url, secrets=SecretEdit(source.secrets))
        fields = {}
        if source.state != Feed.State.ACTIVE:
            fields["state"] = source.state
        if source.identity:
            fields |= {"identity": source.identity, "identity_by": by}
        if fields:
            Feed.objects.filter(pk=feed.pk).update(**fields)
        # What this desk decided about a publisher's pages stands.
        if source.page_rules and not PageRules.objects.filter(pk=feed.publisher_id).exists():
            save_rules(by, feed.publisher_id, RulesDraft(**source.page_rules), 0)
        added += 1
    return added


def pack_list(listed: Sequence[ListedSource]) -> str:
    """A list for the second step of a form: as text, or encrypted when there are secrets in it."""
    text = json.dumps([{**asdict(source), "secrets": dict(source.secrets)} for source in listed])
    if any(source.secrets for source in listed):
        return SEALED + seal({"list": text}).decode("ascii")
    return text


def unpack_list(packed: str) -> list[ListedSource]:
    """What `pack_list` made. Raises RefusedError when it did not arrive whole."""
    try:
        text = (
            unseal(packed.removeprefix(SEALED).encode("ascii"))["list"]
            if packed.startswith(SEALED)
            else packed
        )
        rows = json.loads(text)
        return [
            ListedSource(
                **{**row, "draft": SourceDraft(**{**row["draft"], "tags": tuple(row["draft"]["tags"])})}
            )
            for row in rows
        ]
    except (ValueError, KeyError, TypeError, UnreadableSecretsError, RecursionError) as error:
        raise RefusedError("The list did not arrive whole. Choose the file again.") from error


def write_opml_list(feeds: Sequence[Feed]) -> str:
    """The sources as OPML, in folders by section, with their tags as categories."""
    return write_opml(
        TITLE,
        [
            Outline(feed.url, feed.title, feed.site_url, feed.section, feed.language, tuple(feed.tags))
            for feed in feeds
        ],
    )


def write_json_list(feeds: Sequence[Feed], now: datetime, *, with_secrets: bool = False) -> str:
    """The sources as JSON with all that people decided about them.

    Secrets only on request, in the clear; the caller has made sure that it is meant. Raises RefusedError, naming the
    source, when they cannot be read.
    """
    rules = PageRules.objects.in_bulk({feed.publisher_id for feed in feeds})
    rows = [_to_json(feed, rules.get(feed.publisher_id), with_secrets=with_secrets) for feed in feeds]
    whole = {FORMAT: VERSION, "exported_at": now.isoformat(timespec="seconds"), "sources": rows}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _to_json(feed: Feed, rules: PageRules | None, *, with_secrets: bool) -> dict[str, Any]:
    publisher = feed.publisher
    selectors = {part: text.splitlines() for part, text in texts_of(rules).items() if text}
    row: dict[str, Any] = {
        "url": feed.url,
        "title": feed.title,
        "site_url": feed.site_url,
        "publisher": {
            "name": publisher.name,
            "owner": publisher.owner,
            "country": publisher.country,
            "language": publisher.language,
            **({"page_rules": selectors} if selectors else {}),
        },
        "section": feed.section,
        "language": feed.language,
        "tags": list(feed.tags),
        "note": feed.note,
        # As it is kept to: what an older version let an admin fix may lie outside of the bounds.
        "interval_minutes": bounds_from_settings().within(feed.fixed_seconds) // MINUTE
        if feed.fixed_seconds
        else None,
        "user_agent": feed.user_agent,
        "identity": feed.identity if feed.identity_by else "",
        "state": "paused" if feed.state == Feed.State.PAUSED else "active",
    }
    if with_secrets and feed.secret_names:
        try:
            row["secrets"] = unseal(feed.secrets)
        except UnreadableSecretsError as error:
            raise RefusedError(f"“{feed.title}”: {error}") from error
    return row


def record_secret_export(by: str, feeds: Sequence[Feed]) -> None:
    """Leave a row of history: who took the secrets of how many sources out of the desk."""
    count = sum(bool(feed.secret_names) for feed in feeds)
    record_change(BULK, 0, by, "exported with secrets", after={"n": count})
