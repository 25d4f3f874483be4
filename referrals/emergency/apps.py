"""An app of its own above the rest of referrals, which never imports it."""

from django.apps import AppConfig


class EmergencyConfig(AppConfig):
    name = "referrals.emergency"
    label = "emergency"
    default_auto_field = "django.db.models.BigAutoField"
