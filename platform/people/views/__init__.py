"""Pages of the school office: members, departments, staff lists. Parse, call, render."""
