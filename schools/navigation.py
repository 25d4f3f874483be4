"""What schools add to the navigation: the operator's desk and the school's administration."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import PlatformRole, Role
from ui.navigation import OPERATOR, Link

_SCHOOLS = Link(rank=10, label=_("Schools"), url="/operator/schools/", icon="building", permission="school.read")

TABS: Final = {OPERATOR: (_SCHOOLS,)}
OFFICES: Final = {
    "school": Link(
        rank=40, label=_("School administration"), url="/school/", icon="building", permission="member.read"
    ),
    "operator": Link(rank=60, label=_("Operator"), url="/operator/", icon="home", permission="school.read"),
}
SECTIONS: Final = {
    "operator": (
        _SCHOOLS,
        Link(
            rank=30, label=_("Record of acts"), url="/operator/record/", icon="list", permission="audit.read.platform"
        ),
    ),
}
HOMES: Final = {PlatformRole.OPERATOR: (10, "/operator/"), Role.ADMIN: (60, "/school/")}
"""Role → (rank, where it lands after sign-in); the lowest rank of a person's roles wins."""
