"""Strict input: unknown fields are refused, a number is a number, a moment has an offset (contract §API).

DRF is generous by default: it reads ``"12"``, ``true`` and ``12.0`` as 12 and gives a naive time the server's zone.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.sentences import SENTENCES
from kernel.money import MAX_FEN

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_YEARS = range(2000, 2200)
_ANY_TEXT = r"^[^\u0000]*$"
_SOME_TEXT = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"


class StrictSerializer(serializers.Serializer[Any]):
    """Base of every input serializer: a field that is not declared, or only read, is refused as ``unknown_field``.

    ``also`` is what the document says of the whole body, such as that one of two fields is needed.
    """

    is_strict: ClassVar[bool] = True
    also: ClassVar[Mapping[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        """Refuse strangers first, then let the fields look."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            strangers = sorted(str(name) for name in data if name not in writable)
            if strangers:
                raise ValidationError(
                    {
                        name: [serializers.ErrorDetail(str(SENTENCES["unknown_field"]), "unknown_field")]
                        for name in strangers
                    }
                )
        return super().to_internal_value(data)


class EmptySerializer(StrictSerializer):
    """A body without any field, such as that of ``approve``."""


class Whole(serializers.IntegerField):
    """A JSON integer; no string, float or boolean. Bounded to 64 bits unless told otherwise."""

    default_error_messages = {"invalid": SENTENCES["not_an_integer"], "not_an_integer": SENTENCES["not_an_integer"]}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_value", 2**63 - 1)
        kwargs.setdefault("min_value", -(2**63))
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        """``data`` if it is an integer."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_an_integer")
        return int(data)


class Fen(Whole):
    """Money in whole, non-negative fen (rules §1)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", MAX_FEN)
        super().__init__(**kwargs)


class Flag(serializers.BooleanField):
    """``true`` or ``false`` and nothing that resembles it."""

    default_error_messages = {"not_a_boolean": SENTENCES["not_a_boolean"]}

    def to_internal_value(self, data: Any) -> bool:
        """``data`` if it is a boolean."""
        if not isinstance(data, bool):
            self.fail("not_a_boolean")
        return bool(data)


class Text(serializers.CharField):
    """A JSON string of at most ``max_length`` characters (2 000 unless told); NUL is refused by DRF's own validator."""

    default_error_messages = {"not_a_string": SENTENCES["not_a_string"]}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)
        # As DRF reads it: blanks at both ends do not count, so a text of blanks is an empty one.
        self.pattern = _ANY_TEXT if self.allow_blank else _SOME_TEXT

    def to_internal_value(self, data: Any) -> str:
        """``data`` if it is a string."""
        if not isinstance(data, str):
            self.fail("not_a_string")
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """ISO 8601 with an offset; a naive time is refused as ``naive_time``. Gives an aware time in UTC."""

    pattern = r"^2[01]\d\d-"

    default_error_messages = {"naive_time": SENTENCES["naive_time"], "bad_time": _("This is not a time.")}

    def to_internal_value(self, value: Any) -> datetime:
        """``value`` as an aware UTC time between 2000 and 2199."""
        if not isinstance(value, str):
            self.fail("bad_time")
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail("bad_time")
        if moment.tzinfo is None:
            self.fail("naive_time")
        if moment.year not in _YEARS:
            self.fail("bad_time")
        return moment.astimezone(UTC)


class Day(serializers.DateField):
    """``YYYY-MM-DD``, between 2000 and 2199."""

    pattern = r"^2[01]\d\d-\d\d-\d\d$"

    default_error_messages = {"bad_date": SENTENCES["date"]}

    def to_internal_value(self, value: Any) -> date:
        """``value`` as a date."""
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("bad_date")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail("bad_date")
        if day.year not in _YEARS:
            self.fail("bad_date")
        return day


class Id(serializers.UUIDField):
    """A UUID in its usual spelling with hyphens; an integer is none."""

    def to_internal_value(self, data: Any) -> UUID:
        """``data`` as a UUID."""
        if not isinstance(data, str) or not _UUID.fullmatch(data):
            self.fail("invalid", value="")
        return UUID(data)


class Choice(serializers.ChoiceField):
    """One of a closed list, written as a string."""

    def to_internal_value(self, data: Any) -> Any:
        """``data`` if it is one of the choices; an object or a list is none."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input="")
        return super().to_internal_value(data)
