"""Acts: public tables are downloaded for the importers, through the one door and under limits of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from articles.errors import RefusedError
from articles.ingest.fetch import FetchPolicy, fetch_file
from articles.ingest.policy import policy_from_settings
from articles.ingest.schedule import in_words
from articles.ingest.space import GIGABYTE, room
from articles.types import FetchFailure, FetchRequest, FetchResult

# The setting that holds the address of each table that can be downloaded.
ADDRESSES = {
    "sec": "IMPORT_SEC",
    "gleif": "IMPORT_GLEIF",
    "gleif_relations": "IMPORT_GLEIF_RELATIONS",
    "iso10383": "IMPORT_ISO10383",
    "finance_database": "IMPORT_FINANCE_DATABASE",
    "wikidata": "IMPORT_WIKIDATA",
}
_UNNAMED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_MEGABYTE = 1024 * 1024
_HEARD_EVERY = 50 * _MEGABYTE
_ENDINGS = (
    ".csv.zip",
    ".csv.gz",
    ".csv.bz2",
    ".json.zip",
    ".json.gz",
    ".zip",
    ".gz",
    ".bz2",
    ".csv",
    ".json",
)


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A table on disk, where it came from, and of which day it is (YYYY-MM-DD: the server's word, else today)."""

    path: Path
    url: str
    as_of: str
    size: int


def download_table(form: str, report: Callable[[str], None]) -> Downloaded:
    """Get the public table of a kind into the data folder, in place of the last one; `report` hears of the progress.

    The file stays there: an import that was stopped goes on with it. Raises RefusedError, which says what to do, when
    no address is set, the server gives nothing, or the disk has no room.
    """
    name = ADDRESSES.get(form)
    if name is None:
        raise RefusedError(
            f"{form} is not downloaded: give a file. These are downloaded: {', '.join(ADDRESSES)}."
        )
    url = str(getattr(settings, name))
    if not url:
        raise RefusedError(f"No address is set: set NEWSDESK_{name} to the address of the table.")
    folder = Path(settings.DATA_DIR) / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    policy = _policy(folder)
    report(f"Downloading {url}")
    handle, part = tempfile.mkstemp(dir=folder, prefix=f".{form}-")
    try:
        with os.fdopen(handle, "wb") as sink:
            answer = fetch_file(FetchRequest(url, purpose="file"), policy, sink, _progress(report))
        if isinstance(answer, FetchFailure):
            raise RefusedError(f"{url} gave no table. {answer.message}{_hint(answer, name)}")
        path = folder / f"{form}{_ending(answer.final_url)}"
        for old in folder.glob(f"{form}.*"):
            old.unlink()
        Path(part).replace(path)
    except OSError as error:
        raise RefusedError(f"The table cannot be kept in {folder}: {error}.") from error
    finally:
        Path(part).unlink(missing_ok=True)
    report(f"{answer.raw_bytes / _MEGABYTE:,.1f} MB are in {path}")
    return Downloaded(path, url, _day(answer), answer.raw_bytes)


def _policy(folder: Path) -> FetchPolicy:
    """The door's rules with the limits of large files; what must stay free on the disk is not filled."""
    free = int(room(folder)[0] - settings.MIN_FREE_GB * GIGABYTE)
    if free < _MEGABYTE:
        raise RefusedError(
            f"Less than {settings.MIN_FREE_GB:g} GB are free: make room, or lower NEWSDESK_MIN_FREE_GB."
        )
    most = min(settings.IMPORT_MB * _MEGABYTE, free)
    # A content encoding is undone on the way to the disk, so that its limit is the file's own.
    return replace(
        policy_from_settings(sample=False),
        total_seconds=settings.IMPORT_SECONDS,
        max_raw=most,
        max_page=min(settings.IMPORT_UNPACKED_MB * _MEGABYTE, free),
    )


def _progress(report: Callable[[str], None]) -> Callable[[int], None]:
    told = 0

    def hear(count: int) -> None:
        nonlocal told
        if count - told >= _HEARD_EVERY:
            told = count
            report(f"{count / _MEGABYTE:,.0f} MB ...")

    return hear


def _hint(answer: FetchFailure, name: str) -> str:
    if answer.retry_after_seconds is not None:
        return f" It asks to be left alone: try again in {in_words(answer.retry_after_seconds)}."
    if answer.status in _UNNAMED and not settings.CONTACT:
        return (
            " Public services (SEC and Wikidata among them) refuse whoever does not say how to be reached: "
            "set NEWSDESK_CONTACT to a mail address."
        )
    if answer.kind == "too_large":
        return " Raise NEWSDESK_IMPORT_MB, or make room on the disk, if it is really that large."
    if answer.kind == "timeout":
        return " Raise NEWSDESK_IMPORT_SECONDS if the connection is slow."
    return f" Its address is the setting NEWSDESK_{name}; or download it yourself and give the file."


def _ending(url: str) -> str:
    path = urlsplit(url).path.lower()
    return next((one for one in _ENDINGS if path.endswith(one)), ".table")


def _day(answer: FetchResult) -> str:
    try:
        return f"{parsedate_to_datetime(answer.headers.get('last-modified', '')):%Y-%m-%d}"
    except (ValueError, TypeError):
        return f"{timezone.now():%Y-%m-%d}"
