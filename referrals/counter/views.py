"""``/partner/``: what waits for an answer, who comes today; and the answer to one request."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now
from kernel.errors import Invalid
from partners.calendars.opening import Stretch
from partners.models import Institution, Resource, Service
from referrals.access import in_school_of, partner_offer
from referrals.counter.choosing import Looking, elsewhere, picker_for, starts_for
from referrals.counter.forms import DeclineForm, ProposeForm, StartForm
from referrals.counter.selectors import (
    MOST_ON_ONE_PAGE,
    open_offers,
    proposed_times,
    spans_of,
    visits_and_wishes,
    vouchers_without_appointment,
    waiting_for_a_word,
)
from referrals.counter.views_bookings import shown_voucher
from referrals.models import Offer, Referral
from referrals.rules import may_answer
from referrals.states import OfferState
from referrals.texts import unit_text
from referrals.wish_texts import wish_rows
from referrals.workflow.answering import confirm_offer, decline_offer, propose_times
from referrals.workflow.units import funded_days
from tenancy.models import Tenant
from ui.names import named
from ui.templatetags.ui import school_time

if TYPE_CHECKING:
    from referrals.counter.shown import ShownOffer


@require_safe
@role_required("partner.read")
def today(request: ActingRequest) -> HttpResponse:
    """The counter's first page."""
    actor, moment = request.actor, now()
    visits, coming, asked = visits_and_wishes(actor, moment)
    own = Institution.objects.filter(pk=actor.institution_id)
    offers = open_offers(actor, own)
    for waiting in offers:
        _asked(waiting)
    # A request with other times on the table waits for the person, not for the institution.
    mine = [offer for offer in offers if not offer.proposed]
    theirs = [offer for offer in offers if offer.proposed]
    context = {
        "institution": named(own[0]),
        "offers": mine,
        "proposed": theirs,
        "unplanned": [shown_voucher(voucher) for voucher in vouchers_without_appointment(actor)],
        "may_enter": actor.may("partner.answer"),
        "may_cancel": actor.may("partner.answer"),
        "unscanned": waiting_for_a_word(actor, MOST_ON_ONE_PAGE),
        "wishes": asked,
        "visits": visits,
        "coming": coming,
        "moment": moment,
    }
    return render(request, "referrals/partner/today.html", context)


def _asked(offer: Offer) -> "ShownOffer":
    """The offer with its service's name and its amount of units in the reader's language."""
    shown = cast("ShownOffer", offer)
    shown.service_name = named(offer.service)
    shown.amount = unit_text(offer.service.unit, offer.units)
    return shown


def _access(request: ActingRequest, offer_id: UUID) -> "tuple[ShownOffer, Service]":
    """The offer with its times and texts, and its service; NotFound for another institution's."""
    offer = _asked(partner_offer(request.actor, offer_id))
    offer.spans = spans_of(offer)
    return offer, offer.service


def _waits(offer: Offer) -> bool:
    """Whether an answer still counts."""
    return offer.state == OfferState.OPEN and may_answer(offer, now())


def _payable(found: Offer, starts: list[Stretch]) -> tuple[list[Stretch], bool]:
    """The starts in years whose subsidy is there, and whether others were left out: over New Year another pool pays."""
    if not _waits(found):
        return starts, False
    with in_school_of(found) as tenant_id:
        tenant = Tenant.objects.get(pk=tenant_id)
        days = [tenant.day_of(start.starts_at) for start in starts]
        funded = funded_days(Referral.objects.get(pk=found.referral_id), days)
    left = [start for start, day in zip(starts, days, strict=True) if day in funded]
    return left, len(left) < len(starts)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.read")
