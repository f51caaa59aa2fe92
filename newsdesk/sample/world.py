"""The sample world as values: who its publishers are, what they print and when each piece appears."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

CONTENT_FOLDER = Path(__file__).parent / "content"
SUMMARY_LENGTH = 180

FeedFormat = Literal["rss", "atom", "json"]
FeedContent = Literal["full", "summary"]
Validators = Literal["both", "etag", "last-modified", "none"]
# What its address answers: the article, its beginning before a payment, a question about cookies, a film without a text.
PageForm = Literal["article", "paywall", "consent", "video"]


class SampleContentError(Exception):
    """A content file of the sample world says something that cannot be served."""


@dataclass(frozen=True, slots=True)
class SampleFeed:
    """How a publisher's feed is served.

    `path` lies under the publisher's own path. A feed with `moved_from` answers there with 301 to `path`;
    one with `fails_with` answers every request with that status.
    """

    format: FeedFormat
    path: str
    content: FeedContent
    validators: Validators = "both"
    moved_from: str = ""
    fails_with: int = 0

    @property
    def subscribed_path(self) -> str:
        """The path that a subscriber of long standing would still ask for."""
        return self.moved_from or self.path


@dataclass(frozen=True, slots=True)
class SamplePublisher:
    """An invented publisher. `utc_offset` is in hours; `link` is the pattern of its article addresses."""

    slug: str
    name: str
    owner: str
    country: str
    language: str
    tagline: str
    section: str
    style: str
    link: str
    utc_offset: float
    feed: SampleFeed
    tracking: bool = False

    @property
    def zone(self) -> timezone:
        """The zone in which this publisher writes its dates."""
        return timezone(timedelta(hours=self.utc_offset))


@dataclass(frozen=True, slots=True)
class Correction:
    """What a publisher mends after a while: replaced words, and the line that owns up to it."""

    after: timedelta
    note: str
    replacements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """One piece of one publisher, with texts as written: `{day+1}` still stands for a weekday.

    `appears` and `happened` (day nought of the event) are relative to the world's start, negative before it.
    """

    event: str
    publisher: str
    slug: str
    title: str
    author: str
    summary: str
    paragraphs: tuple[str, ...]
    appears: timedelta
    happened: timedelta
    credit: str = ""
    copy_of: str = ""
    correction: Correction | None = None
    page: PageForm = "article"
    deleted_after: timedelta | None = None  # since the world's start: its publisher takes it back

    @property
    def key(self) -> str:
        """`publisher/slug`, the name by which other pieces refer to this one."""
        return f"{self.publisher}/{self.slug}"

    @property
    def guid(self) -> str:
        """The feed's id of this piece; free of host and port, so that a restart elsewhere serves the same."""
        return f"tag:{self.publisher}.example,2026:{self.slug}"


@dataclass(frozen=True, slots=True)
class Edition:
    """An article as it reads at one moment. Dates are aware, in the publisher's own zone."""

    article: SampleArticle
    path: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    published: datetime
    updated: datetime


@dataclass(frozen=True)
class SampleWorld:
    """All publishers and all their articles, in the order of the content files."""

    publishers: tuple[SamplePublisher, ...]
    articles: tuple[SampleArticle, ...]

    @cached_property
    def publishers_by_slug(self) -> Mapping[str, SamplePublisher]:
        """Publishers by their slug."""
        return {publisher.slug: publisher for publisher in self.publishers}

    def editions(self, slug: str, *, started: datetime, now: datetime) -> tuple[Edition, ...]:
        """What one publisher shows at `now` in a world started at `started`, newest first."""
        publisher = self.publishers_by_slug[slug]
        found = [
            edition
            for article in self.articles
            if article.publisher == slug
            and not is_deleted(article, started=started, now=now)
            and (edition := edition_at(article, publisher, started=started, now=now)) is not None
        ]
        return tuple(sorted(found, key=lambda edition: (edition.published, edition.path), reverse=True))


def is_deleted(article: SampleArticle, *, started: datetime, now: datetime) -> bool:
    """Whether its publisher has taken the piece back: it leaves the feed and its page is gone."""
    return article.deleted_after is not None and started + article.deleted_after <= now


