"""A stream of articles through the running product while its workers are killed."""
