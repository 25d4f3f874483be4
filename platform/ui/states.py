"""How every state is shown: sign, word, colour. One table for all machines (docs/architecture.md §States).

A state's word can differ by machine (an *active* voucher can be used, an *active* agreement is in force), so a row
is found by ``machine:state`` first and by the bare state second. An unknown state shows its own name, plainly.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OK, WAIT, BAD, INFO, IDLE = "ok", "wait", "bad", "info", ""


@dataclass(frozen=True, slots=True)
class Sign:
    """``tone`` is a CSS class of ``.tag``; ``icon`` a name of ``ui.icons``; ``word`` what a person reads."""

    tone: str
    icon: str
    word: str | Promise


SIGNS: Final[dict[str, Sign]] = {
    # referral
    "draft": Sign(IDLE, "ring", _("Draft")),
    "submitted": Sign(WAIT, "clock", _("Being checked")),
    "approved": Sign(OK, "check", _("Approved")),
    "offered": Sign(WAIT, "clock", _("Asking the agency")),
    "confirmed": Sign(OK, "dot", _("Confirmed")),
    "in_service": Sign(OK, "dot", _("In service")),
    "completed": Sign(OK, "check", _("Completed")),
    "closed": Sign(IDLE, "check", _("Closed")),
    "declined": Sign(BAD, "slash", _("Declined")),
    "cancelled": Sign(IDLE, "slash", _("Cancelled")),
    "expired": Sign(IDLE, "slash", _("Expired")),
    # offer, booking
    "open": Sign(WAIT, "clock", _("Waiting for an answer")),
    "accepted": Sign(OK, "check", _("Accepted")),
    "withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    "pending": Sign(WAIT, "clock", _("Waiting")),
    "done": Sign(OK, "check", _("Done")),
    "no_show": Sign(WAIT, "minus", _("Did not come")),
    # voucher
    "issued": Sign(INFO, "ring", _("Issued")),
    "active": Sign(OK, "dot", _("In force")),
    "voucher:active": Sign(OK, "dot", _("Ready to use")),
    "voucher:issued": Sign(INFO, "clock", _("Usable on the day")),
    "used_up": Sign(IDLE, "check", _("Used")),
    "void": Sign(BAD, "slash", _("Void")),
    # redemption and settlement
    "redeemed": Sign(OK, "check", _("Redeemed")),
    "validated": Sign(OK, "check", _("Validated")),
    "settled": Sign(OK, "check", _("Settled")),
    "reconciled": Sign(OK, "check", _("Reconciled")),
    "disputed": Sign(WAIT, "alert", _("Disputed")),
    "reversed": Sign(IDLE, "undo", _("Reversed")),
    # agreement and institution
    "signed": Sign(INFO, "check", _("Signed")),
    "renewal_due": Sign(WAIT, "clock", _("Renewal due")),
    "suspended": Sign(BAD, "slash", _("Suspended")),
    "ended": Sign(IDLE, "check", _("Ended")),
    "prospect": Sign(IDLE, "ring", _("Prospect")),
    "vetted": Sign(INFO, "check", _("Vetted")),
    "listed": Sign(OK, "dot", _("Listed")),
    "terminated": Sign(BAD, "slash", _("Terminated")),
    "archived": Sign(IDLE, "inbox", _("Archived")),
    # job, outbox
    "queued": Sign(WAIT, "clock", _("Queued")),
    "running": Sign(INFO, "refresh", _("Running")),
    "failed": Sign(BAD, "triangle", _("Failed")),
    "claimed": Sign(INFO, "refresh", _("Sending")),
    "sent": Sign(OK, "check", _("Sent")),
    "dead": Sign(BAD, "triangle", _("Given up")),
    # consent
    "asked": Sign(WAIT, "clock", _("Waiting for consent")),
    "given": Sign(OK, "check", _("Agreed")),
    "refused": Sign(IDLE, "slash", _("Refused")),
    # emergency
    "reported": Sign(WAIT, "clock", _("Reported")),
    "armed": Sign(IDLE, "ring", _("Not started")),
    "calling": Sign(WAIT, "phone", _("Calling")),
    "acknowledged": Sign(OK, "check", _("Acknowledged")),
    "engaged": Sign(OK, "dot", _("On site")),
    "unanswered": Sign(BAD, "triangle", _("No answer")),
}


def sign_of(state: object, machine: str = "") -> Sign:
    """The sign of ``state`` (a string or a TextChoices member) in ``machine`` (``voucher``, ``booking`` …)."""
    name = str(getattr(state, "value", state))
    return SIGNS.get(f"{machine}:{name}") or SIGNS.get(name) or Sign(IDLE, "ring", name)
