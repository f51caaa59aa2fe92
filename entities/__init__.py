"""A lexicon: text in, entities out; it has never heard of an article."""
