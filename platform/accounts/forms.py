"""What one types about one's own account. Reading only: writers decide."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import WholeField
from accounts.refused import remember
from accounts.texts import refusal_text
from accounts.tokens import DAYS
from kernel.errors import DomainError


class RefusalMixin(forms.Form):
    """A form that can show why a writer refused."""

    @staticmethod
    def explained(code: str, params: Mapping[str, object]) -> str | None:
        """The sentence for ``code``. Another app's forms ask their own texts."""
        return refusal_text(code, params)

    def refuse(self, error: DomainError) -> None:
        """Show ``error`` at its field, or above the form. Raises it again when the app has no words for it."""
        remember(error)
        text = self.explained(error.reason, error.params)
        if text is None:
            raise error
        fields = [field for field, _code, _detail in error.fields]
        self.add_error(fields[0] if fields and fields[0] in self.fields else None, text)


class PasswordAgainForm(RefusalMixin):
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


class PhoneCodeForm(RefusalMixin):
    """The code that was sent."""

    code = forms.CharField(
        label=_("Six figures"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class TokenForm(RefusalMixin):
    """A key to be issued."""

    label = forms.CharField(label=_("Name of the key"), max_length=60, help_text=_("What will use it?"))
    days = WholeField(label=_("Days it is valid"), min_value=1, max_value=DAYS, initial=90)
