"""Finding articles: the slim index, the query language, facets."""
