"""Why an office looks at a request first, said before it is sent and kept beside it afterwards (rules §2)."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from disclosure.sentences import spaced
from referrals.states import ReviewReason
from referrals.texts import DECIDERS
from referrals.workflow.reviewing import Review
from ui.templatetags.ui import school_time

REVIEW_REASONS: Final = {
    ReviewReason.ALWAYS: gettext_lazy("Your school asks about every request for this service."),
    ReviewReason.BEYOND_FIRST: gettext_lazy(
        "It is more than the first sessions of a school year, which need nobody's word."
    ),
    ReviewReason.AGAIN: gettext_lazy("A second look was asked for."),
    ReviewReason.RELIEF: gettext_lazy("Crisis relief is always decided by a person."),
}
"""As the deciding office reads it, and the person beside their own request: no number of sessions."""


def review_lines(ahead: Review | None, partner: str, agency_by: datetime) -> dict[str, str]:
    """Before a request is sent: whether an office looks first, which, who sees the name, and by when at the latest."""
    if ahead is None:
        values = {"partner": partner, "by": school_time(agency_by)}
        return {
            "tone": "",
            "title": _("Nobody at the school has to agree first"),
            "text": _("It goes straight to %(partner)s, without your name. Answer by %(by)s at the latest.") % values,
        }
    who = DECIDERS[ahead.office]
    what_then = _(
        "Answer by %(by)s at the latest. The people there who decide on it see your name, nobody else; %(partner)s is asked only after they agree, without your name."
    ) % {"by": school_time(ahead.until), "partner": partner}
    return {
        "tone": "",
        "title": _("%(who)s looks at it first") % {"who": who},
        "text": spaced([_why_first(ahead), what_then]),
    }


def _why_first(ahead: Review) -> str:
    """Why an office looks: only the person reads how many sessions they had."""
    if ahead.reason is not ReviewReason.BEYOND_FIRST:
        return _("Your school asks about every request for this service.")
    return _(
        "The first %(free)d sessions of a school year need nobody's word. You have had or asked for %(had)d of this kind since 1 September."
    ) % {"free": ahead.free, "had": ahead.had}
