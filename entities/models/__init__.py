"""The knowledge base's tables."""

from entities.models.entity import Alias, Change, Entity, Identifier, Judgement, LexiconVersion, Resemblance
from entities.models.imports import Conflict, ImportRun
from entities.models.market import Exchange, Listing, Ownership, Position, Security

__all__ = [
    "Alias",
    "Change",
    "Conflict",
    "Entity",
    "Exchange",
    "Identifier",
    "ImportRun",
    "Judgement",
    "LexiconVersion",
    "Listing",
    "Ownership",
    "Position",
    "Resemblance",
    "Security",
]
