"""What can go wrong in the knowledge base."""

from __future__ import annotations


class EntitiesError(Exception):
    """Any fault of the knowledge base."""


class SourceDataError(EntitiesError):
    """A source of the knowledge base holds a row that cannot be read or contradicts another."""
