"""A family's pages: the invitation with its form, and its own answer. GET only shows, each POST acts once; nobody signs in.

Unknown, removed and wiped links give one answer, so that an address tells nobody whether it ever was one.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refused import already_recorded
from audit import refuse
from content.opendays import kept_form, links, rules
from content.opendays.calendar import day_ics
from content.opendays.forms import FamilyForm
from content.opendays.models import Claim, OpenDay, Party
from content.opendays.rules import UNDER_14, Band
from content.opendays.selectors import Shown, open_questions, rooms, shown
from content.opendays.states import DayState
from content.opendays.workflow.answering import (
    answer,
    answer_offer,
    call_off_answer,
    change_answer,
    must_take_answers,
)
from content.opendays.workflow.photos import say_photo
from families.workflow import FAMILY
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.identifiers import new_secret
from ui.addresses import HOST_ALONE
from ui.refusals import explain

SEE_OTHER = 303
BAD_FORM = 422


@require_safe
def openday_calendar(request: HttpRequest, open_day_id: UUID) -> HttpResponse:
    """The day for a calendar; of one that is not published nobody hears."""
    day = OpenDay.objects.exclude(state=DayState.DRAFT).filter(pk=open_day_id).first()
    if day is None:
        raise Http404
    answer = HttpResponse(day_ics(day, host=request.get_host().partition(":")[0]), content_type="text/calendar")
    answer["Content-Disposition"] = 'attachment; filename="open-day.ics"'
    return answer


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def openday_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites, the programme with its places, and the form; checked at ``?check``, and sent from there with ``sure``.

    What was typed stays in the browser until it is sent (``kept_form``).
    """
    try:
        invitation = links.invitation_of(token)
    except NotFound:
        return _shut(request)
    if invitation.open_day.names_wiped_at is not None:
        return _shut(request)
    seen = shown(invitation.open_day)
    posted = request.POST if request.method == "POST" else None
    kept = kept_form.read(request, invitation) if posted is None else None
    typed = posted if posted is not None else kept
    key = (typed.get("key") if typed is not None else None) or new_secret()
    context: dict[str, Any] = {"invitation": invitation, "day": seen.day, "key": key}
    if posted is None:
        if kept is not None and "check" in request.GET:
            form = FamilyForm(seen.sessions, kept)
            if form.is_valid():
                return _private(render(request, "opendays/check.html", {**context, **_checked(form, seen.sessions)}))
        initial = {**kept.dict(), "sessions": kept.getlist("sessions")} if kept is not None else {}
        return _form_page(request, FamilyForm(seen.sessions, initial=initial), seen, context)
    form = FamilyForm(seen.sessions, posted)
    if form.is_valid() and not posted.get("sure"):
        response: HttpResponse = HttpResponseRedirect(f"{request.path}?check", status=SEE_OTHER)
        kept_form.keep(response, request, invitation)
        return response
    if form.is_valid():
        try:
            secret = answer(token=token, form_key=key, said=form.said())
        except DomainError as error:
            refuse(actor=FAMILY, action="party.answer", code=error.reason, obj=invitation)
            form.refuse(error)
        else:
            response = HttpResponseRedirect(reverse("openday_party", args=[secret]), status=SEE_OTHER)
            kept_form.forget(response, request)
            return response
    response = _form_page(request, form, seen, context)
    kept_form.keep(response, request, invitation)
    return response


def _form_page(request: HttpRequest, form: FamilyForm, seen: Shown, context: dict[str, Any]) -> HttpResponse:
    places = rooms(seen.sessions)
    context |= {
        "form": form,
        "rooms": places,
        "entry": next(room for room in places if room.session.is_entry),
        "closed": _why_closed(seen.day),
    }
    return _private(render(request, "opendays/invitation.html", context, status=BAD_FORM if form.errors else 200))


@never_cache
@sensitive_variables("token")
@require_safe
def openday_party(request: HttpRequest, token: str) -> HttpResponse:
    """The family's own page: its code for the gate, its seats, the line, photographs. When the names are gone, photographs."""
    try:
        party = links.photo_party_of(token)
    except NotFound:
        return _shut(request)
    if party.open_day.names_wiped_at is not None:
        return _photos_page(request, party, token)
    return _party_page(request, party, token)


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def openday_party_change(request: HttpRequest, token: str) -> HttpResponse:
    """Other people, other sessions, another car."""
    try:
        party = links.party_of(token)
    except NotFound:
        return _shut(request)
    if party.left_at is not None:  # their page says how to come after all
        return HttpResponseRedirect(reverse("openday_party", args=[token]), status=SEE_OTHER)
    seen = shown(party.open_day)
    form = FamilyForm(seen.sessions, request.POST if request.method == "POST" else None, initial=_stands(party))
    if form.is_bound and form.is_valid():
        try:
            change_answer(token=token, said=form.said())
        except DomainError as error:
            refuse(actor=FAMILY, action="party.change", code=error.reason, obj=party)
            form.refuse(error)
        else:
            return HttpResponseRedirect(reverse("openday_party", args=[token]), status=SEE_OTHER)
    places = rooms(seen.sessions)
    context = {
        "form": form,
        "token": token,
        "day": seen.day,
        "rooms": places,
        "entry": next(room for room in places if room.session.is_entry),
        "closed": _why_closed(seen.day),
    }
    return _private(render(request, "opendays/change.html", context, status=BAD_FORM if form.errors else 200))


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def openday_party_leave(request: HttpRequest, token: str) -> HttpResponse:
    """What calling off means, then the button."""
    try:
        links.party_of(token)
    except NotFound:
        return _shut(request)
    if request.method == "POST":
        return _act(request, token, "party.leave", lambda: call_off_answer(token=token))
    return _private(render(request, "opendays/leave.html", {"back_url": reverse("openday_party", args=[token])}))


