"""Measurements of finding copies: what is found, and how fast among many."""
