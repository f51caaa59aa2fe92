"""What the page of one article reads: its text with names and notes, where it came from, what was done to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q

from articles.models import (
    Annotation,
    Article,
    ArticleEntity,
    LinkDecision,
    Membership,
    Mention,
    Revision,
)
from articles.queries.article_copies import CopyBox, copies_of
from articles.queries.article_origin import ORIGIN_FIELDS, Origin, origin_of
from articles.queries.article_versions import Version, versions_of
from articles.queries.chips import Chip, chips_of
from articles.queries.edge_lines import TakenLine, taken_lines
from articles.queries.history import Past, past_of
from articles.queries.link_offers import change_of_decision
from articles.queries.markers import MARKED, Marker, markers
from articles.texts.anchors import Anchor, carry, follow
from articles.texts.citing import Citation, find_cited
from articles.texts.passages import Name, Noted, Paragraph, heading, lay_out, spans

STATUSES = tuple(Article.Status.choices)
PEEK_CHARACTERS = 900
PEEK_NAMES = 6
CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class NamedHere:
    """An entity of an article, how often it is named, and its first mention on the page."""

    chip: Chip
    mentions: int
    first: int = 0


@dataclass(frozen=True, slots=True)
class OpenName:
    """A name of an article that is linked to nobody: how often it stands there, and its first mention on the page."""

    text: str
    mentions: int
    first: int


@dataclass(frozen=True, slots=True)
class Peek:
    """An article in a few lines, beside the list."""

    id: int
    title: str
    url: str
    publisher: str
    published_at: datetime
    sample: bool
    marks: tuple[Marker, ...]
    status_words: str
    paragraphs: tuple[str, ...]
    event_id: int | None
    event_title: str
    event_articles: int
    notes: int
    named: tuple[NamedHere, ...]
    more: int


def peek_at(article_id: int) -> Peek | None:
    """The beginning of an article, its event and whom it names; None when there is no such article."""
    row = (
        Article.objects.filter(pk=article_id)
        .annotate(
            text=F("revision__text"),
            event_id=F("membership__event_id"),
            event_title=F("membership__event__title"),
            event_articles=F("membership__event__article_count"),
            notes=Count("annotations", filter=Q(annotations__deleted_at__isnull=True)),
        )
        .values(
            "id", "title", "url", "publisher__name", "published_at", "sample", "status", "summary", "text",
            "event_id", "event_title", "event_articles", "notes", *MARKED,
        )
        .first()
    )  # fmt: skip
    if row is None:
        return None
    named = list(
        ArticleEntity.objects.filter(article_id=article_id)
        .order_by("-in_title", "-mentions", "entity_id")
        .values_list("entity_id", "mentions")
    )
    chips = chips_of(pk for pk, _ in named[:PEEK_NAMES])
    text = row["text"] or row["summary"]
    paragraphs, left = [], PEEK_CHARACTERS
    for start, end in spans(text):
        if left <= 0:
            break
        part = text[start:end]
        paragraphs.append(part if len(part) <= left else part[:left].rsplit(" ", 1)[0] + " …")
        left -= len(part)
    return Peek(
        id=row["id"],
        title=row["title"],
        url=row["url"],
        publisher=row["publisher__name"],
        published_at=row["published_at"],
        sample=row["sample"],
        marks=markers(*(row[column] for column in MARKED)),
        status_words=Article.Status(row["status"]).label,
        paragraphs=tuple(paragraphs),
        event_id=row["event_id"],
        event_title=row["event_title"] or "",
        event_articles=row["event_articles"] or 0,
        notes=row["notes"],
        named=tuple(NamedHere(chips[pk], n) for pk, n in named[:PEEK_NAMES] if pk in chips),
        more=max(0, len(named) - PEEK_NAMES),
    )


@dataclass(frozen=True, slots=True)
class Note:
    """A note as a page shows it. `lost`: its passage is not in the current text; `changed`: it reads otherwise now."""

    id: int
    number: int
    by: str
    at: datetime
    edited_at: datetime | None
    body: str
    tag: str
    quote: str
    version: int
    lost: bool = False
    revision: int = 0
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score in words."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Other:
    """An entity that a name may also mean."""

    chip: Chip
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything about one mention: why it is linked, to whom else it could be."""

    id: int
    text: str
    field: str
    start: int
    end: int
    status: str
    score: float
    decided_by: str
    chip: Chip | None
    reasons: tuple[Reason, ...]
    others: tuple[Other, ...]
    rule_version: str
    rule_id: int | None = None  # the rule for names that made it
    undo_id: int | None = None  # the change by which a person's decision on it is taken back

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return sum(reason.weight for reason in self.reasons)

    @property
    def is_capped(self) -> bool:
        """Whether the parts add up to more than a score may be."""
        return self.status == "linked" and self.total > self.score + 0.005


