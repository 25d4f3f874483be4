"""Telephone numbers: one written form (E.164) to seal and to look up, and a masked one to show."""

import re
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from kernel.errors import Invalid
from kernel.fold import fold_text

_HOME: Final = "CN"
_HOME_CODE: Final = 86
_FILLING: Final = re.compile(r"[\s\-\u2010-\u2015\u2212()./\u00b7]+")
_DIGITS: Final = re.compile(r"\+?[0-9]{5,20}")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_ANSWERED: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
"""Kinds of numbers at home that a person answers; a hotline is nobody's own."""


def normalise_phone(raw: str, *, field: str = "phone") -> str:
    """``１３８ ００１３ ８０００`` or ``+86-138…`` → ``+8613800138000``; a landline loses its leading 0.

    Mainland mobile and landline numbers and foreign numbers written with ``+``; signs nobody sees, which telephones copy
    along, are passed over. Invalid (``phone_invalid``) otherwise.
    """
    digits = _FILLING.sub("", fold_text(raw))
    if _DIGITS.fullmatch(digits):
        try:
            number = phonenumbers.parse(digits, _HOME)
        except phonenumbers.NumberParseException:
            pass
        else:
            if _is_somebodys(number):
                return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise Invalid("phone_invalid", fields=((field, "phone_invalid", "not a telephone number"),))


def _is_somebodys(number: phonenumbers.PhoneNumber) -> bool:
    if number.country_code != _HOME_CODE:
        return phonenumbers.is_possible_number(number)
    if _MOBILE.fullmatch(str(number.national_number)):
        return True  # also of a range that was opened after the library's tables were made
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _ANSWERED


def mask_phone(phone: str) -> str:
    """``+8613800138000`` → ``138****8000``. Other numbers keep three digits in front and two behind; ``""`` stays."""
    national = phone.removeprefix("+86")
    if _MOBILE.fullmatch(national):
        return f"{national[:3]}****{national[-4:]}"
    return f"{national[:3]}****{national[-2:]}" if len(national) >= 7 else "*" * len(national)
