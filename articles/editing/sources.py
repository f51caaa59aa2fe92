"""What admins do to one source: add, edit, pause, fetch now, move, choose its identity, remove, take a change back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils.text import slugify

from articles.errors import RefusedError, UnreadableSecretsError
from articles.ingest.canonical import absolute_url, canonical_url, url_sha256
from articles.ingest.credentials import find_faults
from articles.ingest.decided import CONFIG, REPLACED, SECRETS, SUBJECT, UNDOABLE
from articles.ingest.schedule import in_words
from articles.ingest.secrets import seal, unseal
from articles.models import Feed, FetchRun, Publisher, RemovedSource
from entities.history import record_change
from entities.models import Change

TAGS = 20
TAG_CHARACTERS = 40
MINUTE = 60


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source as a form or a list describes it; `fixed_minutes` None = its rhythm is learned.

    `owner`, `country` and `publisher_language` are used when its publisher is new to the desk.
    """

    url: str
    title: str
    publisher: str
    section: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    fixed_minutes: int | None = None
    user_agent: str = ""
    owner: str = ""
    country: str = ""
    publisher_language: str = ""


@dataclass(frozen=True, slots=True)
class SecretEdit:
    """Secrets to set and names of those to clear; what is in neither stays. Never shown, not even in a repr."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    cleared: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.values or self.cleared)


NO_SECRETS = SecretEdit()


def tags_of(text: str) -> tuple[str, ...]:
    """Tags as a person writes them, parted by commas: lower case, each once, in their order."""
    tags = (" ".join(part.split()).lower()[:TAG_CHARACTERS] for part in text.split(","))
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:TAGS]


def interval_problem(minutes: object) -> str:
    """Why this is no interval that an admin may fix, as the end of a sentence; empty when it is one.

    What the desk promises to servers holds for people too: NEWSDESK_FEED_LEAST_MINUTES and its counterpart.
    """
    least, most = settings.FEED_LEAST_MINUTES, settings.FEED_MOST_MINUTES
    if isinstance(minutes, int) and not isinstance(minutes, bool) and least <= minutes <= most:
        return ""
    return f"no whole number of minutes from {least:,} to {most:,}"


def config_of(feed: Feed) -> dict[str, Any]:
    """The decided columns of a feed as plain JSON; the publisher by name."""
    values = {name: getattr(feed, name) for name in CONFIG}
    values["publisher"] = feed.publisher.name
    values["tags"] = list(feed.tags)
    return values


def config_of_draft(draft: SourceDraft) -> dict[str, Any]:
    """What a draft decides, by the same names; identity and state are decided elsewhere."""
    return {
        "url": draft.url,
        "title": draft.title.strip()[:300],
        "publisher": draft.publisher,
        "section": draft.section.strip()[:60],
        "language": draft.language.strip()[:16],
        "tags": list(tags_of(",".join(draft.tags))),
        "note": draft.note.strip(),
        "fixed_seconds": draft.fixed_minutes * MINUTE if draft.fixed_minutes else None,
        "user_agent": draft.user_agent.strip()[:300],
    }


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


def _host(url: str) -> str:
    return urlsplit(canonical_url(url)).netloc[:255]


def publisher_named(name: str, *, site_url: str = "", draft: SourceDraft | None = None) -> Publisher:
    """The publisher of a name, made when it is new (then with what the draft says of it). Names differ by more than
    case. Raises RefusedError for an invented publisher of the sample.
    """
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
    told = {}
    if draft is not None:
        told = {
            "owner": draft.owner.strip()[:200],
            "owner_source": "editorial" if draft.owner.strip() else "",
            "country": draft.country.strip().upper()[:2],
            "language": draft.publisher_language.strip()[:16],
        }
    return Publisher.objects.create(name=name, slug=slug, homepage=site_url[:2000], **told)


def _refuse_known(url: str, *, but: int | None = None) -> None:
    """Refuse an address that is subscribed already, in whatever spelling."""
    known = Feed.objects.filter(url_sha256=url_sha256(url)).first()
    if known is not None and known.pk != but:
        raise RefusedError(f"This address is already a source: “{known.title}”.")


@transaction.atomic
def add_source(by: str, draft: SourceDraft, *, site_url: str = "", secrets: SecretEdit = NO_SECRETS) -> Feed:
    """Subscribe to a feed; it is fetched at the next poke. Raises RefusedError for a bad or known address."""
    url = _address(draft.url)
    _refuse_known(url)
    # Lists and pages name the site: whatever is no web address is no link on the desk.
    feed = _insert(draft, url, by=by, site_url=absolute_url(site_url), secrets=secrets)
    RemovedSource.objects.filter(url_sha256=url_sha256(url)).delete()
    after = config_of(feed)
    if feed.secret_names:
        after[SECRETS] = feed.secret_names
    record_change(SUBJECT, feed.pk, by, "added", after=after)
    return feed


def _insert(  # noqa: PLR0913 - what a new row is made of, each by its name
    draft: SourceDraft,
    url: str,
    *,
    by: str,
    site_url: str = "",
    state: str = Feed.State.ACTIVE,
    secrets: SecretEdit = NO_SECRETS,
) -> Feed:
    """One new row; the database's clock says when it is due."""
    decided = config_of_draft(draft)
    values = {name: value for name, value in secrets.values.items() if value}
    _refuse_faults(values)
    try:
        with transaction.atomic():
            return Feed.objects.create(
                publisher=publisher_named(draft.publisher, site_url=site_url, draft=draft),
                url=url,
                url_sha256=url_sha256(url),
                host=_host(url),
                site_url=site_url,
                **{name: decided[name] for name in ("title", "section", "language", "tags", "note")},
                fixed_seconds=decided["fixed_seconds"],
                user_agent=decided["user_agent"],
                secrets=seal(values) if values else None,
                secret_names=sorted(values),
                state=state,
                added_by=by,
                next_fetch_at=Now(),
            )
    except IntegrityError:
        raise RefusedError("Somebody has just added this address. Reload the list of sources.") from None


