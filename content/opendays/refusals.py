"""What is told when an open day says no. Found by ``ui.refusals``."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, NOTHING_CHANGED, Row

_LINK: Final = _("Open your link again and look how things stand.")

ROWS: Final[Mapping[str, Row]] = {
    "answers_not_yet": Row(
        _("Answers are not taken yet"),
        _("The school has not opened the form for this day. Nothing was changed."),
        _("The page says from when on. Come back then; the link stays the same."),
    ),
    "answers_over": Row(
        _("The time for answers is over"),
        _("Seats and gates are being prepared now. Nothing was changed."),
        _("Come to the entrance on the day: the people there decide about free seats. Or ask who invited you."),
    ),
    "openday_called_off": Row(
        _("This open day does not take place"),
        _("The school has called it off. Nothing was changed."),
        _("You need do nothing. Car and form of address are deleted by themselves."),
    ),
    "openday_over": Row(
        _("This open day has begun or is over"), NOTHING_CHANGED, _("Plan the next one as a day of its own.")
    ),
    "openday_begun": Row(
        _("The open day has begun"),
        _("Whoever comes in is counted at the gate. Nothing was changed."),
        _("Who stays away need say nothing more; number plates and forms of address are deleted by themselves."),
    ),
    "seats_left": Row(
        _("There are not enough seats left"),
        _("Somebody was quicker. What you filled in is still here; nothing was sent."),
        _("Come with fewer people, or tick that you wait for seats."),
        known=_("%(session)s has %(left)s seats left. What you filled in is still here; nothing was sent."),
    ),
    "seats_given": Row(
        _("Families have these seats already"),
        _("The number was left as it is, and so is everything else."),
        _("Choose at least as many seats as are given, or speak with the families first."),
        known=_("%(seats)s seats are given. The number was left as it is, and so is everything else."),
    ),
    "openday_not_on": Row(
        _("Families can be asked about a day that takes place"), NOTHING_CHANGED, _("Publish the day first.")
    ),
    "survey_too_soon": Row(
        _("The day is not over yet"),
        _("The questions are still open, and nothing was changed."),
        _("Close them when everybody has gone home; they cannot be opened again."),
    ),
    "session_outside": Row(
        _("A session lies outside the day's hours"), NOTHING_CHANGED, _("Move the session, or make the day longer.")
    ),
    "invitation_full": Row(
        _("This invitation has brought as many families as it may"),
        _("One link is for one family and those nearest to it. Nothing was sent."),
        _("Change an answer that was given, or ask who invited you to remove one."),
    ),
    "answered_often": Row(
        _("This invitation has been answered many times today"),
        _("Answers that were called off count too. Nothing was sent, and what was answered before stands."),
        _("Change an answer that was given, or come back tomorrow."),
    ),
    "changed_often": Row(
        _("This answer has been changed many times today"),
        _("Nothing was changed this time. Your seats stand as your page shows them."),
        _("Come back tomorrow. Calling off and answering an offer work at any time."),
    ),
    "party_empty": Row(_("Nobody is coming yet"), NOTHING_CHANGED, _("Say how many of you come.")),
    "party_without_adult": Row(
        _("Children come with a grown-up"), NOTHING_CHANGED, _("Count at least one grown-up who comes along.")
    ),
    "party_too_big": Row(
        _("That is more than one answer can hold"),
        NOTHING_CHANGED,
        _("Answer twice with the same link: each family has a code of its own."),
    ),
    "party_left": Row(
        _("This answer was called off"),
        _("Its seats have gone to others. Nothing was changed."),
        _("Open the invitation and answer anew."),
    ),
    "offer_first": Row(
        _("Seats are being kept for you"),
        _("Say first whether you take them. Nothing was changed."),
        _("Answer the offer above, then change the rest."),
    ),
    "offer_over": Row(
        _("These seats are no longer kept"),
        _("Their time was up, or somebody of you has answered already. Nothing was changed."),
        _LINK,
    ),
    "offer_people": Row(_("So many seats were not offered"), NOTHING_CHANGED, CHECK_INPUT),
    "guardian_says_photo": Row(
        _("For a child under 14 a registered guardian says it"),
        _("The photograph stays a no. Nothing else was changed."),
        _("The colleague who invited you can say yes on their own page, if the child is registered with them."),
    ),
    "no_such_child": Row(
        _("You are not registered as guardian of this child"),
        _("The photograph stays a no. Nothing else was changed."),
        _("Enter the child under My family first. Of other families' children their own guardians decide."),
    ),
    "text_missing": Row(_("Something is missing"), NOTHING_CHANGED, CHECK_INPUT),
    "text_too_long": Row(_("This is too long, or holds signs that cannot be kept"), NOTHING_CHANGED, CHECK_INPUT),
    "address_invalid": Row(_("This cannot be a form of address"), NOTHING_CHANGED, CHECK_INPUT),
    "plate_invalid": Row(_("This cannot be a number plate"), NOTHING_CHANGED, CHECK_INPUT),
    "day_in_past": Row(_("This day lies in the past"), NOTHING_CHANGED, _("Choose a day to come.")),
    "ends_before_start": Row(_("It would end before it begins"), NOTHING_CHANGED, CHECK_INPUT),
    "not_one_day": Row(_("An open day begins and ends on one day"), NOTHING_CHANGED, CHECK_INPUT),
    "answers_after_start": Row(_("Answers must end before the day begins"), NOTHING_CHANGED, CHECK_INPUT),
    "capacity_wrong": Row(_("So many seats there cannot be"), NOTHING_CHANGED, CHECK_INPUT),
    "mark_wrong": Row(_("So many people cannot go in at once"), NOTHING_CHANGED, CHECK_INPUT),
    "too_many_marks": Row(
        _("Too many marks at once"), NOTHING_CHANGED, _("Send them in smaller parts; each counts once.")
    ),
}
