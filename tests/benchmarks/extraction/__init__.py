"""How well articles are found in pages: text, residue, facts, speed; run by hand."""
