"""An article that was written three times over, for tests of the pages that compare its versions."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from articles.models import Article, Revision
from articles.texts.changes import changes_between
from tests.factories import make_article, make_revision

FIRST = (
    "At least 12 people were hurt when a crane fell at the port of Halvard on Tuesday, the harbour master said.\n\n"
    "The crane, built in 1987, had been inspected twice this year.\n\n"
    "Work at the two northern quays stopped at once. Ferries to Tessin kept running.\n\n"
    "Mara Quint, who leads the harbour, called it the worst accident in years.\n\n"
    "Fishermen had warned of the crane for months.\n\n"
    "The repair will cost 1.2 million crowns, the operator estimated.\n\n"
    "The police ask witnesses to come forward."
)
SECOND = (
    FIRST.replace("At least 12 people", "At least 15 people")
    .replace("1.2 million crowns", "1.4 million crowns")
    .replace(
        "Fishermen had warned of the crane for months.",
        "Fishermen had warned of the crane for months.\n\nThe mayor of Halvard will visit the port on Thursday.",
    )
)
THIRD = (
    SECOND.replace("\n\nThe police ask witnesses to come forward.", "")
    .replace("Ferries to Tessin kept running.", "Ferries to Tessin were stopped in the evening.")
    .replace("At least 12", "At least 15")
)
TITLES = (
    "Crane falls at Halvard, 12 hurt",
    "Crane falls at Halvard, 15 hurt",
    "Crane falls at Halvard, 15 hurt",
)
EVERY = tuple(zip(TITLES, (FIRST, SECOND, THIRD), strict=True))


def revise(article: Article, title: str, text: str, hours_ago: float = 0.0) -> Revision:
    """Another version with what changed noted, as reading it again does."""
    last = article.revision
    assert last is not None
    changes = changes_between(last.title, last.text, title, text)
    revision = make_revision(article, title, text)
    at = timezone.now() - timedelta(hours=hours_ago)
    Revision.objects.filter(pk=revision.pk).update(changes=[one.as_json() for one in changes], created_at=at)
    codes = {one.code for one in changes}
    marks = {
        name: at
        for code, name in (("headline", "headline_changed_at"), ("number", "number_changed_at"))
        if code in codes
    }
    Article.objects.filter(pk=article.pk).update(corrected_at=at, **marks)
    return revision


def make_revised_article() -> Article:
    """The crane of Halvard in three versions: a headline and three numbers changed, a paragraph came, one went."""
    (title, text), *later = EVERY
    article = make_article(title, text, published_at=timezone.now() - timedelta(hours=9))
    Revision.objects.filter(article=article).update(created_at=timezone.now() - timedelta(hours=9))
    for hours, (title, text) in zip((5, 2), later, strict=True):
        revise(article, title, text, hours)
    return article
