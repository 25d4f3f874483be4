"""The sentences of the staff's pages: why a price is what it is, what happens next, who can see what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from disclosure.sentences import agency_text, panel
from kernel.money import WHOLE_BP, yuan
from partners.kinds import ServiceUnit
from partners.members import Desk
from referrals.ending_texts import with_freed
from referrals.kinds import CHILD_SCHEMES, KINDS
from referrals.models import Booking, Offer, Referral, Reschedule
from referrals.policy import CutReason, Decision, PolicyTerms, QuoteLine
from referrals.states import BookingState, OfferState, ReferralState, RescheduleSide
from referrals.subsidies.prices import Entitlement, ListedPrice, Priced
from ui.names import named
from ui.templatetags.ui import percent, school_time


@dataclass(frozen=True, slots=True)
class KindTexts:
    """What is said of a kind of service: its voucher's title, and what a person wants, as the person would say it."""

    voucher: Any
    wish: Any


KIND_TEXTS: Final[Mapping[str, KindTexts]] = {
    "counselling": KindTexts(gettext_lazy("Counselling voucher"), gettext_lazy("Talk with a counsellor")),
    "psychiatry": KindTexts(gettext_lazy("Clinic voucher"), gettext_lazy("See a doctor for sleep and mood")),
    "childcare": KindTexts(
        gettext_lazy("After-school care voucher"), gettext_lazy("Someone to look after the children after school")
    ),
    "camp": KindTexts(gettext_lazy("Camp voucher"), gettext_lazy("Holiday camp for the children")),
    "home_help": KindTexts(gettext_lazy("Home help voucher"), gettext_lazy("A pair of hands at home")),
    "elder_care": KindTexts(gettext_lazy("Elder care voucher"), gettext_lazy("Day care for your parents")),
    "mediation": KindTexts(gettext_lazy("Mediation voucher"), gettext_lazy("Someone to sit between you")),
    "meals": KindTexts(gettext_lazy("Meal voucher"), gettext_lazy("Meals brought to your door")),
}
FIRST_WISHES: Final = ("counselling", "childcare", "home_help")
"""What the staff's first page offers before anything else."""

_WINDOW_FAULTS: Final = {
    "in_the_past": gettext_lazy("This time has passed. Choose one from now on."),
    "too_far_ahead": gettext_lazy("Choose a time within the next 90 days."),
    "too_soon": gettext_lazy("This is less than two hours away. Choose a later time, or ring the agency."),
    "end_before_start": gettext_lazy("The end must come after the start."),
    "window_too_long": gettext_lazy("At most 12 hours in one go."),
    "windows_missing": gettext_lazy("Please give at least one time."),
    "too_many_windows": gettext_lazy("Five times at most."),
    "shorter_than_session": gettext_lazy("This is shorter than the session."),
    "same_time": gettext_lazy("It is at that time already."),
    "other_length": gettext_lazy("It would last another time."),
    "outside_hours": gettext_lazy("The agency is not open then. Choose a time within its hours."),
    "in_closure": gettext_lazy("The agency is closed on this day. Choose another one."),
}
SCHEMES: Final = {
    "counselling": gettext_lazy("counselling"),
    "childcare": gettext_lazy("after-school care"),
    "camp": gettext_lazy("holiday camp"),
    "home_help": gettext_lazy("help at home"),
    "mediation": gettext_lazy("family mediation"),
    "hardship": gettext_lazy("hardship help"),
    "crisis_relief": gettext_lazy("crisis relief"),
    "charity": gettext_lazy("charity"),
}
DECIDERS: Final = {"centre": gettext_lazy("The psychological centre"), "union": gettext_lazy("The trade union")}
LOOKERS: Final = {
    "centre": gettext_lazy("Psychological centre"),
    "duty": gettext_lazy("Duty desk"),
    "union": gettext_lazy("Trade union"),
    "finance": gettext_lazy("Finance"),
    "admin": gettext_lazy("School administration"),
}
REASONS: Final = {
    "other_help_fits": gettext_lazy("Another kind of help fits better; the office can tell you which."),
    "not_covered": gettext_lazy("The school's rules do not cover this."),
    "duplicate": gettext_lazy("You already have the same request open."),
    "talk_first": gettext_lazy("The office would like to talk with you first."),
    "no_capacity": gettext_lazy("The agency has no place free."),
    "no_such_time": gettext_lazy("The agency has no such time."),
    "not_our_field": gettext_lazy("The agency does not offer this."),
    "on_holiday": gettext_lazy("The agency is on holiday."),
    "no_answer": gettext_lazy("The agency did not answer in time."),
    "none_fits": gettext_lazy("None of its times suited you."),
    "ill": gettext_lazy("Somebody at the agency is ill."),
    "double_booked": gettext_lazy("The agency had given the time twice."),
    "closed_that_day": gettext_lazy("The agency is closed that day."),
    "handed_over": gettext_lazy("Another guardian has taken over the place. It costs you nothing."),
    "left_school": gettext_lazy("You have left the school. It costs you nothing."),
    "agency_paused": gettext_lazy("This agency cannot serve you for the time being. It costs you nothing."),
    "agency_ended": gettext_lazy("The platform no longer works with this agency."),
    "cannot_serve": gettext_lazy("The agency cannot offer this any more."),
}
SCANS: Final = {
    "ok": gettext_lazy("looked at it"),
    "redeemed": gettext_lazy("redeemed it"),
}


