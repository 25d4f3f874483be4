"""``/apply/<draft>/when/`` of a service whose free times are chosen: days, starts, who; a start is held as it is chosen.

Days and the wish for somebody stand in the address, so Back and reload keep them; what is held stands with the draft.
Nothing here decides: the writer asks the rules again, and the clock of the database says when a hold ends.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from kernel.clock import local_day, now, read_day, read_moment
from kernel.errors import Conflict, Invalid, NotFound
from partners.calendars.choosing import Picker, picker
from partners.calendars.free import Place
from partners.calendars.offered import FreeTimes, free_times
from partners.calendars.opening import Stretch, day_views
from partners.calendars.selectors import opening_of
from partners.kinds import CounsellorGender, ResourceKind, Speciality
from partners.models import Resource, Service
from referrals import texts
from referrals.access import as_uuid
from referrals.kinds import KINDS, Wish
from referrals.models import Booking, ReferralDraft, TimeHold
from referrals.staff.clashes import clashes, with_clashes
from referrals.staff.drafts import Exact, access_draft, exact_of
from referrals.staff.forms import TimesForm
from referrals.wish_texts import EITHER, GENDERS, LABELS, PLACES
from referrals.wishes import Place as WishedPlace
from referrals.workflow.drafting import Page, keep_draft
from referrals.workflow.holding import hold_of, hold_time, let_hold_go, nearest
from referrals.workflow.instant import decide_by
from referrals.workflow.reviewing import Review
from tenancy.models import Tenant
from ui.names import named
from ui.templatetags.ui import school_time
from workdays.selectors import calendar

_TAKEN = "taken"
_MOST_FULL = 12
_BAD = "bad"


def free_of(tenant: Tenant, service: Service, moment: datetime) -> FreeTimes:
    """When a service can be had in the next two weeks, and of whom."""
    unguarded = {service.pk} if KINDS[service.kind].is_open else set()
    return free_times([service], moment, zone=tenant.time_zone, unguarded=unguarded)[service.pk]


def took(request: ActingRequest, draft_id: UUID, service: Service, page: Page) -> HttpResponse | None:
    """What a POST of the page did with a time: held it, or gave it up for boxes; None for anything else it sends."""
    sent = request.POST
    if sent.get("go") == "boxes":
        keep_draft(
            actor=request.actor, tenant=request.tenant, draft_id=draft_id, service=service, answers={"exact": None}
        )
        let_hold_go(actor=request.actor, draft_id=draft_id)
        return None
    start = read_moment(sent.get("start"))
    if start is None:
        return None
    who = _uuid(sent.get("with"))
    answers = {"when": TimesForm.kept(sent), "unit": service.unit}
    keep_draft(
        actor=request.actor, tenant=request.tenant, draft_id=draft_id, service=service, answers=answers, page=page
    )
    query = {"with": sent["with"]} if who else {}
    day = local_day(start, request.tenant.time_zone).isoformat()
    try:
        hold = hold_time(
            actor=request.actor, tenant=request.tenant, draft_id=draft_id, starts_at=start, counsellor_id=who
        )
    except (Conflict, Invalid) as refused:
        if refused.reason == "already_sent":
            raise
        remember(refused)
        told = _TAKEN if refused.reason == "slot_taken" else _BAD
        asked = {**query, "day": day, "was": start.isoformat(), "told": told}
        return redirect(reverse("apply_when", args=[draft_id], query=asked) + "#times")
    exact = Exact(str(service.pk), hold.starts_at, hold.ends_at, str(who) if who else "")
    keep_draft(
        actor=request.actor,
        tenant=request.tenant,
        draft_id=draft_id,
        service=service,
        answers={"exact": exact.to_json()},
    )
    return redirect(reverse("apply_when", args=[draft_id], query={**query, "day": day}) + "#chosen")


def context_of(request: ActingRequest, draft_id: UUID, draft: ReferralDraft | None, service: Service) -> dict[str, Any]:
    """What the page draws beside the form: the days, the starts, who is chosen, what is held and until when."""
    tenant, moment = request.tenant, now()
    found = free_of(tenant, service, moment)
    who = _uuid(request.GET.get("with"))
    exact = exact_of(service, draft.answers) if draft else None
    hold = hold_of(draft) if draft else None
    if who is None and "with" not in request.GET and exact is not None and exact.counsellor:
        who = as_uuid(exact.counsellor)
    among = {place.key for place, _starts in found.by_place if who in (None, place.resource_id)}
    mine = [exact.starts_at] if exact is not None and hold is not None else []
    starts = sorted({*found.starts(among), *mine})
    shown, clash = _with_clashes(
        request, _picker(request, draft_id, service, moment, starts, exact, who), service, exact
    )
    was = read_moment(request.GET.get("was"))
    chosen = next((place for place, _starts in found.by_place if who and place.resource_id == who), None)
    return {
        "draft_id": draft_id,
        "service_url": urlencode({"service": str(service.pk)}),
        "picker": shown,
        "counts": len(starts),
        "with": str(who or ""),
        "who": chosen.name if chosen else "",
        "may_choose": sum(bool(place.name) for place, _starts in found.by_place) > 0,
        "exact": exact,
        "hold": hold if exact is not None else None,
        "is_held": _is_held(hold, moment),
        "clash": clash,
        "told": request.GET.get("told", ""),
        "full": found.full[:_MOST_FULL],
        "others": nearest(found, was, who) if was else [],
    }


def chosen_context(draft: ReferralDraft) -> dict[str, Any]:
    """The chosen time on the page that sends: with whom, and until when it is held."""
    exact, hold = exact_of(draft.service, draft.answers), hold_of(draft)
    if exact is None:
        return {"exact": None}
    counsellor = hold.counsellor if hold and exact.counsellor == str(hold.counsellor_id) else None
    if exact.counsellor and counsellor is None:
        counsellor = Resource.objects.filter(pk=exact.counsellor).first()
    held = _is_held(hold, now()) and hold is not None and hold.starts_at == exact.starts_at
    return {
        "exact": exact,
        "with_whom": counsellor.name if counsellor and counsellor.is_named else "",
        "held_until": hold.until if held and hold else None,
    }


def back_to_times(tenant: Tenant, draft: ReferralDraft) -> HttpResponse:
    """Somebody else was quicker: the draft is kept, other times near it are shown."""
    exact = exact_of(draft.service, draft.answers)
    if exact is None:  # boxes were ticked on another page meanwhile
        return redirect("apply_when", draft_id=draft.pk)
    asked = {
        "day": local_day(exact.starts_at, tenant.time_zone).isoformat(),
        "with": exact.counsellor,
        "was": exact.starts_at.isoformat(),
        "told": _TAKEN,
    }
    return redirect(reverse("apply_when", args=[draft.pk], query=asked) + "#times")


def review_lines(ahead: Review | None, exact: tuple[datetime, datetime]) -> dict[str, str]:
    """Before a chosen time is sent: confirmed at once, or kept until an office has answered."""
    if ahead is None:
        return {
            "tone": "ok",
            "title": _("Confirmed as soon as you send it"),
            "text": _("Nobody has to agree first. You have the voucher at once."),
        }
    by = school_time(decide_by(exact[0], ahead.until))
    return {
        "tone": "info",
        "title": _("%(who)s looks at it first") % {"who": texts.DECIDERS[ahead.office]},
        "text": _(
            "Answer by %(by)s at the latest; until then the time is kept for you. The people there who decide on it see your name, nobody else."
        )
        % {"by": by},
    }


def _is_held(hold: TimeHold | None, moment: datetime) -> bool:
    return hold is not None and moment < hold.until


def _picker(
    request: ActingRequest,
    draft_id: UUID,
    service: Service,
    moment: datetime,
    starts: list[datetime],
    exact: Exact | None,
    who: UUID | None,
) -> Picker:
    opening = opening_of(service.institution_id)
    length = service.visit_minutes
    asked = read_day(request.GET.get("day"))
    query = {"service": str(service.pk), **({"with": str(who)} if who else {})}

    def url_of(day: date) -> str:
        return reverse("apply_when", args=[draft_id], query={**query, "day": day.isoformat()}) + "#times"

    full = {view.day: _("full") for view in day_views(opening, length, moment) if view.is_open}
    return picker(
        opening,
        calendar(),
        length,
        moment,
        day=asked or (local_day(exact.starts_at, opening.zone) if exact else None),
        chosen=[exact.starts_at] if exact else [],
        within=[Stretch(start, start + _length(service)) for start in starts],
        url_of=url_of,
        empty=full,
    )


def _length(service: Service) -> timedelta:
    return timedelta(minutes=service.visit_minutes)


def _with_clashes(
    request: ActingRequest, shown: Picker, service: Service, exact: Exact | None
) -> tuple[Picker, Booking | None]:
    """The starts at which the person has something else already say so; they can be chosen all the same. And what is in the
    way of the one that is chosen.
    """
    clash = clashes(request.actor, [(exact.starts_at, exact.ends_at)])[0] if exact else None
    return with_clashes(request.actor, shown, _length(service)), clash


@require_safe
@role_required("referral.own")
def who(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Whom to see: what each knows best, where, and the first free time. Nobody asks why."""
    try:
        draft: ReferralDraft | None = access_draft(request.actor, draft_id)
    except NotFound:
        draft = None
    wanted = _uuid(request.GET.get("service")) or (draft.service_id if draft else None)
    service = Service.objects.select_related("institution").filter(pk=wanted).first()
    if service is None:
        raise NotFound
    found = free_of(request.tenant, service, now())
    gender, place = request.GET.get("gender", ""), request.GET.get("place", "")
    gender = gender if gender in CounsellorGender.values else ""
    place = place if place in ("online", "on_site") else ""
    rows = [
        {
            "place": one,
            "text": place_text(one),
            "first": starts[0] if starts else None,
            "count": len(starts),
            "url": _back(draft_id, service, one.resource_id),
        }
        for one, starts in found.by_place
        if one.name and one.suits(gender=gender, place=place)
    ]
    context = {
        "rows": rows,
        "partner": named(service.institution),
        "name": named(service),
        "any_url": _back(draft_id, service, None),
        "back_url": _back(draft_id, service, _uuid(request.GET.get("with"))),
        "filters": _filters(service, gender, place),
        "filtered": bool(gender or place),
        "quick_exit": True,
    }
    return render(request, "referrals/apply/who.html", context)


