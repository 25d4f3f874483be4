"""The app's place in the registry; finds every app's ``job_handlers`` module."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Long work."""

    name = "jobs"
    verbose_name = _("Tasks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import ``job_handlers`` of every app, so that web, worker and tests know the same kinds."""
        autodiscover_modules("job_handlers")
