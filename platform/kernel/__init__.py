"""Types and functions that every app shares: money, clock, errors, identifiers. Imports nothing of ours and no framework."""
