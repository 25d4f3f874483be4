"""The app's place in the registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """Budgets and quotas, double entry."""

    name = "ledger"
    verbose_name = _("Budgets and quotas")
    default_auto_field = "django.db.models.BigAutoField"
