"""The chain's closed lists in words: grades, legs, seats, targets, faults."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disclosure.sentences import panel
from notifications.models import Channel
from referrals.emergency.models import Layer, LineKind
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.plan_states import ChainState
from referrals.emergency.rules.step_rules import SeatKind, Target

Text = str | Promise

# duty and plans
KIND_TEXTS: Final[Mapping[str, Any]] = {
    IncidentKind.PSYCHOLOGICAL: pgettext_lazy("incident", "Psychological"),
    IncidentKind.MEDICAL: pgettext_lazy("incident", "Medical"),
}
GRADE_TEXTS: Final[Mapping[str, Any]] = {
    Grade.GENERAL: pgettext_lazy("grade", "General"),
    Grade.MAJOR: pgettext_lazy("grade", "Major"),
    Grade.EXTREME: pgettext_lazy("grade", "Extreme"),
}
LEG_TEXTS: Final[Mapping[str, Any]] = {
    LegKind.SCHOOL: pgettext_lazy("leg", "School"),
    LegKind.FAMILY: pgettext_lazy("leg", "Family"),
    LegKind.MEDICAL: pgettext_lazy("leg", "Medical"),
    LegKind.COMMUNITY: pgettext_lazy("leg", "Community"),
    LegKind.TEAM: pgettext_lazy("leg", "Emergency team"),
}
SEAT_TEXTS: Final[Mapping[str, Any]] = {
    SeatKind.CENTRE_HEAD: _("Head of the centre"),
    SeatKind.PRINCIPAL: _("Principal"),
    SeatKind.MORAL: _("Moral education head"),
    SeatKind.DOCTOR: _("School doctor"),
    SeatKind.DISTRICT: _("Education bureau"),
}
LINE_TEXTS: Final[Mapping[str, Any]] = dict(LineKind.choices)
LAYER_TEXTS: Final[Mapping[int, Any]] = dict(Layer.choices)
CHAIN_TEXTS: Final[Mapping[str, Any]] = {
    ChainState.OFF: pgettext_lazy("chain", "Off"),
    ChainState.REHEARSAL: pgettext_lazy("chain", "In rehearsal"),
    ChainState.LIVE: pgettext_lazy("chain", "Live"),
}
TARGET_TEXTS: Final[Mapping[str, Any]] = {
    Target.ON_DUTY: _("Whoever is on duty"),
    Target.SEAT: _("Holder of a seat"),
    Target.DEPUTY: _("Deputy of a seat"),
    Target.CONTACT: _("Emergency contact"),
    Target.PARTNER: _("Agreed institution"),
    Target.HOME_COMMUNITY: _("Community of the home"),
    Target.LINE: _("Outside line"),
    Target.TEAM: _("Whole emergency team"),
    Target.BY_HAND: _("A person dials"),
}
CHANNEL_TEXTS: Final[Mapping[str, Any]] = dict(Channel.choices)
MENDER_TEXTS: Final[Mapping[str, Any]] = {
    "centre": _("The centre mends it"),
    "admin": _("The administrator mends it"),
    "union": _("The trade union mends it"),
    "operator": _("The operator mends it"),
}
FAULT_TEXTS: Final[Mapping[str, Any]] = {
    "leg_empty": _("This leg has no step: nobody would be called."),
    "leg_only_by_hand": _("Nobody is called by machine here; an agreed institution or a line is missing."),
    "layer_empty": _("Within fourteen days nobody is on duty in layer %(about)s."),
    "seat_empty": _("Nobody holds this seat: %(about)s."),
    "seat_no_deputy": _("This seat has no deputy: %(about)s. Whoever is ill or concerned leaves it empty."),
    "line_ended": _("This line answers no more."),
    "partner_no_agreement": _("No agreement with this institution is in force today."),
    "partner_no_number": _("This institution has no number that can be called."),
    "dials_service_number": _("The number kept for this institution is one that a machine never dials."),
    "only_quiet_channels": _("Only messages in the system and e-mail: at night nobody would notice."),
    "channel_missing": _("The school does not have this channel: %(about)s. The others are used."),
    "not_carried": _(
        "%(about)s may not carry this call: no approved template is entered for it. Nothing leaves that way."
    ),
    "no_channel": _("The school has none of the channels of this step."),
    "unreachable": _("%(about)s cannot be reached on any channel of this step: a number is missing."),
    "one_psychologist": _(
        "One person alone is on duty here: name an outside line or the district's seat as the second, beforehand."
    ),
    "few_people": _("Only %(about)s can be reached here; two people are needed."),
    "few_channels": _("Only %(about)s channel rings here; two are needed, so that one may fail."),
    "wait_out_of_bounds": _("The wait is longer than this grade allows: %(about)s minutes."),
    "step_twice": _("The same step stands earlier on this leg. It is called again in the next round anyway."),
    "wrong_leg": _("This leg must not call them: each party has its own."),
    "no_ambulance": _("No leg begins with somebody dialling 120 by hand."),
    "account_spent": _(
        "An hour in which nobody answers needs more messages than the account's own limit lets through: %(about)s."
    ),
    "texts_spent": _(
        "One number would get %(about)s text messages in an hour; carriers let five through. Calls go on."
    ),
}
LACK_TEXTS: Final[Mapping[str, Any]] = {
    "plan_missing": _("No plan is in use: %(about)s."),
    "plan_faulty": _("The plan would not hold: %(about)s."),
    "duty_gap": _("Nobody is on duty for a time on %(about)s."),
    "seat_missing": _("Nobody holds this seat: %(about)s."),
    "deputy_missing": _("This seat has no deputy: %(about)s."),
    "heartbeat": _("Nobody outside this installation hears whether it calls: no address is set for that."),
    "operator_phone": _("No telephone is set that is called when this installation calls nobody."),
    "unproven": _("No channel of the school has been seen to work within 90 days: send yourself a test."),
    "no_local_line": _("No line of the town says that it answers day and night."),
    "operator_line": _("The operator's line is not entered, or answers no more."),
}

# contacts
GRADE_WISHES: Final[Mapping[Grade, Text]] = {
    Grade.GENERAL: _("When the school is worried about me (general)"),
    Grade.MAJOR: _("When I need help today (major)"),
    Grade.EXTREME: _("When my life is in danger (extreme)"),
}
"""The grades in people's words."""

GRADE_SHORT: Final[Mapping[Grade, Text]] = {
    Grade.GENERAL: _("worry"),
    Grade.MAJOR: _("help needed today"),
    Grade.EXTREME: _("life in danger"),
}


def grades_text(grades: Iterable[str]) -> list[Text]:
    """The grades, mildest first, short."""
    return [text for grade, text in GRADE_SHORT.items() if grade.value in set(grades)]


def see_contacts() -> list[tuple[str, Any]]:
    """谁能看到 of one's contacts, from the table."""
    return panel(("contact",), own=True)


def see_never() -> list[tuple[str, Any]]:
    """谁能看到 of the list of those never called."""
    return panel(("never",), own=True)


def see_community() -> list[tuple[str, Any]]:
    """谁能看到 of where one lives."""
    return panel(("community",), own=True)
