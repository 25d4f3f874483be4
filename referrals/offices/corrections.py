"""What finance types for a correction, and the list of them: voucher number, month and amounts, never a person or a service."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.search import contains
from exports import plain_yuan
from partners.forms import YuanField
from referrals.models import Correction, CorrectionCause, CorrectionSide
from referrals.models.correction import MAX_REASON
from referrals.offices.forms import OfficeForm, choice_field, search_field, state_field
from referrals.workflow.correcting import readable_corrections
from ui.lists import Column, Listing, Nothing
from ui.states import sign_of

CAUSE_TEXTS: Final[Mapping[str, Any]] = {
    CorrectionCause.PRICE: _("Another price is agreed for that day"),
    CorrectionCause.POLICY: _("Another version of the policy counts on that day"),
    CorrectionCause.NOT_HAD: _("It was entered and not had"),
}
SIDE_TEXTS: Final[Mapping[str, Any]] = {
    CorrectionSide.PERSON: _("The person"),
    CorrectionSide.AGENCY: _("The agency"),
    CorrectionSide.UNION: _("The trade union"),
    CorrectionSide.FINANCE: _("Finance itself"),
}


class CorrectionForm(OfficeForm):
    """What was wrong with one use, and its right price."""

    names = {"fee_fen": "fee"}

    cause = forms.ChoiceField(
        label=_("What was wrong"),
        choices=[(str(code), text) for code, text in CAUSE_TEXTS.items()],
        widget=forms.RadioSelect,
    )
    fee = YuanField(
        label=_("Right price of this one use, in yuan"),
        required=False,
        help_text=_("What the agreement says for that day. Empty when it was not had."),
    )
    side = forms.ChoiceField(
        label=_("Who asked for it"), choices=[(str(code), text) for code, text in SIDE_TEXTS.items()]
    )
    reason = forms.CharField(label=_("Reason"), help_text=_("The second person reads it. No name of a person, please."))

    def answers(self, side: str) -> None:
        """It answers a claim: who asked for it is known."""
        choice_field(self, "side").choices = [(str(side), SIDE_TEXTS[side])]

    def clean(self) -> dict[str, Any]:
        """A price above zero, or none where it was not had."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("cause") == CorrectionCause.NOT_HAD:
            data["fee"] = 0
        elif "fee" in data and not (data["fee"] or 0) > 0:
            self.add_error("fee", str(_("Write an amount above zero.")))
        if len(data.get("reason") or "") > MAX_REASON:
            self.add_error("reason", str(_("At most %(n)d signs.") % {"n": MAX_REASON}))
        return data


class CorrectionFilter(forms.Form):
    """Which corrections."""

    q = search_field(_("Voucher number or reason"))
    cause = state_field(_("What was wrong"), CAUSE_TEXTS, _("Everything"))
    state = state_field(
        _("State"),
        {
            "asked": _("Waits for a second person"),
            "approved": _("Approved"),
            "declined": _("Not approved"),
            "withdrawn": _("Withdrawn"),
        },
        _("All states"),
    )


class CorrectionList(Listing[Correction, Correction]):
    """What was asked to be corrected, newest first; ``?q=&cause=&state=&page=``."""

    form = CorrectionFilter
    file_route, file_name = "finance_corrections_csv", "corrections"
    export = "correction.export"
    columns = (
        Column[Correction](_("Voucher number"), lambda row: row.voucher_number),
        Column(_("Month"), lambda row: f"{row.service_date:%Y-%m}"),
        Column(_("What was wrong"), lambda row: CAUSE_TEXTS[row.cause]),
        Column(_("Who asked for it"), lambda row: SIDE_TEXTS[row.side]),
        Column(_("The school paid"), lambda row: plain_yuan(row.old.subsidy_fen)),
        Column(_("The school pays"), lambda row: plain_yuan(row.new.subsidy_fen)),
        Column(_("The person paid"), lambda row: plain_yuan(row.old.self_fen)),
        Column(_("The person pays"), lambda row: plain_yuan(row.new.self_fen)),
        Column(_("Reason"), lambda row: row.reason),
        Column(_("State"), lambda row: sign_of(row.state, "correction").text),
        Column(_("Asked at"), lambda row: row.asked_at),
        Column(_("Decided at"), lambda row: row.decided_at),
    )
    nothing = Nothing(
        _("Nothing was corrected yet"),
        _("A use that was counted with a wrong price or rule is corrected here, by two people."),
        "undo",
    )
    nothing_found = Nothing(_("Nothing found"), _("Try another word or another state."), "search")

    def rows(self) -> QuerySet[Correction]:
        """By when they were asked, without those of the reader's own uses."""
        rows = readable_corrections(self.actor).order_by("-asked_at", "-id")
        for name in ("cause", "state"):
            if self.wanted[name]:
                rows = rows.filter(**{name: self.wanted[name]})
        return rows.filter(contains(self.wanted["q"], "voucher_number", "reason")) if self.wanted["q"] else rows

    def shown(self, rows: list[Correction]) -> list[Correction]:
        """With their words."""
        for row in rows:
            row.cause_text, row.month = CAUSE_TEXTS[row.cause], f"{row.service_date:%Y-%m}"  # type: ignore[attr-defined]
        return rows
