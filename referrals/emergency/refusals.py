"""Refusals of the chain: what happened, what it means, the next step. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, GO_BACK, LOOK_AGAIN, NOTHING_CHANGED, Row

_OTHER_NUMBER: Final = _("Choose somebody else, or correct their number on the page of your family.")

ROWS: Final[dict[str, Row]] = {
    # incident
    "not_in_list": Row(_("This is none of the choices"), NOTHING_CHANGED, CHECK_INPUT),
    "chain_off": Row(
        _("The school's emergency chain is not live"),
        _("Nobody was called."),
        _("If somebody is in danger, call 110 or 120 now, then the school's duty line. The head of the centre can switch the chain on."),
    ),
    "own_incident": Row(
        _("You cannot open an incident about yourself"),
        _("Nothing was written, and nobody was told."),
        _("Call 12356 or the school's duty line, or ask for a talk under “Apply”. Somebody will listen."),
    ),
    "agreement_missing": Row(
        _("The family is called with the person's own yes"),
        _("Nobody was called."),
        _("Write how and when the person agreed. If life is in danger, write the grade “extreme” first."),
    ),
    "same_grade": Row(_("It has this grade already"), NOTHING_CHANGED, LOOK_AGAIN),
    "reason_too_short": Row(_("The reason is too short"), NOTHING_CHANGED, _("Write at least twenty characters: somebody will have to understand it later.")),
    "receiver_missing": Row(_("Nobody is named who has the person now"), NOTHING_CHANGED, _("Write where the person is and who takes over.")),
    "eta_unknown": Row(_("This time cannot be named"), NOTHING_CHANGED, _("Choose 15, 30 or 60 minutes.")),
    "signs_missing": Row(_("Nothing is said about what was noticed"), NOTHING_CHANGED, _("Write in one sentence what you saw or heard.")),
    "signs_too_long": Row(_("The text is too long"), NOTHING_CHANGED, _("Two thousand characters are enough; the rest can be told to whoever comes.")),
    "time_ahead": Row(_("This time has not come yet"), NOTHING_CHANGED, CHECK_INPUT),
    "time_long_ago": Row(_("This was more than thirty days ago"), NOTHING_CHANGED, _("Speak to the psychological centre about it; the chain is for what is happening now.")),
    "time_without_offset": Row(_("The time says no offset"), NOTHING_CHANGED, CHECK_INPUT),
    "incident_ended": Row(_("This incident has ended"), NOTHING_CHANGED, _("The centre can open it again within thirty days.")),
    "incident_open": Row(_("Another incident of this person is open"), NOTHING_CHANGED, LOOK_AGAIN),
    "too_long_ago": Row(_("It ended more than thirty days ago"), NOTHING_CHANGED, _("Open a new incident; it is kept beside the old one.")),
    "legs_open": Row(
        _("A line is in nobody's hands yet"),
        _("The incident stays open."),
        _("Let somebody take each line, or say why one is not needed, then close it."),
    ),
    # contacts
    "contacts_full": Row(
        _("You have named two people already"),
        _("More than two are not called. Nothing was changed."),
        _("Take one of them off first."),
    ),
    "contact_twice": Row(_("They are one of your contacts already"), NOTHING_CHANGED, GO_BACK),
    "contact_number_twice": Row(
        _("This number is one of your contacts already"),
        _("Two people with one number are one telephone that may not be answered. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "contact_of_age": Row(
        _("Only somebody of 18 or older can be called"),
        NOTHING_CHANGED,
        _("Tick the box if they are, or choose somebody else."),
    ),
    "contact_under_age": Row(
        _("Your son or daughter is under 18"),
        _("A child is not called in an emergency. Nothing was changed."),
        _("Choose somebody else."),
    ),
    "number_is_service": Row(
        _("This is the number of a public service"),
        _("A machine never dials it. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "number_is_own": Row(
        _("This is your own number"),
        _("It cannot help if you are the one in danger. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "number_of_school": Row(
        _("This number belongs to the school's side"),
        _("It is called anyway, and the family would go unreached. Nothing was changed."),
        _OTHER_NUMBER,
    ),
    "number_is_barred": Row(
        _("You said that this number is never to be called"),
        NOTHING_CHANGED,
        _("Take it off that list first, if you have changed your mind."),
    ),
    "number_is_wrong": Row(
        _("Somebody else answers at this number"),
        NOTHING_CHANGED,
        _("Write another number on the page of your family."),
    ),
    "grades_missing": Row(_("Please choose when they may be called"), NOTHING_CHANGED, CHECK_INPUT),
    "grade_unknown": Row(_("This grade is not known"), NOTHING_CHANGED, CHECK_INPUT),
    "kin_unknown": Row(_("Please say whether they are next of kin"), NOTHING_CHANGED, CHECK_INPUT),
    "never_twice": Row(_("They stand on your list already"), NOTHING_CHANGED, GO_BACK),
    "never_oneself": Row(
        _("This is you"), _("About you, the school speaks to you first of all. Nothing was changed."), GO_BACK
    ),
    "never_full": Row(
        _("The list is full"),
        _("More than twenty are not kept. Nothing was changed."),
        _("Take one off, or speak with the psychological centre."),
    ),
    "never_of_duty": Row(
        _("The psychologist on duty wrote this"),
        _("It was written for your safety. Nothing was changed."),
        _("Speak with the psychological centre if it is wrong."),
    ),
    "colleague_unknown": Row(
        _("Nobody of this name works here"), NOTHING_CHANGED, _("Write the name as the school has it.")
    ),
    "colleague_unclear": Row(
        _("Several people here have this name"), NOTHING_CHANGED, _("Write their department too.")
    ),
    "label_long": Row(_("This is too long"), NOTHING_CHANGED, CHECK_INPUT),
    "community_unknown": Row(
        _("The school has no agreement with this community today"), NOTHING_CHANGED, _("Choose one from the list.")
    ),
    "street_long": Row(_("This is too long"), NOTHING_CHANGED, CHECK_INPUT),
}  # fmt: skip
