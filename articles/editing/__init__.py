"""What people do: notes, corrected links, status, sources."""
