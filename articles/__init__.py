"""What was published, what it mentions, which event it belongs to, what editors did to it."""
