"""The offices' pages of the chain."""
