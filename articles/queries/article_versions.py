"""What pages read of an article's revisions: the list of them, one in full, any two compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Case, F, Q, TextField, Value, When

from articles.models import Article, Revision
from articles.texts.changes import TextChange, changes_between
from articles.texts.diff import DiffParagraph, Part, word_diff
from articles.texts.passages import spans
from articles.texts.words import count_words

# Of paragraphs that did not change, so many stay in sight beside each change; the rest is folded if it is worth it.
BESIDE = 1
LEAST_FOLDED = 2


@dataclass(frozen=True, slots=True)
class Version:
    """One revision in the list of them. `words` is 0 when nobody counted; `change` is how many more than before.

    `before` is the number of the one that it followed, 0 for the first at its address. `elsewhere`: it began the texts of
    another address, which was found to be this article's later.
    """

    number: int
    origin: str
    created_at: datetime
    words: int
    change: int
    current: bool
    before: int = 0
    elsewhere: bool = False
    changes: tuple[TextChange, ...] = ()

    @property
    def headline(self) -> TextChange | None:
        """What became of the headline, None when it stayed."""
        return next((one for one in self.changes if one.code == "headline"), None)

    @property
    def numbers(self) -> tuple[TextChange, ...]:
        """The numbers that changed."""
        return tuple(one for one in self.changes if one.code == "number")

    @property
    def amount(self) -> str:
        """How much text came and went, in words."""
        return next((one.words for one in self.changes if one.code == "text"), "")


@dataclass(frozen=True, slots=True)
class Fold:
    """Paragraphs that stand together; `folded` ones did not change and are far from any change."""

    paragraphs: tuple[DiffParagraph, ...]
    folded: bool

    @property
    def words(self) -> int:
        """How many words stand in them."""
        return sum(count_words(part.text) for one in self.paragraphs for part in one.words)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two revisions by their numbers."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class VersionPage:
    """What pages of versions have in common: the article, and all its revisions, newest first."""

    id: int
    title: str
    publisher: str
    language: str
    sample: bool
    versions: tuple[Version, ...]

    def version(self, number: int) -> Version | None:
        """One of them."""
        return next((one for one in self.versions if one.number == number), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions compared. `headline` is empty when it stayed; `back`: the later one stands before the earlier."""

    page: VersionPage
    before: Version
    after: Version
    headline: tuple[Part, ...]
    heading: str
    changes: tuple[TextChange, ...]
    folds: tuple[Fold, ...]
    previous: Pair | None
    following: Pair | None

    @property
    def back(self) -> bool:
        """Whether the later version stands before the earlier one."""
        return self.before.number > self.after.number

    @property
    def numbers(self) -> tuple[TextChange, ...]:
        """The numbers that changed."""
        return tuple(one for one in self.changes if one.code == "number")

    @property
    def amount(self) -> str:
        """How much text came and went, in words; empty when the texts are the same."""
        return next((one.words for one in self.changes if one.code == "text"), "")


@dataclass(frozen=True, slots=True)
class OneVersion:
    """One version in full."""

    page: VersionPage
    version: Version
    heading: str
    paragraphs: tuple[str, ...]
    previous: int
    following: int


def versions_of(article_id: int, current: int) -> tuple[Version, ...]:
    """Newest first, each with what changed from the one before; `current` is the id of the one in force.

    Texts come along only of revisions that were written without noting what changed.
    """
    found: list[Version] = []
    known: dict[int, tuple[int, int]] = {}  # id -> its number, its words
    last: int | None = None
    rows = (
        Revision.objects.filter(article_id=article_id)
        .annotate(
            unnoted=Case(When(Q(changes=[]), then=F("text")), default=Value(""), output_field=TextField())
        )
        .order_by("number")
        .values("id", "number", "origin", "created_at", "changes", "unnoted", "follows")
    )
    for row in rows:
        before, words = known.get((last if row["follows"] is None else row["follows"]) or 0, (0, 0))
        changes = _changes(row["changes"])
        length = _length(changes) if changes else count_words(row["unnoted"])
        length = words if length is None else length
        found.append(
            Version(
                row["number"],
                Revision.Origin(row["origin"]).label,
                row["created_at"],
                length,
                length - words,
                current=row["id"] == current,
                before=before,
                elsewhere=not before and last is not None,
                changes=changes,
            )
        )
        last = row["id"]
        known[last] = row["number"], length
    return tuple(reversed(found))


