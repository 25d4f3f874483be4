"""What finance sees of claims: voucher number, month and amounts, never a person or a service; the list, and the answer."""

from typing import TYPE_CHECKING, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.search import contains
from exports import plain_yuan
from referrals.claim_states import UNANSWERED, ClaimState
from referrals.claims_shown import WRONG_TEXTS
from referrals.models import AmountClaim
from referrals.offices.corrections import SIDE_TEXTS
from referrals.offices.forms import OfficeForm, search_field, state_field
from referrals.workflow.claiming import readable_claims
from ui.lists import Column, Listing, Nothing
from ui.states import sign_of

if TYPE_CHECKING:
    from referrals.offices.shown import ListedClaim


class ClaimAnswerForm(OfficeForm):
    """Why nothing is corrected, in a sentence for whoever asked."""

    answer = forms.CharField(
        label=_("What you answer"),
        help_text=_("One or two sentences; whoever asked reads them."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ClaimFilter(forms.Form):
    """Which of them; those that wait unless another state is asked for."""

    q = search_field(_("Voucher number"))
    side = state_field(_("Who asks"), {str(k): v for k, v in SIDE_TEXTS.items() if k != "finance"}, _("Everybody"))
    state = state_field(
        _("State"),
        {state.value: sign_of(state.value, "claim").text for state in ClaimState},
        _("Waiting"),
    )


class ClaimList(Listing[AmountClaim, "ListedClaim"]):
    """Those that wait, the oldest first; ``?q=&side=&state=&page=``. The words stand on the page of each, not in the file."""

    form = ClaimFilter
    file_route, file_name = "finance_claims_csv", "questioned-amounts"
    export = "claim.export"
    columns = (
        Column["ListedClaim"](_("Voucher number"), lambda row: row.voucher_number),
        Column(_("Month"), lambda row: row.month),
        Column(_("Who asks"), lambda row: row.side_text),
        Column(_("What is wrong?"), lambda row: row.cause_text),
        Column(_("The right price"), lambda row: plain_yuan(row.fee_fen) if row.fee_fen else ""),
        Column(_("State"), lambda row: sign_of(row.state, "claim").text),
        Column(_("Asked at"), lambda row: row.asked_at),
        Column(_("Answered at"), lambda row: row.answered_at),
    )
    nothing = Nothing(
        _("No amount is questioned"),
        _("When a person, an agency or the union says that an amount is wrong, it stands here for your answer."),
        "check-circle",
    )
    nothing_found = Nothing(_("Nothing found"), _("Try another word or another state."), "search")

    def rows(self) -> QuerySet[AmountClaim]:
        """By when they were asked, without those about the reader's own uses."""
        wanted, readable = self.wanted, readable_claims(self.actor)
        if wanted["state"]:
            rows = readable.filter(state=wanted["state"]).order_by("-asked_at", "-id")
        else:
            rows = readable.filter(state__in=UNANSWERED).order_by("asked_at", "id")
        if wanted["side"]:
            rows = rows.filter(side=wanted["side"])
        return rows.filter(contains(wanted["q"], "voucher_number")) if wanted["q"] else rows

    def shown(self, rows: list[AmountClaim]) -> "list[ListedClaim]":
        """With their words."""
        found = cast("list[ListedClaim]", rows)
        for row in found:
            row.cause_text, row.side_text = WRONG_TEXTS[row.cause], SIDE_TEXTS[row.side]
            row.month = f"{row.service_date:%Y-%m}"
        return found
