"""Measurements of how names are found and linked."""
