"""What is asked after a service, in words: was it solved, how was the agency, and how the answers fall together."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from referrals.after import Answer, Band, Mark, Question

ANSWERS: Final = {
    Answer.SOLVED: _("Yes, it is solved"),
    Answer.NOT_YET: _("Not yet, I would like to go on"),
    Answer.OTHER_HELP: _("I need another kind of help"),
}
SAID: Final = {
    Answer.SOLVED: _("You said: it is solved."),
    Answer.NOT_YET: _("You said: not yet."),
    Answer.OTHER_HELP: _("You said: another kind of help is needed."),
}
QUESTIONS: Final = {
    Question.ON_TIME: _("Was it easy to agree a time, and was it kept?"),
    Question.RESPECTED: _("Were you treated with respect?"),
    Question.AGAIN: _("Would you recommend it to a colleague?"),
}
MARKS: Final = {
    Mark.YES: pgettext_lazy("mark", "Yes"),
    Mark.PARTLY: pgettext_lazy("mark", "In part"),
    Mark.NO: pgettext_lazy("mark", "No"),
}
BANDS: Final = {
    Band.NEARLY_ALL: _("Nearly all say yes"),
    Band.MOSTLY: _("Most say yes"),
    Band.MIXED: _("Opinions differ"),
    Band.RATHER_NOT: _("Most say no"),
}
"""Of how the answers fall together; no cell is told (docs/bookings.md)."""
ABOUT: Final = {
    Question.ON_TIME: _("Times agreed easily and kept"),
    Question.RESPECTED: _("Treated with respect"),
    Question.AGAIN: _("Would be recommended to a colleague"),
}