def _refuse_faults(values: Mapping[str, str]) -> None:
    faults = find_faults(values)
    if faults:
        raise RefusedError(" ".join(faults))


def apply_config(feed: Feed, wanted: Mapping[str, Any], publisher: Publisher | None = None) -> list[str]:
    """Put decided values on a row; returns the columns to write. A new address forgets what the old one said.

    `publisher` spares looking its name up. Raises RefusedError for a bad or known address.
    """
    fields: list[str] = []
    if "publisher" in wanted and feed.publisher.name != wanted["publisher"]:
        feed.publisher = publisher or publisher_named(str(wanted["publisher"]))
        fields.append("publisher")
    for name in ("title", "section", "language", "tags", "note", "identity_by", "state"):
        if name in wanted and getattr(feed, name) != wanted[name]:
            setattr(feed, name, wanted[name])
            fields.append(name)
            if name == "identity_by":
                # Else the fetch under way would still tell its entries apart as the machine thinks best.
                fields += _take_back(feed)
    if "fixed_seconds" in wanted and feed.fixed_seconds != wanted["fixed_seconds"]:
        feed.fixed_seconds = wanted["fixed_seconds"]
        fields += ["fixed_seconds", "next_why"]
        feed.next_why = "Its rhythm is learned again from the next fetch on."
        if feed.fixed_seconds:
            # A shorter interval holds from now on, not after the long wait that was planned before.
            feed.next_why = f"Every {in_words(feed.fixed_seconds)}, as an admin fixed it."
            feed.next_fetch_at = Least(F("next_fetch_at"), Now() + timedelta(seconds=feed.fixed_seconds))
            fields.append("next_fetch_at")
        fields += _take_back(feed)
    if "user_agent" in wanted and feed.user_agent != wanted["user_agent"]:
        feed.user_agent = wanted["user_agent"]
        fields += ["user_agent", *_ask_anew(feed)]
    if "identity" in wanted and feed.identity != wanted["identity"]:
        feed.identity = wanted["identity"]
        feed.identity_since = Now()
        fields += ["identity", "identity_since", *_ask_anew(feed)]
    if "url" in wanted:
        fields += _apply_address(feed, _address(str(wanted["url"])))
    return list(dict.fromkeys(fields))


