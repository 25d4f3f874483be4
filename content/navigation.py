"""What content adds to the navigation: the editor's pages."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from ui.navigation import Link

OFFICES: Final = {"pages": Link(rank=50, label=_("Pages"), url="/cms/", icon="book", permission="cms.edit")}
HOMES: Final = {Role.EDITOR: (70, "/cms/")}
"""Role → (rank, where it lands after sign-in); the lowest rank of a person's roles wins."""
