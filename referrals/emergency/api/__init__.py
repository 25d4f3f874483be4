"""The chain for programs."""