def window_fault(code: str) -> Any:
    """What is wrong with a time that somebody asks for or proposes, as a sentence, by a writer's code."""
    return _WINDOW_FAULTS.get(code, gettext_lazy("This value is not possible."))


def desk_text(desk: Desk) -> str:
    """The counter as its institution calls it; never a person's name: the voucher's owner reads it."""
    return desk.counter or _("its office")


def colleague_text(desk: Desk) -> str:
    """The counter and who stood there, for the institution itself."""
    return " · ".join(part for part in (desk_text(desk), desk.name) if part)


def unit_text(unit: str, count: int) -> str:
    """``3 sessions``, in the reader's language."""
    return {
        ServiceUnit.SESSION: ngettext("%(n)d session", "%(n)d sessions", count),
        ServiceUnit.HOUR: ngettext("%(n)d hour", "%(n)d hours", count),
        ServiceUnit.HALF_DAY: ngettext("%(n)d half day", "%(n)d half days", count),
        ServiceUnit.DAY: ngettext("%(n)d day", "%(n)d days", count),
        ServiceUnit.MONTH: ngettext("%(n)d month", "%(n)d months", count),
    }[ServiceUnit(unit)] % {"n": count}


def duration(priced: Priced | ListedPrice) -> str:
    """What one unit is: ``50 minutes each``, ``3 hours each``, ``by the month``."""
    if priced.service.unit == ServiceUnit.SESSION:
        hours, minutes = divmod(priced.service.minutes, 60)
        if hours > 1 and not minutes:
            return _("%(n)d hours each") % {"n": hours}
        return _("%(n)d minutes each") % {"n": priced.service.minutes}
    return {
        ServiceUnit.HOUR: _("by the hour"),
        ServiceUnit.HALF_DAY: _("by the half day"),
        ServiceUnit.DAY: _("by the day"),
        ServiceUnit.MONTH: _("by the month"),
    }[ServiceUnit(priced.service.unit)]


