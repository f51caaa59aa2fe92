"""The knowledge base's tables."""

from entities.models.entity import Alias, Change, Entity, Identifier, Judgement, LexiconVersion
from entities.models.market import Exchange, Listing, Ownership, Position, Security

__all__ = [
    "Alias",
    "Change",
    "Entity",
    "Exchange",
    "Identifier",
    "Judgement",
    "LexiconVersion",
    "Listing",
    "Ownership",
    "Position",
    "Security",
]