def _take_back(feed: Feed) -> list[str]:
    """Take the lease away from whoever fetches the feed at this moment, and make it due again.

    That fetch would plan the next one by what was decided before; it is fenced and writes nothing. The claim does
    not count as an attempt. A feed that nobody holds stays as it is.
    """
    if feed.lease_token is None:
        return []
    feed.lease_until = feed.lease_token = None
    feed.attempts = max(0, feed.attempts - 1)
    feed.next_fetch_at = Now()
    return ["lease_until", "lease_token", "attempts", "next_fetch_at"]


def due_now(feed: Feed) -> list[str]:
    """Make a feed due at once, whatever is under way; returns the columns to write.

    A fetch or a push that is being stored would put the next fetch off again as it ends: it loses the lease.
    """
    fields = _take_back(feed)
    feed.next_fetch_at = Now()
    return [*fields, "next_fetch_at"]


def _ask_anew(feed: Feed) -> list[str]:
    """Forget the validators and the body that we have: the next answer is read whole, and soon.

    Whoever fetches it at this moment loses the lease: that answer was asked for in another way.
    """
    feed.etag = feed.last_modified = feed.body_sha256 = ""
    feed.full_fetch_at = feed.lease_until = feed.lease_token = None
    feed.attempts = 0
    feed.next_fetch_at = Now()
    return [
        *("etag", "last_modified", "body_sha256", "full_fetch_at", "next_fetch_at"),
        *("lease_until", "lease_token", "attempts"),
    ]


def _apply_address(feed: Feed, url: str) -> list[str]:
    if url == feed.url:
        return []
    _refuse_known(url, but=feed.pk)
    fields = ["url", "url_sha256", "host"]
    if feed.secret_names and not _same_origin(feed.url, url):
        # What was entered for one server is not told to another one; the proxy is our own.
        fields += _keep_only_proxy(feed)
    feed.url, feed.url_sha256, feed.host = url, url_sha256(url), _host(url)
    feed.proposed_url, feed.redirects_seen, feed.redirects_since = "", 0, None
    return [*fields, "proposed_url", "redirects_seen", "redirects_since", *_ask_anew(feed)]


def _same_origin(old: str, new: str) -> bool:
    """One server, and not from https back to http."""
    before, after = urlsplit(old), urlsplit(new)
    if before.hostname != after.hostname:
        return False
    return before.scheme == after.scheme or (before.scheme, after.scheme) == ("http", "https")


def _keep_only_proxy(feed: Feed) -> list[str]:
    try:
        values = unseal(feed.secrets)
    except UnreadableSecretsError:
        values = {}
    return _put_secrets(feed, {name: value for name, value in values.items() if name == "proxy"})


def _put_secrets(feed: Feed, values: Mapping[str, str]) -> list[str]:
    feed.secrets = seal(values) if values else None
    feed.secret_names = sorted(values)
    return ["secrets", "secret_names"]


def merged_secrets(feed: Feed, edit: SecretEdit) -> dict[str, str]:
    """The secrets that a source would have after an edit; for the fetch door alone. Raises RefusedError for a fault.

    When those that are stored cannot be read any more, only what is entered now counts.
    """
    try:
        values = unseal(feed.secrets)
    except UnreadableSecretsError:
        values = {}
    values = {name: value for name, value in values.items() if name not in edit.cleared}
    values |= {name: value for name, value in edit.values.items() if value}
    _refuse_faults(values)
    return values


def secrets_at(feed: Feed, url: str, edit: SecretEdit) -> dict[str, str]:
    """The same for an address that may be another one: what was entered for one server is not told to another."""
    if _same_origin(feed.url, url):
        return merged_secrets(feed, edit)
    values = merged_secrets(feed, edit)
    return {name: value for name, value in values.items() if name == "proxy" or name in edit.values}


