"""Who may see what of a person (docs/privacy.md §Who sees what)."""
