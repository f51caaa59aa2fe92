"""Where the knowledge base comes from: the starter set and the importers."""
