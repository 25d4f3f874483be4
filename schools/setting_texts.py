"""The settings a school changes itself, as texts for its administrator (rules.md ⚙)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partners.kinds import ServiceKind
from referrals.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Setting:
    """``label`` names it with its unit, ``help`` says what it does."""

    label: Any
    help: Any = ""


def _kinds_with_open_vouchers() -> str:
    kinds = gettext(", ").join(str(kind.label) for kind in ServiceKind if KINDS[kind].is_open)
    return gettext("For %(kinds)s and several sessions at once, counted from the day of the appointment.") % {
        "kinds": kinds
    }


_open_voucher_help = lazy(_kinds_with_open_vouchers, str)

SETTINGS: Final[Mapping[str, Setting]] = {
    "name": Setting(_("Name of the school")),
    "name_en": Setting(_("English name")),
    "district": Setting(_("District")),
    "duty_phone": Setting(_("Duty telephone")),
    "duty_hours": Setting(_("Duty hours")),
    "automatic_approval": Setting(
        _("Approve at once what the rules allow"),
        _("Without this tick every request waits for the office that decides its kind."),
    ),
    "self_referral_sessions": Setting(
        _("Sessions on a person's own word"),
        _(
            "So many sessions of counselling, of the clinic and of mediation each may be asked for without a decision; beyond that the psychological centre decides."
        ),
    ),
    "asked_kinds": Setting(
        _("Kinds that a person always decides"),
        _(
            "Their requests wait for the office beside the kind, whatever the rules say. It is asked to decide within one working day."
        ),
    ),
    "partner_answer_days": Setting(
        _("Working days an agency has to answer"),
        _(
            "The same clock time on its next open day; nights and closed days do not count. When it does not answer in time, the request ends, the money is free again, and the person is told."
        ),
    ),
    "free_cancel_hours": Setting(
        _("Hours before an appointment when free cancelling ends"),
        _("Later the agreement's fee may be asked; it is shown before the click. Also for appointments already made."),
    ),
    "open_voucher_days": Setting(
        _("Days an open voucher is valid"),
        _open_voucher_help(),
    ),
    "reminder_days": Setting(
        _("Days before a voucher ends on which its owner is reminded"),
        _(
            "By day, once each, while something of it is left that nobody has booked. Usually 30, 7 and 1; without a tick nobody is reminded."
        ),
    ),
    "draft_days": Setting(
        _("Days an unfinished request is kept"),
        _("From the last change. Only the person who writes it can see it."),
    ),
    "review_months": Setting(
        _("Months until a guideline is read again"),
        _("So long after its review it stands among the old ones on the editors' first page. Readers see no change."),
    ),
    "fewest_people": Setting(
        _("People who must have moved a total before it is shown"),
        _("So that nobody's amount can be read from it. Finance sees the exact books."),
    ),
    "incident_years": Setting(
        _("Years an incident is kept after its end"),
        _(
            "Then its words and the name are destroyed; number, grade and times stay for the counts. A false alarm is kept six months."
        ),
    ),
    "follow_up_months": Setting(
        _("Months of weekly talks after an incident"),
        _(
            "They end when the last talk says recovered, after a month at the earliest; by one tap they last a month longer."
        ),
    ),
    "suggestion_minutes": Setting(
        _("Minutes until a report of life in danger counts as extreme"),
        _("When a report says extreme and in danger now, and nobody has taken it by then, everybody is called."),
    ),
    "grade_minutes": Setting(
        _("Minutes until the grade of a report is written"),
        _("From the moment somebody has it. Then the head of the centre is asked, and after as long again the team."),
    ),
    "home_unknown_minutes": Setting(
        _("Minutes the family is called later when home may be the danger"),
        _("Where nobody knows whether somebody at home is the danger. In these minutes it can be stopped or begun."),
    ),
    "team_answers": Setting(
        _("People of the emergency team who must answer"),
        _("One of them is the principal or the head of the centre. Until then the others are called on."),
    ),
    "voice_seconds": Setting(
        _("Seconds from the message to the call"),
        _("Somebody who has not answered the message by then is rung up, and once more within three minutes."),
    ),
    "leaver_days": Setting(
        _("Days after the last day on which what was booked may be used"),
        _(
            "Of somebody who leaves the school. What is booked beyond them is called off, free, and both sides are told."
        ),
    ),
    "closing_month": Setting(
        _("Month at whose end a pool's year can be closed"),
        _(
            "Of the year after. Two people of finance close it; what nobody used goes back, what is reserved is carried on."
        ),
    ),
    "tips_unread_months": Setting(
        _("Months a family gets tips without a visit"),
        _(
            "After them a last letter says that they end, and how they begin again. No picture in a mail tells who reads."
        ),
    ),
    "visitor_name_days": Setting(
        _("Days after an open day until visitors' forms of address are deleted"),
        _("Counts for open days planned from now on: families read the number when they answer."),
    ),
    "mark_hours": Setting(
        _("Hours a note of a counter without network is taken"),
        _(
            "So long after a voucher was noted there it counts like a scan. Later both are asked whether the appointment took place."
        ),
    ),
    "move_days": Setting(
        _("Days by which an appointment may be moved"),
        _("At the price that was decided. Further away it is cancelled, free, and asked for anew."),
    ),
    "pause_days": Setting(
        _("Working days to decide what becomes of a request whose agency is paused"),
        _("Keep, move or call off. Counts for pauses from now on; what nobody decides moves, free."),
    ),
    "first_missed_paid": Setting(
        _("The pool pays the first missed appointment of a school year"),
        _(
            "Without this tick every fee for a missed appointment is between the person and the agency, except where crisis relief pays."
        ),
    ),
    "quote_minutes": Setting(
        _("Minutes a price is held"),
        _("From the moment it is shown. Afterwards it is worked out anew before anything is sent."),
    ),
}
"""Name in ``tenancy.rules`` or of the school's own row → its texts."""


def setting_label(name: Any) -> Any:
    """The setting's own name, for the record."""
    return SETTINGS[name].label if name in SETTINGS else name


def setting_names(names: Any) -> str:
    """Several of them, in one line."""
    return gettext(", ").join(str(setting_label(name)) for name in names)


def setting_value(value: Any) -> str:
    """A value as the record keeps it, as a text."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        kinds = dict(ServiceKind.choices)
        return gettext(", ").join(str(kinds.get(kind, kind)) for kind in value) or "–"
    return str(value)
