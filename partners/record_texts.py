"""What the record says about agreements and institutions: acts, and what is told of them. Found by ``schools.record_texts``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREA_TITLES: Final[Mapping[str, Any]] = {"partners": _("Agreements and institutions")}
AREAS: Final[Mapping[str, str]] = {
    "agreement": "partners",
    "institution": "partners",
    "licence": "partners",
    "service": "partners",
    "opening": "partners",
    "closure": "partners",
    "resource": "partners",
    "absence": "partners",
}
ACTS: Final[Mapping[str, Any]] = {
    "agreement.draft": _("Agreement drafted"),
    "agreement.approve": _("Agreement approved"),
    "agreement.end": _("Agreement ended"),
    "agreement.export": _("List of agreements downloaded"),
    "agreement.sign": _("Agreement signed"),
    "agreement.discard": _("Agreement draft discarded"),
    "agreement.activate": _("Agreement in force"),
    "agreement.fall_due": _("Agreement to be renewed"),
    "agreement.suspend": _("Agreement suspended"),
    "agreement.resume": _("Agreement resumed"),
    "agreement.terminate": _("Agreement terminated"),
    "institution.create": _("Institution entered"),
    "institution.vet": _("Institution checked"),
    "institution.list": _("Institution listed"),
    "institution.suspend": _("Institution suspended"),
    "institution.reject": _("Institution turned down"),
    "institution.reinstate": _("Institution listed again"),
    "institution.terminate": _("Institution ended"),
    "institution.archive": _("Institution archived"),
    "institution.member_add": _("Person of an institution added"),
    "institution.member_change": _("Person of an institution changed"),
    "institution.member_end": _("Person of an institution taken off"),
    "institution.export": _("List of institutions downloaded"),
    "licence.create": _("Paper entered"),
    "licence.change": _("Paper corrected"),
    "licence.end": _("Paper ended"),
    "service.create": _("Service entered"),
    "service.change": _("Service changed"),
    "service.open": _("Service opened"),
    "service.shut": _("Service closed"),
    "service.mode": _("How a time of a service is found changed"),
    "opening.change": _("Opening hours changed"),
    "closure.add": _("Closure entered"),
    "closure.remove": _("Closure taken out"),
    "resource.add": _("Person or room of an agency entered"),
    "resource.change": _("Person or room of an agency changed"),
    "resource.shut": _("Person or room of an agency takes nothing new"),
    "resource.open": _("Person or room of an agency can be booked again"),
    "resource.hours": _("Hours of a person or room of an agency changed"),
    "absence.add": _("Absence entered"),
    "absence.remove": _("Absence taken out"),
}
FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    "valid_from": (_("Valid from"), str),
    "valid_until": (_("Valid until"), str),
}
