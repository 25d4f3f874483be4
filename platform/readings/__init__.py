"""“Everyone has it”: who was given a document, who has proved it, who is missing (requirements 17.2)."""
