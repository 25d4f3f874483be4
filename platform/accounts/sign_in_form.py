"""Signing in with a password."""

from typing import Any

from allauth.account.forms import LoginForm
from django.utils.translation import gettext_lazy as _

from kernel.fold import fold_email


class SignInForm(LoginForm):  # allauth has no types
    """allauth's form, whose first field says what to type: "Login" names a thing that nobody here was ever given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["login"]
        field.label = _("E-mail or phone")
        # The same word once more, in the field: many read only what stands inside it. A keychain looks for "username".
        field.widget.attrs |= {"placeholder": field.label, "autocomplete": "username"}

    def clean_login(self) -> str:
        """The address or the number in the one spelling that is looked up."""
        return fold_email(super().clean_login())
