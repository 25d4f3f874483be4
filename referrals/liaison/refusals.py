"""Refusals of what is handed on. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "mediation_first": Row(
        _("First the school's psychologist, then a mediator"),
        _(
            "A mediation room is asked once you have talked with the psychologist and both sides agree. Nothing was sent."
        ),
        _("Open “Family mediation” and ask the psychologist for a talk."),
    ),
    "mediation_open": Row(
        _("You have asked already"),
        _("One is under way, and nothing was changed."),
        _("Open “Family mediation”; it shows what comes next."),
    ),
    "not_talked": Row(
        _("The talk is still to come"),
        _("What came of it is written after its time. Nothing was changed."),
        _("Name an earlier time if you have talked already."),
    ),
    "no_mediation_room": Row(
        _("The school has an agreement with no mediation room today"),
        NOTHING_CHANGED,
        _("Go on talking with both, or ask the union to agree with a mediation room."),
    ),
    "words_long": Row(_("This is too long."), NOTHING_CHANGED, CHECK_INPUT),
    "talk_at": Row(_("Choose a time still to come, within sixty days."), NOTHING_CHANGED, CHECK_INPUT),
    "not_medical": Row(
        _("Only a hospital or a mental-health centre may do this"),
        _("Assessing, treating and prescribing need a medical licence. Nothing was written."),
        _("Choose a medical institution, or another purpose."),
    ),
    "not_its_work": Row(
        _("This institution does not do this"),
        _("Nothing was written, and nothing was sent."),
        _("Choose another institution or another purpose."),
    ),
    "card_open": Row(
        _("A card like this waits for the person already"),
        _("One at a time for the same institution and purpose. Nothing was written."),
        _("Look for it under “Handing on”; take it back there if you want to write another."),
    ),
    "card_read": Row(
        _("The institution has opened the card already"),
        _("What somebody has read cannot be taken back. Nothing was changed."),
        _("Ask the institution or the centre to leave it at that; the card shows who has looked."),
    ),
    "card_unread": Row(
        _("Open the card first"),
        _("An answer is given on a card that was read. Nothing was sent."),
        _("Open it under “Cards”, then answer."),
    ),
    "card_reported": Row(
        _("This card has been answered"),
        _("One answer is given on a card. Nothing was changed."),
        _("Call the school's centre if something is to be added."),
    ),
    "no_letter": Row(
        _("There is no letter to print"),
        _("A letter holds what the person agreed to, while the card is good. Nothing was printed."),
        _("Open the card and see how it stands."),
    ),
    "back_on": Row(_("Choose a day from today on, within a year."), NOTHING_CHANGED, CHECK_INPUT),
}