def rule_line(terms: PolicyTerms) -> str:
    """What the school pays under a rule, of no person: share, the most each time, how much in a school year."""
    if not terms.share_bp:
        return _("The school pays nothing towards it; its agreement makes it cheaper.")
    whole = terms.share_bp == WHOLE_BP
    share = _("The school pays all of it") if whole else _("The school pays %(share)s")
    parts = [share % {"share": percent(terms.share_bp)}]
    if terms.session_subsidy_cap_fen is not None:
        parts.append(_("at most %(yuan)s each time") % {"yuan": yuan(terms.session_subsidy_cap_fen)})
    if terms.quota_amount is not None:
        owner = _("each child") if terms.scheme in CHILD_SCHEMES else _("each person")
        amount = amount_left(terms.quota_unit, terms.quota_amount)
        parts.append(_("%(amount)s for %(owner)s in a school year") % {"amount": amount, "owner": owner})
    line = parts[0]
    for part in parts[1:]:
        line = _("%(before)s, %(after)s") % {"before": line, "after": part}
    return _("%(clauses)s.") % {"clauses": line}


def school_part(decision: Decision) -> str | None:
    """Before the school's amount: ``School pays 70%, at most ¥280.00 each time`` where that limit is met, only
    ``School pays`` where another one is; None where the share alone decides.
    """
    terms, cuts = decision.inputs.terms, {line.reason for line in decision.lines} - {CutReason.OWN_SHARE}
    if not cuts:
        return None
    if cuts == {CutReason.SUBSIDY_CAP} and terms.session_subsidy_cap_fen is not None:
        values = {"share": percent(terms.share_bp), "cap": yuan(terms.session_subsidy_cap_fen)}
        return _("School pays %(share)s, at most %(cap)s each time") % values
    return _("School pays")


def own_part(decision: Decision) -> str:
    """Before the person's amount."""
    return _("You pay") if decision.inputs.terms.share_bp else _("You pay, at the agreed price")


def amount_left(unit: str, left: int) -> str:
    """A quota in its unit: ``4 sessions``, ``¥1,200.00``."""
    return yuan(left) if unit == "fen" else ngettext("%(n)d session", "%(n)d sessions", left) % {"n": left}


def reset_day(day: date) -> str:
    """The day a quota begins anew, which is the same every year: ``9月1日``."""
    return date_format(day, pgettext("day of every year", "j F"))


def entitlement_text(row: Entitlement) -> str:
    """One sentence: how much, of what, until when."""
    values = {"left": amount_left(row.unit, row.left), "scheme": SCHEMES[row.scheme], "day": reset_day(row.resets_on)}
    if row.child is not None:
        values["child"] = row.child.name
        return _("%(child)s: %(left)s of %(scheme)s subsidy left this school year; new on %(day)s.") % values
    return _("%(left)s of %(scheme)s subsidy left this school year; new on %(day)s.") % values


def quota_text(unit: str | None, left: int | None, resets_on: date, *, per_child: bool) -> str:
    """What is left before the first field, or that there is no limit."""
    if unit is None or left is None:
        return _("No yearly limit.")
    values = {"left": amount_left(unit, left), "day": reset_day(resets_on)}
    if per_child:
        return _("Up to %(left)s of subsidy for each child and school year; new on %(day)s.") % values
    return _("%(left)s of subsidy left this school year; new on %(day)s.") % values


def explain_line(line: QuoteLine) -> str:
    """Why this part of the price is the person's, in one sentence."""
    params, fen = line.params, yuan(line.fen)
    match line.reason:
        case CutReason.ELIGIBLE_CAP:
            cap = yuan(int(params["cap_fen"]))
            return _("The school counts up to %(cap)s each; what lies above is yours: %(fen)s") % {
                "cap": cap,
                "fen": fen,
            }
        case CutReason.OWN_SHARE if params["share_bp"] == 0:
            return _("The school has agreed this price for you and adds no subsidy here: %(fen)s") % {"fen": fen}
        case CutReason.OWN_SHARE:
            share = percent(WHOLE_BP - int(params["share_bp"]))
            return _("Your own share is %(share)s: %(fen)s") % {"share": share, "fen": fen}
        case CutReason.SUBSIDY_CAP:
            cap = yuan(int(params["cap_fen"]))
            return _("The school pays at most %(cap)s each; the rest is yours: %(fen)s") % {"cap": cap, "fen": fen}
        case CutReason.QUOTA_USED_UP:
            return _("This school year's subsidy is used up for a part: %(fen)s") % {"fen": fen}
        case CutReason.POOL_USED_UP:
            return _("The school's subsidy money of this year is used up for a part: %(fen)s") % {"fen": fen}


