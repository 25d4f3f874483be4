"""Refusals about relatives, children, consent and its links (rules §5). Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import CHECK_INPUT, GO_BACK, NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "link_expired": Row(
        _("This link is no longer valid"),
        _("Links end after a while, for your safety. Nothing was changed."),
        _("Ask for a new link where you got this one."),
    ),
    "link_used": Row(
        _("This link was already used"),
        _("Your earlier answer stands. Nothing was changed."),
        _("If you want to change it, ask for a new link."),
    ),
    "guardian_needed": Row(
        _("For a child under 14, a parent consents"),
        NOTHING_CHANGED,
        _("Register the child as your child; you then answer for it."),
    ),
    "child_shared": Row(
        _("The other parent entered the same data"),
        NOTHING_CHANGED,
        _("Take the child off your list and add it with the right data, or ask the other parent to."),
    ),
    "child_known": Row(
        _("The school knows a child of this name and birth already"),
        NOTHING_CHANGED,
        _("Take this entry off your list and add that child: it is counted once."),
    ),
    "child_grown": Row(
        _("From 18 on, a person consents themself"),
        NOTHING_CHANGED,
        _("Name the person as family; they get a link of their own."),
    ),
    "consent_given": Row(
        _("They have agreed already"), _("There is no need to ask again. Nothing was changed."), GO_BACK
    ),
    "consent_settled": Row(
        _("This was answered already"),
        _("The answer given stands. Nothing was changed."),
        _("If you want to change it, ask for a new link."),
    ),
    "name_invalid": Row(_("The name cannot be read"), NOTHING_CHANGED, CHECK_INPUT),
    "born_missing": Row(_("The date of birth is missing"), NOTHING_CHANGED, CHECK_INPUT),
    "born_invalid": Row(_("This date of birth is not possible"), NOTHING_CHANGED, CHECK_INPUT),
    "relation_unknown": Row(_("How are you related?"), NOTHING_CHANGED, _("Go back and choose one from the list.")),
    "agency_missing": Row(
        _("This is asked for one agency"),
        _("The question must name who receives the data. Nothing was changed."),
        _("Start from a request to that agency."),
    ),
    "purpose_unknown": Row(_("This purpose is not known"), NOTHING_CHANGED, CHECK_INPUT),
    "answer_unknown": Row(_("Please choose yes or no"), NOTHING_CHANGED, GO_BACK),
}
