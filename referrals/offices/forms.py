"""What the offices type: a reason, a policy, a grant, filters. Percent and yuan become whole numbers by Decimal."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, PlainDecimalField, WholeField, choice_field
from accounts.writer_form import WriterForm
from kernel.errors import DomainError, Refused
from kernel.money import WHOLE_BP
from ledger.keys import Book, Kind
from partners.forms import YuanField
from partners.kinds import ServiceKind
from referrals.models import OrderKind, PayerKind
from referrals.models.pools import MAX_REASON
from referrals.policy import Scheme
from referrals.states import ReferralState
from referrals.workflow.submitting import DECLINE_REASONS
from ui.refusals import explain
from ui.states import sign_of

SCHEME_TEXTS: Final[Mapping[str, Any]] = {
    Scheme.COUNSELLING: _("Counselling"),
    Scheme.CHILDCARE: _("After-school care"),
    Scheme.CAMP: _("Holiday camp"),
    Scheme.HOME_HELP: _("Help at home"),
    Scheme.MEDIATION: _("Family mediation"),
    Scheme.HARDSHIP: _("Hardship help"),
    Scheme.CRISIS_RELIEF: _("Crisis relief"),
    Scheme.CHARITY: pgettext_lazy("scheme", "Charity"),
}
PAYER_TEXTS: Final[Mapping[str, Any]] = {PayerKind.SCHOOL: _("The school"), PayerKind.UNION: _("The trade union")}
ORDER_TEXTS: Final[Mapping[str, Any]] = {
    OrderKind.GRANT: _("Grant money"),
    OrderKind.RETURN: _("Take money out"),
    OrderKind.CLOSE_YEAR: _("Close the year"),
}
BOOK_TEXTS: Final[Mapping[str, Any]] = {Book.POOL: _("Pool"), Book.QUOTA: _("Personal quota")}
TRANSFER_TEXTS: Final[Mapping[str, Any]] = {
    Kind.GRANT: _("Granted"),
    Kind.RESERVE: _("Reserved"),
    Kind.COMMIT: _("Spent"),
    Kind.FEE: _("Fee for a missed appointment"),
    Kind.RELEASE: _("Released"),
    Kind.REFUND: _("Returned"),
    Kind.CORRECT: _("Corrected"),
    Kind.RETURN: _("Taken out"),
    Kind.CARRY: _("Carried over"),
}
BUCKET_TEXTS: Final[Mapping[str, Any]] = {
    "granted": _("grant"),
    "available": _("available"),
    "reserved": _("reserved"),
    "spent": _("spent"),
}
PHASE_TEXTS: Final[Mapping[str, Any]] = {
    "current": _("In force"),
    "coming": _("Coming"),
    "draft": _("Waiting for approval"),
    "past": _("Past"),
    "returned": _("Given back"),
    "withdrawn": _("Withdrawn"),
}
DECLINE_TEXTS: Final[Mapping[str, Any]] = {
    "other_help_fits": _("Another kind of help fits better"),
    "talk_first": _("We would like to talk first"),
    "duplicate": _("The same request is open already"),
    "not_covered": _("The school's rules do not cover it"),
}
_FAULTS: Final[Mapping[str, Any]] = {
    "end_before_start": _("The end must come after the first day."),
    "in_the_past": _("Choose a day after today and after the first day."),
    "a_semester": _("It must not end before it begins, nor last longer than a semester."),
}


def state_field(label: Any, texts: Mapping[str, Any], nothing: Any, known: Any = None) -> forms.ChoiceField:
    rows = [(str(getattr(code, "value", code)), text) for code, text in texts.items() if known is None or code in known]
    return forms.ChoiceField(label=label, required=False, choices=[("", nothing), *rows])


def _date(label: Any, *, required: bool = False, help_text: Any = "") -> DayField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return DayField(label=label, required=required, widget=widget, help_text=help_text)


def search_field(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=60, widget=forms.TextInput({"type": "search"}))


class OfficeForm(WriterForm):
    """Shows a refusal with the sentences of the offices."""

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What is wrong with the value."""
        return _FAULTS.get(code, _("This value is not possible."))


