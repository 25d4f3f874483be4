"""How the states of an open day are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ui.states import BAD, IDLE, OK, Sign

SIGNS: Final[dict[str, Sign]] = {
    "openday:draft": Sign(IDLE, "edit", _("Not published")),
    "openday:open": Sign(OK, "check", pgettext_lazy("open day", "Published")),
    "openday:called_off": Sign(BAD, "slash", _("Called off")),
}
