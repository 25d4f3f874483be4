"""Fields of forms that read strictly what people type; every app above may use them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.fold import fold_email, fold_name, fold_prose, fold_text, has_mail_domain, has_private_use

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
YEARS = range(1900, 2200)


class DayInput(forms.DateInput):
    """The browser's own calendar, in the reader's language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None, format: str = "%Y-%m-%d") -> None:
        super().__init__(attrs, format)


class DayField(forms.DateField):
    """A day of 1900 to 2199. At the ends of the calendar a day has no midnight in the school's zone."""

    widget = DayInput

    def to_python(self, value: Any) -> date | None:
        """The day, None for nothing. ValidationError ``invalid``."""
        day: date | None = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class WholeField(forms.IntegerField):
    """A whole number as people write it: digits, also of a Chinese keyboard. Python reads ``1_0`` as ten too."""

    def to_python(self, value: Any) -> int | None:
        """The number, None for nothing. ValidationError ``invalid``."""
        return super().to_python(_number(self, value, _WHOLE))


class PlainDecimalField(forms.DecimalField):
    """A decimal number as people write it: digits and a point. Python reads ``1e3`` as a thousand, ``1_0`` as ten."""

    def to_python(self, value: Any) -> Any:
        """The number, None for nothing. ValidationError ``invalid``."""
        return super().to_python(_number(self, value, _DECIMAL))


def _number(field: forms.Field, value: Any, form: re.Pattern[str]) -> Any:
    if value in field.empty_values:
        return value
    text = fold_text(str(value))
    if not form.fullmatch(text):
        raise ValidationError(field.error_messages["invalid"], code="invalid")
    return text


class PlainField(forms.CharField):
    """A number or a word that names something, in the one spelling that is kept (``kernel.fold``)."""

    fold: Callable[[str], str] = staticmethod(fold_text)

    def to_python(self, value: Any) -> Any:
        """The text as it is kept. ValidationError ``private_sign`` for a character that only one computer knows."""
        text = super().to_python(value)
        if not isinstance(text, str):
            return text
        if has_private_use(text):
            raise ValidationError(
                _("This holds a character that only one computer knows. Type it anew with another keyboard."),
                code="private_sign",
            )
        # Django refuses NUL in words of its own; the fold would take it for a sign that nobody sees.
        return text if "\x00" in text else type(self).fold(text)


class NameField(PlainField):
    """The name of a person, a department or a service, its brackets and commas as they were typed."""

    fold = staticmethod(fold_name)


class ProseField(PlainField):
    """A short text in somebody's own words, its signs as they were typed."""

    fold = staticmethod(fold_prose)


def check_domain(address: str) -> None:
    """ValidationError ``no_domain`` for a folded address that stands for a machine, or for a domain that cannot be."""
    if not has_mail_domain(address):
        raise ValidationError(
            _("After the @ stands the name of a domain, such as yucai.edu.cn, not a number in brackets."),
            code="no_domain",
        )


class EmailField(forms.EmailField):
    """An address as people type it: full-width signs, the full stop of a Chinese keyboard, capitals.

    The browser is not asked to check it: it would refuse what is read here.
    """

    default_validators = [*forms.EmailField.default_validators, check_domain]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput({"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"})
        )
        super().__init__(**kwargs)

    @classmethod
    def like(cls, field: forms.Field) -> "EmailField":
        """In the place of allauth's ``field``, with its words."""
        field.widget.input_type = "text"  # of a text widget
        return cls(label=field.label, required=field.required, help_text=field.help_text, widget=field.widget)

    def to_python(self, value: Any) -> Any:
        """The address as it is kept."""
        text = super().to_python(value)
        return fold_email(text) if isinstance(text, str) and "\x00" not in text else text


def choice_field(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    """The field ``name`` of ``form``, whose choices depend on who looks. TypeError when it offers none."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} offers no choices")
    return field
