"""What readings add to the navigation: an office of who gives them out."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import Link

_READ: Final = Link(
    rank=54, label=_("Everyone has it"), url="/school/to-read/", icon="check-circle", permission="reading.issue"
)
OFFICES: Final = {"readings": _READ}
SECTIONS: Final = {"readings": (_READ,)}
