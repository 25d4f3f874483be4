"""``/my/contacts/``: a person's own contacts."""
