"""``/my/``: what I may use, what comes next, what waits for me; and my own requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest, Actor
from accounts.elsewhere import other_schools
from accounts.same_person import places_of_person
from families.access import children_of
from kernel.clock import local_day, now
from kernel.errors import Refused
from partners.models import Service
from referrals import texts
from referrals.access import access_own_referral
from referrals.ending_texts import with_freed, with_return
from referrals.kinds import Wish
from referrals.missed import is_asked_about, stands_as
from referrals.missed_texts import charged_text, late_warning
from referrals.models import Booking, Offer, Referral, Reschedule
from referrals.new_time import with_whom
from referrals.review_texts import REVIEW_REASONS
from referrals.rules import Cancellation, may_answer
from referrals.staff import selectors as mine
from referrals.staff.clashes import clashes
from referrals.staff.drafts import unfinished, unsent
from referrals.staff.lists import ReferralList
from referrals.staff.paused_shown import paused_text
from referrals.staff.views_after import after_parts
from referrals.staff.views_counsellor import may_choose
from referrals.staff.views_proxy import proxy_shown
from referrals.staff.views_reschedule import may_move
from referrals.states import (
    CHOOSE,
    NO_TAKER,
    OPEN_REFERRALS,
    STANDING,
    BookingState,
    ReferralState,
    RescheduleSide,
    ReviewReason,
)
from referrals.subsidies.accounting import approved_policies, terms_of
from referrals.subsidies.hardship import files_on
from referrals.subsidies.prices import Priced, entitlements, person_of, price_services
from referrals.wish_texts import wish_rows
from referrals.wishes import Wishes, beyond
from referrals.workflow.cancelling import cancel_referral, cancelling_means
from referrals.workflow.course import is_course, may_stop
from referrals.workflow.ending import state_today
from referrals.workflow.relief import is_relief
from referrals.workflow.rescheduling import open_one
from referrals.workflow.submitting import look_again, may_look_again
from referrals.workflow.unit_holders import asked_about
from tenancy.messages import together
from tenancy.rules import TenantRules
from ui.cards import my_cards
from ui.confirm import asked_again
from ui.names import named
from ui.templatetags.ui import school_time

_UNDER_WAY: Final = frozenset({ReferralState.CONFIRMED, ReferralState.IN_SERVICE})
_CANCELLABLE: Final = frozenset(
    {ReferralState.SUBMITTED, ReferralState.APPROVED, ReferralState.OFFERED, ReferralState.CONFIRMED}
)


@require_safe
@role_required("referral.own")
def home(request: ActingRequest) -> HttpResponse:
    """The staff's first page (experience §Screens)."""
    actor, tenant = request.actor, request.tenant
    moment = now()
    day = local_day(moment, tenant.time_zone)
    policies, children, drafts = approved_policies(), children_of(actor), unsent(actor)
    coming, recent = mine.next_bookings(actor, moment), mine.recent_referrals(actor)
    at_hand = mine.vouchers_at_hand(actor, day, coming)
    proposals, consents = mine.open_proposals(actor), mine.unanswered_consents(actor)[:5]
    wishes, questions = mine.open_wishes(actor), mine.open_questions(actor)
    cards = my_cards(actor)
    files = files_on(places_of_person(person_of(actor)), day)
    together(
        policies, files, children, drafts, coming, recent, at_hand, proposals, consents, wishes, questions,
        *(card.rows for card in cards),
    )  # fmt: skip
    terms = [terms_of(policy) for policy in policies]
    priced = price_services(actor, day, terms=terms, files=files)
    mine.with_names(coming, recent, [row.service for row in priced])
    booking, after = (*coming, None, None)[:2]
    voucher, ending = mine.sorted_out(at_hand, day, booking)
    context: dict[str, Any] = {
        "address": actor.address,
        "greeting": texts.greeting(moment.astimezone(ZoneInfo(tenant.time_zone)).hour),
        "entitlements": [texts.entitlement_text(row) for row in entitlements(actor, day, terms, children)],
        "booking": booking,
        "after": after,
        "after_partner": named(after.partner) if after else "",
        "is_clash": bool(booking and after and after.starts_at < booking.ends_at),
        "may_move": booking is not None and may_move(booking),
        "voucher": voucher,
        "needs": _needs(priced, tenant.settings),
        "unfinished": unfinished(actor, drafts)[:2],
        "proposals": _one_each(proposals),
        "consents": list(consents),
        "wishes": [(wish, named(wish.partner)) for wish in wishes],
        "questions": [(row, named(row.partner)) for row in questions],
        "ending": ending[:3],
        "recent": list(recent),
        "cards": cards,
        "other_schools": other_schools(request),
    }
    for row in context["recent"]:
        row.service_name = named(row.service)
    for proposal in context["proposals"]:
        proposal.partner_name = named(proposal.partner)
    if context["booking"]:
        context["booking_partner"] = named(context["booking"].partner)
    return render(request, "referrals/my/home.html", context)


