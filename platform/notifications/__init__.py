"""Messages: an outbox written with the business, drained outside it; an inbox; a person's choices of channel."""
