"""Refusals of what goes on beside and after an incident; a part of ``refusals.ROWS``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import LOOK_AGAIN, NOTHING_CHANGED, Row

AFTER_ROWS: Final[dict[str, Row]] = {
    # afterwards
    "grant_agreement": Row(
        _("The union is asked with the person's own yes"),
        _("Nobody was asked."),
        _("Write how and when the person agreed. The union does not read it."),
    ),
    "grant_nobody": Row(
        _("Nobody of the union can be asked"),
        _("Nobody was asked."),
        _("Whoever is of the union must not know of it, or has left."),
    ),
    "grant_asked": Row(_("The union is asked already"), NOTHING_CHANGED, LOOK_AGAIN),
    "grant_decided": Row(_("This is decided already"), NOTHING_CHANGED, LOOK_AGAIN),
    "grant_day": Row(
        _("The day lies before the asking, or is to come"),
        NOTHING_CHANGED,
        _("Write the day on which it was given or declined."),
    ),
    "care_how_many": Row(
        _("A group has two people or more"), NOTHING_CHANGED, _("For one person send a request of their own.")
    ),
    "care_asked": Row(
        _("The same is asked for today already"), NOTHING_CHANGED, _("Choose another group, or let it be.")
    ),
    "return_steps": Row(
        _("The steps do not fit"), NOTHING_CHANGED, _("One to four steps, thirteen weeks in all at most.")
    ),
    "progress_agreement": Row(
        _("It is told with the person's own yes"),
        NOTHING_CHANGED,
        _("Write how and when the person agreed. They do not read it."),
    ),
    "progress_nobody": Row(
        _("Nobody outside can be shown anything here"),
        NOTHING_CHANGED,
        _("No outside party had it, or its link has been taken away."),
    ),
    "no_review_now": Row(
        _("There is nothing to look back on yet"),
        NOTHING_CHANGED,
        _("A review is written when a real incident has ended."),
    ),
    "review_moved_on": Row(
        _("Somebody has written another version"), NOTHING_CHANGED, _("Read it, then write what is missing.")
    ),
    "change_who": Row(
        _("This colleague cannot change it"),
        NOTHING_CHANGED,
        _("Choose somebody of the centre, of duty, or the principal."),
    ),
    "change_day": Row(_("This day is past"), NOTHING_CHANGED, _("Choose today or a later day.")),
    "companion_in_drill": Row(
        _("Nobody is asked to stay in a drill"), NOTHING_CHANGED, _("Say it aloud in the drill instead.")
    ),
    "companion_unknown": Row(
        _("This colleague cannot stay with the person"), _("Nobody was asked."), _("Ask somebody else.")
    ),
    "companion_overlaps": Row(
        _("Somebody is planned for this time already"),
        _("Nobody was asked."),
        _("Choose another time, or take the other one out."),
    ),
    "companion_elsewhere": Row(
        _("This time cannot be chosen for this colleague"),
        _("Nobody was asked."),
        _("Choose another time, or ask somebody else."),
    ),
    "companion_past": Row(_("This beginning is past"), _("Nobody was asked."), _("Let it begin now, or later.")),
    "companion_far": Row(
        _("This is more than two weeks ahead"), _("Nobody was asked."), _("Plan the next days first.")
    ),
    "companion_long": Row(
        _("Nobody stays longer than twelve hours at a stretch"),
        _("Nobody was asked."),
        _("Ask two people, one after the other."),
    ),
    "companion_early": Row(
        _("It has not begun yet"),
        NOTHING_CHANGED,
        _("Press “I am there” when you are, half an hour before at the earliest."),
    ),
    "review_missing": Row(
        _("The review is not written yet"), NOTHING_CHANGED, _("Write it; that is what is asked for.")
    ),
    "follow_up_over": Row(_("The weekly talks have ended"), NOTHING_CHANGED, LOOK_AGAIN),
    "follow_up_moved_on": Row(
        _("Somebody has written something here since"),
        NOTHING_CHANGED,
        _("Look at it, and write only what is missing."),
    ),
    "follow_up_person_left": Row(
        _("The person has left the school"),
        _("Nothing was written down."),
        _("Say first whether the talks go on by their wish, or end them with a word."),
    ),
    "follow_up_person_here": Row(_("The person belongs to the school"), NOTHING_CHANGED, LOOK_AGAIN),
}
