"""Pages of school administration and of one's own access keys. Parse, call, render."""
