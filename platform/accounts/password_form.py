"""The form to change a password: asks whether access keys stay valid, and limits tries of the old password."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm
from allauth.core import context
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.tokens import living_keys
from accounts.tries import take


class ChangeForm(ChangePasswordForm):  # allauth has no types
    """allauth's form. ``keeps_keys`` is there for a person who has keys; left alone, they end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if living_keys(self.user).exists():
            self.fields["keeps_keys"] = forms.BooleanField(
                label=_("My access keys for programs go on working"),
                help_text=_("Leave it empty if somebody else may know your password: then every key ends."),
                required=False,
            )

    def clean_oldpassword(self) -> str:
        """The present password, of which few may be tried: an open screen is not enough to find it."""
        tried = take(context.request, "password_again", user=self.user)
        if tried is None:
            raise get_adapter().validation_error("too_many_login_attempts")
        password: str = super().clean_oldpassword()
        tried.give_back()
        return password

    def save(self) -> None:
        """Write the new one."""
        keeps_keys = self.cleaned_data.get("keeps_keys", False)
        get_adapter().set_password(self.user, self.cleaned_data["password1"], keeps_keys=keeps_keys)