@dataclass(frozen=True, slots=True)
class EventBox:
    """The event that an article belongs to, and why."""

    id: int
    title: str
    score: float
    reasons: tuple[Reason, ...]
    decided_by: str
    articles: int
    publishers: int
    runner_up_id: int | None
    runner_up: str
    runner_up_score: float


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """All that the page of an article shows."""

    id: int
    title: str
    url: str
    publisher: str
    publisher_id: int
    publisher_slug: str
    language: str
    authors: tuple[str, ...]
    published_at: datetime
    published_day_only: bool
    fetched_at: datetime
    source_name: str
    sample: bool
    marks: tuple[Marker, ...]
    status: str
    status_words: str
    version: int
    stage: str
    message: str
    page_kind: str
    page_kind_words: str
    gone_at: datetime | None
    updated_at: datetime | None
    summary: str
    hash: str
    heading: Paragraph
    paragraphs: tuple[Paragraph, ...]
    notes: dict[int, Note]
    lost: tuple[Note, ...]
    named: tuple[NamedHere, ...]
    unsure: tuple[OpenName, ...]
    unknown: tuple[OpenName, ...]
    rejected: tuple[str, ...]
    event: EventBox | None
    copies: CopyBox | None
    origin: Origin
    versions: tuple[Version, ...]
    removed: tuple[TakenLine, ...]
    problems: tuple[str, ...]
    past: Sequence[Past]
    is_cited_lost: bool = False  # words were asked for that do not stand here any more

    @property
    def has_no_own_page(self) -> bool:
        """Whether its page was read and is something other than the article."""
        return self.page_kind not in {"", "article"}

    @property
    def is_read(self) -> bool:
        """Whether the machine is through with it: names are linked."""
        return self.stage in {"linked", "done"}

    def paragraph(self, number: int) -> Paragraph | None:
        """The paragraph of a number; 0 is the title."""
        if number == 0:
            return self.heading
        return self.paragraphs[number - 1] if 0 < number <= len(self.paragraphs) else None

    def paragraph_of(self, name_id: int) -> int:
        """The number of the paragraph with this name; the title when it is nowhere."""
        return next((part.number for part in self.paragraphs if name_id in part.names), 0)


def _reasons(why: list[dict[str, Any]]) -> tuple[Reason, ...]:
    return tuple(Reason(part.get("words", ""), float(part.get("weight", 0.0))) for part in why)