def _write(  # noqa: PLR0913 - one decision and how it is recorded
    feed: Feed,
    wanted: Mapping[str, Any],
    by: str,
    act: str,
    *,
    secrets: SecretEdit = NO_SECRETS,
    publisher: Publisher | None = None,
) -> Change | None:
    """Apply, store and record; None when nothing changed. The caller's transaction holds the row."""
    before = config_of(feed)
    names = list(feed.secret_names)
    if feed.sample and "url" in wanted and _address(str(wanted["url"])) != feed.url:
        raise RefusedError(
            "A sample source keeps its address. Add the other address as a source of your own."
        )
    fields = apply_config(feed, wanted, publisher)
    if secrets:
        fields += _put_secrets(feed, merged_secrets(feed, secrets))
        fields += _ask_anew(feed)
    after = config_of(feed)
    changed = [name for name in CONFIG if before[name] != after[name]]
    told_before = {name: before[name] for name in changed}
    told_after = {name: after[name] for name in changed}
    if names != feed.secret_names:
        told_before[SECRETS], told_after[SECRETS] = names, feed.secret_names
    replaced = sorted(set(secrets.values) & set(names))
    if replaced:
        told_after[REPLACED] = replaced
    if not told_before and not told_after:
        return None
    feed.save(update_fields=list(dict.fromkeys(fields)))
    return record_change(SUBJECT, feed.pk, by, act, before=told_before, after=told_after)


@transaction.atomic
def edit_source(
    by: str, feed_id: int, draft: SourceDraft, *, secrets: SecretEdit = NO_SECRETS
) -> Change | None:
    """Store what an admin decided; None when nothing changed. Raises RefusedError for a bad or known address.

    With an address on another server its secrets are forgotten, but for those that are entered anew.
    """
    return _write(_locked(feed_id), config_of_draft(draft), by, "edited", secrets=secrets)


@transaction.atomic
def pause_source(by: str, feed_id: int) -> Change | None:
    """Stop fetching until somebody resumes; what was stored stays."""
    return _write(_locked(feed_id), {"state": Feed.State.PAUSED}, by, "paused")


@transaction.atomic
def resume_source(by: str, feed_id: int) -> Change | None:
    """Fetch again from now on, also what was gone or set aside."""
    feed = _locked(feed_id)
    change = _write(feed, {"state": Feed.State.ACTIVE}, by, "resumed")
    fields = due_now(feed)
    feed.attempts = 0
    feed.save(update_fields=[*fields, "attempts"])
    return change


@transaction.atomic
def fetch_now(by: str, feed_id: int, *, full: bool = False) -> Change:
    """Make a source due at once; `full` asks without validators and reads whatever comes.

    The history's row carries the number of the last fetch so far: what comes after it is the answer. Raises
    RefusedError while the source is paused, gone or set aside.
    """
    feed = _locked(feed_id)
    if feed.state != Feed.State.ACTIVE:
        raise RefusedError(f"“{feed.title}” is {feed.get_state_display().lower()}. Resume it first.")
    fields = due_now(feed)
    if full:
        fields += _ask_anew(feed)
    feed.save(update_fields=list(dict.fromkeys(fields)))
    last = FetchRun.objects.filter(feed=feed).order_by("-pk").values_list("pk", flat=True).first()
    act = "full fetch asked for" if full else "fetch asked for"
    return record_change(SUBJECT, feed.pk, by, act, after={"last_run": last or 0})


@transaction.atomic
def apply_proposed_address(by: str, feed_id: int) -> Change | None:
    """Follow the permanent redirect for good. Raises RefusedError when none is proposed."""
    feed = _locked(feed_id)
    if not feed.proposed_url:
        raise RefusedError(f"No new address is proposed for “{feed.title}”.")
    return _write(feed, {"url": feed.proposed_url}, by, "address applied")


@transaction.atomic
def use_address(by: str, feed_id: int, url: str) -> Change | None:
    """Fetch the source from another address from now on, also when it was gone. Raises RefusedError."""
    feed = _locked(feed_id)
    wanted = {"url": url}
    if feed.state == Feed.State.GONE:
        wanted["state"] = Feed.State.ACTIVE
    return _write(feed, wanted, by, "address applied")


@transaction.atomic
def choose_identity(by: str, feed_id: int, policy: str) -> Change | None:
    """What tells the entries apart from now on; an empty policy gives the choice back to the machine."""
    feed = _locked(feed_id)
    if not policy:
        return _write(feed, {"identity_by": ""}, by, "identity chosen")
    if policy not in Feed.Identity.values:
        raise RefusedError("Choose guid, address or content.")
    return _write(feed, {"identity": policy, "identity_by": by}, by, "identity chosen")


