"""The demo app: the story that ``manage.py demo`` tells. Development settings only."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """Registered as ``demo``."""

    name = "demo"
    verbose_name = _("Demo")
