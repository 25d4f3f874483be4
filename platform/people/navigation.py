"""What people add to the navigation: the school's administration with its members, departments and staff lists."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from ui.navigation import Link

SCHOOL: Final = "school"

OFFICES: Final = {
    SCHOOL: Link(rank=40, label=_("School administration"), url="/school/", icon="building", permission="member.read"),
}
SECTIONS: Final = {
    SCHOOL: (
        Link(rank=10, label=_("Overview"), url="/school/", icon="home", permission="member.read"),
        Link(rank=20, label=_("Members"), url="/school/members/", icon="people", permission="member.read"),
        Link(
            rank=30, label=_("Departments"), url="/school/departments/", icon="building", permission="department.manage"
        ),
        Link(rank=40, label=_("Staff list"), url="/school/roster/", icon="upload", permission="roster.import"),
    ),
}
HOMES: Final = {Role.ADMIN: (60, "/school/")}
"""Role → (rank, where it lands after sign-in); the lowest rank of a person's roles wins."""
