"""Refusals about readings. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, LOOK_AGAIN, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "reading_unknown": Row(
        _("This document is not published here"), NOTHING_CHANGED, _("Publish it first, or choose another.")
    ),
    "reading_open": Row(
        _("This document is out already"), NOTHING_CHANGED, _("Open it in the list, and give out a new version there.")
    ),
    "reading_due_past": Row(_("The day lies behind us"), NOTHING_CHANGED, _("Choose a day from today on.")),
    "reading_audience": Row(
        _("Nobody would be asked"), NOTHING_CHANGED, _("Choose roles or departments of the school, or everybody.")
    ),
    "reading_questions": Row(
        _("A quiz has three questions, each with one right and two other answers"), NOTHING_CHANGED, CHECK_INPUT
    ),
    "reading_over": Row(
        _("This version is no longer asked for"),
        _("There is a newer one, or it was taken off. Nothing was lost."),
        LOOK_AGAIN,
    ),
    "reading_too_fast": Row(
        _("That was faster than anybody reads"),
        _("Nothing was lost: the page waits for you."),
        _("Read it to the end, then press the button there."),
    ),
    "reading_wrong_answer": Row(
        _("Not all three are right yet"),
        _("Nothing was lost. After three tries the text is to be read again first."),
        _("Look into the text again and choose anew."),
    ),
    "reading_read_again": Row(
        _("Read the text again first"),
        _("Three tries did not get all three right. Nothing was lost, and no try is kept."),
        _("Read it once more; in ten minutes at the latest you can answer again."),
        known=_("Three tries did not get all three right. Nothing was lost; you can answer again in %(minutes)s min."),
    ),
    "reading_other_proof": Row(_("This document is proved in another way"), NOTHING_CHANGED, LOOK_AGAIN),
    "reading_not_handed": Row(
        _("Nobody has written down yet that you got it"),
        NOTHING_CHANGED,
        _("Ask whoever hands it out to write it down first."),
    ),
    "reading_same_person": Row(
        _("A second person must attest it"),
        _("You wrote it down yourself, or it is your own. Nothing was changed."),
        _("Ask a colleague who gives out documents."),
    ),
    "reading_successor": Row(
        _("This colleague cannot take it over"),
        _("They give out no documents, have no account yet, or have left. Nothing was changed."),
        _("Choose another colleague."),
    ),
    "reading_kept": Row(
        _("Somebody keeps this document"),
        _("Who is missing is shown to one person, and that person is still here. Nothing was changed."),
        _("Ask them to hand it over."),
    ),
    "leave_order": Row(_("The last day is before the first"), NOTHING_CHANGED, CHECK_INPUT),
    "leave_short": Row(
        _("Up to 30 days nobody is set apart"), NOTHING_CHANGED, _("They have time until the day for all.")
    ),
    "leave_twice": Row(_("This leave is written down already"), NOTHING_CHANGED, LOOK_AGAIN),
}
