"""``/apply/``: price first, then times, consent, check, done. Earlier answers travel in the page, signed; nothing is kept."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from api.once import once
from families.access import access_child, children_of
from families.rules import is_grown
from kernel.clock import local_day, now
from kernel.errors import Conflict, DomainError, Invalid, Refused
from partners.kinds import ServiceKind
from referrals import texts
from referrals.access import access_own_referral
from referrals.kinds import KINDS
from referrals.staff.clashes import clashes
from referrals.staff.forms import ConsentForm, ServiceFilter, TimesForm, times_initial
from referrals.subsidies.prices import Priced, price_service, price_services
from referrals.subsidies.quoting import Quote, quote
from referrals.workflow.submitting import submit_referral
from ui.lists import ListPage, page_of

PAGE: Final = 12
_SALT: Final = "referrals.apply"
_ANSWERS_LIVE: Final = timedelta(hours=12)
_PURPOSE_CHILD: Final = "childcare"
_KIND_ORDER: Final = {kind: place for place, kind in enumerate(ServiceKind.values)}


@require_safe
@role_required("service.read")
def services(request: ActingRequest) -> HttpResponse:
    """Every service the school may use today, with who pays what; ``?kind=&q=&page=``."""
    form = ServiceFilter(request.GET or None, label_suffix="")
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {"kind": "", "q": ""}
    found = price_services(request.actor, _today(request), kind=wanted["kind"], q=wanted["q"])
    # Beside its like, in the order of the closed list: talking first, whatever order the institutions have.
    offered = sorted(
        (priced for priced in found if priced.decision), key=lambda priced: _KIND_ORDER[priced.service.kind]
    )
    page: ListPage[Priced] = page_of(offered, request.GET.get("page"), PAGE)
    rules = request.tenant.settings
    context = {
        "form": form,
        "page": page,
        "rows": [{**_card(priced), "is_asked": rules.always_asks(priced.service.kind)} for priced in page],
        "kind_text": dict(ServiceKind.choices).get(wanted["kind"], ""),
        "filtered": bool(wanted["kind"] or wanted["q"]),
        "quick_exit": True,
    }
    return render(request, "referrals/apply/services.html", context)


def _card(priced: Priced) -> dict[str, Any]:
    institution = priced.service.institution
    return {
        "priced": priced,
        "partner": texts.named(institution),
        "name": texts.named(priced.service),
        "place": " · ".join(part for part in (institution.district, institution.address) if part),
        "duration": texts.duration(priced),
        "quota": texts.quota_text(priced.quota_unit, priced.quota_left, priced.resets_on, per_child=priced.per_child),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def journey(request: ActingRequest, service_id: UUID) -> HttpResponse:
    """One service: what it costs, then three steps. ``go`` says which button was pressed; GET writes nothing."""
    priced = price_service(request.actor, service_id, _today(request))
    if priced.decision is None:
        raise Refused("no_policy")
    with timezone.override(ZoneInfo(request.tenant.time_zone)):
        if request.method != "POST":
            return _times_page(request, priced, _times_form(request, priced))
        steps = {
            "times": _take_times,
            "consent": _take_consent,
            "send": _send,
            "edit_times": _edit_times,
            "edit_consent": _edit_consent,
        }
        return steps.get(request.POST.get("go", ""), _take_times)(request, priced)


def _times_form(request: ActingRequest, priced: Priced, data: Any = None, initial: Any = None) -> TimesForm:
    children = []
    if KINDS[priced.service.kind].for_child:
        today = _today(request)
        children = [child for child in children_of(request.actor) if not is_grown(child.born, today)]
    return TimesForm(
        data,
        initial=initial,
        service=priced.service,
        children=children,
    )


def _times_page(request: ActingRequest, priced: Priced, form: TimesForm) -> HttpResponse:
    context = {
        **_card(priced),
        "form": form,
        "step": 1,
        "child_url": f"{reverse('child_new')}?{urlencode({'next': request.path})}",
        "lines": texts.explain_lines(priced.decision.lines if priced.decision else ()),
        "quick_exit": True,
    }
    return render(request, "referrals/apply/times.html", context, status=422 if form.errors else 200)


def _take_times(request: ActingRequest, priced: Priced) -> HttpResponse:
    form = _times_form(request, priced, request.POST)
    if not form.is_valid():
        return _times_page(request, priced, form)
    answers = {
        "units": form.cleaned_data["units"],
        "boxes": form.ticked(),
        "child": form.cleaned_data.get("child"),
    }
    return _consent_page(request, priced, answers, _consent_form(priced, answers))


def _consent_form(priced: Priced, answers: dict[str, Any], data: Any = None, initial: Any = None) -> ConsentForm:
    partner = texts.named(priced.service.institution)
    return ConsentForm(data, initial=initial, partner=partner, for_child=answers["child"] is not None)


def _consent_page(request: ActingRequest, priced: Priced, answers: dict[str, Any], form: ConsentForm) -> HttpResponse:
    context = {
        **_card(priced),
        "form": form,
        "step": 2,
        "answers": _signed(request, priced, answers),
        "see_rows": texts.see_rows(
            priced.service.kind, texts.named(priced.service.institution), has_child=answers["child"] is not None
        ),
        "quick_exit": True,
    }
    return render(request, "referrals/apply/consent.html", context, status=422 if form.errors else 200)


def _take_consent(request: ActingRequest, priced: Priced) -> HttpResponse:
    answers = _answers(request, priced)
    form = _consent_form(priced, answers, request.POST)
    if not form.is_valid():
        return _consent_page(request, priced, answers, form)
    return _check_page(request, priced, answers, note=form.cleaned_data["note"])


def _check_page(
    request: ActingRequest,
    priced: Priced,
    answers: dict[str, Any],
    *,
    note: str,
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    tenant, actor = request.tenant, request.actor
    times = _typed(request, priced, answers)
    asked = _quote(request, priced, answers)
    child = access_child(actor, answers["child"]).name if answers["child"] else ""
    context = {
        **_card(priced),
        "step": 3,
        "quote": asked,
        "lines": texts.explain_lines(asked.decision.lines),
        "units": texts.unit_text(priced.service.unit, answers["units"]),
        "boxes": [times[name].label for name in times.ticked()],
        "clash": next(filter(None, clashes(actor, times.windows)), None),
        "child": child,
        "note": note,
        "changed": changed,
        "answers": _signed(request, priced, {**answers, "key": str(uuid4())}),
        "quota": texts.quota_text(asked.quota_unit, asked.quota_left, asked.resets_on, per_child=False),
        "free_hours": tenant.settings.free_cancel_hours,
        "quick_exit": True,
    }
    return render(request, "referrals/apply/check.html", context, status=status)


def _quote(request: ActingRequest, priced: Priced, answers: dict[str, Any]) -> Quote:
    tenant = request.tenant
    return quote(
        actor=request.actor,
        tenant=tenant,
        service_id=priced.service.pk,
        units=answers["units"],
        service_date=min(local_day(start, tenant.time_zone) for start, _end in _windows(request, priced, answers)),
        child_id=answers["child"],
    )


def _send(request: ActingRequest, priced: Priced) -> HttpResponse:
    answers = _answers(request, priced)
    form = _consent_form(priced, answers, request.POST)
    if not form.is_valid():
        return _consent_page(request, priced, answers, form)
    note = form.cleaned_data["note"]
    try:
        sent = _submit_once(request, priced, answers, note)
    except (Conflict, Refused) as refused:
        if refused.reason not in ("quote_changed", "quote_expired"):
            raise
        return _check_page(request, priced, answers, note=note, changed=True, status=409)
    except Invalid as error:
        return _times_again(request, priced, answers, error)
    return redirect(reverse("apply_done", args=[sent]), permanent=False)


def _submit_once(request: ActingRequest, priced: Priced, answers: dict[str, Any], note: str) -> UUID:
    """One check page makes one request, however often its button is pressed: the second press gets the first one's answer."""
    actor = request.actor

    def submit() -> tuple[int, Any]:
        sent = submit_referral(
            actor=actor,
            tenant=request.tenant,
            service_id=priced.service.pk,
            units=answers["units"],
            windows=_windows(request, priced, answers),
            consent=["referral", *([_PURPOSE_CHILD] if answers["child"] else [])],
            child_id=answers["child"],
            note=note,
            quote_token=request.POST.get("quote", "") or "missing",
        )
        return 201, {"referral": str(sent.pk)}

    key = answers.get("key") or str(uuid4())  # the answers of an earlier step have none
    sent = {**answers, "service": str(priced.service.pk), "note": note}
    done = once(actor_id=actor.known_user, key=key, call="apply", sent=sent, act=submit, wait=True)
    return UUID(done.data["referral"])


