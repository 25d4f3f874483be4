"""Asking for a sign-in code by e-mail or telephone, and typing a code: that one, the app's, or a spare one."""

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.exceptions import ValidationError
from django.forms import Field, Form
from django.utils.translation import gettext_lazy as _

from accounts.fields import EmailField


class CodeForm(RequestLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    """allauth's form fails with an error of its own when neither field is filled (seen in 65.x); say it in words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = EmailField.like(self.fields["email"])
        self.fields["email"].label = _("By e-mail")
        self.fields["phone"].label = _("By phone")

    def clean(self) -> dict[str, Any]:
        """One of the two is needed."""
        cleaned: dict[str, Any] = super().clean()
        if not self.errors and not cleaned.get("email") and not cleaned.get("phone"):
            raise ValidationError(Field.default_error_messages["required"], code="required")
        return cleaned


def _say(form: Form, label: Any) -> None:
    """Name the one field: "Code" says neither which nor where it stands. The label is enough, nothing grey in the field."""
    field = form.fields["code"]
    field.label = label
    field.widget.attrs.pop("placeholder", None)


class SentCodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code of a mail or a message."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Sign-in code"))


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Six figures, or a spare code"))


class SecondStepAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The second step once more, before sign-in settings change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Six figures, or a spare code"))


class AppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app that is being set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, _("Six figures"))
