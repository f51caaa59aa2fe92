"""What the page of two articles side by side reads: both texts, what they share, and what the desk makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from articles.models import Article, ArticleCopy, ArticleShare, CopyDecision
from articles.texts.shared import SharedText, Side, shared_sentences

KIND_WORDS = {
    ArticleCopy.Kind.ORIGIN: "the origin",
    ArticleCopy.Kind.VERBATIM: "a verbatim copy",
    ArticleCopy.Kind.ABRIDGED: "an abridged copy",
}


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two articles: what is known of it, and its text with what is shared."""

    id: int
    letter: str  # a or b: what the places in its text are called
    title: str
    url: str
    publisher: str
    authors: tuple[str, ...]
    published_at: datetime
    fetched_at: datetime
    language: str
    sample: bool
    status_words: str
    version: int  # of the text, 0 when none was read
    kind: str
    kind_words: str
    text: Side

    @property
    def is_origin(self) -> bool:
        """Whether the desk takes it for the origin of its copy group."""
        return self.kind == ArticleCopy.Kind.ORIGIN


@dataclass(frozen=True, slots=True)
class SaidOfCopies:
    """What a person said of the two articles and is obeyed; the history of `article_id` can take it back."""

    article_id: int
    by: str
    at: datetime
    why: str
    words: str


@dataclass(frozen=True, slots=True)
class SharedPage:
    """Two articles side by side. `in_group`: the desk counts them as one text; `noted_share`: as sharing some."""

    halves: tuple[Half, Half]
    shared: SharedText
    in_group: bool
    noted_share: float | None
    said: tuple[SaidOfCopies, ...]

    @property
    def share(self) -> float:
        """The share of the shorter text's words that the other has; below 1 unless it is all of them."""
        side = self.shared.shorter
        return side.share if side.shared == side.words else min(side.share, 0.99)

    @property
    def leaves(self) -> Half:
        """The one that leaves the copy group when the two are no copies: the copy, the left one of two."""
        one, other = self.halves
        return other if one.is_origin else one

    @property
    def stays(self) -> Half:
        """The other one."""
        one, other = self.halves
        return one if one.is_origin else other

    @property
    def same_title(self) -> bool:
        """Whether both have the same headline."""
        one, other = (" ".join(half.title.split()).casefold() for half in self.halves)
        return one == other

    @property
    def is_refused(self) -> bool:
        """Whether somebody said that they are no copies."""
        return any(said.words == REFUSED for said in self.said)


REFUSED = "these two are no copies of each other"


def shared_page(article_id: int, other_id: int) -> SharedPage | None:
    """Two articles compared as their texts are now, four queries; None when one of them is not there, or both are one."""
    wanted = [article_id, other_id]
    rows = {
        article.pk: article
        for article in Article.objects.filter(pk__in=wanted)
        .select_related("publisher", "revision")
        .only(
            "url", "title", "summary", "authors", "published_at", "fetched_at", "language", "sample", "status",
            "publisher__name", "revision__number", "revision__text",
        )
    }  # fmt: skip
    if len(rows) != len(wanted):
        return None
    copies = {copy.article_id: copy for copy in ArticleCopy.objects.filter(article_id__in=wanted)}
    texts = [
        (row.revision.text if row.revision else "") or row.summary for row in (rows[pk] for pk in wanted)
    ]
    shared = shared_sentences(*texts)
    groups = {copy.group_id for copy in copies.values()}
    return SharedPage(
        halves=(
            _half(rows[article_id], "a", copies.get(article_id), shared.left),
            _half(rows[other_id], "b", copies.get(other_id), shared.right),
        ),
        shared=shared,
        in_group=len(copies) == len(wanted) and len(groups) == 1,
        noted_share=ArticleShare.objects.filter(article_id__in=wanted, other_id__in=wanted)
        .values_list("containment", flat=True)
        .first(),
        said=tuple(_said(wanted)),
    )


def _half(article: Article, letter: str, copy: ArticleCopy | None, text: Side) -> Half:
    kind = copy.kind if copy else ""
    return Half(
        id=article.pk,
        letter=letter,
        title=article.title,
        url=article.url,
        publisher=article.publisher.name,
        authors=tuple(str(name) for name in article.authors),
        published_at=article.published_at,
        fetched_at=article.fetched_at,
        language=article.language,
        sample=article.sample,
        status_words=Article.Status(article.status).label,
        version=article.revision.number if article.revision else 0,
        kind=kind,
        kind_words=KIND_WORDS[ArticleCopy.Kind(kind)] if kind else "",
        text=text,
    )


def _said(wanted: list[int]) -> list[SaidOfCopies]:
    """What people said of the pair, and which of the two they called the origin."""
    rows = CopyDecision.objects.filter(article_id__in=wanted, withdrawn_at__isnull=True).order_by("-at")
    said = []
    for row in rows.select_related("article__publisher").only(
        "kind", "article_id", "other_id", "by", "at", "why", "article__publisher__name"
    ):
        if row.kind == CopyDecision.Kind.NOT_COPY and row.other_id in wanted:
            said.append(SaidOfCopies(row.article_id, row.by, row.at, row.why, REFUSED))
        elif row.kind == CopyDecision.Kind.ORIGIN:
            words = f"{row.article.publisher.name} is the origin"
            said.append(SaidOfCopies(row.article_id, row.by, row.at, row.why, words))
    return said
