"""``/centre/emergency/drills/``: the list, a plan, the page that all who play share, and the report on page and paper (14.10)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required, signed_in
from accounts.actor import ActingRequest
from accounts.refused import remember
from accounts.search import contains
from audit import record_read
from kernel.errors import AlreadyDone, Conflict, DomainError, IllegalMove, NotFound, Refused
from papers.printer import print_pdf
from referrals.emergency.centre import drill_forms
from referrals.emergency.centre.drill_shown import doors, shown, steps_of
from referrals.emergency.drill_briefing import given_out
from referrals.emergency.drill_report import report_of, step_choices
from referrals.emergency.drills import band, drills_seen_by, has_drill_in_semester
from referrals.emergency.models import Drill, DrillChange, Scenario, chain_moment
from referrals.emergency.over import already_done
from referrals.emergency.rules.drills import DrillState
from referrals.emergency.workflow import drill_review, drilling
from ui.lists import Column, Listing, Nothing
from ui.names import CHINESE, reads_chinese
from ui.navigation import at_desk
from ui.refusals import explain
from ui.states import sign_of


class DrillList(Listing[Drill, Drill]):
    """The newest plan first; ``?q=&state=&scenario=&page=``."""

    form = drill_forms.DrillFilter
    file_route = "emergency_drills_csv"
    file_name = "drills"
    export = "drill.export"
    object_type = "emergency.Drill"
    size = 20
    columns = (
        Column[Drill](pgettext_lazy("drill", "Title"), lambda row: row.title),
        Column(gettext_lazy("Scenario"), lambda row: row.get_scenario_display()),
        Column(gettext_lazy("Planned for"), lambda row: row.planned_for),
        Column(gettext_lazy("State"), lambda row: sign_of(row.state, "drill").text),
        Column(gettext_lazy("Begun at"), lambda row: row.begun_at),
        Column(gettext_lazy("Ended at"), lambda row: row.ended_at),
    )
    nothing = Nothing(
        gettext_lazy("No drill yet"),
        gettext_lazy("There is one in each semester. Two scenarios are ready to use."),
        "people",
    )
    nothing_found = Nothing(
        gettext_lazy("Nothing found"), gettext_lazy("Try another title, state or scenario."), "search"
    )

    def rows(self) -> QuerySet[Drill]:
        """All of the school, for whoever reads drills."""
        wanted = self.wanted
        rows = Drill.objects.all() if self.actor.may("drill.read") else Drill.objects.none()
        if wanted["q"]:
            rows = rows.filter(contains(wanted["q"], "title"))
        if wanted["state"]:
            rows = rows.filter(state=wanted["state"])
        if wanted["scenario"]:
            rows = rows.filter(scenario=wanted["scenario"])
        return rows.defer("briefing", "signs", "learnt", "injects").order_by("-planned_for", "-pk")


@require_safe
@role_required("drill.read")
def drills(request: ActingRequest) -> HttpResponse:
    """The list, and whether this semester has one."""
    today = request.tenant.day_of(chain_moment())
    context = at_desk(
        request,
        "emergency",
        is_wanted=not has_drill_in_semester(request.tenant, today),
        may_lead=request.actor.may("drill.lead"),
        scenarios=Scenario.choices,
        **DrillList(request).context(),
    )
    return render(request, "emergency/drills/list.html", context)


@require_safe
@role_required("drill.read")
def drills_csv(request: ActingRequest) -> HttpResponse:
    """The same as a file; kept in the record."""
    return DrillList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("drill.lead")
def drill_new(request: ActingRequest, scenario: str) -> HttpResponse:
    """A new one, filled in from its scenario. NotFound for a scenario that is none."""
    if scenario not in Scenario.values:
        raise NotFound
    first = drill_forms.first_words(request.tenant, scenario)
    form = drill_forms.DrillForm(request.POST or None, school=request.tenant, initial=first)
    if form.is_valid():
        try:
            made = drilling.plan_drill(actor=request.actor, plan=form.plan(scenario))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Planned. Whoever plays is asked to read the briefing."))
            return redirect("emergency_drill", made.pk)
    return _form_page(request, form, reverse("emergency_drills"), scenario)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("drill.lead")
def drill_change(request: ActingRequest, drill_id: UUID) -> HttpResponse:
    """The plan of one that has not begun, by its leader."""
    drill = _seen(request, drill_id)
    here = reverse("emergency_drill", args=[drill.pk])
    form = drill_forms.DrillForm(
        request.POST or None, school=request.tenant, initial=drill_forms.words_of(drill, request.tenant)
    )
    if form.is_valid():
        try:
            drilling.change_drill(actor=request.actor, drill_id=drill.pk, plan=form.plan(drill.scenario))
        except (Conflict, IllegalMove) as error:
            remember(error)
            return already_done(request, "emergency_drill", drill.pk)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Changed. Whoever has to read it again is told."))
            return redirect(here)
    return _form_page(request, form, here, drill.scenario)


def _form_page(request: ActingRequest, form: drill_forms.DrillForm, back: str, scenario: str) -> HttpResponse:
    context = at_desk(
        request, "emergency", form=form, back_url=back, scenario=dict(Scenario.choices)[scenario], band=band()
    )
    return render(request, "emergency/drills/form.html", context, status=422 if form.errors else 200)


_Writer = Callable[..., object]
_PLAIN: Final[Mapping[str, tuple[_Writer, Any]]] = {
    "read": (drilling.confirm_briefing, gettext_lazy("Thank you. You are told when it begins.")),
    "lead": (drilling.take_lead, gettext_lazy("You lead this drill now.")),
    "begin": (drilling.begin, gettext_lazy("Begun. Everybody who plays was told in the house.")),
    "call_off": (drilling.call_off, gettext_lazy("Called off. Everybody who plays was told.")),
    "end": (drilling.end, gettext_lazy("Ended. Please write with everybody what was learnt.")),
    "resume": (drilling.resume, gettext_lazy("It goes on, and people are called from the first.")),
}
"""Acts that ask for nothing but the press."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def drill(request: ActingRequest, drill_id: UUID) -> HttpResponse:
    """One drill, for whoever reads drills, plays in it, or has something to change; NotFound for everybody else."""
    one = _seen(request, drill_id)
    typed: dict[str, forms.Form] = {}
    if request.method == "POST":
        done = _press(request, one, typed)
        if done is not None:
            return done
        one = _seen(request, drill_id)
    moment = chain_moment()
    door = doors(request.actor, one)
    context = {
        "drill": one,
        "found": shown(request.actor, one, moment),
        "door": door,
        "word_form": typed.get("abort", drill_forms.WordForm()),
        "fault_form": typed.get("fault") or (_fault_form(None, one) if door.leads and one.next_at else None),
        "learnt_form": typed.get("learnt", drill_forms.LearntForm(initial={"words": one.learnt})),
        "change_form": typed.get("change", drill_forms.ChangeForm(school=request.tenant)) if door.reviews else None,
        "briefing_given": given_out(request.actor, one),
        "band": band(one.state),
        "quick_exit": True,
    }
    return render(request, "emergency/drills/drill.html", context, status=422 if typed else 200)