def _changes(rows: Sequence[Mapping[str, Any]]) -> tuple[TextChange, ...]:
    return tuple(TextChange(row["code"], row["words"], row["was"], row["now"]) for row in rows)


def _length(changes: Sequence[TextChange]) -> int | None:
    """How many words a text has, by what was noted of its change; None when only something else changed."""
    said = next((one.now for one in changes if one.code == "text"), "")
    digits = said.partition(" ")[0].replace(",", "")
    return int(digits) if digits.isdecimal() else None


def version_page(article_id: int) -> VersionPage | None:
    """The article and the list of its revisions; None when there is no such article. Two queries."""
    row = (
        Article.objects.filter(pk=article_id)
        .values("title", "publisher__name", "language", "sample", "revision_id")
        .first()
    )
    if row is None:
        return None
    return VersionPage(
        id=article_id,
        title=row["title"],
        publisher=row["publisher__name"],
        language=row["language"],
        sample=row["sample"],
        versions=versions_of(article_id, row["revision_id"] or 0),
    )


def compare_versions(article_id: int, before: int, after: int) -> Comparison | None:
    """What is different between two versions of an article; None when it has not got both. Three queries."""
    page = version_page(article_id)
    if page is None:
        return None
    one, other = page.version(before), page.version(after)
    if one is None or other is None:
        return None
    texts = _texts(article_id, (before, after))
    (old_title, old), (new_title, new) = texts[before], texts[after]
    same_title = old_title.split() == new_title.split()
    paragraphs = word_diff(old, new)
    return Comparison(
        page=page,
        before=one,
        after=other,
        headline=()
        if same_title
        else tuple(part for line in word_diff(old_title, new_title) for part in line.parts),
        heading=new_title,
        changes=tuple(changes_between(old_title, old, new_title, new)),
        folds=tuple(_folds(paragraphs)),
        previous=_previous(page, before, after),
        following=_following(page, before, after),
    )


def one_version(article_id: int, number: int) -> OneVersion | None:
    """One version in full; None when the article has no such version. Three queries."""
    page = version_page(article_id)
    version = page.version(number) if page else None
    if page is None or version is None:
        return None
    title, text = _texts(article_id, (number,))[number]
    following = [one.number for one in page.versions if one.number > number]
    return OneVersion(
        page=page,
        version=version,
        heading=title,
        paragraphs=tuple(text[start:end] for start, end in spans(text)),
        previous=version.before,
        following=following[-1] if following else 0,
    )


def where_changed(article_id: int, code: str) -> Pair | None:
    """The last two neighbours between which a headline or a number changed; any other code: the last two at all.

    A single version is a pair with itself; None when the article has none.
    """
    page = version_page(article_id)
    if page is None or not page.versions:
        return None
    later = [one for one in page.versions if one.before]
    told = next((one for one in later if any(change.code == code for change in one.changes)), None)
    found = told or (later[0] if later else None)
    if found is None:
        return Pair(page.versions[0].number, page.versions[0].number)
    return Pair(found.before, found.number)


def _texts(article_id: int, numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = Revision.objects.filter(article_id=article_id, number__in=numbers)
    return {number: (title, text) for number, title, text in rows.values_list("number", "title", "text")}


def _previous(page: VersionPage, before: int, after: int) -> Pair | None:
    """The change before the earlier of two versions."""
    earlier = page.version(min(before, after))
    return Pair(earlier.before, earlier.number) if earlier and earlier.before else None


def _following(page: VersionPage, before: int, after: int) -> Pair | None:
    """The change after the later of two versions: what followed it, else the next that followed any."""
    later = max(before, after)
    behind = [one for one in reversed(page.versions) if one.number > later and one.before]
    found = next((one for one in behind if one.before == later), None) or next(iter(behind), None)
    return Pair(found.before, found.number) if found else None


def _folds(paragraphs: Sequence[DiffParagraph]) -> Iterator[Fold]:
    """Paragraphs in turns: what is near a change, and what is not."""
    said = [one for one in paragraphs if one.words or one.mark]
    near = [False] * len(said)
    for place, one in enumerate(said):
        if one.kind != "same" or one.mark:
            for beside in range(max(0, place - BESIDE), min(len(said), place + BESIDE + 1)):
                near[beside] = True
    for is_near, group in groupby(zip(near, said, strict=True), key=lambda pair: pair[0]):
        found = tuple(one for _, one in group)
        yield Fold(found, folded=not is_near and len(found) >= LEAST_FOLDED and len(found) < len(said))
