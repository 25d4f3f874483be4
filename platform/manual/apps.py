"""How to use the product: a page for each role, and the administrators' quiz (requirements 16.15)."""

from django.apps import AppConfig


class ManualConfig(AppConfig):
    name = "manual"
    default_auto_field = "django.db.models.BigAutoField"
