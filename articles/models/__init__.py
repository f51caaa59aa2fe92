"""The tables of what was published and what became of it."""

from articles.models.article import Article, Revision, SearchRow, Sighting
from articles.models.event import Constraint, Event, Membership
from articles.models.mention import Annotation, ArticleEntity, EntityDay, LinkDecision, Mention
from articles.models.sources import Feed, FetchRun, NetworkState, Publisher, RemovedSource

__all__ = [
    "Annotation",
    "Article",
    "ArticleEntity",
    "Constraint",
    "EntityDay",
    "Event",
    "Feed",
    "FetchRun",
    "LinkDecision",
    "Membership",
    "Mention",
    "NetworkState",
    "Publisher",
    "RemovedSource",
    "Revision",
    "SearchRow",
    "Sighting",
]
