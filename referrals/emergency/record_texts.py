"""What the record says about the chain: acts, never why. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREA_TITLES: Final[Mapping[str, Any]] = {"emergency": _("Emergencies")}
AREAS: Final[Mapping[str, str]] = {
    # incident
    "incident": "emergency",
    # contacts
    "contact": "emergency",
    "never": "emergency",
    "community": "emergency",
}
NAMELESS: Final = frozenset({"incident", "contact", "never", "community"})
"""First parts of actions that would tell whom it was about, or of somebody's family."""

ACTS: Final[Mapping[str, Any]] = {
    # incident
    "incident.open": _("Incident opened"),
    "incident.join": _("Report joined to an incident"),
    "incident.grade": _("Grade of an incident written"),
    "incident.lower_asked": _("Lower grade of an incident asked for, a second person must agree"),
    "incident.start_leg": _("A line of an incident begun by hand"),
    "incident.acknowledge": _("A line of an incident taken"),
    "incident.decline": _("“Not me” on an incident"),
    "incident.engage": _("Arrival at an incident"),
    "incident.extend": _("Another time named for an incident"),
    "incident.release": _("A line of an incident let go"),
    "incident.sign_of_life": _("“Still with it” on an incident"),
    "incident.pass_on": _("Person of an incident passed on"),
    "incident.received": _("Arrival where the person was passed on to"),
    "incident.dialled": _("Service number called by hand"),
    "incident.hold": _("A line of an incident held"),
    "incident.lift_asked": _("End of a hold asked for, a second person must agree"),
    "incident.lift": _("A held line of an incident released"),
    "incident.meeting_place": _("Meeting place for the family written"),
    "incident.close_asked": _("Close of an incident asked for, a second person must agree"),
    "incident.close": _("Incident closed"),
    "incident.false_alarm_asked": _("False alarm said, a second person must agree"),
    "incident.false_alarm": _("Incident was a false alarm"),
    "incident.reopen": _("Incident opened again"),
    "incident.assess": _("Assessment of an incident written"),
    "incident.read": _("Incident opened to read"),
    # contacts
    "contact.add": _("Emergency contact entered"),
    "contact.change": _("Emergency contact changed"),
    "contact.first": _("Order of emergency contacts changed"),
    "contact.remove": _("Emergency contact removed"),
    "contact.confirm": _("Emergency contact confirmed"),
    "contact.fault": _("An emergency contact's number does not work"),
    "contact.trust": _("An emergency contact's number said to be right"),
    "contact.ask_missing": _("Staff without a contact asked"),
    "never.add": _("Somebody never to be called entered"),
    "never.lift": _("Somebody never to be called taken off"),
    "community.set": _("Home community entered"),
    "community.forget": _("Home community removed"),
}
