"""A small world of invented publishers, served on loopback so that a new desk is alive without internet."""
