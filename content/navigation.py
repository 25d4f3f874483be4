"""What content adds to the navigation: the editor's pages, and the operator's library."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from ui.navigation import OPERATOR, Link

OFFICES: Final = {"pages": Link(rank=50, label=_("Pages"), url="/cms/", icon="book", permission="cms.edit")}
_LIBRARY = Link(
    rank=20, label=_("Library"), url="/operator/library/", icon="book", permission="library.edit", covers=("/cms/",)
)
TABS: Final = {OPERATOR: (_LIBRARY,)}
SECTIONS: Final = {
    "operator": (_LIBRARY,),
    "centre": (
        Link(rank=90, label=_("Texts to check"), url="/centre/texts/", icon="book", permission="content.check"),
    ),
}
HOMES: Final = {Role.EDITOR: (70, "/cms/")}
"""Role → (rank, where it lands after sign-in); the lowest rank of a person's roles wins."""
