"""Tips that come to families by themselves: series, who wants them, letters that go out once (requirements 16.3, books §6)."""

from django.apps import AppConfig


class TipsConfig(AppConfig):
    name = "tips"
    default_auto_field = "django.db.models.BigAutoField"
