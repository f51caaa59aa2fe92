"""The tables of what was published and what became of it."""

from articles.models.article import Article, Revision, SearchRow, Sighting
from articles.models.copies import ArticleCopy, ArticleSketch, CopyGroup, StockPhrase
from articles.models.event import Constraint, Event, Membership
from articles.models.mention import Annotation, ArticleEntity, EntityDay, LinkDecision, Mention
from articles.models.placing import EventVector, PlacedTerms, PlacingShard, TermCount
from articles.models.sources import Feed, FetchRun, NetworkState, Publisher, RemovedSource

__all__ = [
    "Annotation",
    "Article",
    "ArticleCopy",
    "ArticleEntity",
    "ArticleSketch",
    "Constraint",
    "CopyGroup",
    "EntityDay",
    "Event",
    "EventVector",
    "Feed",
    "FetchRun",
    "LinkDecision",
    "Membership",
    "Mention",
    "NetworkState",
    "PlacedTerms",
    "PlacingShard",
    "Publisher",
    "RemovedSource",
    "Revision",
    "SearchRow",
    "Sighting",
    "StockPhrase",
    "TermCount",
]
