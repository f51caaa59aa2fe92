"""How alike two names or two entities are, and why; people decide what comes of it."""
