"""The only writers of open days. Locks in this order: open day → invitation → family → sessions (docs/content.md §Open days)."""
