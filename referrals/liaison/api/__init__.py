"""What is handed on, by program: each call is one writer of ``liaison.workflow``."""
