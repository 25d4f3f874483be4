"""Fields of forms that read strictly what people type; every app above may use them."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

YEARS = range(1900, 2200)


class DayField(forms.DateField):
    """A day of 1900 to 2199. At the ends of the calendar a day has no midnight in the school's zone."""

    def to_python(self, value: Any) -> date | None:
        """The day, None for nothing. ValidationError ``invalid``."""
        day: date | None = super().to_python(value)
        if day is not None and day.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class MomentField(forms.DateTimeField):
    """A time of 1900 to 2199, read in the page's zone: there is always an hour after it."""

    def to_python(self, value: Any) -> datetime | None:
        """The time, None for nothing. ValidationError ``invalid``."""
        moment: datetime | None = super().to_python(value)
        if moment is not None and moment.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class WholeField(forms.IntegerField):
    """A whole number as people write it: Python would read ``1_0`` as ten."""

    def to_python(self, value: Any) -> int | None:
        """The number, None for nothing. ValidationError ``invalid``."""
        if "_" in str(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class PlainDecimalField(forms.DecimalField):
    """A decimal number as people write it, without Python's ``_``."""

    def to_python(self, value: Any) -> Any:
        """The number, None for nothing. ValidationError ``invalid``."""
        if "_" in str(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)
