"""Words of what the school hands on: what each state means to the person and to the centre, and what comes next."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from referrals.liaison.mediation_states import CloseReason, MediationState, Sides, TalkPlace, stands_as
from referrals.liaison.models import Mediation
from ui.templatetags.ui import school_time

PLACE_TEXTS: Final[dict[str, Any]] = {
    TalkPlace.CENTRE: pgettext_lazy("talk", "At the psychological centre"),
    TalkPlace.PHONE: pgettext_lazy("talk", "On the telephone"),
}
SIDES_TEXTS: Final[dict[str, Any]] = {
    Sides.ONE: gettext_lazy("Your colleague alone"),
    Sides.BOTH: gettext_lazy("Both sides"),
}
CLOSE_TEXTS: Final[dict[str, Any]] = {
    CloseReason.NOT_SAFE: gettext_lazy("Sitting at one table is not safe now"),
    CloseReason.OTHER_HELP: gettext_lazy("Another kind of help fits better"),
    CloseReason.NOT_MET: gettext_lazy("The talk did not take place"),
}
CLOSED_TO_PERSON: Final[dict[str, Any]] = {
    CloseReason.NOT_SAFE: gettext_lazy(
        "The psychologist thinks that sitting at one table is not safe for you now. Your safety comes first: the lines above are open, and the centre goes on talking with you alone."
    ),
    CloseReason.OTHER_HELP: gettext_lazy(
        "The psychologist thinks that another kind of help fits better. Open “Apply”, or ask the centre what it had in mind."
    ),
    CloseReason.NOT_MET: gettext_lazy("The talk did not take place. You can ask again at any time."),
}


def state_of(row: Mediation, moment: datetime) -> MediationState:
    """How it stands by the dates."""
    return stands_as(row.state, row.until, moment)


def next_text(row: Mediation, moment: datetime) -> str:
    """What happens next, for the person, and by when."""
    match state_of(row, moment):
        case MediationState.ASKED:
            return _("The psychological centre names a time by %(by)s. You need not prepare anything.") % {
                "by": school_time(row.deadline)
            }
        case MediationState.INVITED if row.talk_at and row.talk_at > moment:
            return _("Come alone or together, as you like. If the time does not suit you, call the centre.")
        case MediationState.INVITED:
            return _("You have talked. The psychologist writes here how it can go on.")
        case MediationState.SUGGESTED:
            return _(
                "The psychologist thinks that a mediator from outside could help you both. It is your choice; please answer by %(by)s."
            ) % {"by": school_time(row.until)}
        case MediationState.AGREED:
            return _("Choose a mediation room and a time. You can do so until %(by)s.") % {"by": school_time(row.until)}
        case MediationState.LINKED:
            return _("The request to the mediation room is on its way. Its page shows all that follows.")
        case MediationState.SETTLED:
            return _("You have talked, and nobody from outside was asked. You can ask again at any time.")
        case MediationState.CLOSED:
            return str(CLOSED_TO_PERSON[CloseReason(row.close_reason)])
        case MediationState.LAPSED:
            return _("Its time is over, and nothing was sent to anybody. You can ask again at any time.")
        case _:
            return _("You took it back. Nothing was sent to anybody.")
