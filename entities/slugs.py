"""Addresses of entities: which words none may have, since pages of their own stand there."""

# The first words of addresses below entities/ in articles/urls.py that are no entity's.
SHADOWED = frozenset({"changes", "compare", "imports", "new"})
