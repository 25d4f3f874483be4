"""The operations app: checks (``doctor``), health probes, heartbeats."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Registered as ``operations``."""

    name = "operations"
    verbose_name = _("Operations")
