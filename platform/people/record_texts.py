"""What the record says about a school's people: acts, and what is told of them. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREA_TITLES: Final[Mapping[str, Any]] = {"people": _("Members and access")}
AREAS: Final[Mapping[str, str]] = {"member": "people", "department": "people", "roster": "people", "account": "people"}
ACTS: Final[Mapping[str, Any]] = {
    "roster.export": _("Refused rows of a staff list downloaded"),
    "member.add": _("Member added"),
    "member.update": _("Member changed"),
    "member.export": _("List of members downloaded"),
    "account.factor_off": _("Second step taken off an account"),
    "department.save": _("Department saved"),
    "department.remove": _("Department removed"),
    "roster.preview": _("Staff list read"),
    "roster.create": _("Members added by a staff list"),
    "roster.update": _("Members changed by a staff list"),
    "roster.leave": _("Members marked as left by a staff list"),
    "roster.apply": _("Staff list taken over"),
    "roster.discard": _("Staff list discarded"),
}
