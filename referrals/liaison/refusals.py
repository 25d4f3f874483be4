"""Refusals of what is handed on. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "mediation_first": Row(
        _("First the school's psychologist, then a mediator"),
        _(
            "A mediation room is asked once you have talked with the psychologist and both sides agree. Nothing was sent."
        ),
        _("Open “Family mediation” and ask the psychologist for a talk."),
    ),
    "mediation_open": Row(
        _("You have asked already"),
        _("One is under way, and nothing was changed."),
        _("Open “Family mediation”; it shows what comes next."),
    ),
    "not_talked": Row(
        _("The talk is still to come"),
        _("What came of it is written after its time. Nothing was changed."),
        _("Name an earlier time if you have talked already."),
    ),
    "no_mediation_room": Row(
        _("The school has an agreement with no mediation room today"),
        NOTHING_CHANGED,
        _("Go on talking with both, or ask the union to agree with a mediation room."),
    ),
    "words_long": Row(_("This is too long."), NOTHING_CHANGED, CHECK_INPUT),
    "talk_at": Row(_("Choose a time still to come, within sixty days."), NOTHING_CHANGED, CHECK_INPUT),
}
