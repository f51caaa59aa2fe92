"""The tables of what was published and what became of it."""

from articles.models.article import Article, ArticleAddress, Revision, SearchRow, Sighting
from articles.models.copies import (
    ArticleCopy,
    ArticleShare,
    ArticleSketch,
    CopyDecision,
    CopyGroup,
    StockPhrase,
)
from articles.models.event import Constraint, Event, Membership
from articles.models.mention import (
    Annotation,
    ArticleEntity,
    EntityDay,
    LinkDecision,
    LinkRule,
    Mention,
    RevisionNames,
)
from articles.models.pages import EdgeLine, PageLook, PageRules, PageTrial
from articles.models.placing import EventVector, PlacedTerms, PlacingShard, TermCount
from articles.models.proposals import PositionEvidence, PositionProposal, Proposal, Watch
from articles.models.sources import (
    Feed,
    FetchDay,
    FetchRun,
    HostTime,
    NetworkState,
    Notice,
    Publisher,
    RemovedSource,
    Subscription,
    Tombstone,
)
from articles.models.work import Heartbeat, Job, Push, SizeDay

__all__ = [
    "Annotation",
    "Article",
    "ArticleAddress",
    "ArticleCopy",
    "ArticleEntity",
    "ArticleShare",
    "ArticleSketch",
    "Constraint",
    "CopyDecision",
    "CopyGroup",
    "EdgeLine",
    "EntityDay",
    "Event",
    "EventVector",
    "Feed",
    "FetchDay",
    "FetchRun",
    "Heartbeat",
    "HostTime",
    "Job",
    "LinkDecision",
    "LinkRule",
    "Membership",
    "Mention",
    "NetworkState",
    "Notice",
    "PageLook",
    "PageRules",
    "PageTrial",
    "PlacedTerms",
    "PlacingShard",
    "PositionEvidence",
    "PositionProposal",
    "Proposal",
    "Publisher",
    "Push",
    "RemovedSource",
    "Revision",
    "RevisionNames",
    "SearchRow",
    "Sighting",
    "SizeDay",
    "StockPhrase",
    "Subscription",
    "TermCount",
    "Tombstone",
    "Watch",
]
