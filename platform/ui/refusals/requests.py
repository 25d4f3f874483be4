"""Refusals of quotes, requests, times and agreements (rules §1, §2)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.refusals.rows import CHECK_INPUT, CHOOSE_OTHER, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "no_agreement": Row(
        _("Not available on this day"),
        _("The school has no agreement with this agency for that day. Nothing was sent."),
        CHOOSE_OTHER,
    ),
    "no_policy": Row(
        _("No subsidy rule for this day"),
        _("The school has not set a subsidy for this service on that day. Nothing was sent."),
        _("You can go on at the full price, or ask the union."),
    ),
    "out_of_range": Row(
        _("A number is outside what is possible"),
        NOTHING_CHANGED,
        CHECK_INPUT,
        known=_("It must lie between %(low)s and %(high)s. Nothing was changed."),
    ),
    "quota_used_up": Row(
        _("This year's subsidised sessions are used up"),
        _("Nothing was sent and nothing was charged."),
        _("You can go on at the full price, or talk to the union about hardship support."),
        known=_("It starts anew on %(resets_on)s. Nothing was sent and nothing was charged."),
    ),
    "pool_used_up": Row(
        _("The school's budget for this is used up"),
        _("Nothing was sent and nothing was charged."),
        _("You can go on at the full price, or ask the union."),
    ),
    "naive_time": Row(
        _("A time needs its time zone"), NOTHING_CHANGED, _("Send the time with its offset, such as +08:00.")
    ),
    "in_the_past": Row(_("This time has passed"), NOTHING_CHANGED, _("Choose a time from now on.")),
    "invalid_times": Row(_("The end must come after the start"), NOTHING_CHANGED, CHECK_INPUT),
    "windows_invalid": Row(_("The times do not fit together"), NOTHING_CHANGED, CHECK_INPUT),
    "slot_taken": Row(
        _("Someone has just taken this time"), _("Nothing was changed."), _("Choose another time; the list is fresh.")
    ),
    "full": Row(
        _("All places are taken"), NOTHING_CHANGED, _("Put yourself on the waiting list, or choose another day.")
    ),
    "quote_expired": Row(
        _("The price is no longer fresh"),
        _("Prices are held for a short time only. Nothing was sent."),
        _("Open the service again; the price is worked out anew."),
    ),
    "quote_invalid": Row(
        _("The price could not be checked"),
        _("Nothing was sent."),
        _("Open the service again; the price is worked out anew."),
    ),
    "consent_missing": Row(
        _("Your consent is missing"),
        _("Without it nothing may be passed on. Nothing was sent."),
        _("Go back and look at who can see it; then decide."),
    ),
    "too_late": Row(
        _("It is too late for this"),
        _("The time limit has passed. Nothing was changed."),
        _("Please ring the agency or the school."),
    ),
    "wrong_kind": Row(_("This agency may not offer that"), NOTHING_CHANGED, CHOOSE_OTHER),
    "same_person": Row(
        _("A second person must do this"),
        _("Whoever prepared it cannot also approve it. Nothing was changed."),
        _("Ask a colleague in the same office."),
    ),
    "overlap": Row(_("This overlaps another period"), NOTHING_CHANGED, _("Choose dates that do not overlap.")),
    "child_missing": Row(
        _("Which child is it for?"),
        _("This service is for a child. Nothing was sent."),
        _("Go back and choose the child."),
    ),
    "quote_changed": Row(
        _("The price has changed"),
        _("The agreement or the subsidy is a different one now. Nothing was sent."),
        _("Look at the new price; then decide."),
    ),
    "cancel_started": Row(
        _("The service has begun"),
        _("What has begun can no longer be cancelled here. Nothing was changed."),
        _("Please ring the agency or the school."),
    ),
    "unknown_reason": Row(_("This reason is not on the list"), NOTHING_CHANGED, _("Go back and choose a reason.")),
    "unknown_purpose": Row(_("This purpose is not known"), NOTHING_CHANGED, CHECK_INPUT),
    "windows_missing": Row(
        _("When would it suit you?"), _("Nothing was sent."), _("Go back and give at least one time.")
    ),
    "too_many_windows": Row(
        _("These are too many times"), _("Nothing was sent."), _("Go back and keep those that suit you best.")
    ),
    "offset_missing": Row(
        _("A time needs its time zone"), NOTHING_CHANGED, _("Send the time with its offset, such as +08:00.")
    ),
    "too_far_ahead": Row(_("This day is too far ahead"), NOTHING_CHANGED, _("Choose an earlier day.")),
    "end_before_start": Row(_("The end must come after the start"), NOTHING_CHANGED, CHECK_INPUT),
    "window_too_long": Row(
        _("This stretch of time is too long"), NOTHING_CHANGED, _("Make it shorter, or give two separate times.")
    ),
    "outside_windows": Row(
        _("This is outside the times that suit the person"),
        NOTHING_CHANGED,
        _("Choose a start within these times, or propose other times."),
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
    "foreign_service": Row(_("This service belongs to another institution"), NOTHING_CHANGED, CHOOSE_OTHER),
    "service_twice": Row(_("A service stands there twice"), NOTHING_CHANGED, CHECK_INPUT),
    "after_the_end": Row(
        _("This day is after the agreed end"),
        _("A longer term is a new agreement. Nothing was changed."),
        _("Choose an earlier day, or draft a new agreement."),
    ),
}