def _needs(found: list[Priced], rules: TenantRules) -> list[dict[str, Any]]:
    """One link for each need, with the price of its least expensive service for the person."""
    needs = []
    for kind in texts.FIRST_WISHES:
        offered = [priced for priced in found if priced.service.kind == kind and priced.decision]
        if offered:
            best = min(offered, key=lambda priced: priced.decision.self_fen if priced.decision else 0)
            needs.append(
                {
                    "kind": kind,
                    "title": texts.KIND_TEXTS[kind].wish,
                    "priced": best,
                    "is_asked": rules.always_asks(kind),
                    "duration": texts.duration(best),
                    "count": len(offered),
                }
            )
    return needs


def _one_each(proposals: Any) -> list[Any]:
    """One line a request, however many times were proposed."""
    return list({proposal.offer.referral_id: proposal for proposal in proposals}.values())


@require_safe
@role_required("referral.own")
def referrals(request: ActingRequest) -> HttpResponse:
    """My requests, newest first; ``?state=&q=&page=``."""
    return render(request, "referrals/my/referrals.html", ReferralList(request).context())


@require_safe
@role_required("referral.own")
def referrals_csv(request: ActingRequest) -> HttpResponse:
    """The same list for a spreadsheet. The file's name is neutral."""
    return ReferralList(request).file()


