"""What a person may object to in a use of their voucher, in words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

DISPUTE_TEXTS: Final[Mapping[str, Any]] = {
    "not_received": _("I did not have this service"),
    "other_amount": _("I paid another amount"),
    "other_day": _("It was on another day"),
    "other_person": _("Somebody else used my voucher"),
}