def offer(request: ActingRequest, offer_id: UUID) -> HttpResponse:
    """One request: take it at a start inside a window (POST ``starts_at``), or go on to another answer."""
    actor = request.actor
    found, service = _access(request, offer_id)
    moment = now()
    starts, unfunded = _payable(found, starts_for(service, found.spans, moment))
    chosen_by_person, people = ("", []) if found.person_picks else _who(found)
    form = StartForm(request.POST if request.method == "POST" else None, starts=starts, people=people)
    if request.method == "POST" and form.is_valid():
        start, end = form.times()
        with in_school_of(found) as tenant_id:
            tenant = Tenant.objects.get(pk=tenant_id)
            if found.person_picks:
                propose_times(actor=actor, tenant=tenant, offer_id=found.pk, windows=[(start, end)])
                said = _("Offered for %(time)s. The person picks one of the answers within a day.")
            else:
                confirm_offer(
                    actor=actor,
                    tenant=tenant,
                    offer_id=found.pk,
                    starts_at=start,
                    ends_at=end,
                    counsellor_id=form.named(),
                )
                said = _("Confirmed for %(time)s. The person has the voucher now.")
        messages.success(request, said % {"time": school_time(start)})
        return redirect("partner_home")
    late = found.state == OfferState.OPEN and not may_answer(found, moment)
    is_open = found.state == OfferState.OPEN and not late
    context = {
        "offer": found,
        "form": form,
        "is_open": is_open,
        "late": late,
        "unfunded": unfunded,
        "wishes": wish_rows(found.wishes),
        "wished_for": chosen_by_person,
        "may_answer": is_open and actor.may("partner.answer"),
        "proposed": proposed_times(actor, found) if is_open else [],
    }
    if context["may_answer"] and starts:
        looking = Looking.of(request.GET)
        last = local_day(starts[-1].starts_at)
        chosen = replace(looking, chosen=looking.chosen or (starts[0].starts_at,))
        context["picker"] = picker_for(actor, service, chosen, moment, within=starts, last_day=last, path=request.path)
    return render(request, "referrals/partner/offer.html", context, status=422 if form.errors else 200)


def _who(found: Offer) -> tuple[str, list[tuple[str, str]]]:
    """Whom the person chose by name; else those whom the agency may name. Its own people, by its own names."""
    with in_school_of(found):
        chosen = Referral.objects.filter(pk=found.referral_id, counsellor__isnull=False)
        name = chosen.values_list("counsellor__name", flat=True).first()
    if name:
        return name, []
    people = Resource.objects.filter(active=True, services=found.service_id).order_by("created_at", "id")
    return "", [(str(one.pk), one.name) for one in people]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.answer")
def offer_propose(request: ActingRequest, offer_id: UUID) -> HttpResponse:
    """No window fits: up to five other times."""
    found, service = _access(request, offer_id)
    if (other_day := elsewhere(request)) is not None:
        return other_day
    form = ProposeForm(request.POST if request.method == "POST" else None, minutes=service.minutes)
    if request.method == "POST" and form.is_valid():
        try:
            with in_school_of(found) as tenant_id:
                tenant = Tenant.objects.get(pk=tenant_id)
                propose_times(actor=request.actor, tenant=tenant, offer_id=found.pk, windows=form.windows())
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Sent. The person chooses one of them, or asks another agency."))
            return redirect("partner_home")
    if request.method != "POST" and not _waits(found):
        return redirect("partner_offer", offer_id=found.pk)  # it says who has answered, or that time is over
    looking = Looking.of(request.POST if request.method == "POST" else request.GET)
    context = {
        "offer": found,
        "form": form,
        "minutes": service.minutes,
        "picker": picker_for(request.actor, service, looking, now()),
    }
    return render(request, "referrals/partner/propose.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.answer")
def offer_decline(request: ActingRequest, offer_id: UUID) -> HttpResponse:
    """No, with a reason of the closed list."""
    found, service = _access(request, offer_id)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with in_school_of(found):
            decline_offer(actor=request.actor, offer_id=found.pk, reason=form.cleaned_data["reason"])
        messages.success(request, _("Declined. The person is told at once and can ask another agency."))
        return redirect("partner_home")
    if request.method != "POST" and not _waits(found):
        return redirect("partner_offer", offer_id=found.pk)  # it says who has answered, or that time is over
    context = {
        "title": _("Decline this request?"),
        "lead": _("The person sees the reason and can ask another agency at once."),
        "facts": [(_("Service"), named(service)), (_("How much"), found.amount)],
        "form": form,
        "confirm_label": _("Decline"),
        "back_url": reverse("partner_offer", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
