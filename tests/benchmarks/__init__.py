"""Measurements that are run by hand: they need minutes and a quiet machine, and gate no commit."""
