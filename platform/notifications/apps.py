"""The app's place in the registry."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Outbox, inbox, preferences."""

    name = "notifications"
    verbose_name = _("Messages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What is looked at before the start stands in ``checks``."""
        import_module("notifications.checks")
