"""An app of its own above the rest of referrals: where the school hands somebody on, and what comes back."""

from django.apps import AppConfig


class LiaisonConfig(AppConfig):
    name = "referrals.liaison"
    label = "liaison"
    default_auto_field = "django.db.models.BigAutoField"
