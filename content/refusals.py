"""What is told when the CMS refuses. Found by ``ui.refusals``."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import Row

ROWS: Final[Mapping[str, Row]] = {
    "guideline_unreviewed": Row(
        _("This guideline has not been reviewed yet"),
        _("It says neither who reviewed it nor on which day. It was not published; the draft is kept."),
        _("Fill in reviewed by and reviewed on, then publish."),
    ),
    "tip_unreviewed": Row(
        _("Nobody at your school has reviewed this tip yet"),
        _("It comes from the library and says neither who reviewed it here nor on which day. The draft is kept."),
        _("Fill in reviewed by and reviewed on, then publish."),
    ),
    "pictures_unagreed": Row(
        _("Not everybody in these pictures has said yes"),
        _("It was not published. Your draft is kept."),
        _("Tick each picture in which everybody who can be recognised has said yes, and take the others out."),
    ),
    "pictures_copied": Row(
        _("This is a copy of an open day's report"),
        _(
            "People said yes to the report itself, and only there it follows when one of them takes that back. Your draft is kept."
        ),
        _("Take the pictures out of the copy, or change the report itself."),
    ),
    "file_in_use": Row(
        _("This file stands on a page or in a version of one"),
        _("It stays what was read and agreed to. Nothing was exchanged."),
        _("Upload the new one as a file of its own, and choose that on the page."),
    ),
    "text_unchecked": Row(
        _("A psychologist has not checked these words yet"),
        _("The text is about a crisis, an illness or medicine. It was not published; the draft is kept."),
        _("Tick “Ready to be read” and save: the psychological centre finds it under its texts to check."),
    ),
    "text_unread": Row(
        _("A second person has not read these words yet"),
        _("Lessons and reports go out only as somebody else has read them. It was not published; the draft is kept."),
        _("Tick “Ready to be read” and save: it is found under “Texts to check”. Then publish."),
    ),
    "text_own": Row(
        _("You saved this draft yourself"),
        _("A second pair of eyes is wanted. Nothing was written in; the draft is kept."),
        _("Ask a colleague of the centre to read it."),
    ),
    "text_empty": Row(
        _("There is nothing to read yet"),
        _("The draft has no text. Nothing was written in; the draft is kept."),
        _("Give it back to the editors with a word."),
    ),
    "text_moved_on": Row(
        _("The text was changed while you read it"),
        _("What you read is no longer the newest draft. Nothing was written in; the draft is kept."),
        _("Read the newest draft, then say again that you have checked it."),
    ),
    "library_newest": Row(
        _("This is the newest version"),
        _("The library has published nothing newer since your school took this page. Nothing was changed."),
        _("Go on with your school's page."),
    ),
    "library_taken": Row(
        _("This page is already here"),
        _("Your school has taken it from the library before. Nothing was copied a second time."),
        _("Open your school's page and change that one."),
    ),
}
