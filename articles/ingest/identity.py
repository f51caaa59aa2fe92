"""By what the entries of a feed are told apart: their guids, their addresses or their contents; pure.

A guid should name an entry for ever (RSS 2.0, RFC 4287 4.2.6), but feeds leave it out, give one to all entries, or make
a new one at every change. The policy then steps down, with a sentence that says why. A date is never part of the
question whether an entry is known: late and back-dated entries would be lost.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from articles.ingest.canonical import canonical_url, url_sha256
from articles.types import ParsedEntry

IdentityPolicy = Literal["guid", "url", "content"]
POLICIES: tuple[IdentityPolicy, ...] = ("guid", "url", "content")
WORDS: dict[IdentityPolicy, str] = {"guid": "guid", "url": "address", "content": "content"}

# FreshRSS steps down when more than 5 % of a poll is faulty and lets one of ten pass; one fault alone never counts.
TOLERATED_SHARE = 0.05
TOLERATED_FAULTS = 1
# Of the text, so that a correction further down leaves the entry what it was.
CONTENT_CHARACTERS = 300

_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class KnownEntries:
    """What a feed has had before, as far as it touches this poll: `key_sha256` of its entries' keys under the present policy,
    and `url_sha256` of the articles that it has listed.
    """

    keys: Collection[bytes] = frozenset()
    addresses: Collection[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class IdentityVerdict:
    """The policy to use from now on; `why` is one sentence, empty when nothing speaks against the present one."""

    policy: IdentityPolicy
    why: str = ""
    stepped_down: bool = False


@dataclass(frozen=True, slots=True)
class IdentityTrial:
    """What a policy would make of a poll; `why_not` says what is wrong with it, empty when nothing is."""

    policy: IdentityPolicy
    entries: int
    articles: int
    why_not: str
    words: str


def judge_identity(
    policy: IdentityPolicy,
    entries: Sequence[ParsedEntry],
    known: KnownEntries | None = None,
    *,
    chosen_by: str = "",
) -> IdentityVerdict:
    """Whether the policy still tells this feed's entries apart, else the next one down that does.

    It never steps up by itself, and never when a person chose (`chosen_by`); `why` then only warns. When it steps
    down, the caller finds the rows of before by `entry_keys(old policy)` and gives them the new keys.
    """
    fault = _fault(policy, entries, known)
    if not fault:
        return IdentityVerdict(policy)
    if chosen_by:
        return IdentityVerdict(policy, f"{fault} The choice of {chosen_by} stands.")
    for lower in POLICIES[POLICIES.index(policy) + 1 :]:
        if not _fault(lower, entries, None):
            return IdentityVerdict(
                lower, f"{fault} Entries are told apart by their {WORDS[lower]}.", stepped_down=True
            )
    # Two entries with one content are one entry: there is nothing below.
    return IdentityVerdict(policy)


def entry_keys(policy: IdentityPolicy, entries: Sequence[ParsedEntry]) -> list[str]:
    """The key of each entry in its feed, in order; equal keys are one entry.

    An entry that lacks what the policy goes by uses the next thing down. A guid that stands for several addresses
    in one document is joined with the address.
    """
    if policy == "content":
        return [content_key(entry) for entry in entries]
    if policy == "url":
        return [canonical_url(entry.url) or entry.guid or content_key(entry) for entry in entries]
    shared = _shared_guids(entries)
    return [_guid_key(entry, shared) for entry in entries]


def key_sha256(key: str) -> bytes:
    """The 32 bytes under which a key is stored."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def content_key(entry: ParsedEntry) -> str:
    """The entry by its title and the beginning of its text; by title and date as served when it has no text."""
    text = _TAG.sub(" ", entry.content_html or entry.summary_html)
    words = " ".join(unicodedata.normalize("NFKC", html.unescape(text)).split())[:CONTENT_CHARACTERS]
    title = " ".join(unicodedata.normalize("NFKC", entry.title).split())
    told = f"{title}\n{words or entry.published_raw}".casefold()
    return f"content:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"


