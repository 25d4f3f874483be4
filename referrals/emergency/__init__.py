"""The emergency chain (docs/emergency.md): who is reached when a colleague is in danger, by whom, and until somebody answers."""
