"""Refusals of the chain: what happened, what it means, the next step. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, LOOK_AGAIN, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    # incident
    "not_in_list": Row(_("This is none of the choices"), NOTHING_CHANGED, CHECK_INPUT),
    "chain_off": Row(
        _("The school's emergency chain is not live"),
        _("Nobody was called."),
        _("If somebody is in danger, call 110 or 120 now, then the school's duty line. The head of the centre can switch the chain on."),
    ),
    "own_incident": Row(
        _("You cannot open an incident about yourself"),
        _("Nothing was written, and nobody was told."),
        _("Call 12356 or the school's duty line, or ask for a talk under “Apply”. Somebody will listen."),
    ),
    "agreement_missing": Row(
        _("The family is called with the person's own yes"),
        _("Nobody was called."),
        _("Write how and when the person agreed. If life is in danger, write the grade “extreme” first."),
    ),
    "same_grade": Row(_("It has this grade already"), NOTHING_CHANGED, LOOK_AGAIN),
    "reason_too_short": Row(_("The reason is too short"), NOTHING_CHANGED, _("Write at least twenty characters: somebody will have to understand it later.")),
    "receiver_missing": Row(_("Nobody is named who has the person now"), NOTHING_CHANGED, _("Write where the person is and who takes over.")),
    "eta_unknown": Row(_("This time cannot be named"), NOTHING_CHANGED, _("Choose 15, 30 or 60 minutes.")),
    "signs_missing": Row(_("Nothing is said about what was noticed"), NOTHING_CHANGED, _("Write in one sentence what you saw or heard.")),
    "signs_too_long": Row(_("The text is too long"), NOTHING_CHANGED, _("Two thousand characters are enough; the rest can be told to whoever comes.")),
    "time_ahead": Row(_("This time has not come yet"), NOTHING_CHANGED, CHECK_INPUT),
    "time_long_ago": Row(_("This was more than thirty days ago"), NOTHING_CHANGED, _("Speak to the psychological centre about it; the chain is for what is happening now.")),
    "time_without_offset": Row(_("The time says no offset"), NOTHING_CHANGED, CHECK_INPUT),
    "incident_ended": Row(_("This incident has ended"), NOTHING_CHANGED, _("The centre can open it again within thirty days.")),
    "incident_open": Row(_("Another incident of this person is open"), NOTHING_CHANGED, LOOK_AGAIN),
    "too_long_ago": Row(_("It ended more than thirty days ago"), NOTHING_CHANGED, _("Open a new incident; it is kept beside the old one.")),
    "legs_open": Row(
        _("A line is in nobody's hands yet"),
        _("The incident stays open."),
        _("Let somebody take each line, or say why one is not needed, then close it."),
    ),
}  # fmt: skip
