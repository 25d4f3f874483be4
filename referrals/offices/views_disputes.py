"""``/centre/disputes/`` and ``/union/disputes/``: uses of vouchers that a person objects to (rules §2)."""

from typing import TYPE_CHECKING, cast
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import ActingRequest
from accounts.search import contains
from exports import plain_yuan
from kernel.errors import NotFound
from kernel.money import yuan
from referrals.access import access_referral
from referrals.dispute_texts import DISPUTE_TEXTS
from referrals.kinds import KINDS
from referrals.models import PassedOn, Redemption, Voucher
from referrals.offices.one_decides import office_decides
from referrals.offices.selectors import kinds_of
from referrals.states import RedemptionState
from referrals.workflow.objecting import FINDINGS, decide_dispute
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_day, school_time

if TYPE_CHECKING:
    from referrals.offices.shown import ListedDispute

FINDING_TEXTS = {
    "uphold": gettext_lazy("The use counts: the school pays it with the next settlement"),
    "reverse": gettext_lazy("The person is right: it is taken back, and the agency owes them what they paid"),
}
assert set(FINDING_TEXTS) == FINDINGS


class DisputeFilter(forms.Form):
    """By GET: those that wait unless what was decided is asked for."""

    q = forms.CharField(
        label=gettext_lazy("Voucher number"), required=False, max_length=40, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Waiting")), ("decided", gettext_lazy("Looked at"))],
    )


class FindingForm(forms.Form):
    """What the office finds."""

    finding = forms.ChoiceField(
        label=gettext_lazy("What you found"), choices=list(FINDING_TEXTS.items()), widget=forms.RadioSelect
    )


class DisputeList(Listing[Redemption, "ListedDispute"]):
    """Those that wait, the oldest first; ``?q=&state=&page=``. No names."""

    form = DisputeFilter
    export = "redemption.export"
    size = 30
    columns = (
        Column["ListedDispute"](gettext_lazy("Voucher number"), lambda row: row.voucher_number),
        Column(gettext_lazy("Service"), lambda row: row.service_name),
        Column(gettext_lazy("Agency"), lambda row: row.partner_name),
        Column(gettext_lazy("Day"), lambda row: row.service_date),
        Column(gettext_lazy("Objection"), lambda row: DISPUTE_TEXTS.get(row.dispute_reason, "")),
        Column(gettext_lazy("State"), lambda row: sign_of(row.state, "redemption").text),
        Column(gettext_lazy("School pays"), lambda row: plain_yuan(row.subsidy_fen)),
    )
    nothing = Nothing(
        gettext_lazy("No objection waits"),
        gettext_lazy("When a person says that a use of their voucher is not right, it appears here."),
        "check-circle",
    )
    nothing_found = Nothing(gettext_lazy("Nothing found"), gettext_lazy("Try another word or another state."), "search")

    def __init__(self, request: ActingRequest, office: str) -> None:
        self.office = office
        self.file_route = f"{office}_disputes_csv"
        super().__init__(request)

    def rows(self) -> QuerySet[Redemption]:
        """Of the kinds that the office decides."""
        rows = Redemption.objects.prefetch_related("partner", "voucher__service")
        # In two steps: a join of two tables of a school is planned badly behind the wall.
        disputed = Redemption.objects.filter(disputed_at__isnull=False).values_list("voucher_id", flat=True)
        of_kind = Voucher.objects.filter(pk__in=list(disputed), service__kind__in=kinds_of(self.office))
        rows = rows.filter(voucher_id__in=list(of_kind.values_list("pk", flat=True)), disputed_at__isnull=False)
        if self.wanted["q"]:
            rows = rows.filter(contains(self.wanted["q"], "voucher_number"))
        if self.wanted["state"]:
            return rows.exclude(state=RedemptionState.DISPUTED).order_by("-disputed_at", "-id")
        return rows.filter(state=RedemptionState.DISPUTED).order_by("disputed_at", "id")

    def shown(self, rows: list[Redemption]) -> "list[ListedDispute]":
        """With service and agency in the reader's language, and the objection in words."""
        found = cast("list[ListedDispute]", rows)
        for row in found:
            row.service_name, row.partner_name = named(row.voucher.service), named(row.partner)
            row.reason_text = str(DISPUTE_TEXTS.get(row.dispute_reason, ""))
        return found


def _passed_on(line: Redemption) -> list[tuple[str, str]]:
    """Who goes on with it since nobody decided for ten working days."""
    passed = PassedOn.objects.select_related("member").filter(redemption=line).first()
    if passed is None:
        return []
    return [(_("Goes on with it"), passed.member.name if passed.member else _("nobody else is there"))]


@require_safe
def disputes(request: ActingRequest, office: str) -> HttpResponse:
    """Those that wait, the oldest first. No name stands in the list."""
    return render(
        request, "referrals/office/disputes.html", at_desk(request, office, **DisputeList(request, office).context())
    )


@require_safe
def disputes_csv(request: ActingRequest, office: str) -> HttpResponse:
    """The same list as a file."""
    return DisputeList(request, office).file()


@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: ActingRequest, office: str, redemption_id: UUID) -> HttpResponse:
    """One objection with what each finding means, then the button. The look is recorded, and the person sees that it was."""
    actor = request.actor
    line = (
        Redemption.objects.select_related("voucher__service", "partner")
        .filter(pk=redemption_id, disputed_at__isnull=False)
        .first()
    )
    if line is None:
        raise NotFound
    found = access_referral(actor, line.voucher.referral_id)
    if KINDS[found.kind].decider != office:
        raise NotFound
    own = found.person_id == actor.membership_id
    may_decide = line.state == RedemptionState.DISPUTED and not own and actor.may(f"referral.decide.{office}")
    form = FindingForm(request.POST if request.method == "POST" else None)
    return office_decides(
        request,
        office,
        found,
        lambda: decide_dispute(actor=actor, redemption_id=line.pk, finding=form.cleaned_data.get("finding", "")),
        form=form,
        may_decide=may_decide,
        back="disputes",
        done=_("Settled. Both have been told."),
        title=_("Is this objection right?"),
        lead=_("Ask both, then say what you found. It is final; both read the result."),
        facts=[
            (_("Voucher number"), line.voucher_number),
            (_("Person"), found.person.name),
            (_("Agency"), named(line.partner)),
            (_("Service"), named(line.voucher.service)),
            (_("Day"), school_day(line.service_date)),
            (_("School pays"), yuan(line.subsidy_fen)),
            (_("The person pays"), yuan(line.self_fen)),
            (_("Objection"), DISPUTE_TEXTS.get(line.dispute_reason, "")),
            *([] if may_decide else [(_("State"), sign_of(line.state, "redemption").text)]),
            *([(_("Answer by"), school_time(line.due_at))] if may_decide and line.due_at else []),
            *_passed_on(line),
        ],
        own=own,
        own_text=_("This is your own appointment: a colleague settles it."),
        button=_("Settle it"),
    )
