"""What the record says about accounts and their places: acts, and what is told of them. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREAS: Final[Mapping[str, str]] = {"token": "people", "invitation": "people", "profile": "people"}
ACTS: Final[Mapping[str, Any]] = {
    "invitation.send": _("Invitation sent"),
    "invitation.accept": _("Place taken by its owner"),
    "profile.phone": _("Own telephone number changed"),
    "token.issue": _("Access for a program issued"),
    "token.revoke": _("Access for a program revoked"),
}