def try_identity(policy: IdentityPolicy, entries: Sequence[ParsedEntry]) -> IdentityTrial:
    """A dry run: how many articles the policy would make of these entries."""
    articles = len(set(entry_keys(policy, entries)))
    count = len(entries)
    return IdentityTrial(
        policy=policy,
        entries=count,
        articles=articles,
        why_not=_fault(policy, entries, None),
        words=f"With identity by {WORDS[policy]} {_these(count)} would be {_number(articles, 'article')}.",
    )


def _guid_key(entry: ParsedEntry, shared: frozenset[str]) -> str:
    if not entry.guid:
        return canonical_url(entry.url) or content_key(entry)
    if entry.guid in shared:
        return f"{entry.guid}|{canonical_url(entry.url) or content_key(entry)}"
    return entry.guid


def _shared_guids(entries: Sequence[ParsedEntry]) -> frozenset[str]:
    """Guids that stand for several stories: several addresses, or without addresses several contents."""
    seen: dict[str, ParsedEntry] = {}
    shared: set[str] = set()
    for entry in entries:
        if not entry.guid or entry.guid in shared:
            continue
        first = seen.setdefault(entry.guid, entry)
        if first is not entry and not _is_one_story(first, entry):
            shared.add(entry.guid)
    return frozenset(shared)


def _is_one_story(one: ParsedEntry, other: ParsedEntry) -> bool:
    if one.url == other.url:
        return bool(one.url) or content_key(one) == content_key(other)
    return canonical_url(one.url) == canonical_url(other.url) != ""


def _fault(policy: IdentityPolicy, entries: Sequence[ParsedEntry], known: KnownEntries | None) -> str:
    """What is wrong with the policy for this poll, as a sentence, or ""."""
    if policy == "guid":
        return _guid_fault(entries) or (_churn(entries, known) if known else "")
    if policy == "url":
        return _address_fault(entries)
    return ""


def _guid_fault(entries: Sequence[ParsedEntry]) -> str:
    count = len(entries)
    missing = sum(not entry.guid for entry in entries)
    if _is_much(missing, count):
        return f"{missing} of {count} entries have no guid."
    if len({entry.guid for entry in entries}) + max(0, missing - 1) == count:
        return ""
    shared = _shared_guids(entries)
    repeated = sum(entry.guid in shared for entry in entries)
    return (
        f"{repeated} of {count} entries share their guid with another story."
        if _is_much(repeated, count)
        else ""
    )


def _churn(entries: Sequence[ParsedEntry], known: KnownEntries) -> str:
    if not known.addresses:
        return ""
    keys = entry_keys("guid", entries)
    told = Counter(canonical_url(entry.url) for entry in entries)
    met = renamed = 0
    for entry, key in zip(entries, keys, strict=True):
        url = canonical_url(entry.url)
        # An address that several entries of the poll share tells nothing about the guid of one of them.
        if not url or told[url] > 1 or not entry.guid or url_sha256(url) not in known.addresses:
            continue
        met += 1
        renamed += key_sha256(key) not in known.keys
    if not _is_much(renamed, met):
        return ""
    return f"{renamed} of {met} known addresses came back under new guids."


def _address_fault(entries: Sequence[ParsedEntry]) -> str:
    count = len(entries)
    urls = [canonical_url(entry.url) for entry in entries]
    missing = urls.count("")
    if _is_much(missing, count):
        return f"{missing} of {count} entries have no address."
    if len(set(urls)) == count:
        return ""
    stories: dict[str, set[str]] = {}
    for entry, url in zip(entries, urls, strict=True):
        if url:
            stories.setdefault(url, set()).add(content_key(entry))
    shared = sum(len(stories.get(url, ())) > 1 for url in urls)
    return (
        f"{shared} of {count} entries share their address with another story."
        if _is_much(shared, count)
        else ""
    )


def _is_much(faults: int, count: int) -> bool:
    return faults > TOLERATED_FAULTS and faults > count * TOLERATED_SHARE


def _these(count: int) -> str:
    return "this entry" if count == 1 else f"these {count} entries"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