def asked_about(article_id: int, mention_id: int) -> Asked | None:
    """Why one name in an article's current text is linked; None when the mention is not there (any more)."""
    row = (
        Mention.objects.filter(pk=mention_id, revision__article_id=article_id)
        .values(
            "id", "text", "field", "start", "end", "status", "score", "decided_by", "entity_id", "why",
            "candidates", "rule_version", "rule_id",
        )
        .first()
    )  # fmt: skip
    if row is None:
        return None
    is_decided = bool(row["decided_by"]) and row["rule_id"] is None
    best = row["candidates"][: CANDIDATES + 1]
    is_linked, best_why = row["status"] == "linked", best[0]["why"] if best else ()
    chips = chips_of([*(c["entity"] for c in best), *([row["entity_id"]] if row["entity_id"] else [])])
    return Asked(
        id=row["id"],
        text=row["text"],
        field=row["field"],
        start=row["start"],
        end=row["end"],
        status=row["status"],
        score=row["score"],
        decided_by=row["decided_by"],
        chip=chips.get(row["entity_id"]),
        # Of a name that is left open each candidate has its own parts; here stands only why nothing is linked.
        reasons=_reasons([part for part in row["why"] if is_linked or part not in best_why]),
        others=tuple(
            Other(chips[c["entity"]], c["score"], _reasons(c["why"]))
            for c in best
            if c["entity"] in chips and c["entity"] != row["entity_id"]
        )[:CANDIDATES],
        rule_version=row["rule_version"],
        rule_id=row["rule_id"],
        undo_id=change_of_decision(article_id, row["text"], row["start"]) if is_decided else None,
    )


def article_page(article_id: int, citation: Citation | None = None) -> ArticlePage | None:
    """Everything about one article, the cited words marked; None when there is none.

    The number of queries does not grow with it.
    """
    article = (
        Article.objects.select_related("publisher", "revision")
        .only(
            *ORIGIN_FIELDS, "title", "summary", "language", "authors", "fetched_at", "source_name", "sample", "corrected_at",
            "status", "version", "stage", "message", "headline_changed_at", "number_changed_at", "publisher__name",
            "publisher__slug", "revision__title", "revision__text", "revision__html", "revision__text_sha256",
            "revision__removed", "revision__problems",
        )
        .filter(pk=article_id)
        .first()
    )  # fmt: skip
    if article is None:
        return None
    revision = article.revision
    title, text = (revision.title, revision.text) if revision else (article.title, "")
    mentions = (
        list(
            Mention.objects.filter(revision_id=revision.pk)
            .order_by("field", "start")
            .values("id", "field", "start", "end", "text", "kind", "status", "entity_id")
        )
        if revision
        else []
    )
    chips = chips_of(row["entity_id"] for row in mentions if row["entity_id"])
    names = {"title": [_name(r, chips) for r in mentions if r["field"] == "title"],
             "text": [_name(r, chips) for r in mentions if r["field"] == "text"]}  # fmt: skip
    notes, noted, lost = _notes(article.pk, revision)
    cited = find_cited(citation, title if citation.field == "title" else text) if citation else None
    in_title = citation is not None and citation.field == "title"
    return ArticlePage(
        id=article.pk,
        title=article.title,
        url=article.url,
        publisher=article.publisher.name,
        publisher_id=article.publisher_id,
        publisher_slug=article.publisher.slug,
        language=article.language,
        authors=tuple(str(name) for name in article.authors),
        published_at=article.published_at,
        published_day_only=article.published_day_only,
        fetched_at=article.fetched_at,
        source_name=article.source_name,
        sample=article.sample,
        marks=markers(*(getattr(article, column) for column in MARKED)),
        status=article.status,
        status_words=Article.Status(article.status).label,
        version=article.version,
        stage=article.stage,
        message=article.message,
        page_kind=article.page_kind,
        page_kind_words=Article.PageKind(article.page_kind).label,
        gone_at=article.gone_at,
        updated_at=article.updated_at,
        summary=article.summary,
        hash=revision.text_sha256 if revision else "",
        heading=heading(title, names["title"], cited if in_title else None),
        paragraphs=lay_out(
            text, names["text"], noted, revision.html if revision else "", None if in_title else cited
        ),
        notes=notes,
        lost=lost,
        named=_named(mentions, chips),
        unsure=_open(mentions, "ambiguous"),
        unknown=_open(mentions, "proposed"),
        rejected=_rejected(article.pk),
        event=_event(article.pk),
        copies=copies_of(article.pk),
        origin=origin_of(article),
        versions=versions_of(article.pk, revision.pk if revision else 0),
        removed=taken_lines(revision.removed) if revision else (),
        problems=tuple(str(line) for line in revision.problems) if revision else (),
        past=past_of(article.pk),
        is_cited_lost=citation is not None and cited is None,
    )