_SURE: Final[Mapping[str, tuple[DrillState, Any, Any, Any]]] = {
    "call_off": (
        DrillState.PLANNED,
        gettext_lazy("Call this drill off?"),
        gettext_lazy(
            "Whoever plays is told that it does not take place. It cannot be taken back; a new one can be planned."
        ),
        gettext_lazy("Call it off"),
    ),
    "end": (
        DrillState.RUNNING,
        gettext_lazy("End the drill?"),
        gettext_lazy("Everything still open in it ends, and whoever plays is told. Then you write what was learnt."),
        gettext_lazy("End the drill"),
    ),
}
"""Acts that cannot be taken back: the state they belong to, what is asked, what it means, the button."""


@require_safe
@role_required("drill.lead")
def drill_sure(request: ActingRequest, drill_id: UUID, act: str) -> HttpResponse:
    """What calling off or ending means, then the button; NotFound for another act."""
    if act not in _SURE:
        raise NotFound
    one = _seen(request, drill_id)
    state, title, lead, label = _SURE[act]
    here = reverse("emergency_drill", args=[one.pk])
    if one.state != state or not doors(request.actor, one).leads:
        return redirect(here)  # it says how it stands
    context = {
        "title": title,
        "lead": lead,
        "facts": [(_("Drill"), one.title)],
        "hidden": [("act", act)],
        "action": here,
        "confirm_label": label,
        "danger": act == "call_off",
        "back_url": here,
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


def _press(request: ActingRequest, one: Drill, typed: dict[str, forms.Form]) -> HttpResponse | None:
    """What is pressed. None when it was typed wrong and is shown again; NotFound for an act that is none."""
    act, actor = request.POST.get("act", ""), request.actor
    here = reverse("emergency_drill", args=[one.pk])
    form = _typed(request, one, act)
    if form is not None and not form.is_valid():
        typed[act] = form
        return None
    try:
        said = _do(act, actor, one, form, request.POST)
    except (AlreadyDone, IllegalMove, Conflict) as error:
        remember(error)
        if isinstance(error, Conflict) and not isinstance(error, IllegalMove):
            messages.info(request, str(explain(error.reason, error.params).title))
            return redirect(here)
        return already_done(request, "emergency_drill", one.pk)
    except Refused as error:
        remember(error)
        told = explain(error.reason, error.params)
        messages.error(request, _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step})
        return redirect(here)
    except DomainError as error:
        if form is None:
            raise
        form.refuse(error)  # type: ignore[attr-defined]
        typed[act] = form
        return None
    messages.success(request, said)
    return redirect(here)