@never_cache
@sensitive_variables("token")
@require_POST
def openday_party_offer(request: HttpRequest, token: str, session_id: UUID) -> HttpResponse:
    """Take all, some or none of the seats that are kept."""
    people = request.POST.get("people", "")
    number = int(people) if people.isascii() and people.isdigit() and len(people) < 4 else -1
    return _act(
        request,
        token,
        "party.accept",
        lambda: answer_offer(
            token=token, session_id=session_id, people=number, rest_waits=request.POST.get("rest") == "wait"
        ),
    )


@never_cache
@sensitive_variables("token")
@require_POST
def openday_party_photo(request: HttpRequest, token: str, guest_id: UUID) -> HttpResponse:
    """Yes or no about one person."""
    yes = request.POST.get("photo") == "yes"
    find = links.party_of if yes else links.photo_party_of
    return _act(request, token, "guest.photo", lambda: say_photo(token=token, guest_id=guest_id, yes=yes), find)


def _act(
    request: HttpRequest, token: str, action: str, act: Any, find: Callable[[str], Party] = links.party_of
) -> HttpResponse:
    try:
        party = find(token)
    except NotFound:
        return _shut(request)
    try:
        act()
    except NotFound:
        raise
    except DomainError as error:
        refuse(actor=FAMILY, action=action, code=error.reason, obj=party)
        response = _party_page(request, party, token, error)
        already_recorded(response)  # a signed-in reader leaves no second row
        return response
    return HttpResponseRedirect(reverse("openday_party", args=[token]), status=SEE_OTHER)


def _party_page(request: HttpRequest, party: Party, token: str, error: DomainError | None = None) -> HttpResponse:
    moment = now()
    claims = list(
        Claim.objects.select_related("session").filter(party=party).order_by("-session__is_entry", "session__starts_at")
    )
    guests = list(party.guests.order_by("band", "pk"))
    context = {
        "party": party,
        "day": party.open_day,
        "token": token,
        "code": rules.gate_code(token),
        "own_link": request.build_absolute_uri(reverse("openday_party", args=[token])),
        "digits": rules.gate_digits(rules.gate_code(token)),
        "guests": [(guest, Band(guest.band) in UNDER_14) for guest in guests],
        "seats": [(claim, claim.has_offer(moment), range(1, claim.offered)) for claim in claims],
        "has_seats": any(claim.session.is_entry and claim.seats for claim in claims),
        "may_change": party.left_at is None and party.open_day.takes_answers(moment),
        "is_over": moment >= party.open_day.starts_at,
        "refused": explain(error.reason, error.params) if error else None,
        "survey": None if party.left_at else open_questions(party.open_day, moment),
    }
    return _private(render(request, "opendays/party.html", context, status=error.status if error else 200))


def _photos_page(request: HttpRequest, party: Party, token: str) -> HttpResponse:
    """What is left of an answer when its names are gone: whose yes stands, and the button that takes it back."""
    guests = list(party.guests.filter(links.SAID_YES).order_by("band", "pk"))
    context = {"day": party.open_day, "token": token, "guests": guests}
    return _private(render(request, "opendays/photos.html", context))


def _stands(party: Party) -> dict[str, Any]:
    counts: dict[str, Any] = {band.value: 0 for band in Band}
    for band in party.guests.values_list("band", flat=True):
        counts[band] += 1
    chosen = party.claims.filter(session__is_entry=False).values_list("session", flat=True)
    return {**counts, "address": party.address, "plate": party.plate, "sessions": [str(each) for each in chosen]}


def _checked(form: FamilyForm, sessions: list[Any]) -> dict[str, Any]:
    """What the check page repeats, and the same again for the form that is sent for good."""
    data = form.cleaned_data
    return {
        "people": [(field.label, data[field.name]) for field in form.counts if data[field.name]],
        "chosen": [each.title for each in sessions if str(each.pk) in data["sessions"]],
        "data": data,
        "fields": [(field.name, data[field.name]) for field in form.counts],
    }


def _why_closed(day: OpenDay) -> Any:
    try:
        must_take_answers(day, now())
    except DomainError as error:
        return explain(error.reason, error.params)
    return None


def _shut(request: HttpRequest) -> HttpResponse:
    return _private(render(request, "opendays/shut.html", status=404))


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = HOST_ALONE
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
