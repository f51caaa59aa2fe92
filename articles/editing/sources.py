"""What admins do to sources: add, edit, pause, fetch now, move, remove, and take a change back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.text import slugify

from articles.errors import RefusedError
from articles.ingest.canonical import absolute_url, canonical_url, url_sha256
from articles.models import Feed, Publisher, RemovedSource
from entities.history import record_change
from entities.models import Change

SUBJECT = "source"
# What a person decides about a source: these columns alone are edited, recorded and taken back.
CONFIG = ("url", "title", "publisher", "section", "language", "state")
UNDOABLE = frozenset({"edited", "paused", "resumed", "address applied", "removed"})


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source as a form or a list describes it."""

    url: str
    title: str
    publisher: str
    section: str = ""
    language: str = ""


def _config(feed: Feed) -> dict[str, Any]:
    """The decided columns of a feed as plain JSON; the publisher by name."""
    values = {name: getattr(feed, name) for name in CONFIG}
    values["publisher"] = feed.publisher.name
    return values


def _locked(feed_id: int) -> Feed:
    """The feed's row, locked for this transaction."""
    feed = Feed.objects.select_for_update(of=("self",)).select_related("publisher").filter(pk=feed_id).first()
    if feed is None:
        raise RefusedError("This source is not here any more. Reload the page.")
    return feed


def _address(url: str) -> str:
    """The address as it is stored. Raises RefusedError when it is no http(s) address."""
    whole = absolute_url(url)
    if not whole or not canonical_url(whole):
        raise RefusedError(f"“{url[:200]}” is no web address. Write it like https://example.org/feed.")
    return whole


