"""Asking for a sign-in code by e-mail or telephone."""

from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from django.core.exceptions import ValidationError
from django.forms import Field


class CodeForm(RequestLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    """allauth's form fails with an error of its own when neither field is filled (seen in 65.x); say it in words."""

    def clean(self) -> dict[str, Any]:
        """One of the two is needed."""
        cleaned: dict[str, Any] = super().clean()
        if not self.errors and not cleaned.get("email") and not cleaned.get("phone"):
            raise ValidationError(Field.default_error_messages["required"], code="required")
        return cleaned
