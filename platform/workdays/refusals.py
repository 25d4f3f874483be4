"""Refusals of a school's calendar. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "days_overlap": Row(
        _("Some of these days are entered already"),
        NOTHING_CHANGED,
        _("Remove the earlier entry first, or choose other days."),
    ),
    "days_reversed": Row(_("The last day is before the first"), NOTHING_CHANGED, CHECK_INPUT),
    "days_too_many": Row(_("These are too many days at once"), NOTHING_CHANGED, CHECK_INPUT),
    "days_too_far": Row(
        _("Only days from this year on, up to two years ahead, can be entered"), NOTHING_CHANGED, CHECK_INPUT
    ),
}