def _name(row: Mapping[str, Any], chips: dict[int, Chip]) -> Name:
    chip = chips.get(row["entity_id"])
    return Name(
        id=row["id"],
        start=row["start"],
        end=row["end"],
        kind=chip.kind if chip else row["kind"],
        status=row["status"],
        entity_id=row["entity_id"],
        says=chip.name if chip else "",
        listing=f"{chip.ticker} {chip.mic}" if chip and chip.ticker else "",
    )


def _named(mentions: Sequence[Mapping[str, Any]], chips: dict[int, Chip]) -> tuple[NamedHere, ...]:
    counts = Counter(row["entity_id"] for row in mentions if row["entity_id"] in chips)
    first: dict[int, int] = {}
    for row in sorted(mentions, key=lambda row: (row["field"] == "title", row["start"])):
        first.setdefault(row["entity_id"], row["id"])
    return tuple(
        NamedHere(chips[pk], n, first[pk])
        for pk, n in sorted(counts.items(), key=lambda pair: (-pair[1], chips[pair[0]].short))
    )


def _open(mentions: Sequence[Mapping[str, Any]], status: str) -> tuple[OpenName, ...]:
    """The names of one status as they are written, most often used first."""
    found: dict[str, list[int]] = {}
    for row in sorted(mentions, key=lambda row: (row["field"] == "title", row["start"])):
        if row["status"] == status:
            found.setdefault(row["text"], []).append(row["id"])
    names = [OpenName(text, len(places), places[0]) for text, places in found.items()]
    return tuple(sorted(names, key=lambda name: -name.mentions))


def _notes(
    article_id: int, revision: Revision | None
) -> tuple[dict[int, Note], list[Noted], tuple[Note, ...]]:
    """Notes by number in the order of the text, their places, and those whose passage is gone."""
    rows = Annotation.objects.filter(article_id=article_id, deleted_at__isnull=True, field="text").order_by(
        "id"
    )
    found: list[tuple[Anchor, Mapping[str, Any]]] = []
    missed: list[tuple[Anchor, Mapping[str, Any]]] = []
    for row in rows.values(
        "id", "by", "created_at", "edited_at", "body", "tag", "exact", "prefix", "suffix", "version", "start",
        "end", "revision_id", "revision__number",
    ):  # fmt: skip
        anchor = Anchor(row["start"], row["end"], row["exact"], row["prefix"], row["suffix"])
        carried: Anchor | None = None
        if revision is not None:
            carried = anchor if row["revision_id"] == revision.pk else carry(anchor, revision.text)
        if carried is None:
            missed.append((anchor, row))
        else:
            found.append((carried, row))
    gone = []
    texts = _texts_of({row["revision_id"] for _, row in missed}) if revision is not None and missed else {}
    for anchor, old in missed:
        followed = follow(anchor, texts[old["revision_id"]], revision.text) if revision is not None else None
        if followed is None:
            gone.append(_note(old, 0, lost=True))
        else:
            found.append((followed, old))
    found.sort(key=lambda one: (one[0].start, one[0].end, one[1]["id"]))
    notes = {
        number: _note(old, number, changed=place.exact != old["exact"])
        for number, (place, old) in enumerate(found, 1)
    }
    noted = [Noted(number, place.start, place.end) for number, (place, _) in enumerate(found, 1)]
    return notes, noted, tuple(gone)


def _texts_of(revision_ids: Collection[int]) -> dict[int, str]:
    return dict(Revision.objects.filter(pk__in=revision_ids).values_list("pk", "text"))