def _times_again(request: ActingRequest, priced: Priced, answers: dict[str, Any], error: DomainError) -> HttpResponse:
    """A time passed while the page was open: back to step 1 with everything still there."""
    form = _times_form(request, priced, _as_data(request, answers))
    if form.is_valid():
        raise error
    return _times_page(request, priced, form)


def _as_data(request: ActingRequest, answers: dict[str, Any]) -> dict[str, Any]:
    initial = times_initial(answers)
    return {
        name: value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value
        for name, value in initial.items()
    }


def _edit_times(request: ActingRequest, priced: Priced) -> HttpResponse:
    initial = times_initial(_answers(request, priced))
    return _times_page(request, priced, _times_form(request, priced, initial=initial))


def _edit_consent(request: ActingRequest, priced: Priced) -> HttpResponse:
    answers = _answers(request, priced)
    form = _consent_form(priced, answers, initial={"note": request.POST.get("note", "")})
    return _consent_page(request, priced, answers, form)


def _signed(request: ActingRequest, priced: Priced, answers: dict[str, Any]) -> str:
    bound = {**answers, "person": str(request.actor.membership_id), "service": str(priced.service.pk)}
    return signing.dumps(bound, salt=_SALT, compress=True)


def _answers(request: ActingRequest, priced: Priced) -> dict[str, Any]:
    """The earlier steps' answers. Refused ``quote_expired`` when altered, old, or of another person or service."""
    try:
        answers: dict[str, Any] = signing.loads(request.POST.get("answers", ""), salt=_SALT, max_age=_ANSWERS_LIVE)
    except signing.BadSignature as error:
        raise Refused("quote_expired") from error
    if (answers.pop("person"), answers.pop("service")) != (str(request.actor.membership_id), str(priced.service.pk)):
        raise Refused("quote_expired")
    return answers