def explain_lines(lines: Iterable[QuoteLine]) -> list[str]:
    """``explain_line`` for each, in the order in which the cuts were taken."""
    return [explain_line(line) for line in lines]


def agency_sees(kind: str, *, has_child: bool = False) -> str:
    """What an agency that is asked sees of a request, before and after it accepts. From the table."""
    return agency_text((f"request.{KINDS[kind].decider}", *(("child",) if has_child else ())))


def see_rows(
    kind: str, partner: str, *, others: Sequence[str] = (), has_child: bool = False, is_accepted: bool = False
) -> list[tuple[str, str]]:
    """谁能看到 of a request and all that follows from it: who, and exactly what (experience §1.3). From the table.

    ``others``: the agencies that are asked beside ``partner``; each is named.
    """
    objects = (f"request.{KINDS[kind].decider}", *(("child",) if has_child else ()), "line", "pool", "record")
    return panel(objects, agency=partner, also_asked=others, is_accepted=is_accepted)


def share_seen(subsidy_fen: int, self_fen: int) -> str:
    """What the agency learns of who pays, beside the price in all: nothing before it accepts (books §2)."""
    if not self_fen:
        return _(
            "Before it accepts the agency sees the price in all and not who pays. Once it has accepted it sees that you pay nothing there."
        )
    if not subsidy_fen:
        return _(
            "Before it accepts the agency sees the price in all and not who pays. Once it has accepted it sees that you pay all of it."
        )
    return _(
        "Before it accepts the agency sees the price in all and not who pays. Once it has accepted it sees how much of it you pay and how much the school pays."
    )


def next_text(referral: Referral, partner: str) -> str:
    """What happens next, and by when."""
    by = school_time(referral.deadline) if referral.deadline else ""
    match referral.state:
        case ReferralState.SUBMITTED:
            return _("%(who)s answers by %(by)s; the answer reaches you as a message.") % {
                "who": DECIDERS[KINDS[referral.kind].decider],
                "by": by,
            }
        case ReferralState.OFFERED:
            return _("%(partner)s answers by %(by)s. If it does not, we tell you at once.") % {
                "partner": partner,
                "by": by,
            }
        case ReferralState.CONFIRMED:
            return _("Show the voucher at the counter.")
        case ReferralState.IN_SERVICE:
            return _("Go on using the voucher.")
    return ""


def timeline(
    referral: Referral, offers: list[Offer], booking: Booking | None, partner: str, moves: Sequence[Reschedule] = ()
) -> list[dict[str, Any]]:
    """The request as steps for ``ui/components/steps.html``; the step that is on carries its clock. ``moves``: that took place."""
    state = referral.state
    steps = [_step("done", _("Request sent"), referral.submitted_at)]
    decider = DECIDERS[KINDS[referral.kind].decider]
    if state == ReferralState.SUBMITTED:
        steps.append(_step("now", _("%(who)s is looking at it") % {"who": decider}, note=next_text(referral, partner)))
    elif state == ReferralState.DECLINED:
        steps.append(_step("bad", _("Declined"), referral.changed_at, _reason(referral)))
        return steps
    elif offers and referral.needs_person:
        steps.append(_step("done", _("%(who)s agreed") % {"who": decider}, offers[0].created_at))
    elif offers:
        steps.append(_step("done", _("Within the rules, agreed at once"), offers[0].created_at))
    for offer in offers:
        steps.append(_offer_step(referral, offer, named(offer.partner)))
    for move in moves:
        told = _("You asked") if move.asked_by == RescheduleSide.PERSON else _("The agency asked")
        when = school_time(move.starts_at)
        steps.append(_step("done", _("Moved to %(when)s") % {"when": when}, move.answered_at, told))
    if booking is not None:
        steps.extend(_after_booking(referral, booking))
    elif state in (ReferralState.SUBMITTED, ReferralState.APPROVED, ReferralState.OFFERED):
        steps.append(_step("next", _("A time is confirmed, you get the voucher")))
    if state == ReferralState.CANCELLED:
        who = _("Called off by your school") if referral.decline_reason else _("Cancelled by you")
        steps.append(_step("bad", who, referral.changed_at, with_freed(referral, _reason(referral))))
    if state == ReferralState.EXPIRED and booking is None:
        steps.append(_step("bad", _("Ended without an appointment"), referral.changed_at, _reason(referral)))
    return steps


