"""Answers of people outside, without an account: by link, typed code, pressed key and reply (chain §4)."""
