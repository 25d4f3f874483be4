"""What an administrator types of the calendar. Reading only: writers decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from ui.refusals import explain

_DAY = {"type": "date"}


class ChangeForm(WriterForm):
    """Days and what they are."""

    shows_all = True
    first_day = DayField(
        label=pgettext_lazy("calendar", "First day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    last_day = DayField(
        label=pgettext_lazy("calendar", "Last day"),
        required=False,
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
        help_text=_("Leave it empty for one day."),
    )
    kind = forms.ChoiceField(
        label=_("On these days the school"),
        choices=[("free", _("is free")), ("worked", _("works, also on a weekend"))],
        widget=forms.RadioSelect,
        initial="free",
    )

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The refusal's title."""
        return explain(code, error.params).title

    def change(self) -> dict[str, Any]:
        """The cleaned form, as ``workflow.add_change`` takes it."""
        data = self.cleaned_data
        return {
            "first_day": data["first_day"],
            "last_day": data["last_day"] or data["first_day"],
            "is_workday": data["kind"] == "worked",
        }