def _step(state: str, title: Any, at: datetime | None = None, note: str = "") -> dict[str, Any]:
    return {"state": state, "title": title, "at": at, "note": note}


def _reason(referral: Referral) -> str:
    return str(REASONS.get(referral.decline_reason, ""))


def _offer_step(referral: Referral, offer: Offer, partner: str) -> dict[str, Any]:
    values = {"partner": partner}
    if offer.shown_state == OfferState.OPEN:
        if offer.proposals.all():
            note = _("Please choose one of its times.")
            return _step("now", _("%(partner)s proposes other times") % values, note=note)
        return _step("now", _("Asking %(partner)s") % values, note=next_text(referral, partner))
    if offer.state == OfferState.ACCEPTED:
        return _step("done", _("%(partner)s accepted") % values, offer.answered_at)
    if offer.state == OfferState.WITHDRAWN:
        return _step("done", _("The question to %(partner)s was taken back") % values, offer.answered_at)
    reason = "no_answer" if offer.shown_state == OfferState.EXPIRED else offer.decline_reason
    at = offer.answered_at or offer.deadline
    return _step("bad", _("%(partner)s cannot") % values, at, str(REASONS.get(reason, "")))


def _after_booking(referral: Referral, booking: Booking) -> list[dict[str, Any]]:
    when = school_time(booking.starts_at)
    if booking.state == BookingState.PENDING:
        return [
            _step("next", _("Your time %(when)s is kept until then; after a yes you get the voucher") % {"when": when})
        ]
    match referral.state:
        case ReferralState.CONFIRMED:
            return [_step("now", _("Appointment %(when)s") % {"when": when}, note=booking.partner.address)]
        case ReferralState.IN_SERVICE:
            return [
                _step("done", _("Appointment %(when)s") % {"when": when}),
                _step("now", _("The service is under way")),
            ]
        case ReferralState.COMPLETED | ReferralState.CLOSED:
            return [_step("done", _("Appointment %(when)s") % {"when": when}), _step("done", _("All done"))]
        case ReferralState.EXPIRED if booking.state == BookingState.CANCELLED:
            return [_step("bad", _("The agency cancelled the appointment"), referral.changed_at, _reason(referral))]
        case ReferralState.EXPIRED if booking.state in (BookingState.LAPSED, BookingState.NO_SHOW):
            became = _("Did not come") if booking.state == BookingState.NO_SHOW else _("Did not take place")
            return [
                _step("done", _("Appointment %(when)s") % {"when": when}),
                _step("bad", became, referral.changed_at),
            ]
        case ReferralState.EXPIRED:
            return [_step("bad", _("The voucher was not used in time"), referral.changed_at)]
    return [_step("done", _("Appointment %(when)s") % {"when": when})]


def greeting(hour: int) -> str:
    """Good morning, afternoon or evening, by the hour in the school's zone."""
    if hour < 5:
        return _("it is late")
    if hour < 11:
        return _("good morning")
    if hour < 14:
        return _("good day")
    return _("good afternoon") if hour < 18 else _("good evening")