@require_safe
@role_required("referral.own")
def referral(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """One request: its timeline with the clock, times to choose from, who can see it and who has looked."""
    actor = request.actor
    found = access_own_referral(actor, referral_id)
    parts = mine.parts_of(found)
    offers, appointments, voucher = parts.offers, parts.bookings, parts.voucher
    booking = mine.next_of(appointments)
    partner = named(found.partner)
    again = may_look_again(found, now())
    state = state_today(found, request.tenant)
    choices = _with_clashes(actor, found, _choices(found, offers))
    stands = booking is not None and booking.state == BookingState.CONFIRMED
    begun = booking is not None and stands and booking.starts_at <= now()
    course = voucher is not None and is_course(found, voucher) and state in _UNDER_WAY
    asked = mine.wishes_of(appointments)
    candidates = mine.candidates_of(found)
    asked_names = [named(row.service.institution) for row in candidates]
    is_open = any(is_asked_about(row, now()) for row in appointments)
    context = {
        "referral": found,
        "state": _shown(found, state, offers),
        "instead": _instead(request, found) if state == ReferralState.EXPIRED else [],
        "agency_sees": texts.agency_sees(found.kind, has_child=found.child_id is not None),
        "asked_instead": parts.instead,
        "service": named(found.service),
        "partner": partner,
        "steps": texts.timeline(found, offers, booking, partner, parts.moves),
        "proposals": choices,
        "clash": _clash(actor, booking) if stands else None,
        "choose_until": min((row.offer.deadline for row in choices), default=None),
        "windows": parts.windows,
        "units": texts.unit_text(found.service.unit, found.units),
        "wishes": wish_rows(found.wishes),
        "why": REVIEW_REASONS[ReviewReason(found.review_reason)] if found.review_reason else "",
        "proxy": proxy_shown(found, parts.proxy, request.tenant) if state in _CANCELLABLE else None,
        "asked_at_once": [(name, row.self_fen) for name, row in zip(asked_names, candidates, strict=True)],
        "voucher": voucher,
        "booking": booking,
        "asked": [(wish, wish.asked_by == RescheduleSide.AGENCY) for wish in asked.values()],
        "unscanned": _unscanned(appointments),
        "paused": paused_text(request.tenant, found),
        "charged": [(row, text) for row in appointments if (text := charged_text(row)) and not is_relief(found)],
        "may_move": not course and stands and not begun and not asked and state in _UNDER_WAY,
        "may_cancel": state in _CANCELLABLE and not begun and not is_open,
        "appointments": _course(appointments, asked) if course else [],
        "awaits_appointment": course and not stands,
        "may_stop": course and not begun and not is_open and may_stop(found, voucher, request.tenant),
        "may_look_again": again,
        "with_whom": with_whom(booking),
        "may_choose": may_choose(found, state),
        "may_apply_again": state not in OPEN_REFERRALS,
        "see_rows": texts.see_rows(
            found.kind,
            partner,
            others=[name for name in asked_names if name != partner],
            has_child=found.child_id is not None,
            is_accepted=booking is not None and booking.state != BookingState.PENDING,
        ),
        "share_seen": texts.share_seen(found.subsidy_fen, found.self_fen),
        "looked": [(_looker(row.roles), row.at, row.in_list) for row in mine.who_looked(found, actor.user_id)],
        **after_parts(found, request.tenant, appointments),
        "quick_exit": True,
    }
    return render(request, "referrals/my/referral.html", context)


def _unscanned(appointments: list[Booking]) -> list[tuple[Booking, str, datetime | None]]:
    """Appointments of which it is open what became of them: each with its state as the dates have it, and until when it is asked."""
    moment = now()
    return [(row, *stands_as(row, moment)) for row in appointments if is_asked_about(row, moment)]


def _instead(request: ActingRequest, found: Referral) -> list[dict[str, Any]]:
    """Whom the person may ask now, each with the price it would have."""
    return [
        {
            "service": row.service,
            "name": named(row.service),
            "agency": named(row.service.institution),
            "decision": row.decision,
            "token": row.token,
            "only_there": _only_there(found.wishes, row.service),
        }
        for row in mine.agencies_instead(request.actor, request.tenant, found)
    ]


def _only_there(wishes: Wishes, service: Service) -> str:
    """What does not go along: the place that this agency does not offer."""
    if Wish.PLACE not in beyond(wishes, service.kind, on_site=service.on_site, online=service.online):
        return ""
    return _("Only face to face; your wish to meet online does not go along.") if service.on_site else _("Only online.")


def _shown(found: Referral, state: ReferralState, offers: list[Offer]) -> str:
    """The state in the person's words, as the dates have it: a late sweep changes nothing."""
    if state == ReferralState.OFFERED and any(offer.proposals.all() for offer in offers):
        return CHOOSE
    if state == ReferralState.EXPIRED and (found.decline_reason or found.state == ReferralState.OFFERED):
        return NO_TAKER
    return state


def _choices(found: Referral, offers: list[Offer]) -> list[Any]:
    if found.state != ReferralState.OFFERED:
        return []
    moment = now()
    return [
        proposal
        for offer in offers
        if may_answer(offer, moment)
        for proposal in offer.proposals.all()
        if proposal.starts_at > moment
    ]


def _clash(actor: Actor, booking: Booking | None) -> Booking | None:
    """One's own other appointment at the time of this one."""
    if booking is None:
        return None
    return clashes(actor, [(booking.starts_at, booking.ends_at)], apart_from=booking.referral_id)[0]


def _with_clashes(actor: Actor, found: Referral, proposals: list[Any]) -> list[Any]:
    """Each proposed time with one's own other appointment at that time, None for none."""
    spans = [(proposal.starts_at, proposal.ends_at) for proposal in proposals]
    for proposal, other in zip(proposals, clashes(actor, spans, apart_from=found.pk), strict=True):
        proposal.clash = other
    return proposals


def _course(appointments: list[Booking], asked: Mapping[UUID, Reschedule]) -> list[dict[str, Any]]:
    """Appointments of a course still to come, each with whether it can be let go, and moved: one wish at a time."""
    moment = now()
    ahead = {row.pk for row in appointments if row.state == BookingState.CONFIRMED and row.starts_at > moment}
    return [
        {"booking": row, "may_cancel": row.pk in ahead, "may_move": row.pk in ahead - asked.keys()}
        for row in appointments
        if row.state in STANDING and row.ends_at > moment
    ]


def _looker(roles: tuple[str, ...]) -> Any:
    return next((texts.LOOKERS[role] for role in texts.LOOKERS if role in roles), _("Another office"))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def again(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """Asks a person to look again at a declined request: what it means, then the button (rules §2)."""
    actor, tenant = request.actor, request.tenant
    found = access_own_referral(actor, referral_id)
    return asked_again(
        request,
        lambda: look_again(actor=actor, tenant=tenant, referral_id=found.pk),
        back=reverse("staff_referral", args=[found.pk]),
        waits=bool(may_look_again(found, now())),
        title=_("Ask a person to look again?"),
        facts=[(_("Number"), found.number), (_("Service"), named(found.service))],
        lead=_("The office reads the same request once more and answers within one working day. The price stays."),
        label=_("Ask to look again"),
        quick_exit=True,
        done=_("Sent. A person looks at it again."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def cancel(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """What a cancellation would mean, then the button (experience §1.8)."""
    actor, tenant = request.actor, request.tenant
    found = access_own_referral(actor, referral_id)
    if request.method == "POST":
        cancel_referral(actor=actor, tenant=tenant, referral_id=found.pk)
        messages.success(request, with_freed(found, _("Cancelled.")))
        return redirect("staff_referral", referral_id=found.pk)
    if state_today(found, tenant) not in _CANCELLABLE:
        return redirect("staff_referral", referral_id=found.pk)  # it says how it ended
    leaving = cancelling_means(found, tenant)
    if leaving.meaning is Cancellation.STARTED:
        raise Refused("cancel_started")
    if asked_about(found, now()):
        raise Refused("asked_about")
    booking = mine.next_of(list(mine.bookings_of(found)))
    context = {
        "referral": found,
        "title": _("Cancel this request?"),
        "facts": _cancel_facts(found, booking),
        "lead": _("The agency is told, without a reason.")
        if leaving.fee.uses_unit
        else with_return(found, "", _("The agency is told, without a reason.")),
        "warning": late_warning(found, leaving),
        "free": leaving.meaning is Cancellation.FREE or is_relief(found),
        "move_url": _move_url(found, booking),
        "phone": found.partner.phone if booking else "",
        "partner": named(found.partner),
        "danger": True,
        "confirm_label": _("Cancel the request"),
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "referrals/my/cancel.html", context)


def _move_url(found: Referral, booking: Booking | None) -> str:
    """Where another time is asked for instead; empty for what cannot be moved now, and for a course, whose days are many."""
    if booking is None or found.units > 1 or not may_move(booking) or open_one(booking, now()) is not None:
        return ""
    return reverse("staff_move", args=[found.pk, booking.pk])


def _cancel_facts(found: Referral, booking: Booking | None) -> list[tuple[str, str]]:
    facts = [(_("Number"), found.number), (_("Service"), named(found.service))]
    if booking and booking.state == BookingState.CONFIRMED:
        facts.append((_("Time"), school_time(booking.starts_at)))
    return facts
