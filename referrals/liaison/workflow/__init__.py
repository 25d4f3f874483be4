"""The only writers of what the school hands on."""