def _publisher(name: str, *, site_url: str = "") -> Publisher:
    """The publisher of a name, made when it is new. Names differ by more than case."""
    name = " ".join(name.split())[:200]
    found = Publisher.objects.filter(name__iexact=name).first()
    if found is not None:
        if found.sample:
            raise RefusedError(f"“{found.name}” is an invented publisher of the sample. Choose another name.")
        return found
    base = slugify(name)[:100] or "publisher"
    taken = set(Publisher.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug = next(
        candidate
        for number in range(len(taken) + 1)
        if (candidate := f"{base}-{number + 1}" if number else base) not in taken
    )
    return Publisher.objects.create(name=name, slug=slug, homepage=site_url[:2000])


def _refuse_known(url: str, *, but: int | None = None) -> None:
    """Refuse an address that is subscribed already, in whatever spelling."""
    known = Feed.objects.filter(url_sha256=url_sha256(url)).first()
    if known is not None and known.pk != but:
        raise RefusedError(f"This address is already a source: “{known.title}”.")


@transaction.atomic
def add_source(by: str, draft: SourceDraft, *, site_url: str = "") -> Feed:
    """Subscribe to a feed; it is fetched at the next poke. Raises RefusedError for a bad or known address."""
    url = _address(draft.url)
    _refuse_known(url)
    feed = _insert(draft, url, by=by, site_url=site_url)
    RemovedSource.objects.filter(url_sha256=url_sha256(url)).delete()
    record_change(SUBJECT, feed.pk, by, "added", after=_config(feed))
    return feed


def _insert(
    draft: SourceDraft, url: str, *, by: str, site_url: str = "", state: str = Feed.State.ACTIVE
) -> Feed:
    """One new row; the database's clock says when it is due."""
    try:
        with transaction.atomic():
            return Feed.objects.create(
                publisher=_publisher(draft.publisher, site_url=site_url),
                url=url,
                url_sha256=url_sha256(url),
                host=urlsplit(canonical_url(url)).netloc[:255],
                site_url=site_url,
                title=draft.title.strip()[:300],
                section=draft.section.strip()[:60],
                language=draft.language.strip()[:16],
                state=state,
                added_by=by,
                next_fetch_at=Now(),
            )
    except IntegrityError:
        raise RefusedError("Somebody has just added this address. Reload the list of sources.") from None


def _apply(feed: Feed, draft: SourceDraft, *, state: str) -> list[str]:
    """Put decided values on a row; returns the columns to write. A new address forgets what the old one said."""
    url = _address(draft.url)
    fields = ["publisher", "title", "section", "language", "state"]
    if url != feed.url:
        _refuse_known(url, but=feed.pk)
        feed.url, feed.url_sha256 = url, url_sha256(url)
        feed.host = urlsplit(canonical_url(url)).netloc[:255]
        feed.etag = feed.last_modified = feed.body_sha256 = feed.proposed_url = ""
        feed.redirects_seen, feed.redirects_since = 0, None
        # Whoever fetches the old address at this moment loses the lease: its answer is not this source's any more.
        feed.lease_until = feed.lease_token = None
        feed.next_fetch_at = Now()
        fields += [
            *("url", "url_sha256", "host", "etag", "last_modified", "body_sha256", "proposed_url"),
            *("redirects_seen", "redirects_since", "lease_until", "lease_token", "next_fetch_at"),
        ]
    if feed.publisher.name != draft.publisher:
        feed.publisher = _publisher(draft.publisher)
    feed.title = draft.title.strip()[:300]
    feed.section = draft.section.strip()[:60]
    feed.language = draft.language.strip()[:16]
    feed.state = state
    return fields


def _write(feed: Feed, draft: SourceDraft, by: str, act: str, *, state: str | None = None) -> Change | None:
    """Apply, store and record; None when nothing changed. The caller's transaction holds the row."""
    before = _config(feed)
    if feed.sample and _address(draft.url) != feed.url:
        raise RefusedError(
            "A sample source keeps its address. Add the other address as a source of your own."
        )
    fields = _apply(feed, draft, state=state or feed.state)
    after = _config(feed)
    changed = [name for name in CONFIG if before[name] != after[name]]
    if not changed:
        return None
    feed.save(update_fields=fields)
    return record_change(
        SUBJECT,
        feed.pk,
        by,
        act,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def _draft_of(feed: Feed, **other: str) -> SourceDraft:
    """A feed as a draft, with some values replaced."""
    values = {
        "url": feed.url,
        "title": feed.title,
        "publisher": feed.publisher.name,
        "section": feed.section,
        "language": feed.language,
    }
    return SourceDraft(**{**values, **other})


@transaction.atomic
def edit_source(by: str, feed_id: int, draft: SourceDraft) -> Change | None:
    """Store what an admin decided; None when nothing changed. Raises RefusedError for a bad or known address."""
    return _write(_locked(feed_id), draft, by, "edited")


@transaction.atomic
def pause_source(by: str, feed_id: int) -> Change | None:
    """Stop fetching until somebody resumes; what was stored stays."""
    feed = _locked(feed_id)
    return _write(feed, _draft_of(feed), by, "paused", state=Feed.State.PAUSED)


@transaction.atomic
def resume_source(by: str, feed_id: int) -> Change | None:
    """Fetch again from now on, also what was gone or set aside."""
    feed = _locked(feed_id)
    change = _write(feed, _draft_of(feed), by, "resumed", state=Feed.State.ACTIVE)
    Feed.objects.filter(pk=feed_id).update(next_fetch_at=Now(), attempts=0)
    return change


@transaction.atomic
def fetch_now(by: str, feed_id: int) -> Feed:
    """Make a source due at once. Raises RefusedError while it is paused, gone or set aside."""
    feed = _locked(feed_id)
    if feed.state != Feed.State.ACTIVE:
        raise RefusedError(f"“{feed.title}” is {feed.get_state_display().lower()}. Resume it first.")
    Feed.objects.filter(pk=feed_id).update(next_fetch_at=Now())
    record_change(SUBJECT, feed.pk, by, "fetch asked for")
    return feed


@transaction.atomic
def apply_proposed_address(by: str, feed_id: int) -> Change | None:
    """Follow the permanent redirect for good. Raises RefusedError when none is proposed."""
    feed = _locked(feed_id)
    if not feed.proposed_url:
        raise RefusedError(f"No new address is proposed for “{feed.title}”.")
    return _write(feed, _draft_of(feed, url=feed.proposed_url), by, "address applied")


@transaction.atomic
def remove_source(by: str, feed_id: int) -> Change:
    """Unsubscribe. Its articles stay; its address is remembered, so that no starter list brings it back."""
    feed = _locked(feed_id)
    change = record_change(SUBJECT, feed.pk, by, "removed", before=_config(feed))
    if not feed.sample:
        RemovedSource.objects.update_or_create(
            url_sha256=feed.url_sha256, defaults={"url": feed.url, "by": by}
        )
    feed.delete()
    return change


@transaction.atomic
def undo_source_change(by: str, change_id: int) -> Feed:
    """Take one change of a source back: the columns that it changed get their old values.

    Raises RefusedError when it was taken back before, is of a kind that has no undo, or does not fit any more.
    """
    change = Change.objects.filter(pk=change_id, subject_kind=SUBJECT, act__in=UNDOABLE).first()
    if change is None:
        raise RefusedError("This change cannot be taken back.")
    if Change.objects.filter(undoes=change).exists():
        raise RefusedError("This change was taken back already.")
    if change.act == "removed":
        feed = _bring_back(by, change.before)
    else:
        feed = _locked(change.subject_id)
        old = {name: value for name, value in change.before.items() if name != "state"}
        draft = _draft_of(feed, **old)
        feed_fields = _apply(feed, draft, state=change.before.get("state", feed.state))
        feed.save(update_fields=feed_fields)
    record_change(SUBJECT, feed.pk, by, "undone", before=change.after, after=change.before, undoes=change)
    return feed


def _bring_back(by: str, config: Mapping[str, Any]) -> Feed:
    """Subscribe again to what was removed, as it was."""
    values = {name: str(config[name]) for name in CONFIG if name != "state"}
    draft = SourceDraft(**values)
    url = _address(draft.url)
    _refuse_known(url)
    RemovedSource.objects.filter(url_sha256=url_sha256(url)).delete()
    return _insert(draft, url, by=by, state=str(config["state"]))


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One feed of a list and what would become of it; `problem` is empty when it would be added."""

    draft: SourceDraft
    problem: str = ""


def plan_import(drafts: Sequence[SourceDraft]) -> list[ImportLine]:
    """The dry run of a list: each line with the reason why it would be left out, or none. Writes nothing."""
    keys = [url_sha256(draft.url) for draft in drafts]
    known = {
        bytes(key): title
        for key, title in Feed.objects.filter(url_sha256__in=keys).values_list("url_sha256", "title")
    }
    lines: list[ImportLine] = []
    seen: set[bytes] = set()
    for draft, key in zip(drafts, keys, strict=True):
        problem = ""
        if not absolute_url(draft.url) or not canonical_url(draft.url):
            problem = "no web address"
        elif key in known:
            problem = f"already a source: {known[key]}"
        elif key in seen:
            problem = "stands in the list twice"
        seen.add(key)
        lines.append(ImportLine(draft, problem))
    return lines


@transaction.atomic
def import_sources(by: str, drafts: Sequence[SourceDraft]) -> int:
    """Add every line that the dry run would add, all or none; returns how many."""
    wanted = [line.draft for line in plan_import(drafts) if not line.problem]
    for draft in wanted:
        add_source(by, draft)
    return len(wanted)
