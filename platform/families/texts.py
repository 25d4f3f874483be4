"""Texts about how things stand in a family; who can see what before it is saved (experience §1.3)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from disclosure.sentences import panel
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


def see_relative() -> list[tuple[str, str]]:
    """谁能看到 of a relative, from the table."""
    return panel(("relative",), own=True)


def see_child() -> list[tuple[str, str]]:
    """谁能看到 of a child, from the table."""
    return panel(("child",), agency=gettext("The agency you choose"), own=True)


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
