"""A person's own drafts: found, listed, and what their words come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from accounts.actor import Actor
from families.access import children_of
from families.rules import is_grown
from kernel.clock import local_day, now
from kernel.errors import Conflict, NotFound
from partners.kinds import ServiceMode
from partners.models import Service
from partners.selectors import OpenService, services_open_on
from referrals.kinds import KINDS
from referrals.models import ReferralDraft
from referrals.models.asking import MOST_ASKED
from referrals.staff.forms import ConsentForm, TimesForm
from referrals.texts import DECIDERS
from referrals.workflow.drafting import Asked
from referrals.workflow.holding import Chosen, chosen_of, picks_time
from referrals.workflow.reviewing import Review, review_ahead
from tenancy.models import Tenant
from ui.names import named

_PURPOSE_CHILD = "childcare"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """One line on ``/my/`` and ``/apply/``. ``until``: the last day it is kept, in the school's zone."""

    draft: ReferralDraft
    service: str
    url: str


@dataclass(frozen=True, slots=True)
class Exact:
    """The free time that a draft has chosen, as it is kept among its words. ``counsellor``: an id, empty for anybody."""

    service: str
    starts_at: datetime
    ends_at: datetime
    counsellor: str = ""

    def to_json(self) -> dict[str, str]:
        """As the draft keeps it."""
        return {
            "service": self.service,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "counsellor": self.counsellor,
        }


def exact_of(service: Service, answers: dict[str, Any]) -> Exact | None:
    """The time that was chosen of this service; None for boxes, and for the time of another service."""
    kept = answers.get("exact")
    if not kept or not picks_time(service) or kept.get("service") != str(service.pk):
        return None
    start, end = (datetime.fromisoformat(kept[name]) for name in ("starts_at", "ends_at"))
    return Exact(kept["service"], start, end, kept.get("counsellor", ""))


def _mine(actor: Actor) -> Any:
    if actor.membership_id is None:
        raise NotFound
    return ReferralDraft.objects.filter(person_id=actor.membership_id, expires_at__gt=now()).select_related(
        "service__institution"
    )


def access_draft(actor: Actor, draft_id: UUID) -> ReferralDraft:
    """The actor's own draft, sent or not, while its days last; NotFound for everyone else."""
    draft: ReferralDraft | None = _mine(actor).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound
    return draft


def unsent(actor: Actor) -> QuerySet[ReferralDraft]:
    """What the actor began and did not send, the latest first."""
    rows: QuerySet[ReferralDraft] = _mine(actor).filter(referral__isnull=True)
    return rows


def unfinished(actor: Actor, drafts: Iterable[ReferralDraft] | None = None) -> list[Unfinished]:
    """The same with its address; ``drafts`` are those of ``unsent``, where they have been read."""
    if drafts is None:
        drafts = unsent(actor) if actor.membership_id else []
    return [
        Unfinished(
            draft=draft,
            service=named(draft.service),
            url=reverse("apply_check" if draft.answers.get("consent") else "apply_when", args=[draft.pk]),
        )
        for draft in drafts
    ]


def times_form(
    actor: Actor, tenant: Tenant, service: Service, answers: dict[str, Any], *, is_checked: bool = False
) -> TimesForm:
    """Step 1 with what is kept: looked through when ``is_checked``, else as it was typed.

    What does not fit the service falls away: the number of another unit, a child where none is asked for.
    """
    typed = dict(answers.get("when", {}))
    if typed and answers.get("unit") != service.unit:
        typed["units"] = "1"
    children = []
    if KINDS[service.kind].for_child:
        day = local_day(now(), tenant.time_zone)
        children = [child for child in children_of(actor) if not is_grown(child.born, day)]
    return TimesForm(
        typed if is_checked else None,
        initial=None if is_checked else typed,
        service=service,
        children=children,
        exact=(exact.starts_at, exact.ends_at) if (exact := exact_of(service, answers)) else None,
    )


def consent_form(
    service: Service, answers: dict[str, Any], *, is_checked: bool = False, review: Review | None = None
) -> ConsentForm:
    """Step 2. A word given to one agency, for one purpose, is none for another; a note is asked for where one reads it."""
    given = answers.get("consent") if answers.get("consent_to") == consent_to(service) else None
    values: dict[str, Any] = {"note": note_for(review, answers)}
    if given:
        values |= {"consent": "on", "consent_child": "on"}
    return ConsentForm(
        values if is_checked else None,
        initial=None if is_checked else values,
        partner=named(service.institution),
        for_child=KINDS[service.kind].for_child,
        reader=str(DECIDERS[review.office]) if review else "",
    )


