"""Named reads, one module a screen."""
