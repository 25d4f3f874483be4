"""What is pressed on an incident. Each answers with the incident's page; what came too late says so calmly."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.actor import ActingRequest
from accounts.refused import remember
from kernel.errors import Conflict, DomainError, Forbidden, IllegalMove, Invalid, NotFound, Refused
from referrals.emergency.centre.incident_acts import LEG_ACTS, WHOLE_ACTS, LegAct, WholeAct, grades_open
from referrals.emergency.centre.incident_forms import ChosenForm, GradeForm
from referrals.emergency.centre.incident_reading import Read, read
from referrals.emergency.centre.incident_shown import dials
from referrals.emergency.centre.incident_telling import task_of
from referrals.emergency.drills import band_of
from referrals.emergency.incident_texts import LEG_TEXTS
from referrals.emergency.models import Leg, Timeline
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import TAKEN
from referrals.emergency.workflow.standing import is_left_out
from ui.refusals import explain


def _standing(request: ActingRequest, incident_id: UUID) -> Read:
    """The incident as the reader has it. NotFound for whoever has no row of it; the writers ask once more."""
    found = read(request.actor, request.tenant, incident_id)
    if not request.actor.may("incident.read") and task_of(found) is None:
        raise NotFound
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def leg_act(request: ActingRequest, incident_id: UUID, kind: str, act: str) -> HttpResponse:
    """One act on one leg: what it means, then the button; those without a question are the button alone."""
    found = _standing(request, incident_id)
    asked, leg = LEG_ACTS.get(act), found.legs.get(kind)
    if asked is None or leg is None:
        raise NotFound
    here = reverse("emergency_incident", args=[incident_id])
    if request.method != "POST":
        if not asked.is_asked or not asked.offered(found, leg):
            return redirect(here) if not asked.is_asked else _late(request, here)
        form = asked.form_of(found, leg)
        if isinstance(form, ChosenForm) and not form.has_choices:
            messages.info(request, _("There is nobody to choose here now."))
            return redirect(here)
        return _confirm(request, found, asked, form, here, leg)
    if asked.is_asked and not asked.offered(found, leg) and _has_acted(request, leg):
        return _late(request, here)  # Back, and the button again
    form = asked.form_of(found, leg, request.POST)
    if form is not None and not form.is_valid():
        return _confirm(request, found, asked, form, here, leg)
    said: dict[str, Any] = form.cleaned_data if form else {}
    if act == "dialled":
        said = {"dial": request.POST.get("dial", "")[:10] or dials(found, leg)}
    try:
        done = asked.run(request.actor, found.incident, kind, said)
    except IllegalMove as error:
        remember(error)
        return _late(request, here)
    except Forbidden as error:
        if not _has_acted(request, leg):
            raise
        remember(error)  # it was theirs, and somebody else has it by now
        return _late(request, here)
    except (Conflict, Invalid, Refused) as error:
        return _refused(request, found, asked, form, here, error, leg)
    _tell(request, asked, done)
    return redirect(asked.leads(found.incident, said) if asked.leads else here)


def _has_acted(request: ActingRequest, leg: Leg) -> bool:
    """Whether the reader has done something on the leg before: who never had a part in it is refused as ever."""
    return Timeline.objects.filter(leg=leg, by_id=request.actor.membership_id).exists()


def _tell(request: ActingRequest, act: LegAct, done: object) -> None:
    """What came of it. Somebody else was first: that is said, and nothing else."""
    if done is False:
        messages.info(request, _("Kept as the first of two words. A second person is asked to agree."))
    elif act is LEG_ACTS["acknowledge"] and isinstance(done, Leg) and done.owner_id != request.actor.membership_id:
        if done.state in TAKEN:
            messages.info(request, _("Somebody has it already. Thank you; nothing more is asked of you."))
        else:
            messages.success(request, _("Your answer is kept."))
    else:
        messages.success(request, str(act.done))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def whole_act(request: ActingRequest, incident_id: UUID, act: str) -> HttpResponse:
    """One act on the incident itself."""
    found = _standing(request, incident_id)
    asked = WHOLE_ACTS.get(act)
    if asked is None or not request.actor.may("incident.read"):
        raise NotFound
    here = reverse("emergency_incident", args=[incident_id])
    if request.method != "POST":
        if not asked.offered(found):
            return _late(request, here)
        form = _form(found, asked, request)
        if isinstance(form, ChosenForm) and not form.has_choices:
            messages.info(request, _("There is nobody to choose here now."))
            return redirect(here)
        return _confirm(request, found, asked, form, here)
    form = _form(found, asked, request)
    if form is not None and not form.is_valid():
        return _confirm(request, found, asked, form, here)
    try:
        done = asked.run(request.actor, found.incident, form.cleaned_data if form else {})
    except IllegalMove as error:
        remember(error)
        return _late(request, here)
    except (Conflict, Invalid, Refused) as error:
        return _refused(request, found, asked, form, here, error)
    if done is False:
        messages.info(request, _("Kept as the first of two words. A second person is asked to agree."))
    else:
        messages.success(request, str(asked.done))
    if is_left_out(found.incident, cast(UUID, request.actor.membership_id)):  # they took themselves out of it
        return redirect("emergency_board")
    return redirect(here)


def _form(found: Read, act: WholeAct, request: ActingRequest) -> forms.Form | None:
    data = request.POST if request.method == "POST" else None
    if act.form is GradeForm:
        word = found.word("lower_grade")
        return GradeForm(data, grades=grades_open(found), initial={"grade": word.facts.get("grade") if word else None})
    if act.form is None:
        return None
    if act.choices is not None:
        assert issubclass(act.form, ChosenForm)
        return act.form(data, choices=act.choices(found))
    word = found.word("close")
    return act.form(data, initial={"outcome": word.facts.get("outcome")} if word else None)


def _confirm(
    request: ActingRequest,
    found: Read,
    act: LegAct | WholeAct,
    form: forms.Form | None,
    here: str,
    leg: Leg | None = None,
) -> HttpResponse:
    facts = [(_("Number"), found.incident.number)]
    if leg is not None:
        facts.append((pgettext("leg", "Line"), str(LEG_TEXTS[LegKind(leg.kind)])))
        if isinstance(act, LegAct) and act.reads is not None:
            facts += act.reads(found, leg)
    context = {
        "title": act.label,
        "facts": facts,
        "lead": act.lead,
        "form": form,
        "confirm_label": act.label,
        "danger": act.is_grave,
        "back_url": here,
        "quick_exit": True,
        "band": band_of(found.incident),
    }
    return render(request, "ui/confirm.html", context, status=422 if form is not None and form.errors else 200)


def _refused(
    request: ActingRequest,
    found: Read,
    act: LegAct | WholeAct,
    form: forms.Form | None,
    here: str,
    error: DomainError,
    leg: Leg | None = None,
) -> HttpResponse:
    """A rule says no: beside the field where there is a form, else over the incident."""
    remember(error)
    told = explain(error.reason, error.params)
    said = _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step}
    if form is None:
        messages.error(request, said)
        return redirect(here)
    field = error.fields[0][0] if error.fields else None
    form.add_error(field if field in form.fields else None, said)
    return _confirm(request, found, act, form, here, leg)


def _late(request: ActingRequest, here: str) -> HttpResponse:
    """Somebody was first, or the time is over: no reproach, and how it stands now."""
    messages.info(request, _("Somebody has taken care of this already. Here is how it stands now."))
    return redirect(here)
