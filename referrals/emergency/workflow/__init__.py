"""The only writers of the chain's tables."""
