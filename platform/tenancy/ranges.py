"""Ranges for exclusion constraints, half-open as everywhere (rules §2)."""

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, IntegerRangeField
from django.db.models import Func


class DateRange(Func):
    """``daterange(from, until)``: an empty end reaches to infinity."""

    function = "DATERANGE"
    output_field = DateRangeField()


class TimeRange(Func):
    """``tstzrange(from, until)``."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class NumberRange(Func):
    """``int4range(from, until)``."""

    function = "INT4RANGE"
    output_field = IntegerRangeField()
