"""Relatives, children, consent per purpose, links for people without an account (rules §5)."""

from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "families"
    default_auto_field = "django.db.models.BigAutoField"
