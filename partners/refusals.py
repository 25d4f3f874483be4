"""Refusals of institutions, papers and agreements (rules §3). Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, CHOOSE_OTHER, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "institution_member_exists": Row(
        _("Somebody with this e-mail address is entered here already."), NOTHING_CHANGED, CHECK_INPUT
    ),
    "institution_closed": Row(
        _("This institution takes no new agreements"),
        _("It is not listed at present. Nothing was changed."),
        _("Ask the platform's operator."),
    ),
    "papers_missing": Row(
        _("Papers are missing"),
        _("Its kind needs papers that are not on file or not valid today. Nothing was changed."),
        _("Enter them on the institution's page, then try again."),
        known=_("Not on file or not valid today: %(papers)s. Nothing was changed."),
    ),
    "service_agreed": Row(
        _("Schools have agreed to this service as it is"),
        _("Name, unit, minutes and place are part of their agreements. Nothing was changed."),
        _("Shut this service and enter a new one, for which schools can agree a price."),
    ),
    "ends_already": Row(_("The paper ends by then already"), NOTHING_CHANGED, _("Choose an earlier day.")),
    "service_taken": Row(
        _("The institution has a service of this name already"),
        _("Names that differ in spaces, capitals or width only are one name. Nothing was changed."),
        _("Choose another name, or change the service that is there."),
    ),
    "foreign_service": Row(_("This service belongs to another institution"), NOTHING_CHANGED, CHOOSE_OTHER),
    "service_twice": Row(_("A service stands there twice"), NOTHING_CHANGED, CHECK_INPUT),
    "after_the_end": Row(
        _("This day is after the agreed end"),
        _("A longer term is a new agreement. Nothing was changed."),
        _("Choose an earlier day, or draft a new agreement."),
    ),
    "wrong_kind": Row(_("This agency may not offer that"), NOTHING_CHANGED, CHOOSE_OTHER),
    "overlap": Row(_("This overlaps another period"), NOTHING_CHANGED, _("Choose dates that do not overlap.")),
    "same_person": Row(
        _("A second person must do this"),
        _("Whoever prepared it cannot also approve it. Nothing was changed."),
        _("Ask a colleague in the same office."),
    ),
    "hours_invalid": Row(_("These opening hours cannot be"), NOTHING_CHANGED, CHECK_INPUT),
    "hours_order": Row(_("The end must come after the start, within one day"), NOTHING_CHANGED, CHECK_INPUT),
    "hours_overlap": Row(_("Two stretches of this day overlap"), NOTHING_CHANGED, CHECK_INPUT),
    "hours_too_many": Row(_("These are too many stretches for one day"), NOTHING_CHANGED, CHECK_INPUT),
    "hours_missing": Row(
        _("Enter the hours of one day at least"), NOTHING_CHANGED, _("For days off, enter a closure instead.")
    ),
    "closure_too_long": Row(_("A closure lasts a year at most"), NOTHING_CHANGED, CHECK_INPUT),
    "closures_overlap": Row(
        _("A closure stands in this time already"), NOTHING_CHANGED, _("Remove it first, or choose other days.")
    ),
    "hours_unsaid": Row(
        _("Enter your opening hours first"),
        _("People would be offered every time from seven to ten at night. Nothing was changed."),
        _("Enter your week under Opening hours, then try again."),
    ),
    "resource_invalid": Row(_("What was said of it cannot be"), NOTHING_CHANGED, CHECK_INPUT),
    "group_too_big": Row(
        _("A group has eight people at most: from nine on make two groups"), NOTHING_CHANGED, CHECK_INPUT
    ),
    "resource_taken": Row(_("Somebody or something is entered under this name already"), NOTHING_CHANGED, CHOOSE_OTHER),
    "resource_nowhere": Row(_("Choose on site, online or both"), NOTHING_CHANGED, CHECK_INPUT),
    "resources_full": Row(
        _("This is as many as one agency can have here"),
        NOTHING_CHANGED,
        _("Change one that takes nothing new any more, instead of adding another."),
    ),
    "absences_overlap": Row(
        _("An absence stands in this time already"), NOTHING_CHANGED, _("Remove it first, or choose other days.")
    ),
    "in_the_past": Row(_("This time has passed"), NOTHING_CHANGED, _("Choose a time from now on.")),
    "too_late": Row(
        _("It is too late for this"),
        _("The time limit has passed. Nothing was changed."),
        _("Please ring the agency or the school."),
    ),
    "no_medical_paper": Row(
        _("Without its medical licence nobody may treat there"),
        _("The agency's medical licence is not valid on that day, so this cannot stay. Nothing was changed."),
        _("Let the person move to another agency, or call it off."),
    ),
    "suspended": Row(
        _("Paused at the moment"),
        _("The agency cannot serve this school on that day for the time being. Nothing was changed."),
        _("Please ring the school; existing appointments are looked at one by one."),
    ),
}
