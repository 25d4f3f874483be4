"""Refusals that any page may give: not found, not allowed, too late, too many."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import ASK_SCHOOL, CHECK_INPUT, GO_BACK, LOOK_AGAIN, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "not_found": Row(
        _("This page cannot be found"),
        _("It may have moved, or it belongs to someone else."),
        _("Go to the first page, or use the help bar at the top."),
    ),
    "forbidden": Row(
        _("This belongs to another role"),
        _("Your account may not do this. Nothing was changed."),
        ASK_SCHOOL,
    ),
    "second_factor_needed": Row(
        _("Your role needs a second step at sign-in"),
        _("You have not set one up yet; until then your access keys do not work either. Nothing was changed."),
        _("Open “Two-step sign-in” in your account and set one up; it takes two minutes."),
    ),
    "conflict": Row(
        _("This has changed in the meantime"),
        _("Someone else was quicker, or the page was open for a while. Nothing was changed."),
        LOOK_AGAIN,
    ),
    "illegal_move": Row(
        _("That step is no longer possible"),
        _("Its state has changed since the page was opened. Nothing was changed."),
        LOOK_AGAIN,
    ),
    "already_done": Row(
        _("This is done already"),
        _("It was pressed before, or a colleague was quicker. Nothing was changed this time."),
        LOOK_AGAIN,
    ),
    "refused": Row(_("This is not possible"), _("A rule does not allow it. Nothing was changed."), ASK_SCHOOL),
    "invalid": Row(_("Something in the form is not right"), NOTHING_CHANGED, CHECK_INPUT),
    "method_not_allowed": Row(
        _("This address is not asked in this way"),
        NOTHING_CHANGED,
        _("Go back and use the buttons of the page."),
    ),
    "malformed": Row(_("The request could not be read"), NOTHING_CHANGED, GO_BACK),
    "bad_signature": Row(
        _("The call is not signed as agreed"),
        NOTHING_CHANGED,
        _("Check the shared secret, the clock and the body that was signed."),
    ),
    "too_many": Row(
        _("Too many tries"),
        _("To protect you, we ask for a short pause. Nothing was changed."),
        _("Wait a few minutes, then try again. The help lines stay open."),
        known=_("To protect you, we ask for a pause of %(seconds)s seconds. Nothing was changed."),
    ),
    "csrf_failed": Row(
        _("The page was open for too long"), _("For safety it was not sent. Nothing was changed."), GO_BACK
    ),
    "too_large": Row(_("This is too large"), NOTHING_CHANGED, _("Send a smaller file or a shorter text.")),
    "idempotency_mismatch": Row(
        _("This was already sent with other content"),
        _("The first sending counts. Nothing was changed."),
        _("Open the list and look at the first one."),
    ),
    "in_flight": Row(
        _("This is still being worked on"),
        _("The first sending has not finished yet; there is no need to send again."),
        _("Wait a moment, then refresh the page."),
    ),
    "bad_idempotency_key": Row(_("The sending key cannot be read"), NOTHING_CHANGED, GO_BACK),
    "bad_cursor": Row(_("This page of the list has gone"), NOTHING_CHANGED, _("Start again at the first page.")),
    "bad_limit": Row(_("The list cannot be this long"), NOTHING_CHANGED, _("Ask for between 1 and 100 rows.")),
    "required": Row(_("This is missing"), NOTHING_CHANGED, _("Go back, fill it in and send it again.")),
    "unknown_field": Row(_("This is not known here"), NOTHING_CHANGED, CHECK_INPUT),
    "preference_unknown": Row(_("This choice is not offered"), NOTHING_CHANGED, CHECK_INPUT),
    "naive_time": Row(
        _("A time needs its time zone"), NOTHING_CHANGED, _("Send the time with its offset, such as +08:00.")
    ),
    "offset_missing": Row(
        _("A time needs its time zone"), NOTHING_CHANGED, _("Send the time with its offset, such as +08:00.")
    ),
    "out_of_range": Row(
        _("A number is outside what is possible"),
        NOTHING_CHANGED,
        CHECK_INPUT,
        known=_("It must lie between %(low)s and %(high)s. Nothing was changed."),
    ),
}