def _note(row: Mapping[str, Any], number: int, *, lost: bool = False, changed: bool = False) -> Note:
    return Note(
        id=row["id"],
        number=number,
        by=row["by"],
        at=row["created_at"],
        edited_at=row["edited_at"],
        body=row["body"],
        tag=row["tag"],
        quote=row["exact"],
        version=row["version"],
        lost=lost,
        revision=row["revision__number"],
        changed=changed,
    )


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words of an article's current text."""

    field: str
    start: int
    end: int
    text: str


def passage_of(
    article_id: int, number: int, start: int | None = None, end: int | None = None
) -> Passage | None:
    """A paragraph by its number (0 is the title), or the part of it between two code points of the whole text."""
    row = (
        Article.objects.filter(pk=article_id, revision__isnull=False)
        .values_list("revision__title", "revision__text")
        .first()
    )
    if row is None:
        return None
    title, text = row
    places = [(0, len(title)), *spans(text)]
    if number >= len(places):
        return None
    low, high = places[number]
    if start is not None and end is not None and low <= start < end <= high:
        low, high = start, end
    source = text if number else title
    return Passage("text" if number else "title", low, high, source[low:high])


def paragraph_at(article_id: int, start: int) -> int:
    """The number of the paragraph in which a code point of the text stands; 0 when in none."""
    text = Article.objects.filter(pk=article_id).values_list("revision__text", flat=True).first() or ""
    return next((number for number, (low, high) in enumerate(spans(text), 1) if low <= start < high), 0)


def name_place(article_id: int, number: int, surface: str, start: int) -> int | None:
    """Where words stand in a paragraph, first at or after a code point of the whole text; None when nowhere."""
    passage = passage_of(article_id, number)
    if passage is None:
        return None
    at = passage.text.find(surface, max(0, start - passage.start))
    return None if at < 0 else passage.start + at


def note_of(article_id: int, note_id: int) -> Note | None:
    """One note that is not deleted, as the edit form wants it."""
    row = (
        Annotation.objects.filter(pk=note_id, article_id=article_id, deleted_at__isnull=True)
        .values(
            "id", "by", "created_at", "edited_at", "body", "tag", "exact", "version", "revision__number"
        )
        .first()
    )  # fmt: skip
    return None if row is None else _note(row, 0)


def article_exists(article_id: int) -> bool:
    """Whether an article has this number."""
    return Article.objects.filter(pk=article_id).exists()


def article_of_note(note_id: int) -> int | None:
    """The article of a note that is not deleted."""
    rows = Annotation.objects.filter(pk=note_id, deleted_at__isnull=True)
    return rows.values_list("article_id", flat=True).first()


def _rejected(article_id: int) -> tuple[str, ...]:
    """Names that people said are nothing that we follow."""
    rows = LinkDecision.objects.filter(
        article_id=article_id, withdrawn_at__isnull=True, entity__isnull=True
    ).order_by("surface")
    return tuple(dict.fromkeys(rows.values_list("surface", flat=True)))


def _event(article_id: int) -> EventBox | None:
    row = (
        Membership.objects.filter(article_id=article_id)
        .annotate(
            title=F("event__title"),
            articles=F("event__article_count"),
            publishers=F("event__publisher_count"),
            next=F("runner_up__title"),
        )
        .values(
            "event_id", "title", "score", "why", "decided_by", "articles", "publishers", "runner_up_id",
            "next", "runner_up_score",
        )
        .first()
    )  # fmt: skip
    if row is None:
        return None
    return EventBox(
        id=row["event_id"],
        title=row["title"],
        score=row["score"],
        reasons=_reasons(row["why"]),
        decided_by=row["decided_by"],
        articles=row["articles"],
        publishers=row["publishers"],
        runner_up_id=row["runner_up_id"],
        runner_up=row["next"] or "",
        runner_up_score=row["runner_up_score"],
    )