def note_for(review: Review | None, answers: dict[str, Any]) -> str:
    """What was written to the office that looks first; words to another office, or to nobody, are none."""
    return str(answers.get("note", "")) if review and answers.get("note_to") == review.office else ""


def unread_note(review: Review | None, answers: dict[str, Any]) -> str:
    """The office that the person had written to and that does not look first any more; empty for none."""
    written = str(answers.get("note", "")).strip()
    to = str(answers.get("note_to", ""))
    return to if written and to in DECIDERS and (review is None or review.office != to) else ""


def consent_to(service: Service) -> str:
    """What a consent in a draft is bound to: the agency, and whether a child is looked after."""
    return f"{service.institution_id}/{'child' if KINDS[service.kind].for_child else 'own'}"


def asked_of(actor: Actor, tenant: Tenant, draft: ReferralDraft) -> Asked:
    """What the words of a draft come to. Conflict ``draft_changed`` when a step is no longer right."""
    answers = draft.answers
    times = times_form(actor, tenant, draft.service, answers, is_checked=True)
    consents = consent_form(
        draft.service, answers, is_checked=True, review=review_of(actor, tenant, draft.service, times)
    )
    if not times.is_valid() or not consents.is_valid():
        raise Conflict("draft_changed")
    child, exact = times.cleaned_data.get("child"), exact_of(draft.service, answers)
    return Asked(
        units=times.cleaned_data["units"],
        windows=times.windows,
        child_id=child,
        consent=["referral", *([_PURPOSE_CHILD] if child else [])],
        note=consents.cleaned_data.get("note", ""),
        wishes=times.wishes,
        chosen=_chosen(draft, exact) if exact else None,
        others=others_of(tenant, draft.service, answers),
    )


def _chosen(draft: ReferralDraft, exact: Exact) -> Chosen:
    """What was chosen, with what is held of it; a hold that another draft took over leaves the time alone."""
    held = chosen_of(draft)
    if held is not None and held.starts_at == exact.starts_at:
        return held
    return Chosen(exact.starts_at, exact.ends_at, UUID(exact.counsellor) if exact.counsellor else None)


def may_ask_several(tenant: Tenant, service: Service) -> list[Service]:
    """Services of other agencies that can be asked beside this one, one of each agency; none where it is not asked so."""
    if service.mode != ServiceMode.QUERY:
        return []
    found: dict[UUID, Service] = {}
    for row in _open_of_kind(tenant.today(), service.kind):
        if row.service.mode == ServiceMode.QUERY and row.service.institution_id != service.institution_id:
            found.setdefault(row.service.institution_id, row.service)
    return list(found.values())[: MOST_ASKED - 1]


def _open_of_kind(day: date, kind: str) -> list[OpenService]:
    """What a page has read to show a price holds these too."""
    if services_open_on.is_known(day, kind=None, q=""):
        return [row for row in services_open_on(day, kind=None, q="") if row.service.kind == kind]
    return services_open_on(day, kind=kind)


def others_of(tenant: Tenant, service: Service, answers: dict[str, Any]) -> list[UUID]:
    """Those that were ticked and can still be asked; ticks beside another service count for nothing."""
    ticked = answers.get("others", {})
    if not ticked or ticked.get("beside") != str(service.pk):
        return []
    return [row.pk for row in may_ask_several(tenant, service) if str(row.pk) in ticked.get("ticked", [])]


def review_of(actor: Actor, tenant: Tenant, service: Service, times: TimesForm) -> Review | None:
    """The office that would look first at what step 1 asks for; None when nobody does, or step 1 is not right."""
    if not times.is_valid():
        return None
    units = times.cleaned_data["units"]
    day = first_day(tenant, times)
    return review_ahead(actor=actor, tenant=tenant, kind=service.kind, units=units, moment=now(), day=day)


def first_day(tenant: Tenant, times: TimesForm) -> date:
    """The day whose price counts: that of the first time, else today."""
    if times.windows:
        return min(local_day(start, tenant.time_zone) for start, _end in times.windows)
    return local_day(now(), tenant.time_zone)
