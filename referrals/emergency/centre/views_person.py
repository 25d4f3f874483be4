"""``/centre/emergency/<id>/person/``: an incident that is about nobody yet is given its person."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.actor import ActingRequest
from accounts.refused import remember
from disclosure.sentences import spaced
from kernel.errors import Conflict, NotFound
from referrals.emergency.centre.incident_offers import names
from referrals.emergency.centre.incident_opening import begins, chosen, later, people
from referrals.emergency.centre.incident_reading import LEG_ORDER, Read, read
from referrals.emergency.incident_texts import LEG_TEXTS
from referrals.emergency.rules.leg_states import LegState
from referrals.emergency.rules.opening import FOR_A_PERSON, HELD, starts
from referrals.emergency.workflow.beginning import answers_of
from referrals.emergency.workflow.naming import name_person
from referrals.emergency.workflow.standing import is_left_out
from ui.navigation import at_desk


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def person(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """Look for them, see who is called by it, press. Where one is open for them already, this one is joined to it."""
    if not request.actor.may("incident.read"):
        raise NotFound
    found = read(request.actor, request.tenant, incident_id)
    if not names(found):
        return _late(request, incident_id)
    who = chosen(request)
    if request.method == "POST":
        if who is None:
            messages.error(request, _("Nobody of this school was chosen. Nothing was written."))
            return redirect(request.path)
        try:
            named = name_person(actor=request.actor, incident_id=incident_id, person_id=who.pk)
        except Conflict as error:
            remember(error)
            return _late(request, incident_id)
        if is_left_out(named.incident, request.actor.membership_id):
            # They wrote it, and may know of none from now on: the same words whether one was open or not.
            messages.success(request, _("Written down. Whoever is due is called; a colleague goes on with it."))
            return redirect("emergency_board")
        if named.is_joined:
            messages.info(
                request,
                _("One was open for this person already. All that was known here was joined to it; it goes on here."),
            )
        else:
            messages.success(request, _("Written down. Whoever is due is being called."))
        return redirect("emergency_incident", named.incident.pk)
    asked, matching = people(request)
    context = at_desk(
        request,
        "emergency",
        incident=found.incident,
        person=who,
        asked=asked,
        found=matching,
        consequence=_consequence(found) if who else "",
        quick_exit=True,
    )
    return render(request, "emergency/person.html", context)


def _consequence(found: Read) -> str:
    """Who is called when it is known who it is, by the rules that will decide."""
    answers = replace(answers_of(found.incident), has_person=True)
    own = {str(LEG_TEXTS[kind]) for kind in FOR_A_PERSON}
    now, soon = ([text for text in texts if text in own] for texts in begins(answers))
    begun = starts(answers)
    held = [str(LEG_TEXTS[kind]) for kind in LEG_ORDER if begun[kind] == HELD]
    waits = [
        str(LEG_TEXTS[kind])
        for kind in LEG_ORDER
        if begun[kind].state is LegState.ARMED and str(LEG_TEXTS[kind]) not in soon
    ]
    said = [_("Called at once: %(legs)s.") % {"legs": _(", ").join(now)}] if now else []
    if soon:
        said.append(later(soon))
    for texts, words in (
        (held, _("%(legs)s: held, because the danger may be at home.")),
        (waits, _("%(legs)s: standing by until somebody begins it.")),
    ):
        if texts:
            said.append(words % {"legs": _(", ").join(texts)})
    return spaced(said or [_("Nobody else is called at this grade.")])


def _late(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """It is known already, or the incident has ended: no reproach, and how it stands now."""
    messages.info(request, _("Somebody has taken care of this already. Here is how it stands now."))
    return redirect("emergency_incident", incident_id)
