"""Refusals of versions of a subsidy policy (rules §1, books §1)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import NOTHING_CHANGED, Row

POLICY: Final[dict[str, Row]] = {
    "policy_changed": Row(
        _("This draft was written anew while you read it"),
        _("Nothing was approved."),
        _("Read it once more, then decide."),
    ),
    "policy_overlaps": Row(
        _("Another version counts at that time"),
        NOTHING_CHANGED,
        _("Set an end for the other version, or choose other days."),
    ),
    "end_already_set": Row(
        _("The end is set already"), _("An end once set stays. Nothing was changed."), _("Draft a new version.")
    ),
}
