"""Refusals of vacations, hand-over, kits and experts; ``refusals.ROWS`` holds them with those of the chain."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, LOOK_AGAIN, NOTHING_CHANGED, Row

READINESS_ROWS: Final[dict[str, Row]] = {
    # vacations, hand-over
    "away_days": Row(_("The last day lies before the first"), NOTHING_CHANGED, CHECK_INPUT),
    "away_past": Row(
        _("This begins before today"), NOTHING_CHANGED, _("Enter it from today on: who was on duty stays as it was.")
    ),
    "away_too_long": Row(
        _("This is longer than three months"),
        NOTHING_CHANGED,
        _("Enter it in parts, or let the role of duty be taken off."),
    ),
    "away_too_far": Row(_("This lies more than a year ahead"), NOTHING_CHANGED, _("Enter it nearer to its time.")),
    "away_twice": Row(
        _("On some of these days you are away already"), NOTHING_CHANGED, _("Take the other one back first.")
    ),
    "hand_over_done": Row(_("You have read it already"), NOTHING_CHANGED, LOOK_AGAIN),
    # kits and experts
    "kit_place_name": Row(_("The place has no name, or too long a one"), NOTHING_CHANGED, CHECK_INPUT),
    "kit_place_kind": Row(_("Say what the place is"), NOTHING_CHANGED, CHECK_INPUT),
    "kit_place_twice": Row(_("A place of this name is there already"), NOTHING_CHANGED, CHECK_INPUT),
    "kit_licence_elsewhere": Row(
        _("Only a school clinic has a licence"),
        NOTHING_CHANGED,
        _("Leave the field empty, or say that the place is the clinic."),
    ),
    "kit_without_place": Row(
        _("Nothing is kept without a place"),
        NOTHING_CHANGED,
        _("Choose the place first: in an emergency somebody has to find it."),
    ),
    "kit_item_name": Row(_("The thing has no name, or too long a one"), NOTHING_CHANGED, CHECK_INPUT),
    "kit_item_kind": Row(_("Say what kind of thing it is"), NOTHING_CHANGED, CHECK_INPUT),
    "kit_stock": Row(_("So many cannot be there"), NOTHING_CHANGED, CHECK_INPUT),
    "kit_medicine_expires": Row(
        _("Medicine has a last good day"), NOTHING_CHANGED, _("Read it off the package and write it down.")
    ),
    "kit_no_medicine_here": Row(
        _("Medicine does not lie here"),
        _("Only a licensed school clinic may hold medicine, with the doctor."),
        _("Put it into the clinic, or write the licence of this place."),
    ),
    "kit_needs_doctor": Row(
        _("Medicine is kept by the school doctor"),
        NOTHING_CHANGED,
        _("Name the doctor as the keeper of this place first."),
    ),
    "kit_has_medicine": Row(
        _("Medicine lies here"),
        _("So this place needs a licence, and the doctor as its keeper."),
        _("Take the medicine out first."),
    ),
    "expert_name": Row(_("The expert has no name, or too long a one"), NOTHING_CHANGED, CHECK_INPUT),
    "expert_kind": Row(_("Say what the expert is and how they come"), NOTHING_CHANGED, CHECK_INPUT),
    "expert_partner": Row(
        _("The school has no agreement with this institution"), NOTHING_CHANGED, _("Choose another, or leave it open.")
    ),
}
