"""What the record says about open days. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREA_TITLES: Final[Mapping[str, Any]] = {"openday": _("Open days")}
AREAS: Final[Mapping[str, str]] = {"openday": "openday", "party": "openday", "gate": "openday", "guest": "openday"}
NAMELESS: Final = frozenset({"party", "guest", "gate"})
"""First parts of actions that would tell whose family came."""
ACTS: Final[Mapping[str, Any]] = {
    "openday.plan": _("Open day planned"),
    "openday.change": _("Open day changed"),
    "openday.session": _("Programme of an open day changed"),
    "openday.publish": _("Open day published"),
    "openday.call_off": _("Open day called off"),
    "openday.invite": _("Family invited to an open day"),
    "openday.ask": _("Families asked about an open day"),
    "openday.close_questions": _("Questions about an open day closed"),
    "openday.report": _("Report of an open day begun"),
    "openday.pictures": _("Pictures of an open day looked through"),
    "openday.remind": _("Families reminded of an open day"),
    "openday.wipe": _("Words of an open day deleted"),
    "openday.visitors": _("Visitor list opened"),
    "party.answer": _("A family answered"),
    "party.change": _("A family changed its answer"),
    "party.accept": _("A family took seats it was offered"),
    "party.decline": _("A family left the waiting list"),
    "party.leave": _("A family called its answer off"),
    "party.remove": _("A family was removed by whoever invited it"),
    "guest.photo": _("Photographs: yes or no"),
    "gate.open": _("Link for a gate made"),
    "gate.shut": _("Link for a gate ended"),
    "gate.mark": _("People came in"),
}
