"""A document that each of an audience is to have by a day, with a proof from every one of them (requirements 17.2, books §6)."""

from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "readings"
    default_auto_field = "django.db.models.BigAutoField"
