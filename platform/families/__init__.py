"""Relatives, children, consent per purpose, links for people without an account. Imports accounts, audit, vault and below."""
