"""Claims in words, and the form of all who may make one: what is wrong with the amount of one use (books §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from kernel.money import yuan
from partners.forms import YuanField
from referrals.claim_states import ClaimState
from referrals.models import AmountClaim, CorrectionCause, CorrectionSide, Redemption
from referrals.models.claim import MAX_WORDS
from ui.refusals import explain
from ui.states import Sign, sign_of
from ui.templatetags.ui import school_time

WRONG_TEXTS: Final[Mapping[str, Any]] = {
    CorrectionCause.PRICE: gettext_lazy("The price"),
    CorrectionCause.POLICY: gettext_lazy("How much of it the school pays"),
    CorrectionCause.NOT_HAD: gettext_lazy("It was entered and not had"),
}
TITLE: Final = gettext_lazy("Something is wrong with this amount")
LEAD: Final = gettext_lazy(
    "Finance looks at it and answers here; if something was wrong, a second person decides and both sides are told. Nothing changes before that."
)
SEND: Final = gettext_lazy("Send to finance")
SENT: Final = gettext_lazy("Sent. Finance looks at it; the answer stands here.")
TAKEN_BACK: Final = gettext_lazy("Taken back. Nothing has moved.")


class ClaimForm(WriterForm):
    """What is wrong, why, and the right price where it is known."""

    names = {"fee_fen": "fee"}

    cause = forms.ChoiceField(
        label=gettext_lazy("What is wrong?"),
        choices=[(str(code), text) for code, text in WRONG_TEXTS.items()],
        widget=forms.RadioSelect,
    )
    fee = YuanField(
        label=gettext_lazy("The right price of this one use, in yuan"),
        required=False,
        help_text=gettext_lazy("If you know it. What is left empty is looked up."),
    )
    reason = forms.CharField(
        label=gettext_lazy("What you saw"),
        help_text=gettext_lazy("Finance reads it: no name, please, and nothing of what the help was for."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """No price for what was not had; words that fit."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("cause") == CorrectionCause.NOT_HAD and data.get("fee"):
            self.add_error("fee", _("What was not had costs nothing: leave this empty."))
        if len(data.get("reason") or "") > MAX_WORDS:
            self.add_error("reason", _("At most %(n)d signs.") % {"n": MAX_WORDS})
        return data

    def values(self) -> dict[str, Any]:
        """What the writer takes."""
        data = self.cleaned_data
        return {"cause": data["cause"], "reason": data["reason"], "fee_fen": data["fee"] or None}

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and what to do."""
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """One claim for the side that made it: how it stands, its own words and finance's answer."""

    pk: UUID
    sign: Sign
    facts: list[tuple[str, Any]]
    is_open: bool


def claim_shown(claim: AmountClaim) -> ShownClaim:
    """In words."""
    facts: list[tuple[str, Any]] = [
        (_("What is wrong?"), WRONG_TEXTS[claim.cause]),
        (_("What you saw"), claim.reason),
        (_("Asked at"), school_time(claim.asked_at)),
    ]
    if claim.fee_fen:
        facts.insert(1, (_("The right price"), yuan(claim.fee_fen)))
    if claim.answer:
        facts.append((_("Finance answers"), claim.answer))
    return ShownClaim(claim.pk, sign_of(claim.state, "claim"), facts, claim.state == ClaimState.OPEN)


def claims_of(side: CorrectionSide, uses: Sequence[Redemption]) -> dict[UUID, ShownClaim]:
    """Use → the last claim that ``side`` made of it and did not take back. One query."""
    rows = AmountClaim.objects.filter(side=side, redemption__in=[use.pk for use in uses])
    rows = rows.exclude(state=ClaimState.WITHDRAWN).order_by("asked_at", "pk")
    return {row.redemption_id: claim_shown(row) for row in rows}
