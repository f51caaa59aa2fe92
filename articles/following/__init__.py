"""What people follow: entities that they watch, and what is new about them."""
