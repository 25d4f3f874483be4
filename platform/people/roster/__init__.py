"""A school's staff list: read it, show what it would change, then change it."""
