"""A rule for passwords beside Django's (``AUTH_PASSWORD_VALIDATORS``)."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEAST: Final = 5


class DifferentSigns:
    """Refuses one sign held down, twelve blanks, 一一一一一一一一一一: long enough, in no list of common passwords, and tried first."""

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError when fewer than ``LEAST`` different signs are in it; a blank is none."""
        if len(set("".join(password.split()))) < LEAST:
            raise ValidationError(
                _("The password repeats too few signs. Use at least %(least)s different ones.") % {"least": LEAST},
                code="password_repeats",
            )

    def get_help_text(self) -> str:
        """What the form says before anything is typed."""
        return _("Your password must have at least %(least)s different signs.") % {"least": LEAST}
