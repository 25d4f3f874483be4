"""Refusals about family tips. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, LOOK_AGAIN, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "tips_no_mail": Row(
        _("Tips cannot go by e-mail here"), NOTHING_CHANGED, _("Read them on your page, whenever you like.")
    ),
    "tips_no_sms": Row(
        _("No code can be sent to a telephone here"),
        NOTHING_CHANGED,
        _("Read the tips on your page, whenever you like."),
    ),
    "tips_sms_quiet": Row(
        _("Between 21:00 and 7:00 no text is sent"),
        _("A number may be mistyped, and somebody would be woken. Nothing was changed."),
        _("Read the tips on your page now, and come back for the code in the morning."),
    ),
    "tips_phone_wrong": Row(_("This is no mobile number"), NOTHING_CHANGED, _("Correct it and send it again.")),
    "tips_address_wrong": Row(_("This is no e-mail address"), NOTHING_CHANGED, _("Correct it and send it again.")),
    "tips_rhythm_unknown": Row(_("How often should they come?"), NOTHING_CHANGED, _("Choose one of the two.")),
    "tips_code_soon": Row(
        _("A code was sent a moment ago"),
        _("At most one a minute and five a day. Nothing was changed."),
        _("Look into your mailbox, or wait a minute and send it again."),
    ),
    "tips_code_wrong": Row(
        _("This is not the code"), _("Nothing was lost; you have five tries."), _("Type the six digits again.")
    ),
    "tips_code_over": Row(
        _("This code is no longer good"),
        _("A code holds for half an hour and five tries. Nothing else was lost."),
        _("Ask for another code."),
    ),
    "tips_address_taken": Row(
        _("This mailbox gets the tips already"), NOTHING_CHANGED, _("Nothing more to do, or choose another address.")
    ),
    "tips_title": Row(_("The series needs a name of 1 to 60 characters"), NOTHING_CHANGED, CHECK_INPUT),
    "tips_day": Row(_("This day is too far away"), NOTHING_CHANGED, CHECK_INPUT),
    "tips_interval": Row(_("Between two tips lie 7 to 90 days"), NOTHING_CHANGED, CHECK_INPUT),
    "tips_page": Row(
        _("This tip is not published at your school"),
        NOTHING_CHANGED,
        _("Publish it in the pages first, or choose another."),
    ),
    "tips_there": Row(_("This tip stands in the series already"), NOTHING_CHANGED, _("Choose another one.")),
    "tips_full": Row(_("A series holds 60 tips at most"), NOTHING_CHANGED, _("Begin another series.")),
    "tips_stopped": Row(
        _("This is no longer changed"), _("It was stopped, or it is a single tip. Nothing was changed."), LOOK_AGAIN
    ),
}