def _windows(request: ActingRequest, priced: Priced, answers: dict[str, Any]) -> list[tuple[datetime, datetime]]:
    """The times that the ticked boxes stand for now: what has passed since the first step is left out.

    Refused ``times_over`` when the agency is open in none of them any more.
    """
    return _typed(request, priced, answers).windows


def _typed(request: ActingRequest, priced: Priced, answers: dict[str, Any]) -> TimesForm:
    """The first step's form, valid, as it was filled in."""
    typed = {"units": answers["units"], "child": answers["child"], **dict.fromkeys(answers["boxes"], "on")}
    form = _times_form(request, priced, typed)
    if not form.is_valid():
        raise Refused("times_over")
    return form


def _today(request: ActingRequest) -> date:
    return local_day(now(), request.tenant.time_zone)


@require_safe
@role_required("referral.own")
def done(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """The reference, what happens next and by when, how to cancel."""
    referral = access_own_referral(request.actor, referral_id)
    partner = texts.named(referral.partner)
    context = {
        "referral": referral,
        "partner": partner,
        "next_text": texts.next_text(referral, partner),
        "is_talk": KINDS[referral.kind].is_talk,
        "free_hours": request.tenant.settings.free_cancel_hours,
        "quick_exit": True,
    }
    return render(request, "referrals/apply/done.html", context)
