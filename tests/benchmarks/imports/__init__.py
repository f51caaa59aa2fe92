"""How long imports of large tables take, and that a second one changes nothing."""
