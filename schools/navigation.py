"""What schools add to the navigation: the operator's desk, and settings and record of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import PlatformRole, Role
from ui.navigation import OPERATOR, Link

_SCHOOLS = Link(rank=10, label=_("Schools"), url="/operator/schools/", icon="building", permission="school.read")

TABS: Final = {OPERATOR: (_SCHOOLS,)}
OFFICES: Final = {
    "district": Link(
        rank=50, label=_("Education bureau"), url="/district/", icon="building", permission="district.read"
    ),
    "operator": Link(rank=60, label=_("Operator"), url="/operator/", icon="home", permission="school.read"),
}
SECTIONS: Final = {
    "school": (
        Link(
            rank=50, label=_("School settings"), url="/school/settings/", icon="settings", permission="setting.manage"
        ),
        Link(rank=60, label=_("Record of acts"), url="/school/record/", icon="list", permission="audit.read"),
    ),
    "operator": (
        _SCHOOLS,
        Link(
            rank=25,
            label=_("Lost second step"),
            url="/operator/second-step/",
            icon="key",
            permission="account.recover",
        ),
        Link(
            rank=30, label=_("Record of acts"), url="/operator/record/", icon="list", permission="audit.read.platform"
        ),
    ),
}
HOMES: Final = {PlatformRole.OPERATOR: (10, "/operator/"), Role.DISTRICT: (90, "/district/")}
"""Role → (rank, where it lands after sign-in); the lowest rank of a person's roles wins."""