def _back(draft_id: UUID, service: Service, resource_id: UUID | None) -> str:
    query = {"service": str(service.pk), "with": str(resource_id or "")}
    return reverse("apply_when", args=[draft_id], query=query)


def _filters(service: Service, gender: str, place: str) -> list[tuple[Any, list[tuple[Any, str, bool]]]]:
    """Two rows of choices as links: woman or man, on site or online."""

    def link(**change: str) -> str:
        asked = {"gender": gender, "place": place, **change}
        return "?" + urlencode({"service": str(service.pk), **{key: value for key, value in asked.items() if value}})

    def choices(texts_of: Mapping[Any, Any], name: str, chosen: str) -> list[tuple[Any, str, bool]]:
        every = [("", EITHER), *((value.value, text) for value, text in texts_of.items())]
        return [(text, link(**{name: value}), value == chosen) for value, text in every]

    rows: list[tuple[Any, list[tuple[Any, str, bool]]]] = [(LABELS[Wish.GENDER], choices(GENDERS, "gender", gender))]
    if service.online and service.on_site:
        rows.append((LABELS[Wish.PLACE], choices(PLACES, "place", place)))
    return rows


def place_text(place: Place) -> str:
    """Who it is and where, in a few words; what they know best comes last."""
    words = [CounsellorGender(place.gender).label] if place.gender else []
    if place.kind != ResourceKind.COUNSELLOR and place.kind:
        words.append(ResourceKind(place.kind).label)
    words += [PLACES[WishedPlace.ON_SITE]] if place.on_site else []
    words += [PLACES[WishedPlace.ONLINE]] if place.online else []
    words += [Speciality(value).label for value in place.specialities]
    return " · ".join(str(word) for word in words)


def _uuid(text: Any) -> UUID | None:
    try:
        return as_uuid(str(text)) if text else None
    except NotFound:
        return None
