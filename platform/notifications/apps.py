"""The app's place in the registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Outbox, inbox, preferences."""

    name = "notifications"
    verbose_name = _("Messages")
    default_auto_field = "django.db.models.BigAutoField"
