"""Template tags that every page of the desk shares."""
