"""Doors to the pages, one module a screen."""
