"""The offices' rooms: the board, duty, seats, plans, coverage."""
