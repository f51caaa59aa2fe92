"""What searching costs: the newest matches by how common a word is, and becoming searchable."""
