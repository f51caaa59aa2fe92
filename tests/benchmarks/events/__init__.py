"""Measurements of how articles are gathered into events."""
