"""The roles that a person can hold. Only a school's are stored in ``Membership.roles``."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles inside one school (contract §Hosts)."""

    ADMIN = "admin", _("School administrator")
    EDITOR = "editor", _("Editor")
    STAFF = "staff", _("Staff member")
    HEAD = "head", _("Head of department")
    CENTRE = "centre", _("Psychological centre")
    DUTY = "duty", _("Duty psychologist")
    FINANCE = "finance", _("Finance")
    PRINCIPAL = "principal", _("Principal")
    MORAL = "moral", _("Moral education head")
    DOCTOR = "doctor", _("School doctor")
    UNION = "union", _("Trade union")
    DISTRICT = "district", _("Education bureau")


class PlatformRole(models.TextChoices):
    """Roles on the platform host: never stored in a membership."""

    PARTNER_OFFICE = "partner_office", _("Partner office")
    PARTNER_COUNTER = "partner_counter", _("Partner counter")
    OPERATOR = "operator", _("Platform operator")


SECOND_FACTOR_ROLES = frozenset(
    {Role.CENTRE, Role.DUTY, Role.FINANCE, Role.ADMIN, PlatformRole.OPERATOR, PlatformRole.PARTNER_OFFICE}
)
"""Who must hold a second factor (rules §5 Sign-in)."""
