"""Append-only, hash-chained record of writes, refusals and sensitive reads (rules §5)."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"
