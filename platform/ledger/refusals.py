"""Refusals of the ledger (rules §1). Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import ASK_SCHOOL, CHECK_INPUT, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "amount": Row(_("The amount cannot be read"), NOTHING_CHANGED, CHECK_INPUT),
    "not_enough": Row(
        _("There is not enough left"), NOTHING_CHANGED, _("Look at the balance, then choose a smaller amount.")
    ),
    "more_than_reserved": Row(_("More than was set aside"), NOTHING_CHANGED, ASK_SCHOOL),
    "refund_exceeds_paid": Row(_("More than was paid"), NOTHING_CHANGED, _("Choose a smaller amount.")),
    "reference_reused": Row(_("This entry exists already"), NOTHING_CHANGED, _("Open the ledger and look for it.")),
    "more_than_spent": Row(_("More than was spent"), NOTHING_CHANGED, _("Choose a smaller amount.")),
    "reservation": Row(
        _("Nothing was set aside for this"),
        _("There is no such entry in the books. Nothing was changed."),
        _("Open the ledger and look for it."),
    ),
    "ledger_input": Row(_("The entry is not complete"), NOTHING_CHANGED, CHECK_INPUT),
    "ledger_line": Row(_("The books have no such line"), NOTHING_CHANGED, CHECK_INPUT),
    "grant_stands_alone": Row(
        _("Money is granted in a step of its own"), NOTHING_CHANGED, _("Grant it on the page of the pools.")
    ),
}
