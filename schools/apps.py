"""The schools app: creating a school, its settings and record, the operator's desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    """Registered as ``schools``. No table of its own: a school's row is ``tenancy.Tenant``."""

    name = "schools"
    verbose_name = _("Schools")