class RequestFilter(forms.Form):
    """Which requests: those that wait are shown first."""

    q = search_field(_("Number or name"))
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    ALL = "all"

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "state").choices = [
            ("", _("Waiting for a decision")),
            (self.ALL, _("All states")),
            *[
                (state.value, sign_of(state, "referral").text)
                for state in ReferralState
                if state not in (ReferralState.DRAFT, ReferralState.SUBMITTED)
            ],
        ]
        labels = dict(ServiceKind.choices)
        choice_field(self, "kind").choices = [("", _("All kinds")), *[(kind, labels[kind]) for kind in kinds]]

    def wanted(self) -> dict[str, str]:
        """What the selector takes; an unreadable filter is none."""
        data = self.cleaned_data if self.is_valid() else {}
        state = data.get("state") or ReferralState.SUBMITTED.value
        return {
            "state": "" if state == self.ALL else state,
            "kind": data.get("kind") or "",
            "q": (data.get("q") or "").strip(),
        }


class DeclineForm(forms.Form):
    """Why the office says no: one of a closed list of reasons, with a text for the person."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(code, text) for code, text in DECLINE_TEXTS.items() if code in DECLINE_REASONS],
        widget=forms.RadioSelect,
        help_text=_("The person reads this. Nobody else does."),
    )


class PolicyFilter(forms.Form):
    """Which versions."""

    q = search_field(_("Scheme or group"))
    scheme = state_field(_("Scheme"), SCHEME_TEXTS, _("All schemes"))
    when = state_field(_("Period"), PHASE_TEXTS, _("At any time"))


class PercentField(PlainDecimalField):
    """0–100 with at most two decimals, given on as whole basis points. No float."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=Decimal(WHOLE_BP) / 100, decimal_places=2, **kwargs)

    def clean(self, value: Any) -> Any:
        """Basis points, or None when nothing was written."""
        share = super().clean(value)
        return None if share is None else int(share * 100)