def edition_at(
    article: SampleArticle, publisher: SamplePublisher, *, started: datetime, now: datetime
) -> Edition | None:
    """The article as it reads at `now`, or None when it has not appeared yet."""
    published = (started + article.appears).replace(microsecond=0)
    if published > now:
        return None
    updated, summary, paragraphs = published, article.summary, article.paragraphs
    title = article.title
    correction = article.correction
    if correction is not None and started + correction.after <= now:
        updated = (started + correction.after).replace(microsecond=0)
        title = _replaced(title, correction.replacements)
        summary = _replaced(summary, correction.replacements)
        paragraphs = (
            *(_replaced(paragraph, correction.replacements) for paragraph in paragraphs),
            correction.note,
        )
    local = published.astimezone(publisher.zone)
    day_nought = (started + article.happened).date()
    return Edition(
        article=article,
        path=f"/{publisher.slug}/" + local.strftime(publisher.link).replace("{slug}", article.slug),
        title=_dated(title, day_nought),
        summary=_dated(summary, day_nought),
        paragraphs=tuple(_dated(paragraph, day_nought) for paragraph in paragraphs),
        published=local,
        updated=updated.astimezone(publisher.zone),
    )


def load_world(folder: Path = CONTENT_FOLDER) -> SampleWorld:
    """Read the content files; raises SampleContentError naming the file and what is wrong in it."""
    publishers = tuple(_publisher(row) for row in _read(folder / "publishers.toml")["publisher"])
    slugs = {publisher.slug for publisher in publishers}
    names = {publisher.slug: publisher.name for publisher in publishers}
    rows: list[tuple[Path, dict[str, Any]]] = []
    for path in sorted((folder / "events").glob("*.toml")):
        event = _read(path)
        happened = event["happened_hours_before"]
        rows.extend((path, {"happened": happened, **row}) for row in event["article"])
    originals: dict[str, SampleArticle] = {}
    articles: list[SampleArticle] = []
    for path, row in rows:
        try:
            article = _article(path.stem, row, originals, names)
        except KeyError as error:
            raise SampleContentError(f"{path.name}: an article lacks or misnames {error}.") from error
        if article.publisher not in slugs:
            raise SampleContentError(f"{path.name}: no publisher is called {article.publisher!r}.")
        if article.key in originals:
            raise SampleContentError(f"{path.name}: {article.key} is there twice.")
        originals[article.key] = article
        articles.append(article)
    return SampleWorld(publishers=publishers, articles=tuple(articles))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SampleContentError(f"{path.name} cannot be read: {error}") from error


def _publisher(row: dict[str, Any]) -> SamplePublisher:
    return SamplePublisher(**{**row, "feed": SampleFeed(**row["feed"])})


def _article(
    event: str, row: dict[str, Any], originals: Mapping[str, SampleArticle], names: Mapping[str, str]
) -> SampleArticle:
    """One row of a content file; a copy takes text from an article that stands above it in the same file."""
    copy_of = row.get("copy_of", "")
    if copy_of:
        original = originals[copy_of]
        kept = row.get("keep", range(1, len(original.paragraphs) + 1))
        paragraphs = tuple(original.paragraphs[number - 1] for number in kept)
        credit = names[original.publisher]
    else:
        paragraphs = _paragraphs(row["text"])
        credit = ""
    return SampleArticle(
        event=event,
        publisher=row["publisher"],
        slug=row["slug"],
        title=row["title"],
        author=row.get("author", credit),
        summary=row.get("summary", "") or _shortened(paragraphs[0]),
        paragraphs=paragraphs,
        appears=_appears(row),
        happened=-timedelta(hours=row["happened"]),
        credit=credit,
        copy_of=copy_of,
        correction=_correction(row["correction"]) if "correction" in row else None,
        page=row.get("page", "article"),
        deleted_after=(
            timedelta(seconds=row["deleted_after_seconds"]) if "deleted_after_seconds" in row else None
        ),
    )


def _appears(row: Mapping[str, Any]) -> timedelta:
    if "live_seconds" in row:
        return timedelta(seconds=row["live_seconds"])
    return -timedelta(minutes=round(row["hours_before"] * 60))


def _correction(row: Mapping[str, Any]) -> Correction:
    return Correction(
        after=timedelta(seconds=row["after_seconds"]),
        note=row["note"],
        replacements=tuple((wrong, right) for wrong, right in row["replace"]),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def _shortened(paragraph: str) -> str:
    if len(paragraph) <= SUMMARY_LENGTH:
        return paragraph
    return paragraph[:SUMMARY_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def _replaced(text: str, replacements: tuple[tuple[str, str], ...]) -> str:
    for wrong, right in replacements:
        text = text.replace(wrong, right)
    return text


def _dated(text: str, day_nought: date) -> str:
    """`{day+1}` becomes the weekday one day after the event, `{date+12}` the date twelve days after it."""

    def words(match: re.Match[str]) -> str:
        day = day_nought + timedelta(days=int(match["shift"] or 0))
        return day.strftime("%A" if match["form"] == "day" else "%-d %B")

    return re.sub(r"\{(?P<form>day|date)(?P<shift>[+-]\d+)?\}", words, text)


def whole_second(moment: datetime) -> datetime:
    """A moment in UTC without its fraction: HTTP dates know no finer one."""
    return moment.astimezone(UTC).replace(microsecond=0)
