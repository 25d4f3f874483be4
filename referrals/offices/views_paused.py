"""``/centre/suspended/`` and ``/union/suspended/``: what is booked at an agency that was suspended, one by one (books §4)."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import ActingRequest
from accounts.same_person import same_member
from kernel.clock import now
from kernel.errors import NotFound
from referrals.access import access_referral
from referrals.kinds import KINDS
from referrals.models import Booking
from referrals.offices.one_decides import office_decides
from referrals.offices.paused_list import PausedList
from referrals.states import STANDING, PausedState
from referrals.workflow.paused import CHOICES, decide_paused, pause_of
from ui.names import named
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_time

CHOICE_TEXTS = {
    "keep": gettext_lazy("Keep it: it takes place at this agency all the same"),
    "move": gettext_lazy("Move it: the person asks another agency with the same times, without a fee"),
    "cancel": gettext_lazy("Call it off: nothing more takes place, without a fee"),
}
assert tuple(CHOICE_TEXTS) == CHOICES
CAUSE_TEXTS = {
    "agency": gettext_lazy("The operator has suspended the agency"),
    "agreement": gettext_lazy("Its agreement with this school is suspended or over"),
    "licence": gettext_lazy("It has no valid paper for this service"),
}


class PausedForm(forms.Form):
    """What becomes of it."""

    choice = forms.ChoiceField(
        label=gettext_lazy("What becomes of it"), choices=list(CHOICE_TEXTS.items()), widget=forms.RadioSelect
    )


@require_safe
def paused(request: ActingRequest, office: str) -> HttpResponse:
    """Those under way at a suspended agency; ``?q=&page=``. No name stands in the list."""
    days = request.tenant.settings.pause_days
    context = at_desk(request, office, office=office, days=days, **PausedList(request, office).context())
    return render(request, "referrals/office/paused_list.html", context)


@require_safe
def paused_csv(request: ActingRequest, office: str) -> HttpResponse:
    """The same list as a file."""
    return PausedList(request, office).file()


@require_http_methods(["GET", "HEAD", "POST"])
def paused_one(request: ActingRequest, office: str, referral_id: UUID) -> HttpResponse:
    """Until when, what stands there and the three choices, then the button. The look is recorded."""
    actor = request.actor
    found = access_referral(actor, referral_id)
    pause = pause_of(request.tenant, found)
    if KINDS[found.kind].decider != office or pause is None:
        raise NotFound
    own = same_member(found.person_id, actor.membership_id)
    open_still = pause.state == PausedState.OPEN and pause.due_at > now()
    may_decide = open_still and not own and actor.may(f"referral.decide.{office}")
    form = PausedForm(request.POST if request.method == "POST" else None)
    ahead = Booking.objects.filter(referral=found, state__in=STANDING, starts_at__gt=now()).order_by("starts_at")
    return office_decides(
        request,
        office,
        found,
        lambda: decide_paused(
            actor=actor, tenant=request.tenant, referral_id=found.pk, choice=form.cleaned_data.get("choice", "")
        ),
        form=form,
        may_decide=may_decide,
        back="paused",
        done=_("Decided. The person has been told."),
        title=_("At a suspended agency"),
        lead=_("What nobody decides in time moves: the person asks another agency, and it costs nothing."),
        facts=[
            (_("Number"), found.number),
            (_("Person"), found.person.name),
            (_("Agency"), named(found.partner)),
            (_("Service"), named(found.service)),
            (_("Appointments"), _(", ").join(school_time(row.starts_at) for row in ahead) or "–"),
            (pgettext("pause", "Why"), CAUSE_TEXTS[pause.cause]),
            (_("Since"), school_time(pause.since)),
            (_("Decide by"), school_time(pause.due_at)),
            *([] if may_decide else [(_("State"), sign_of(pause.state, "paused").text)]),
        ],
        own=own,
        own_text=_("This is your own request; a colleague decides it."),
        button=pgettext("paused", "Decide"),
    )
