"""After an incident: who was told what, on paper; support of the union and for a group; a gradual return (chain §3, §6)."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from audit import record_read
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.incident_reading import read_told
from referrals.emergency.centre.incident_telling import who_knows
from referrals.emergency.centre.support_forms import CareForm, DecideForm, GrantForm, ReturnForm
from referrals.emergency.centre.views_follow_up import known
from referrals.emergency.duties import arrangers_of
from referrals.emergency.incident_texts import LEG_TEXTS
from referrals.emergency.models import Timeline, UnionGrant
from referrals.emergency.over import already_done
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.support import GrantState
from referrals.emergency.workflow.duties import write_return
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.progress import helps
from referrals.emergency.workflow.support import ask_care, ask_grant, decide_grant, grants_known_to
from ui.lists import page_of
from ui.navigation import at_desk
from ui.states import sign_of

_PAGE: Final = 30


@require_safe
@role_required("incident.follow")
def told(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """What the psychologist reads to the person, or hands over on paper: who was told what, without whoever reported it."""
    one = known(request, incident_id)
    if one.person_id is None or one.closed_at is None or one.is_drill:
        messages.info(request, _("There is nobody to tell yet: it goes on, or nobody is named."))
        return redirect("emergency_incident", incident_id)
    record_read(actor=request.actor, action="incident.read", obj=one)
    rows = who_knows(read_told(request.actor, one), to_person=True)
    return render(
        request,
        "emergency/after/told.html",
        at_desk(request, "emergency", incident=one, rows=rows, school=request.tenant, quick_exit=True),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.follow")
def support(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """One button each: the union's own grant, help at home, help for those who were close to it."""
    one = known(request, incident_id)
    asks = request.POST.get("ask") if request.method == "POST" else None
    grant = GrantForm(request.POST if asks == "grant" else None)
    care = CareForm(
        request.POST if asks == "care" else None, school=request.tenant, day=request.tenant.day_of(chain_now())
    )
    form = {"grant": grant, "care": care}.get(asks or "")
    if form is not None and form.is_valid():
        try:
            if asks == "grant":
                ask_grant(actor=request.actor, incident_id=one.pk, **form.cleaned_data)
            else:
                said = form.cleaned_data
                ask_care(
                    actor=request.actor, incident_id=one.pk, kind=said["kind"],
                    department_id=said["department"] or None, how_many=said["how_many"],
                )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Asked for. It stands below."))
            return redirect("emergency_support", incident_id)
    record_read(actor=request.actor, action="incident.read", obj=one)
    grants = list(UnionGrant.objects.filter(incident=one).order_by("-asked_on", "-pk"))
    asked = Timeline.objects.filter(incident=one, code="care.asked").order_by("-at").values_list("at", flat=True)
    context = at_desk(
        request, "emergency", incident=one, form=form, grant=grant, care=care, person=one.person, asked=list(asked),
        grants=[(row, sign_of(row.state, "grant")) for row in grants],
        may_ask=one.person_id is not None and not any(row.state == GrantState.ASKED for row in grants),
        may_relieve=request.actor.may("referral.relief"), quick_exit=True,
        helpers=[(leg.kind, LEG_TEXTS[LegKind(leg.kind)]) for leg in helps(one)],
    )  # fmt: skip
    return render(
        request, "emergency/after/support.html", context, status=422 if form is not None and form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duties.write")
def gradual_return(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """Week by week back to the usual hours: one plan; the head of department reads duties and days."""
    one = known(request, incident_id)
    day = request.tenant.day_of(chain_now())
    form = ReturnForm(request.POST if request.method == "POST" else None, initial={"starts_on": day})
    if form.is_valid():
        try:
            write_return(actor=request.actor, incident_id=one.pk, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written. Whoever arranges it is told that there is something to look at."))
            return redirect("emergency_duties", one.pk)
    record_read(actor=request.actor, action="incident.read", obj=one)
    readers = arrangers_of({one.pk: one.person}, day)[one.pk] if one.person is not None else []
    context = at_desk(
        request, "emergency", incident=one, form=form, person=one.person,
        readers=_(", ").join(reader.name for reader in readers), quick_exit=True,
    )  # fmt: skip
    return render(request, "emergency/after/return.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("grant.decide")
def grants(request: ActingRequest) -> HttpResponse:
    """``/union/grants/``: for whom support is asked, and whether it was given. Nothing of why."""
    rows = grants_known_to(request.actor).prefetch_related("person")
    page = page_of(
        rows, request.GET.get("page"), _PAGE, lambda found: [(row, sign_of(row.state, "grant")) for row in found]
    )
    return render(request, "emergency/after/grants.html", at_desk(request, "union", page=page, quick_exit=True))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("grant.decide")
def grant(request: ActingRequest, grant_id: UUID) -> HttpResponse:
    """Given or declined, and the day."""
    row = grants_known_to(request.actor).filter(pk=grant_id).first()
    if row is None:
        raise NotFound
    if row.state != GrantState.ASKED:
        return already_done(request, "union_grants")
    form = DecideForm(
        request.POST if request.method == "POST" else None, initial={"on": request.tenant.day_of(chain_now())}
    )
    if form.is_valid():
        try:
            decide_grant(actor=request.actor, grant_id=row.pk, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written down."))
            return redirect("union_grants")
    facts: list[tuple[Any, Any]] = [(_("Colleague"), row.person.name)]
    context = {
        "title": _("The union's own grant"),
        "lead": _("It is given outside of this product; only whether and when is written here."),
        "facts": facts,
        "form": form,
        "confirm_label": pgettext("grant", "Write it down"),
        "back_url": reverse("union_grants"),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
