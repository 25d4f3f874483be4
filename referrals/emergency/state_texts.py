"""How the states of the chain are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ui.states import BAD, IDLE, INFO, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    # contacts
    "contact:ready": Sign(OK, "check", pgettext_lazy("contact", "Can be called")),
    "contact:by_hand": Sign(OK, "check", pgettext_lazy("contact", "Can be called by a person, not by machine")),
    "contact:asked": Sign(WAIT, "clock", pgettext_lazy("contact", "Has not answered yet")),
    "contact:lapsed": Sign(WAIT, "slash", pgettext_lazy("contact", "The link has run out")),
    "contact:not_asked": Sign(WAIT, "ring", pgettext_lazy("contact", "Not asked yet")),
    "contact:refused": Sign(IDLE, "slash", pgettext_lazy("contact", "Said no")),
    "contact:ended": Sign(IDLE, "undo", pgettext_lazy("contact", "No longer agrees")),
    "contact:barred": Sign(BAD, "slash", pgettext_lazy("contact", "On your list of those never called")),
    "contact:bounced": Sign(BAD, "alert", _("The number could not be reached")),
    "contact:wrong": Sign(BAD, "alert", _("Somebody else answers at the number")),
    # changed duties
    "duties:sent": Sign(WAIT, "clock", pgettext_lazy("duties", "Sent, not received yet")),
    "duties:received": Sign(INFO, "eye", pgettext_lazy("duties", "Received")),
    "duties:arranged": Sign(OK, "check", pgettext_lazy("duties", "Arranged")),
    "duties:over": Sign(IDLE, "inbox", pgettext_lazy("duties", "Over")),
    # afterwards
    "grant:asked": Sign(WAIT, "clock", pgettext_lazy("grant", "Asked for")),
    "grant:given": Sign(OK, "check", pgettext_lazy("grant", "Given")),
    "grant:declined": Sign(IDLE, "slash", pgettext_lazy("grant", "Declined")),
    "companion:asked": Sign(WAIT, "clock", pgettext_lazy("companion", "Asked")),
    "companion:accepted": Sign(OK, "check", pgettext_lazy("companion", "Comes")),
    "companion:here": Sign(OK, "dot", pgettext_lazy("companion", "Is there")),
    "companion:over": Sign(IDLE, "check", pgettext_lazy("companion", "Was there")),
    "companion:declined": Sign(IDLE, "slash", pgettext_lazy("companion", "Cannot come")),
    "companion:cancelled": Sign(IDLE, "minus", pgettext_lazy("companion", "Taken out")),
    # duty and plans
    "chain_plan:draft": Sign(WAIT, "ring", pgettext_lazy("plan", "Draft")),
    "chain_plan:in_use": Sign(OK, "check", pgettext_lazy("plan", "In use")),
    "chain_plan:retired": Sign(IDLE, "inbox", pgettext_lazy("plan", "Retired")),
    "duty_swap:asked": Sign(WAIT, "clock", pgettext_lazy("swap", "Waits for an answer")),
    "duty_swap:accepted": Sign(OK, "check", pgettext_lazy("swap", "Taken")),
    "duty_swap:declined": Sign(IDLE, "slash", pgettext_lazy("swap", "Declined")),
    "duty_swap:withdrawn": Sign(IDLE, "undo", pgettext_lazy("swap", "Withdrawn")),
    "duty_swap:undone": Sign(IDLE, "undo", pgettext_lazy("swap", "Undone")),
    "duty_swap:handed_on": Sign(IDLE, "arrow-right", pgettext_lazy("swap", "Passed on to another colleague")),
    "duty_swap:dropped": Sign(IDLE, "minus", pgettext_lazy("swap", "Void: the shift is another now")),
    "duty_swap:over": Sign(IDLE, "inbox", pgettext_lazy("swap", "The shift has begun")),
    "chain:off": Sign(IDLE, "ring", pgettext_lazy("chain", "Off")),
    "chain:rehearsal": Sign(INFO, "clock", pgettext_lazy("chain", "In rehearsal")),
    "chain:live": Sign(OK, "dot", pgettext_lazy("chain", "Live")),
    # drills
    "drill:planned": Sign(WAIT, "calendar", pgettext_lazy("drill", "Planned")),
    "drill:running": Sign(INFO, "dot", pgettext_lazy("drill", "Running")),
    "drill:frozen": Sign(BAD, "minus", pgettext_lazy("drill", "Stands still")),
    "drill:ended": Sign(OK, "check", pgettext_lazy("drill", "Played")),
    "drill:aborted": Sign(IDLE, "slash", pgettext_lazy("drill", "Broken off")),
    "incident:frozen": Sign(IDLE, "minus", pgettext_lazy("incident", "Drill stopped")),
    # readiness
    "readiness:missing": Sign(BAD, "triangle", pgettext_lazy("readiness", "Missing")),
    "readiness:look": Sign(WAIT, "alert", pgettext_lazy("readiness", "Look at it")),
    "readiness:holds": Sign(OK, "check", pgettext_lazy("readiness", "Ready")),
    "kit:over": Sign(BAD, "triangle", pgettext_lazy("kit", "Past its date")),
    "kit:ends": Sign(WAIT, "clock", pgettext_lazy("kit", "Ends soon")),
    "kit:short": Sign(WAIT, "alert", pgettext_lazy("kit", "Too few")),
    "kit:good": Sign(OK, "check", pgettext_lazy("kit", "Good")),
    "proof:missing": Sign(BAD, "triangle", pgettext_lazy("channel", "Unproven")),
    "proof:look": Sign(WAIT, "clock", pgettext_lazy("channel", "Proven long ago")),
    "proof:holds": Sign(OK, "check", pgettext_lazy("channel", "Proven")),
    # incident
    "incident:reported": Sign(WAIT, "clock", _("Waits for a grade")),
    "incident:open": Sign(WAIT, "dot", pgettext_lazy("incident", "Open")),
    "incident:watch": Sign(INFO, "eye", _("Watched over")),
    "incident:closed": Sign(IDLE, "check", pgettext_lazy("incident", "Closed")),
    "incident:merged": Sign(IDLE, "undo", _("Joined to another")),
    "incident:false_alarm": Sign(IDLE, "slash", _("False alarm")),
    "grade:general": Sign(INFO, "dot", pgettext_lazy("grade", "General")),
    "grade:major": Sign(WAIT, "clock", pgettext_lazy("grade", "Major")),
    "grade:extreme": Sign(BAD, "triangle", pgettext_lazy("grade", "Extreme")),
    "leg:armed": Sign(IDLE, "ring", pgettext_lazy("leg", "Standing by")),
    "leg:held": Sign(WAIT, "minus", pgettext_lazy("leg", "Held")),
    "leg:paging": Sign(WAIT, "clock", pgettext_lazy("leg", "Being called")),
    "leg:exhausted": Sign(BAD, "triangle", pgettext_lazy("leg", "Nobody answers")),
    "leg:acknowledged": Sign(OK, "check", pgettext_lazy("leg", "Taken")),
    "leg:engaged": Sign(OK, "dot", pgettext_lazy("leg", "At work")),
    "leg:handed_over": Sign(OK, "arrow-right", pgettext_lazy("leg", "Passed on")),
    "leg:frozen": Sign(IDLE, "minus", pgettext_lazy("leg", "Drill stopped")),
    "leg:closed": Sign(IDLE, "check", pgettext_lazy("leg", "Ended")),
    "leg:not_required": Sign(IDLE, "minus", pgettext_lazy("leg", "Not needed")),
    "leg:false_alarm": Sign(IDLE, "slash", pgettext_lazy("leg", "False alarm")),
}
