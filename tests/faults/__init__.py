"""What must hold while things break: processes die, links hang, servers lie, bytes attack."""
