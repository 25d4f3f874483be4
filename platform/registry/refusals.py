"""The shape of a refusal's row, and the sentences that many rows share. In a low layer, so that every app can bring rows."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Row:
    """What happened, what it means, the next step. ``known`` replaces ``detail`` when its parameters are there."""

    title: Text
    detail: Text
    next_step: Text
    known: Text = ""


NOTHING_CHANGED: Final = _("Nothing was changed.")
GO_BACK: Final = _("Go back and try again.")
CHECK_INPUT: Final = _("Go back, correct it and send it again.")
ASK_SCHOOL: Final = _("If this looks wrong, ask the school's administrator.")
CHOOSE_OTHER: Final = _("Choose another service or another agency.")
LOOK_AGAIN: Final = _("Open it again and look at its present state.")
