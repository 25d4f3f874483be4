"""Pages of families: ``link`` for people without an account, the others for a member of the staff."""
