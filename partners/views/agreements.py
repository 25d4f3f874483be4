"""``/union/agreements/`` drafts, ``/finance/agreements/`` approves. Both desks read the same list and the same page."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.same_person import same_person
from accounts.search import contains
from kernel.clock import local_day, now
from kernel.errors import Invalid, NotFound
from partners.forms import AgreementFilter, AgreementForm, EndForm, PartnerChoice
from partners.models import Agreement, Institution
from partners.states import AgreementEvent, AgreementState, InstitutionState
from partners.terms import CancellationTerms
from partners.workflow import approve_agreement, can, draft_agreement, end_agreement
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_time


class AgreementList(Listing[Agreement, Agreement]):
    """The school's agreements, newest first. ``office``: the desk that looks."""

    form = AgreementFilter
    file_name = "agreements"
    export, object_type = "agreement.export", "partners.agreement"
    columns = (
        Column[Agreement](_lazy("Institution"), lambda row: named(row.partner)),
        Column(_lazy("Number"), lambda row: row.number),
        Column(_lazy("First day"), lambda row: row.valid_from),
        Column(_lazy("First day no longer covered"), lambda row: row.valid_until),
        Column(_lazy("State"), lambda row: sign_of(row.state, "agreement").text),
    )
    nothing = nothing_found = Nothing(
        _lazy("No agreement found"), _lazy("The union drafts agreements, finance approves them.")
    )

    def __init__(self, request: ActingRequest, office: str) -> None:
        super().__init__(request)
        self.file_route = f"{office}_agreements_csv"

    def rows(self) -> QuerySet[Agreement]:
        """By number or institution, and by state; an institution is joined where one is looked for by name."""
        found = Agreement.objects.prefetch_related("partner").order_by("-created_at", "-id")
        if self.wanted["q"]:
            found = found.filter(contains(self.wanted["q"], "number", "partner__name"))
        return found.filter(state=self.wanted["state"]) if self.wanted["state"] else found


def access_agreement(agreement_id: UUID) -> Agreement:
    """The open school's agreement with its partner; NotFound for a stranger's."""
    agreement: Agreement | None = Agreement.objects.select_related("partner").filter(pk=agreement_id).first()
    if agreement is None:
        raise NotFound
    return agreement


@require_safe
@role_required("agreement.read")
def agreements(request: ActingRequest, office: str) -> HttpResponse:
    """The list: searched, filtered, 50 to a page, newest first."""
    may_draft = office == "union" and request.actor.may("agreement.draft")
    context = at_desk(request, office, may_draft=may_draft, **AgreementList(request, office).context())
    return render(request, "partners/agreements.html", context)


@require_safe
@role_required("agreement.read")
def agreements_csv(request: ActingRequest) -> HttpResponse:
    """The list as filtered, for a spreadsheet. The export is recorded."""
    return AgreementList(request, "union").file()


