"""What families and editors type. Reading only: the writers decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField, PlainField, ProseField, WholeField
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from tips.models import Rhythm
from ui.refusals import explain


class TipsForm(WriterForm):
    """Shows a refusal with the sentences of ``ui.refusals``."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and the next step."""
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"


class AddressForm(TipsForm):
    """Where tips go and how often. The writer reads the address."""

    elsewhere = "address"

    address = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.TextInput(
            {"inputmode": "email", "autocapitalize": "none", "spellcheck": "false", "autocomplete": "email"}
        ),
        error_messages={"required": _("Please type an e-mail address.")},
    )
    rhythm = forms.ChoiceField(
        label=_("How often"), choices=Rhythm.choices, initial=Rhythm.WEEKLY, widget=forms.RadioSelect
    )


class PhoneForm(TipsForm):
    """A number to prove, and how often something new should stand on the page. The writer reads the number."""

    elsewhere = "phone"

    phone = PlainField(
        label=_("Your mobile number"),
        max_length=30,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Please type a mobile number.")},
    )
    rhythm = AddressForm.base_fields["rhythm"]


class CodeForm(TipsForm):
    """The six digits that came by e-mail or as a text."""

    elsewhere = "code"

    code = PlainField(
        label=_("Six digits of the code"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Please type the six digits.")},
    )


class SeriesForm(TipsForm):
    """A series: its first day and its interval."""

    elsewhere = "title"

    title = ProseField(
        label=_("Name of the series"),
        max_length=60,
        help_text=_("For you and your colleagues; families do not read it."),
        error_messages={"required": _("Please name the series.")},
    )
    starts_on = DayField(
        label=_("Not before"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        error_messages={"required": _("Please choose a day.")},
    )
    every_days = WholeField(
        label=_("Days between two tips"),
        initial=7,
        help_text=_("7 to 90. Families were promised: never more than one letter a week."),
        error_messages={"required": _("Please write how many days.")},
    )


class SingleForm(TipsForm):
    """One tip on one day."""

    elsewhere = "page"

    page = forms.TypedChoiceField(label=_("Tip"), coerce=int, error_messages={"required": _("Please choose a tip.")})
    starts_on = SeriesForm.base_fields["starts_on"]

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["page"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class AddForm(TipsForm):
    """One more tip at the end of a series."""

    elsewhere = "page"

    page = forms.TypedChoiceField(label=_("Tip"), coerce=int, error_messages={"required": _("Please choose a tip.")})

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["page"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
