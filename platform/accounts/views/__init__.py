"""Pages of one's own account: details, keys, the link of an invitation. Parse, call, render."""
