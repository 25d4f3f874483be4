"""Refusals of reports and their mailbox; part of the chain's own table (``refusals``)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import NOTHING_CHANGED, Row

REPORT_ROWS: Final[dict[str, Row]] = {
    "report_says_nothing": Row(
        _("Nothing is said yet"), _("Nothing was sent."), _("Tick one sign, or write one sentence. If it is urgent, tick “in danger now”: then it goes as it is.")
    ),
    "report_too_long": Row(_("This is too long"), _("Nothing was sent."), _("Four thousand characters are enough for your own words, two hundred for a line.")),
    "reports_wait": Row(
        _("Very many reports are coming in just now"), _("Yours was not kept."), _("Please send it again in a few minutes, or call.")
    ),
    "letter_empty": Row(_("Nothing is written"), NOTHING_CHANGED, _("Write a sentence, then send it.")),
    "letter_too_long": Row(_("The letter is too long"), NOTHING_CHANGED, _("Two thousand characters are enough; send the rest as a second one.")),
    "report_is_alone": Row(
        _("This report is what the incident was opened for"), NOTHING_CHANGED, _("Write whom it is about, or end it as a false alarm.")
    ),
    "checklist_empty": Row(_("No sign is left"), NOTHING_CHANGED, _("Write at least one, one a line.")),
    "checklist_too_long": Row(_("These are too many, or one is too long"), NOTHING_CHANGED, _("Twelve signs at most, of sixty characters at most.")),
    "letters_full": Row(_("This mailbox is full"), NOTHING_CHANGED, _("Send a new report, or call.")),
}  # fmt: skip
