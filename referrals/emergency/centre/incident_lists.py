"""Incidents that have ended: numbers alone, looked for by number, grade and outcome; the file is the same list."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.search import contains
from referrals.emergency.centre.incident_forms import ClosedFilter
from referrals.emergency.models import Incident, Outcome
from referrals.emergency.rules import incident_moves
from referrals.emergency.workflow.standing import hidden_rows
from ui.lists import Column, Listing, Nothing
from ui.states import sign_of


def _outcome(row: Incident) -> str:
    return str(dict(Outcome.choices).get(row.outcome, ""))


class ClosedList(Listing[Incident, Incident]):
    """Newest end first, what was real alone; ``?q=&grade=&outcome=&page=``. Whom it was about stands in no column."""

    form = ClosedFilter
    file_route = "emergency_closed_csv"
    file_name = "incidents"
    export = "incident.export"
    object_type = "emergency.Incident"
    size = 20
    columns = (
        Column[Incident](_("Number"), lambda row: row.number),
        Column(_("Grade"), lambda row: sign_of(row.grade or row.suggested, "grade").text),
        Column(_("Opened at"), lambda row: row.opened_at),
        Column(_("Ended at"), lambda row: row.closed_at),
        Column(_("Outcome"), _outcome),
    )
    nothing = Nothing(_("None has ended yet"), _("What was closed or was a false alarm stands here."), "check-circle")
    nothing_found = Nothing(_("Nothing found"), _("Try another number, grade or outcome."), "search")

    def rows(self) -> QuerySet[Incident]:
        """Of those that the reader may know of."""
        wanted: dict[str, Any] = self.wanted
        member = self.actor.membership_id
        rows = Incident.objects.filter(erased_at=None, is_drill=False).exclude(state__in=sorted(incident_moves.LIVE))
        rows = rows.exclude(hidden_rows(member, incident="pk")) if member else rows.none()
        if wanted["q"]:
            rows = rows.filter(contains(wanted["q"], "number"))
        if wanted["grade"]:
            rows = rows.filter(grade=wanted["grade"])
        if wanted["outcome"]:
            rows = rows.filter(outcome=wanted["outcome"])
        return rows.defer("signs_sealed", "place_sealed", "meeting_place_sealed", "own_key").order_by(
            "-closed_at", "-pk"
        )
