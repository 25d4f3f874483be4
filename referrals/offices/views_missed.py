"""``/centre/unscanned/`` and ``/union/unscanned/``: appointments about which person and agency contradict each other (books §3)."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import ActingRequest
from kernel.errors import NotFound
from referrals.access import access_referral
from referrals.kinds import KINDS
from referrals.missed import Missed
from referrals.missed_texts import charged_text, cost_text, said_text
from referrals.models import Booking, Referral
from referrals.offices.missed_list import QuarrelList
from referrals.offices.one_decides import office_decides
from referrals.states import BookingState
from referrals.workflow.course import live_voucher
from referrals.workflow.fees import fee_of
from referrals.workflow.unscanned import DECISIONS, decide_unscanned
from tenancy.models import Tenant
from ui.names import named
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_day

DECISION_TEXTS = {
    "took_place": gettext_lazy("It took place: the session counts, with its own day"),
    "no_show": gettext_lazy("The person did not come: the fee of the agreement follows"),
    "neither": gettext_lazy("Neither: nothing is spent, and nobody pays"),
}
assert set(DECISION_TEXTS) == set(DECISIONS)


class DecideForm(forms.Form):
    """What the office finds."""

    decision = forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=list(DECISION_TEXTS.items()), widget=forms.RadioSelect
    )


@require_safe
def quarrels(request: ActingRequest, office: str) -> HttpResponse:
    """Those that wait, the oldest first; ``?state=&q=&page=``. No name stands in the list."""
    context = at_desk(request, office, **QuarrelList(request, office).context())
    return render(request, "referrals/office/quarrels.html", context)


@require_safe
def quarrels_csv(request: ActingRequest, office: str) -> HttpResponse:
    """The same list as a file."""
    return QuarrelList(request, office).file()


@require_http_methods(["GET", "HEAD", "POST"])
def quarrel(request: ActingRequest, office: str, booking_id: UUID) -> HttpResponse:
    """What both say and what each finding means, then the button. The look is recorded, and the person sees that it was."""
    actor = request.actor
    booking = Booking.objects.filter(pk=booking_id).exclude(person_says="", agency_says="").first()
    if booking is None:
        raise NotFound
    found = access_referral(actor, booking.referral_id)
    if KINDS[found.kind].decider != office:
        raise NotFound
    may_decide = (
        booking.state == BookingState.DISPUTED
        and found.person_id != actor.membership_id
        and actor.may(f"referral.decide.{office}")
    )
    form = DecideForm(request.POST if request.method == "POST" else None)
    return office_decides(
        request,
        office,
        found,
        lambda: decide_unscanned(
            actor=actor,
            tenant=request.tenant,
            booking_id=booking.pk,
            decision=form.cleaned_data.get("decision", ""),
        ),
        form=form,
        may_decide=may_decide,
        back="quarrels",
        done=_("Settled. Both have been told."),
        title=_("Did this appointment take place?"),
        lead=_("Ask both, then say what you found. It is final; both read the result."),
        facts=[
            (_("Number"), found.number),
            (_("Person"), found.person.name),
            (_("Agency"), named(found.partner)),
            (_("Service"), named(found.service)),
            (_("Day"), school_day(request.tenant.day_of(booking.starts_at))),
            (_("The person says"), said_text(booking.person_says)),
            (_("The agency says"), said_text(booking.agency_says)),
            *([] if may_decide else [(_("State"), sign_of(booking.state, "booking").text)]),
            *([(_("Fee"), charged_text(booking))] if booking.missed_fee_fen else []),
        ],
        warning=_warning(request.tenant, found, booking) if may_decide else "",
        own=found.person_id == actor.membership_id,
        own_text=_("This is your own appointment: a colleague settles it."),
        button=_("Settle it"),
    )


def _warning(tenant: Tenant, found: Referral, booking: Booking) -> str:
    """What "did not come" would cost; empty where the agreement asks nothing."""
    voucher = live_voucher(found)
    fee = fee_of(tenant, found, voucher, booking, Missed.NO_SHOW) if voucher else None
    if fee is None or not fee.fee_fen:
        return ""
    return _("If the person did not come: %(told)s") % {"told": cost_text(fee.fee_fen, fee.pool_fen)}
