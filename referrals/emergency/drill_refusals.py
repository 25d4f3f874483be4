"""Refusals of drills; part of the chain's own table (``refusals``)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import GO_BACK, NOTHING_CHANGED, Row

DRILL_ROWS: Final[dict[str, Row]] = {
    "drill_real_open": Row(
        _("No drill can begin or go on now"),  # why is not told: most who play may not know of it (chain §9)
        _("Nobody was called. All that was planned stays."),
        _("Try again later, or plan it for another day."),
    ),
    "drill_not_briefed": Row(
        _("Not everybody who plays has read the briefing"),
        _("The drill has not begun."),
        _("Ask them to press “I have read it”, or take them out of the plan."),
    ),
    "drill_on_already": Row(_("Another drill runs"), _("This one has not begun."), _("End the other one first.")),
    "drill_still_on": Row(_("A drill runs"), NOTHING_CHANGED, _("End the drill first, then switch.")),
    "drill_not_again": Row(_("This was a drill"), _("A drill is not opened again."), _("Plan a new one.")),
    "name_in_drill": Row(
        _("This is a drill"),
        _("Nobody's name is written into a drill: it would be told on as true."),
        GO_BACK,
    ),
    "drill_word_wrong": Row(
        _("That is not the word"), _("The drill goes on."), _("The word stands in the briefing, above on this page.")
    ),
    "drill_past": Row(_("This time has passed"), NOTHING_CHANGED, _("Name a time that is to come.")),
    "drill_messages_unreadable": Row(
        _("The messages by minute cannot be read"),
        NOTHING_CHANGED,
        _("One line each: the minute, a blank, what is said. Twenty lines and the first eight hours at most."),
    ),
    "drill_nobody_plays": Row(_("Nobody plays"), NOTHING_CHANGED, _("Choose at least one colleague.")),
    "drill_change_past": Row(_("This day has passed"), NOTHING_CHANGED, _("Name today or a later day.")),
    "drill_begun": Row(_("The drill has begun, or is over"), NOTHING_CHANGED, GO_BACK),
    "drill_over": Row(_("The drill is over"), NOTHING_CHANGED, GO_BACK),
    "drill_not_begun": Row(_("The drill has not begun"), NOTHING_CHANGED, GO_BACK),
    "drill_not_over": Row(
        _("The drill is not over yet"), NOTHING_CHANGED, _("End it first; then write what was learnt.")
    ),
}