class PolicyForm(OfficeForm):
    """A new version of what the school pays. It pays nothing before a second person approves it."""

    names = {"share_bp": "share", "session_eligible_cap_fen": "eligible_cap", "session_subsidy_cap_fen": "subsidy_cap"}

    scheme = forms.ChoiceField(label=_("Scheme"), choices=[(str(code), text) for code, text in SCHEME_TEXTS.items()])
    share = PercentField(
        label=_("The school pays, percent"), help_text=_("Of the price that counts; up to two decimals.")
    )
    eligible_cap = YuanField(
        label=_("Highest price that counts, yuan per unit"),
        required=False,
        help_text=_("Empty: every agreed price counts."),
    )
    subsidy_cap = YuanField(
        label=_("The school pays at most, yuan per unit"), required=False, help_text=_("Empty: no such limit.")
    )
    quota_sessions = WholeField(
        label=_("Sessions per person and school year"), required=False, min_value=0, max_value=1000,
        help_text=_("Give sessions or yuan, not both. Both empty: no yearly limit."),
    )  # fmt: skip
    quota_yuan = YuanField(label=_("Or: yuan per person and school year"), required=False)
    valid_from = _date(_("In force from"), required=True)
    valid_until = _date(_("First day no longer valid"), help_text=_("Empty: until a newer version begins."))

    def clean(self) -> dict[str, Any]:
        """One quota at most."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("quota_sessions") is not None and data.get("quota_yuan") is not None:
            self.add_error("quota_yuan", str(_("Give sessions or yuan, not both.")))
        return data

    def values(self) -> dict[str, Any]:
        """What the writer takes: basis points, fen, days."""
        data = self.cleaned_data
        by_sum = data["quota_yuan"] is not None
        return {
            "scheme": data["scheme"],
            "share_bp": data["share"],
            "session_eligible_cap_fen": data["eligible_cap"],
            "session_subsidy_cap_fen": data["subsidy_cap"],
            "quota_unit": "fen" if by_sum else "session",
            "quota_amount": data["quota_yuan"] if by_sum else data["quota_sessions"],
            "valid_from": data["valid_from"],
            "valid_until": data["valid_until"],
        }


class PolicyEndForm(OfficeForm):
    """From which day on a version is no longer valid."""

    valid_until = _date(_("First day no longer valid"), required=True)


class PoolOrderForm(OfficeForm):
    """What is to be done with a scheme's pool of one calendar year."""

    names = {"amount_fen": "amount"}
    shows_all = True

    kind = forms.ChoiceField(label=_("What"), choices=[(str(code), text) for code, text in ORDER_TEXTS.items()])
    scheme = forms.ChoiceField(label=_("Scheme"), choices=[(str(code), text) for code, text in SCHEME_TEXTS.items()])
    year = forms.TypedChoiceField(label=_("Calendar year"), coerce=int)
    amount = YuanField(
        label=_("Amount in yuan"),
        required=False,
        help_text=_("With two decimals at most, such as 120000 or 500.50. Empty when a year is closed."),
    )
    reason = forms.CharField(label=_("Reason"), help_text=_("The second person reads it. No name of a person, please."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "year").choices = [(year, str(year)) for year in range(today.year - 2, today.year + 2)]

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What the pool refuses is said in its own words."""
        if not isinstance(error, Refused):
            return super().sentence(code, error, detail)
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"

    def clean(self) -> dict[str, Any]:
        """An amount above zero, or none where a year is closed."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == OrderKind.CLOSE_YEAR:
            data["amount"] = 0
        elif "amount" in data and not (data["amount"] or 0) > 0:
            self.add_error("amount", str(_("Write an amount above zero.")))
        if len(data.get("reason") or "") > MAX_REASON:
            self.add_error("reason", str(_("At most %(n)d signs.") % {"n": MAX_REASON}))
        return data

    def values(self) -> dict[str, Any]:
        """What the writer takes."""
        data = self.cleaned_data
        return {
            "kind": data["kind"],
            "scheme": data["scheme"],
            "year": data["year"],
            "amount_fen": data["amount"],
            "reason": data["reason"],
        }


class PayerForm(OfficeForm):
    """Who a payer is, and what it pays; the other one pays the rest."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands on invoices."))
    tax_code = forms.CharField(label=_("Tax number"), required=False)
    bank = forms.CharField(label=_("Bank"), required=False)
    account = forms.CharField(label=_("Account number"), required=False)
    schemes = forms.MultipleChoiceField(
        label=_("Pays for"),
        required=False,
        choices=[(str(code), text) for code, text in SCHEME_TEXTS.items()],
        widget=forms.CheckboxSelectMultiple,
    )


class ReturnForm(OfficeForm):
    """Why a draft is given back."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Whoever drafted it reads this.")
    )


class LedgerFilter(forms.Form):
    """Which movements of the books."""

    q = search_field(_("Voucher number"))
    book = state_field(_("Book"), BOOK_TEXTS, _("Both books"))
    scheme = state_field(_("Scheme"), SCHEME_TEXTS, _("All schemes"))
    kind = state_field(_("Movement"), TRANSFER_TEXTS, _("Every movement"))
    first = _date(_("From, the whole month"))
    last = _date(_("Until, the whole month"))

    def wanted(self) -> dict[str, Any]:
        """What the selector takes; an unreadable filter is none. Days are widened to whole months, or they would tell the day."""
        data = self.cleaned_data if self.is_valid() else {}
        first, last = data.get("first"), data.get("last")
        return {
            "q": (data.get("q") or "").strip(),
            **{name: data.get(name) or "" for name in ("book", "scheme", "kind")},
            "first": first and first.replace(day=1),
            "last": last and last.replace(day=monthrange(last.year, last.month)[1]),
        }
