"""Envelope encryption of what a thief of the database must not read (rules §5)."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "vault"
    default_auto_field = "django.db.models.BigAutoField"
