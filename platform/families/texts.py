"""Texts about how things stand in a family; who can see what before it is saved (experience §1.3)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from families.selectors import Standing

Text = str | Promise

SIGNS: Final[Mapping[Standing, tuple[str, str, Text]]] = {
    Standing.NEW: ("", "ring", _("Not asked yet")),
    Standing.ASKED: ("wait", "clock", _("Waiting for an answer")),
    Standing.LATER: ("wait", "clock", _("Will answer later")),
    Standing.LAPSED: ("", "slash", _("The link has run out")),
    Standing.GIVEN: ("ok", "check", _("Agreed")),
    Standing.REFUSED: ("", "slash", _("Refused")),
    Standing.WITHDRAWN: ("", "undo", _("Withdrawn")),
}
"""Tone, icon and text of ``{% tag %}``."""

SEE_RELATIVE: Final[tuple[tuple[Text, Text], ...]] = (
    (_("You"), _("Everything on this page.")),
    (_("The psychologist on duty"), _("Name, telephone and relation – only after they agreed to it, and only in an emergency.")),
    (_("The office that sends tips or invites"), _("Name and telephone – only after they agreed to that.")),
    (_("Everybody else"), _("Nothing. Colleagues, heads and the administration cannot see it.")),
)  # fmt: skip

SEE_CHILD: Final[tuple[tuple[Text, Text], ...]] = (
    (_("You"), _("Everything. If the other parent works here too, they see the child once they enter it themselves.")),
    (_("The agency you choose"), _("Before it confirms, the age band. Afterwards the name, and only with your consent in that request.")),
    (_("Everybody else"), _("Nothing. Colleagues, heads and the administration cannot see it.")),
)  # fmt: skip


def dialled(phone: str) -> str:
    """A kept number as people dial it at home: ``+8657185550123`` → ``057185550123``, ``+86138…`` → ``138…``."""
    national = phone.removeprefix("+86")
    if national == phone:
        return phone
    return national if re.fullmatch(r"1[3-9]\d{9}", national) else f"0{national}"


def sign(standing: Standing) -> dict[str, Any]:
    """What ``{% tag %}`` needs."""
    tone, icon, text = SIGNS[standing]
    return {"tone": tone, "icon": icon, "text": text}
