"""What a person types to ask for help: how much, when, for whom; then consent and an optional note."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import WholeField, choice_field
from families.models import Child
from kernel.clock import now
from partners.calendars.choosing import BOX_NAMES, BoxesForm
from partners.calendars.selectors import opening_and_calendar
from partners.kinds import ServiceKind, ServiceUnit
from partners.models import Service
from referrals.kinds import KINDS, Wish
from referrals.states import ReferralState
from referrals.wish_texts import ACCESS, EITHER, GENDERS, LABELS, PLACES
from referrals.wishes import Access, Wishes, to_be_asked
from ui.states import sign_of

MAX_UNITS: Final = 12
MAX_NOTE: Final = 500
_HOW_MANY: Final = {
    ServiceUnit.SESSION: _("How many sessions?"),
    ServiceUnit.HOUR: _("How many hours?"),
    ServiceUnit.HALF_DAY: _("How many half days?"),
    ServiceUnit.DAY: _("How many days?"),
    ServiceUnit.MONTH: _("How many months?"),
}
MAX_TYPED: Final = 60
"""Characters of one field that a draft keeps; a key has 36."""
ACCESS_NAMES: Final = tuple(f"wish_access_{value}" for value in Access)
_WISH_NAMES: Final = ("wish_gender", "wish_place", *ACCESS_NAMES)
_TYPED: Final = ("units", "child", *BOX_NAMES, *_WISH_NAMES)


class ServiceFilter(forms.Form):
    """Which services to show. A GET form: every answer has an address."""

    kind = forms.ChoiceField(required=False, choices=[("", ""), *ServiceKind.choices], widget=forms.HiddenInput)
    q = forms.CharField(
        label=_("Name or place"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )


class ReferralFilter(forms.Form):
    """Which of one's own requests to show."""

    state = forms.ChoiceField(label=_("State"), required=False)
    q = forms.CharField(label=_("Number"), required=False, max_length=24, widget=forms.TextInput({"type": "search"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [
            (state.value, sign_of(state, "referral").text) for state in ReferralState if state != ReferralState.DRAFT
        ]
        choice_field(self, "state").choices = [("", _("All")), *states]


class WalletFilter(forms.Form):
    """Which vouchers to show."""

    show = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("live", _("Usable")), ("past", _("Used or ended"))]
    )


class TimesForm(BoxesForm):
    """Step 1: how much, for whom, the boxes of the day that suit, and wishes that the service can be asked for.

    ``windows`` gives the boxes on as times, in UTC; ``exact``: the free time that was chosen instead of boxes.
    """

    units = WholeField(min_value=1, max_value=MAX_UNITS, initial=1)

    def __init__(
        self,
        *args: Any,
        service: Service,
        children: Sequence[Child],
        exact: tuple[datetime, datetime] | None = None,
        **kwargs: Any,
    ) -> None:
        opening, workdays = opening_and_calendar(service.institution_id)
        super().__init__(
            *args,
            opening=opening,
            calendar=workdays,
            minutes=service.visit_minutes,
            moment=now(),
            **kwargs,
        )
        self.exact, self.needs_box = exact, exact is None
        self.fields["units"].label = _HOW_MANY[ServiceUnit(service.unit)]
        self.fields["units"].widget.attrs["inputmode"] = "numeric"
        if KINDS[service.kind].for_child:
            choices = [(str(child.pk), child.name) for child in children]
            self.fields["child"] = forms.ChoiceField(
                label=_("Which child?"),
                choices=choices,
                initial=choices[0][0] if len(choices) == 1 else None,
                widget=forms.RadioSelect,
            )
        self._ask_wishes(to_be_asked(service.kind, on_site=service.on_site, online=service.online))

    def _ask_wishes(self, asked: Collection[Wish]) -> None:
        choices: dict[Wish, Mapping[Any, Any]] = {Wish.GENDER: GENDERS, Wish.PLACE: PLACES}
        for wish in (wish for wish in choices if wish in asked):
            self.fields[f"wish_{wish}"] = forms.ChoiceField(
                label=LABELS[wish],
                choices=[*choices[wish].items(), ("", EITHER)],
                required=False,
                widget=forms.RadioSelect,
            )
        if Wish.ACCESS in asked:
            for value, text in ACCESS.items():
                self.fields[f"wish_access_{value}"] = forms.BooleanField(label=text, required=False)

    @property
    def wishes(self) -> Wishes:
        """What was chosen. The form is valid."""
        data = self.cleaned_data
        return Wishes(
            gender=data.get("wish_gender", ""),
            place=data.get("wish_place", ""),
            access=tuple(value.value for value in Access if data.get(f"wish_access_{value}")),
        )

    def choices_of_wishes(self) -> list[forms.BoundField]:
        """The wishes of which one is chosen: who, and where."""
        return [field for field in self if field.name in _WISH_NAMES and field.name not in ACCESS_NAMES]

    def boxes_of_wishes(self) -> list[forms.BoundField]:
        """The wishes of which any may be ticked."""
        return [field for field in self if field.name in ACCESS_NAMES]

    @property
    def windows(self) -> list[tuple[datetime, datetime]]:
        """What a writer takes; nothing while something is wrong."""
        if self.exact is not None:
            return [self.exact] if self.is_valid() else []
        return [(row.starts_at, row.ends_at) for row in self.times()] if self.is_valid() else []

    def ticked(self) -> list[str]:
        """The names of the boxes that were ticked, none where a time was chosen. The form is valid."""
        if self.exact is not None:
            return []
        return [name for name in BOX_NAMES if self.cleaned_data[name]]

    @staticmethod
    def kept(sent: Mapping[str, Any]) -> dict[str, str]:
        """Of what was sent, what a draft keeps: as it was typed, right or wrong."""
        return {name: str(sent[name])[:MAX_TYPED] for name in _TYPED if sent.get(name)}

    def needs_child(self) -> bool:
        """The service is for a child, and none is entered yet."""
        return "child" in self.fields and not choice_field(self, "child").choices

    def first_fields(self) -> list[forms.BoundField]:
        """What is asked before the boxes: how much, for whom."""
        return [field for field in self if field.name not in (*BOX_NAMES, *_WISH_NAMES)]


class ConsentForm(forms.Form):
    """Step 2. Nothing is ticked beforehand; each purpose has a box of its own (rules §5).

    ``reader``: the office that looks first; words of the person's own are asked for only where it will read them.
    """

    consent = forms.BooleanField(error_messages={"required": _("Without this we cannot ask the agency for you.")})

    def __init__(self, *args: Any, partner: str, for_child: bool, reader: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reader:
            self.fields["note"] = forms.CharField(
                label=_("Anything you would like to say first"),
                help_text=_(
                    "%(reader)s reads it, the agency does not. You need not write anything, and no reason is asked."
                )
                % {"reader": reader},
                required=False,
                max_length=MAX_NOTE,
                widget=forms.Textarea({"rows": 3}),
            )
            self.order_fields(["note"])
        self.fields["consent"].label = _(
            "I agree that %(partner)s is told the time, how to address me and the last four digits of my telephone."
        ) % {"partner": partner}
        if for_child:
            self.fields["consent_child"] = forms.BooleanField(
                label=_("As guardian I agree that %(partner)s looks after this child.") % {"partner": partner},
                error_messages={"required": _("The agency needs the guardian's word.")},
            )
