"""What is told when a survey says no. Found by ``ui.refusals``."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, Row

_NOT_SENT: Final = _("Nothing was sent, and nobody knows that you were here.")

ROWS: Final[Mapping[str, Row]] = {
    "survey_not_yet": Row(
        _("It is too early to answer"), _NOT_SENT, _("Open the same link again after it has taken place.")
    ),
    "survey_over": Row(
        _("Answers are no longer taken"), _NOT_SENT, _("If something is on your mind, tell whoever invited you.")
    ),
    "survey_full": Row(
        _("As many answers have come as people were there"), _NOT_SENT, _("Tell whoever invited you what you think.")
    ),
    "survey_empty": Row(_("Nothing is filled in yet"), _NOT_SENT, _("Choose one answer at least, or write a word.")),
    "survey_value": Row(_("This answer is not one of those asked"), _NOT_SENT, CHECK_INPUT),
    "survey_words": Row(_("This is too long, or holds signs that cannot be kept"), _NOT_SENT, CHECK_INPUT),
}
