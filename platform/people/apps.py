"""The app's place in the registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """A school's people: members, departments, staff lists, invitations. Its tables stand in ``accounts``."""

    name = "people"
    verbose_name = _("People of a school")
    default_auto_field = "django.db.models.BigAutoField"