@require_http_methods(["GET", "POST"])
@role_required("agreement.draft")
def agreement_new(request: ActingRequest) -> HttpResponse:
    """First with whom (GET), then what (POST)."""
    choice = PartnerChoice(request.GET or None)
    back = reverse("union_agreements")
    if not choice.is_valid():
        context = at_desk(request, "union", form=choice, heading=_("New agreement"), back_url=back, by_get=True)
        return render(request, "partners/form.html", context)
    partner: Institution = choice.cleaned_data["partner"]
    today = local_day(now())
    year = {"valid_from": today, "valid_until": today + timedelta(365), "data_part_valid_until": today + timedelta(365)}
    services = list(partner.services.filter(active=True))
    form = AgreementForm(request.POST or None, services=services, initial=year)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        dates = {name: data[name] for name in year}
        try:
            agreement = draft_agreement(
                actor=request.actor, partner_id=partner.pk, lines=form.lines(), duties=data["duties"],
                service_content=data["service_content"], cancellation_terms=form.terms(), number=data["number"], **dates,
            )  # fmt: skip
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Drafted. Finance can approve it now."))
            return redirect("union_agreement", agreement_id=agreement.pk)
    heading = _("New agreement with %(name)s") % {"name": named(partner)}
    context = at_desk(request, "union", form=form, heading=heading, back_url=reverse("union_agreement_new"))
    return render(request, "partners/form.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("agreement.read")
def agreement(request: ActingRequest, office: str, agreement_id: UUID) -> HttpResponse:
    """One agreement: dates, tariffs, terms, who drafted and approved it, and what may be done."""
    actor, found = request.actor, access_agreement(agreement_id)
    terms = CancellationTerms.from_json(found.cancellation_terms)
    names = dict(
        Membership.objects.filter(user_id__in=[found.drafted_by_id, found.approved_by_id]).values_list(
            "user_id", "name"
        )
    )
    draft = found.state == AgreementState.DRAFT
    context = at_desk(
        request,
        office,
        agreement=found,
        lines=found.lines.select_related("service"),
        facts=[
            (_("Institution"), named(found.partner)),
            (_("First day"), found.valid_from.isoformat()),
            (_("First day no longer covered"), found.valid_until.isoformat()),
            (_("Data-processing part no longer valid from"), found.data_part_valid_until.isoformat()),
            (_("Free to cancel until"), _("%(hours)s hours before") % {"hours": terms.free_hours}),
            (_("Fee for cancelling late"), f"{terms.late_fee_bp // 100}%"),
            (_("Fee for not coming"), f"{terms.no_show_fee_bp // 100}%"),
            (_("Drafted by"), names.get(found.drafted_by_id, "–")),
            (_("Approved by"), names.get(found.approved_by_id, "–")),
            *([(_("Suspended since"), school_time(found.suspended_at))] if found.suspended_at else []),
            *([(_("Terminated"), school_time(found.terminated_at))] if found.terminated_at else []),
            *([(_("Reason"), found.get_reason_display())] if found.reason else []),
        ],
        may_suspend=actor.may("agreement.suspend") and can(found, AgreementEvent.SUSPEND),
        may_resume=office == "finance" and actor.may("agreement.approve") and can(found, AgreementEvent.RESUME),
        may_terminate=office == "finance" and actor.may("agreement.approve") and can(found, AgreementEvent.END),
        paused=found.partner.state != InstitutionState.LISTED,
        may_approve=office == "finance" and draft and actor.may("agreement.approve"),
        is_mine=same_person(actor.user_id, found.drafted_by_id),
        may_end=found.state != AgreementState.ENDED
        and (actor.may("agreement.approve") or actor.may("agreement.draft")),
    )
    return render(request, "partners/agreement.html", context)


@require_http_methods(["GET", "POST"])
@role_required("agreement.approve")
def agreement_approve(request: ActingRequest, agreement_id: UUID) -> HttpResponse:
    """Prepare (GET) and give (POST) the approval."""
    found = access_agreement(agreement_id)
    back = reverse("finance_agreement", args=[found.pk])
    if request.method == "POST":
        approve_agreement(actor=request.actor, agreement_id=found.pk)
        messages.success(request, _("Approved. Its services are open from the first day of the agreement."))
        return redirect(back)
    if same_person(request.actor.user_id, found.drafted_by_id) or found.state != AgreementState.DRAFT:
        return redirect(back)  # it says who may, and shows no button that cannot work
    context = {
        "title": _("Approve agreement %(number)s?") % {"number": found.number},
        "facts": [
            (_("Institution"), named(found.partner)),
            (_("First day"), found.valid_from.isoformat()),
            (_("First day no longer covered"), found.valid_until.isoformat()),
            (_("Services"), found.lines.count()),
        ],
        "warning": _("From the first day on, everyone at the school can book these services at these prices."),
        "confirm_label": _("Approve"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "POST"])
@role_required("agreement.read")
def agreement_end(request: ActingRequest, office: str, agreement_id: UUID) -> HttpResponse:
    """End it on a day, or throw a draft away."""
    found = access_agreement(agreement_id)
    back = reverse(f"{office}_agreement", args=[found.pk])
    form = EndForm(request.POST or None, initial={"on": local_day(now())})
    if request.method == "POST" and form.is_valid():
        try:
            end_agreement(actor=request.actor, agreement_id=found.pk, on=form.cleaned_data["on"])
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    if request.method != "POST" and found.state == AgreementState.ENDED:
        return redirect(back)  # it says how it ended
    draft = found.state == AgreementState.DRAFT
    context = {
        "title": (_("Discard draft %(number)s?") if draft else _("End agreement %(number)s?"))
        % {"number": found.number},
        "facts": [
            (_("Institution"), named(found.partner)),
            (_("First day no longer covered"), found.valid_until.isoformat()),
        ],
        "warning": _(
            "From that day no new booking can be made. Vouchers for later days have to be decided one by one."
        ),
        "confirm_label": _("Discard") if draft else _("End it"),
        "danger": True,
        "form": form,
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