@transaction.atomic
def remove_source(by: str, feed_id: int) -> Change:
    """Unsubscribe. Its articles stay; its address is remembered, so that no starter list brings it back."""
    feed = _locked(feed_id)
    before = config_of(feed)
    if feed.secret_names:
        before[SECRETS] = feed.secret_names
    change = record_change(SUBJECT, feed.pk, by, "removed", before=before)
    if not feed.sample:
        RemovedSource.objects.update_or_create(
            url_sha256=feed.url_sha256, defaults={"url": feed.url, "by": by}
        )
    feed.delete()
    return change


@transaction.atomic
def undo_source_change(by: str, change_id: int) -> Feed:
    """Take one change of a source back: the columns that it changed get their old values, secrets stay as they are.

    Raises RefusedError when it was taken back before, is of a kind that has no undo, or does not fit any more.
    """
    change = Change.objects.filter(pk=change_id, subject_kind=SUBJECT, act__in=UNDOABLE).first()
    if change is None:
        raise RefusedError("This change cannot be taken back.")
    if Change.objects.filter(undoes=change).exists():
        raise RefusedError("This change was taken back already.")
    if change.act == "removed":
        feed = bring_back(by, change.before)
    else:
        feed = _locked(change.subject_id)
        fields = apply_config(feed, {name: change.before[name] for name in CONFIG if name in change.before})
        feed.save(update_fields=fields)
    record_change(SUBJECT, feed.pk, by, "undone", before=change.after, after=change.before, undoes=change)
    return feed


def bring_back(by: str, config: Mapping[str, Any]) -> Feed:
    """Subscribe again to what was removed, as it was; its secrets have to be entered anew. Raises RefusedError."""
    fixed = config.get("fixed_seconds")
    draft = SourceDraft(
        **{name: str(config[name]) for name in ("url", "title", "publisher", "section", "language")},
        tags=tuple(config.get("tags", ())),
        note=str(config.get("note", "")),
        fixed_minutes=max(1, int(fixed) // MINUTE) if fixed else None,
        user_agent=str(config.get("user_agent", "")),
    )
    url = _address(draft.url)
    _refuse_known(url)
    RemovedSource.objects.filter(url_sha256=url_sha256(url)).delete()
    feed = _insert(draft, url, by=by, state=str(config["state"]))
    if config.get("identity_by"):
        Feed.objects.filter(pk=feed.pk).update(
            identity=config["identity"], identity_by=config["identity_by"], identity_since=Now()
        )
    return feed


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One feed of a list and what would become of it; `problem` is empty when it would be added.

    `line` is its line in the file, 0 when the list has none.
    """

    draft: SourceDraft
    problem: str = ""
    line: int = 0


def plan_import(drafts: Sequence[SourceDraft], lines: Sequence[int] = ()) -> list[ImportLine]:
    """The dry run of a list: each line with the reason why it would be left out, or none. Writes nothing."""
    keys = [url_sha256(draft.url) for draft in drafts]
    known = {
        bytes(key): title
        for key, title in Feed.objects.filter(url_sha256__in=keys).values_list("url_sha256", "title")
    }
    invented = {name.lower() for name in Publisher.objects.filter(sample=True).values_list("name", flat=True)}
    planned: list[ImportLine] = []
    seen: dict[bytes, int] = {}
    for place, (draft, key) in enumerate(zip(drafts, keys, strict=True)):
        line = lines[place] if lines else 0
        problem = ""
        if not absolute_url(draft.url) or not canonical_url(draft.url):
            problem = "no web address"
        elif key in known:
            problem = f"already a source: {known[key]}"
        elif key in seen:
            problem = f"stands in the list twice{f', first in line {seen[key]}' if seen[key] else ''}"
        elif draft.publisher.strip().lower() in invented:
            problem = "its publisher is an invented one of the sample; give it another name"
        seen.setdefault(key, line)
        planned.append(ImportLine(draft, problem, line))
    return planned
