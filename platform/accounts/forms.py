"""What one types about one's own account. Reading only: writers decide."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import WholeField
from accounts.texts import refusal_text
from accounts.tokens import DAYS
from accounts.writer_form import WriterForm
from kernel.errors import DomainError


class AccountForm(WriterForm):
    """Shows a refusal with the sentences of this app."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> str | None:
        """By the fault's own code, else by that of the whole refusal."""
        return refusal_text(code, error.params) or refusal_text(error.reason, error.params)


class PasswordAgainForm(AccountForm):
    """The person's password, once more."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PhoneForm(PasswordAgainForm):
    """A person's own number, confirmed by their password."""

    phone = forms.CharField(
        label=pgettext_lazy("person", "Telephone"),
        max_length=30,
        help_text=_("A code is sent to it. Once you have typed the code, you can sign in with the number."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    field_order = ["phone", "password"]


class PhoneCodeForm(AccountForm):
    """The code that was sent."""

    code = forms.CharField(
        label=_("Six figures"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class TokenForm(AccountForm):
    """A key to be issued."""

    label = forms.CharField(label=_("Name of the key"), max_length=60, help_text=_("What will use it?"))
    days = WholeField(label=_("Days it is valid"), min_value=1, max_value=DAYS, initial=90)
