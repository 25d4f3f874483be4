"""The app's place in the registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SeatsConfig(AppConfig):
    """Slots and seats across schools."""

    name = "seats"
    verbose_name = _("Slots and seats")
    default_auto_field = "django.db.models.BigAutoField"