def _typed(request: ActingRequest, one: Drill, act: str) -> forms.Form | None:
    match act:
        case "abort":
            return None if doors(request.actor, one).leads else drill_forms.WordForm(request.POST)
        case "fault":
            return _fault_form(request.POST, one)
        case "learnt":
            return drill_forms.LearntForm(request.POST)
        case "change":
            return drill_forms.ChangeForm(request.POST, school=request.tenant)
    return None


def _do(act: str, actor: Any, one: Drill, form: forms.Form | None, posted: Any) -> Any:
    if act in _PLAIN:
        writer, said = _PLAIN[act]
        writer(actor=actor, drill_id=one.pk)
        return said
    data = form.cleaned_data if form is not None else {}
    match act:
        case "abort":
            drilling.abort(actor=actor, drill_id=one.pk, word=data.get("word", ""))
            return _("Stopped. Everybody who plays was told.")
        case "fault":
            leg, _colon, position = data["step"].partition(":")
            drilling.set_fault(actor=actor, drill_id=one.pk, leg=leg, position=int(position), fault=data["fault"])
            return _("Set: from the next time that this step is taken.")
        case "learnt":
            drill_review.write_learnt(actor=actor, drill_id=one.pk, words=data["words"])
            return _("Written.")
        case "change":
            drill_review.add_change(
                actor=actor, drill_id=one.pk, what=data["what"], who_id=UUID(data["who"]), until=data["until"]
            )
            return _("Written.")
        case "done":
            change = DrillChange.objects.filter(drill=one, pk=_key(posted.get("change", ""))).first()
            if change is None:
                raise NotFound
            drill_review.change_done(actor=actor, change_id=change.pk)
            return _("Done. Thank you.")
    raise NotFound


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _fault_form(data: Any, one: Drill) -> drill_forms.FaultForm:
    return drill_forms.FaultForm(data, steps=step_choices(steps_of(one)))


def _seen(request: ActingRequest, drill_id: UUID) -> Drill:
    found = drills_seen_by(request.actor).filter(pk=drill_id).first()
    if found is None:
        raise NotFound
    return found


@require_safe
@role_required("drill.read")
def report(request: ActingRequest, drill_id: UUID) -> HttpResponse:
    """What it was against the clocks of the plan. NotFound for one that never began."""
    one = _reported(request, drill_id)
    context = at_desk(request, "emergency", report=report_of(one), drill=one, band=band(one.state))
    return render(request, "emergency/drills/report.html", context)


@require_safe
@role_required("drill.read")
def report_pdf(request: ActingRequest, drill_id: UUID) -> HttpResponse:
    """The same on paper; kept in the record."""
    one = _reported(request, drill_id)
    context = {
        "report": report_of(one),
        "drill": one,
        "school": request.tenant,
        "lang": CHINESE if reads_chinese() else "en",
        "printed_at": _now(),
    }
    assert one.begun_at is not None  # or it has no report
    pdf = print_pdf(render_to_string("emergency/drills/report_paper.html", context))
    record_read(actor=request.actor, action="drill.report", obj=one)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="drill-{request.tenant.day_of(one.begun_at)}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _now() -> datetime:
    return chain_moment()


def _reported(request: ActingRequest, drill_id: UUID) -> Drill:
    one = _seen(request, drill_id)
    if one.begun_at is None or one.ended_at is None:
        raise NotFound
    return one
