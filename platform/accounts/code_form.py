"""Asking for a sign-in code by e-mail or telephone, and typing a code: that one, the app's, or a spare one."""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.internal.flows.add import validate_can_add_authenticator
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.exceptions import ValidationError
from django.forms import Field, Form
from django.utils.translation import gettext_lazy as _

from accounts import second_step
from accounts.fields import EmailField
from accounts.models import User
from accounts.tries import take


class CodeForm(RequestLoginCodeForm):  # allauth has no types
    """allauth's form fails with an error of its own when neither field is filled (seen in 65.x); this one says what is missing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = EmailField.like(self.fields["email"])
        self.fields["email"].label = _("By e-mail")
        self.fields["phone"].label = _("By phone")

    def clean_email(self) -> str:
        """The address; the code goes to nobody but who has proved it. allauth also writes to one that waits for its link."""
        email: str = super().clean_email()
        if email:
            self._user = next(iter(User.objects.with_address(email, active=True)), None)
        return email

    def clean_phone(self) -> str:
        """The number; the code goes to it only while its proof is fresh: by now it may be somebody else's."""
        number: str = super().clean_phone()
        if number and self._user is not None and not self._user.proved_phone():
            self._user = None
        return number

    def clean(self) -> dict[str, Any]:
        """One of the two is needed. Few messages a day go to one number, and to one that nobody has the page says the same:
        allauth's own limit of a minute would let a stranger send four thousand, each of which is paid for.
        """
        cleaned: dict[str, Any] = super().clean()
        if not self.errors and not cleaned.get("email") and not cleaned.get("phone"):
            raise ValidationError(Field.default_error_messages["required"], code="required")
        number = cleaned.get("phone")
        if number and not self.errors and take(context.request, "sign_in_text", key=number) is None:
            raise get_account_adapter().validation_error("too_many_login_attempts")
        return cleaned


def _say(form: Form, label: Any) -> None:
    """Name the one field: "Code" says neither which nor where it stands. The label is enough, nothing grey in the field."""
    field = form.fields["code"]
    field.label = label
    field.widget.attrs.pop("placeholder", None)


class SentCodeForm(ConfirmLoginCodeForm):
    """The code of a mail or a message. Its three tries are counted before it is compared: allauth counts in the session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Sign-in code"))

    def clean_code(self) -> str:
        """The code when it is right; the same error for an address that nobody has."""
        asked = context.request._login_stage.state
        if (
            take(context.request, "sign_in_code", key=f"{asked['at']}|{asked.get('email')}|{asked.get('phone')}")
            is None
        ):
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        number = asked.get("phone")
        if number and get_account_adapter().get_user_by_phone(number) != context.request._login_stage.login.user:
            raise get_account_adapter().validation_error("incorrect_code")  # somebody proved it since it was sent
        return code


class _CountedStep(BaseAuthenticateForm):
    """allauth's form, but the tries are counted and the code used up in the database."""

    def clean_code(self) -> str:
        """The code when it is right, and nobody has signed in with it before."""
        code: str = self.cleaned_data["code"]
        tried = second_step.count(self.user)
        try:
            self.authenticator = second_step.accept(self.user, code)
        except ValidationError:
            for authenticator in Authenticator.objects.filter(user_id=self.user.pk).order_by("-type")[:1]:
                self._emit_authentication_failed(authenticator)
            raise
        tried.give_back()
        self.authenticator.user = self.user
        return code


class SecondStepForm(_CountedStep, AuthenticateForm):
    """The second step of signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Six figures, or a spare code"))


class SecondStepAgainForm(_CountedStep, ReauthenticateForm):
    """The second step once more, before sign-in settings change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Six figures, or a spare code"))


class AppForm(ActivateTOTPForm):
    """The first code of an app that is being set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Six figures"))

    def clean_code(self) -> str:
        """The code when the app shows it; it is used up by this, so nobody signs in with what was seen here."""
        validate_can_add_authenticator(self.user)
        code: str = self.cleaned_data["code"]
        tried = second_step.count(self.user)
        if not second_step.accept_app_code(self.user, self.secret, code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        tried.give_back()
        return code
