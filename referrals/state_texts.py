"""How the states of requests, offers, bookings, vouchers, redemptions and policies are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ui.states import BAD, IDLE, INFO, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    # referral
    "referral:draft": Sign(IDLE, "ring", _("Draft")),
    "referral:submitted": Sign(WAIT, "clock", _("Being checked")),
    "referral:approved": Sign(OK, "check", _("Approved")),
    "referral:offered": Sign(WAIT, "clock", _("Asking the agency")),
    "referral:confirmed": Sign(OK, "dot", _("Confirmed")),
    "referral:in_service": Sign(OK, "dot", _("In service")),
    "referral:completed": Sign(OK, "check", _("Completed")),
    "referral:closed": Sign(IDLE, "check", _("Closed")),
    "referral:declined": Sign(BAD, "slash", _("Declined")),
    "referral:cancelled": Sign(IDLE, "slash", _("Cancelled")),
    "referral:expired": Sign(IDLE, "slash", _("Expired")),
    "referral:no_taker": Sign(WAIT, "slash", _("This agency cannot")),
    "referral:choose": Sign(INFO, "clock", _("Please choose a time")),
    # offer
    "offer:open": Sign(WAIT, "clock", _("Waiting for an answer")),
    "offer:accepted": Sign(OK, "check", _("Accepted")),
    "offer:declined": Sign(BAD, "slash", _("Declined")),
    "offer:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    "offer:expired": Sign(IDLE, "slash", _("Expired")),
    # hardship file
    "hardship:asked": Sign(WAIT, "clock", _("Waits for finance")),
    "hardship:granted": Sign(OK, "check", _("Approved")),
    "hardship:declined": Sign(BAD, "slash", _("Not approved")),
    "hardship:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    "hardship:ended": Sign(IDLE, "slash", _("Ended early")),
    # request at a suspended agency
    "paused:open": Sign(WAIT, "clock", _("To be decided")),
    "paused:kept": Sign(OK, "check", _("It stays as it is")),
    "paused:moved": Sign(INFO, "send", _("To another agency")),
    "paused:cancelled": Sign(IDLE, "slash", _("Called off")),
    # first word on crisis relief
    "relief_word:waiting": Sign(WAIT, "clock", _("Waits for a second person")),
    "relief_word:seconded": Sign(OK, "check", _("Two have signed")),
    "relief_word:lapsed": Sign(IDLE, "slash", _("Not seconded in time")),
    "relief_word:ended": Sign(IDLE, "slash", _("Request ended before")),
    # booking
    "booking:pending": Sign(WAIT, "clock", _("Waiting")),
    "booking:confirmed": Sign(OK, "dot", _("Confirmed")),
    "booking:done": Sign(OK, "check", _("Done")),
    "booking:cancelled": Sign(IDLE, "slash", _("Cancelled")),
    "booking:cancelled_late": Sign(IDLE, "slash", _("Cancelled late")),
    "booking:unresolved": Sign(WAIT, "alert", _("Did it take place?")),
    "booking:no_show": Sign(WAIT, "minus", _("Did not come")),
    "booking:disputed": Sign(WAIT, "alert", _("Being looked at")),
    "booking:lapsed": Sign(IDLE, "slash", _("Did not take place")),
    # a wish to move
    "reschedule:open": Sign(WAIT, "clock", _("Waiting for an answer")),
    "reschedule:accepted": Sign(OK, "check", _("Moved")),
    "reschedule:declined": Sign(IDLE, "slash", _("Stays as it was")),
    "reschedule:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    "reschedule:expired": Sign(IDLE, "slash", _("Not answered")),
    # a place in a line
    "waiting:waiting": Sign(WAIT, "clock", _("In the line")),
    "waiting:offered": Sign(INFO, "bell", _("A place is free")),
    "waiting:taken": Sign(OK, "check", _("Place in the line taken up")),
    "waiting:left": Sign(IDLE, "slash", _("Left the line")),
    "waiting:closed": Sign(IDLE, "slash", _("Line closed")),
    # voucher
    "voucher:issued": Sign(INFO, "clock", _("Usable on the day")),
    "voucher:active": Sign(OK, "dot", _("Ready to use")),
    "voucher:used_up": Sign(IDLE, "check", _("Used")),
    "voucher:expired": Sign(IDLE, "slash", _("Expired")),
    "voucher:void": Sign(BAD, "slash", _("Void")),
    # redemption
    "redemption:redeemed": Sign(OK, "check", _("Redeemed")),
    "redemption:validated": Sign(OK, "check", _("Validated")),
    "redemption:settled": Sign(OK, "check", _("Settled")),
    "redemption:reconciled": Sign(OK, "check", _("Reconciled")),
    "redemption:disputed": Sign(WAIT, "alert", _("Disputed")),
    "redemption:reversed": Sign(IDLE, "undo", _("Reversed")),
    # policy
    "policy:draft": Sign(IDLE, "ring", _("Draft")),
    "policy:approved": Sign(OK, "check", _("Approved")),
    "policy:returned": Sign(WAIT, "undo", _("Given back")),
    "policy:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    # a claim that an amount is wrong
    "claim:open": Sign(WAIT, "clock", _("Finance is asked")),
    "claim:taken": Sign(WAIT, "clock", _("A correction is being decided")),
    "claim:corrected": Sign(OK, "check", pgettext_lazy("claim", "Corrected")),
    "claim:declined": Sign(IDLE, "info", pgettext_lazy("claim", "Stays as it was")),
    "claim:withdrawn": Sign(IDLE, "slash", pgettext_lazy("claim", "Taken back")),
    # pool order
    "correction:asked": Sign(WAIT, "clock", _("Waits for a second person")),
    "correction:approved": Sign(OK, "check", _("Approved")),
    "correction:declined": Sign(BAD, "slash", _("Not approved")),
    "correction:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    "pool_order:asked": Sign(WAIT, "clock", _("Waits for a second person")),
    "pool_order:approved": Sign(OK, "check", _("Approved")),
    "pool_order:declined": Sign(BAD, "slash", _("Not approved")),
    "pool_order:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
}
