"""The api app: problem+json, strict input, idempotency, cursor pages, schema."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registered as ``api``."""

    name = "api"
    default_auto_field = "django.db.models.BigAutoField"
