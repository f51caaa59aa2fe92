"""Articles that tell of one happening become one event."""
