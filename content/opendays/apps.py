"""An app of its own beside the pages: its rows belong to a school and stand behind both walls."""

from django.apps import AppConfig


class OpenDaysConfig(AppConfig):
    name = "content.opendays"
    label = "opendays"
    default_auto_field = "django.db.models.BigAutoField"
