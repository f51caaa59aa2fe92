"""From a feed address to stored articles, one step a module."""
