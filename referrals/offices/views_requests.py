"""``/centre/`` and ``/union/``: requests that wait for a person's decision, by service kind (rules §2)."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import ActingRequest, Actor
from audit import record_read
from disclosure.sentences import spaced
from kernel.clock import now
from kernel.errors import NotFound
from kernel.money import yuan
from referrals.access import LIST_OF_NAMES, access_referral, sought_by_name
from referrals.ending_texts import with_freed, with_freeing
from referrals.kinds import KINDS
from referrals.models import Referral
from referrals.offices.forms import DECLINE_TEXTS, DeclineForm
from referrals.offices.lists import RequestList
from referrals.offices.proxy_forms import WAY_TEXTS
from referrals.offices.relief_shown import posts_shown, words_on
from referrals.offices.selectors import names_of, waiting_count
from referrals.policy import Decision
from referrals.review_texts import REVIEW_REASONS
from referrals.states import ReferralState, ReviewReason
from referrals.texts import agency_sees, explain_lines, unit_text
from referrals.wish_texts import wish_rows
from referrals.workflow.course import live_voucher, may_stop
from referrals.workflow.proxy import proxy_of
from referrals.workflow.relief import is_short
from referrals.workflow.stopping import stop_course
from referrals.workflow.submitting import approve_referral, decline_referral
from ui.names import named
from ui.navigation import at_desk, office_title
from ui.templatetags.ui import school_day, school_time


@require_safe
def requests(request: ActingRequest, office: str) -> HttpResponse:
    """Those that wait, the shortest clock first; ``?q=&state=&kind=&page=``. A page of names is a look at each of them."""
    listed = RequestList(request, office)
    shown = listed.context()
    if rows := shown["page"].object_list:
        _record_list(request.actor, office, [row.pk for row in rows])
    context = at_desk(
        request,
        office,
        heading=office_title(office),
        waiting=waiting_count(office),
        is_inbox=listed.is_inbox,
        relief_short=office == "union" and is_short(request.tenant),
        posts=posts_shown() if office == "union" else None,
        **shown,
    )
    return render(request, "referrals/office/requests.html", context)


def _record_list(actor: Actor, office: str, keys: list[UUID]) -> None:
    """A page of names is a look at each of them."""
    facts = {"rows": len(keys), "requests": keys}
    record_read(actor=actor, action="referral.list", object_type=LIST_OF_NAMES, object_id=office, facts=facts)


_UNDER_WAY: Final = frozenset({ReferralState.CONFIRMED, ReferralState.IN_SERVICE})


@require_safe
def requests_csv(request: ActingRequest, office: str) -> HttpResponse:
    """The same list as a file, without names. Looked for by a name, it is a look at each request of that name."""
    listed = RequestList(request, office)
    for keys in sought_by_name(listed.rows(), listed.wanted["q"]):
        _record_list(request.actor, office, keys)
    return listed.file()


def _access(request: ActingRequest, office: str, referral_id: UUID) -> Referral:
    """A request that this office decides; NotFound for every other."""
    found = access_referral(request.actor, referral_id)
    if KINDS[found.kind].decider != office:
        raise NotFound
    return found


@require_safe
def referral(request: ActingRequest, office: str, referral_id: UUID) -> HttpResponse:
    """One request. The look is recorded, and the person sees that it was."""
    actor, found = request.actor, _access(request, office, referral_id)
    record_read(actor=actor, action="referral.read", obj=found)
    decision = Decision.from_json(found.decision)
    own = found.person_id == actor.membership_id
    waits = found.state == ReferralState.SUBMITTED
    context = at_desk(
        request,
        office,
        referral=found,
        person=found.person,
        service=named(found.service),
        facts=_facts(found),
        decided=_decided(found),
        windows=list(found.windows.all()),
        lines=explain_lines(decision.lines),
        late=waits and found.deadline is not None and found.deadline <= now(),
        own=own,
        may_decide=_waits(actor, found) and actor.may(f"referral.decide.{office}"),
        words=words_on(actor, found),
        home_url=reverse(f"{office}_home"),
        approve_url=reverse(f"{office}_referral_approve", args=[found.pk]),
        decline_url=reverse(f"{office}_referral_decline", args=[found.pk]),
        stop_url=reverse(f"{office}_referral_stop", args=[found.pk]) if _may_stop(request, office, found) else "",
        quick_exit=True,
    )
    return render(request, "referrals/office/referral.html", context)


def _may_stop(request: ActingRequest, office: str, found: Referral) -> bool:
    """Whether a course is under way that this person may stop for somebody else."""
    if found.state not in _UNDER_WAY or found.person_id == request.actor.membership_id:
        return False
    if not request.actor.may(f"referral.decide.{office}"):
        return False
    return may_stop(found, live_voucher(found), request.tenant)


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: ActingRequest, office: str, referral_id: UUID) -> HttpResponse:
    """What stopping a course means for the person, then the button."""
    found = _access(request, office, referral_id)
    if request.method == "POST":
        stop_course(actor=request.actor, tenant=request.tenant, referral_id=found.pk)
        messages.success(request, with_freed(found, _("The course is stopped. The person has been told.")))
        return redirect(f"{office}_referral", found.pk)
    if not _may_stop(request, office, found):
        return redirect(f"{office}_referral", found.pk)  # it says how it stands
    context = {
        "title": _("Stop this course?"),
        "facts": [(_("Number"), found.number), (_("Service"), named(found.service))],
        "lead": with_freeing(
            found, "", _("What was used stays. The person and the agency are told, without a reason.")
        ),
        "warning": _("The voucher is void then. This cannot be taken back."),
        "danger": True,
        "confirm_label": _("Stop the course"),
        "back_url": reverse(f"{office}_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


def _waits(actor: Actor, found: Referral) -> bool:
    """Whether a word of this person counts: nobody decides their own."""
    return found.state == ReferralState.SUBMITTED and found.person_id != actor.membership_id


def _facts(found: Referral) -> list[tuple[str, Any]]:
    facts = [
        (_("Number"), found.number),
        (_("Person"), found.person.name),
        (_("Agency"), named(found.partner)),
        (_("How much"), unit_text(found.service.unit, found.units)),
        (_("Submitted at"), school_time(found.submitted_at)),
    ]
    if found.child_id:
        facts.append((_("For"), _("a child of the person")))
    facts += [(label, _(", ").join(str(value) for value in values)) for label, values in wish_rows(found.wishes)]
    if proxy := proxy_of(found):
        facts.append((_("Applied for by"), proxy.officer.name))
        facts.append((_("The person agreed"), f"{WAY_TEXTS[proxy.agreed_how]} · {school_day(proxy.agreed_on)}"))
        if proxy.stopped_at:
            facts.append((_("Stopped by the person"), school_time(proxy.stopped_at)))
    if found.review_reason:
        facts.append((_("Why you are asked"), str(REVIEW_REASONS[ReviewReason(found.review_reason)])))
    if found.state == ReferralState.SUBMITTED and found.deadline:
        facts.append((_("Decide by"), school_time(found.deadline)))
    return facts


def _decided(found: Referral) -> list[tuple[str, Any]]:
    """Who decided, and the reason of a no."""
    if found.decided_by_id is None:
        return []
    rows = [(_("Decided by"), names_of(found.decided_by_id).get(found.decided_by_id, "–"))]
    if found.decline_reason in DECLINE_TEXTS:
        rows.append((_("Reason"), DECLINE_TEXTS[found.decline_reason]))
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: ActingRequest, office: str, referral_id: UUID) -> HttpResponse:
    """What a yes means, then the button."""
    found = _access(request, office, referral_id)
    if request.method == "POST":
        answered = approve_referral(actor=request.actor, tenant=request.tenant, referral_id=found.pk)
        if answered.state == ReferralState.SUBMITTED:
            messages.success(request, _("Your word is kept. It waits for a second person of the union."))
            return redirect(f"{office}_referral", found.pk)
        messages.success(request, _("Approved. The agency has been asked."))
        return redirect(f"{office}_home")
    words = words_on(request.actor, found)
    if not _waits(request.actor, found) or words.mine:
        return redirect(f"{office}_referral", found.pk)  # it says who has decided, or who may
    context = {
        "title": _("Approve this request?"),
        "facts": [
            (_("Number"), found.number),
            (_("Service"), named(found.service)),
            (_("How much"), unit_text(found.service.unit, found.units)),
            (_("School pays"), yuan(found.subsidy_fen)),
            (_("The person pays"), yuan(found.self_fen)),
        ],
        "lead": spaced(
            [
                words.lead or _("The agency is asked at once. This is what it sees."),
                agency_sees(found.kind, has_child=found.child_id is not None),
            ]
        ),
        "confirm_label": _("Approve"),
        "back_url": reverse(f"{office}_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


_LEADS: Final = {
    False: gettext_lazy("The person may ask for another look."),
    True: gettext_lazy("This was the second look."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: ActingRequest, office: str, referral_id: UUID) -> HttpResponse:
    """No, with a reason of the closed list."""
    found = _access(request, office, referral_id)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decline_referral(actor=request.actor, referral_id=found.pk, reason=form.cleaned_data["reason"])
        messages.success(request, with_freed(found, _("Declined. The person has been told.")))
        return redirect(f"{office}_home")
    if request.method != "POST" and not _waits(request.actor, found):
        return redirect(f"{office}_referral", found.pk)  # it says who has decided, or who may
    context = {
        "title": _("Not approve this request?"),
        "facts": [(_("Number"), found.number), (_("Service"), named(found.service))],
        "lead": with_freeing(found, "", _LEADS[found.looked_again_at is not None]),
        "form": form,
        "confirm_label": _("Do not approve"),
        "back_url": reverse(f"{office}_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
