"""Open days for families: page and programme, invitations, seats that count people, gate, photos, survey (books §6)."""
