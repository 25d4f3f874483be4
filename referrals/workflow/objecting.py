"""After a service: the person agrees, or objects within 48 h and the office that decides the kind decides (rules §2, books §9).

An objection freezes its own line alone: what it spent stays spent, and no settlement takes it.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require, system_in
from accounts.same_person import same_member
from audit import record
from kernel.clock import now
from kernel.errors import Forbidden, NotFound, Refused
from referrals.access import access_referral, as_uuid
from referrals.kinds import DECIDING_OFFICES, KINDS
from referrals.models import PassedOn, Redemption, Referral
from referrals.states import RedemptionEvent, RedemptionKind, RedemptionState, step
from referrals.workflow.notices import tell_decider, tell_deciders, tell_partner, tell_person
from referrals.workflow.reversing import take_back
from referrals.workflow.second_deciders import second_decider
from referrals.workflow.submitting import check_reason
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from workdays.clock import add_workdays
from workdays.selectors import calendar

DISPUTE_REASONS: Final = frozenset({"not_received", "other_amount", "other_person", "other_day"})
FINDINGS: Final = frozenset({"uphold", "reverse"})
SECOND_LOOK_DAYS: Final = 10
"""Working days without a decision after which a second decider goes on with an objection (books §9)."""
UPHELD: Final = "upheld"
"""The reason of a redemption that an office takes back after an objection."""


def _own(actor: Actor, redemption_id: UUID | str) -> Redemption:
    """The person's own use of a voucher, under lock behind its request. NotFound for everybody else."""
    require(actor, "voucher.own")
    seen = (
        Redemption.objects.select_related("voucher")
        .filter(pk=as_uuid(redemption_id), voucher__person_id=actor.membership_id)
        .first()
    )
    if seen is None or actor.membership_id is None:
        raise NotFound
    Referral.objects.select_for_update(no_key=True).get(pk=seen.voucher.referral_id)
    return _locked(seen)


def _locked(seen: Redemption) -> Redemption:
    return (
        Redemption.objects.select_for_update(no_key=True, of=("self",))
        .select_related("voucher__referral")
        .get(pk=seen.pk)
    )


def _says(redemption: Redemption, event: RedemptionEvent, moment: datetime) -> None:
    """The person has the word: their answer is written, and nothing more follows by the clock."""
    redemption.state = step(redemption.state, event)
    redemption.agreed_at, redemption.due_at = moment, None
    redemption.save(update_fields=["state", "agreed_at", "due_at"])


@transaction.atomic
def agree(*, actor: Actor, redemption_id: UUID | str) -> Redemption:
    """The person says that it was right; said twice, it counts once. Whoever agrees cannot object any more."""
    line, moment = _own(actor, redemption_id), now()
    if line.agreed_at is not None and line.state == RedemptionState.VALIDATED:
        return line
    _says(line, RedemptionEvent.VALIDATE, moment)
    record(actor=actor, action="voucher.agree", obj=line, facts={"voucher": line.voucher_id})
    return line


def may_object(line: Redemption, moment: datetime) -> bool:
    """Whether the person may still object: within 48 h of what was redeemed, whether or not the sweep has been."""
    in_time = line.due_at is not None and moment < line.due_at
    return line.state == RedemptionState.REDEEMED and line.kind == RedemptionKind.SERVICE and in_time


@transaction.atomic
def dispute(*, actor: Actor, tenant: Tenant, redemption_id: UUID | str, reason: str) -> Redemption:
    """The person objects, with a reason of the list. Raises NotFound for anybody else's, Invalid for another reason,
    Refused ``agreed`` after their own yes, ``too_late`` after 48 h; IllegalMove when it was taken back or disputed before.
    """
    check_reason(reason, DISPUTE_REASONS)
    line, moment = _own(actor, redemption_id), now()
    if line.agreed_at is not None:
        raise Refused("agreed")
    if line.state == RedemptionState.VALIDATED or (
        line.state == RedemptionState.REDEEMED and not may_object(line, moment)
    ):
        raise Refused("too_late")
    line.state = step(line.state, RedemptionEvent.DISPUTE)
    line.dispute_reason, line.disputed_at = reason, moment
    line.due_at = add_workdays(moment, SECOND_LOOK_DAYS, calendar(), tenant.time_zone)
    line.save(update_fields=["state", "dispute_reason", "disputed_at", "due_at"])
    record(actor=actor, action="voucher.dispute", obj=line, facts={"voucher": line.voucher_id, "reason": reason})
    _tell_office(line, "new")
    tell_partner(line.partner_id, "voucher_disputed_there", key=f"dispute/{line.pk}", link="/partner/redemptions/")
    return line


@transaction.atomic
def withdraw_dispute(*, actor: Actor, redemption_id: UUID | str) -> Redemption:
    """The person takes the objection back: the line counts, and is agreed to. IllegalMove unless it is disputed."""
    line = _own(actor, redemption_id)
    _says(line, RedemptionEvent.WITHDRAW, now())
    record(actor=actor, action="voucher.withdraw_dispute", obj=line, facts={"voucher": line.voucher_id})
    return line


@transaction.atomic
def decide_dispute(*, actor: Actor, redemption_id: UUID | str, finding: str) -> Redemption:
    """The office that decides the kind: ``uphold`` the use, or ``reverse`` it for the person, who gets their own part back.

    Raises NotFound where the office does not decide the kind or it is the decider's own, Forbidden ``same_person`` for one's
    own under another account, Invalid for another word, IllegalMove unless it is disputed.
    """
    if not any(actor.may(f"referral.decide.{office}") for office in DECIDING_OFFICES):
        require(actor, f"referral.decide.{min(DECIDING_OFFICES)}")
    seen = Redemption.objects.select_related("voucher").filter(pk=as_uuid(redemption_id)).first()
    if seen is None:
        raise NotFound
    found = access_referral(actor, seen.voucher.referral_id)
    require(actor, f"referral.decide.{KINDS[found.kind].decider}")
    if found.person_id == actor.membership_id:
        raise NotFound
    if same_member(found.person_id, actor.membership_id):
        raise Forbidden("same_person")
    check_reason(finding, FINDINGS)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=found.pk)
    line = _locked(seen)
    event = RedemptionEvent.UPHOLD if finding == "uphold" else RedemptionEvent.REVERSE
    state = step(line.state, event)
    if line.disputed_at is None or line.state != RedemptionState.DISPUTED:
        raise Refused("too_late")
    if event is RedemptionEvent.REVERSE:
        line = take_back(actor, line, UPHELD)
    else:
        line.state, line.due_at = state, None
        line.save(update_fields=["state", "due_at"])
        record(actor=actor, action="voucher.uphold", obj=line, facts={"voucher": line.voucher_id})
        tell_person(referral, "voucher_upheld", suffix=f"/{line.pk}")
    tell_partner(line.partner_id, "voucher_decided_there", key=f"decided/{line.pk}", link="/partner/redemptions/")
    return line


@transaction.atomic
def pass_redemption(*, redemption_id: UUID) -> bool:
    """Writes down what time has decided: 48 h of silence agree; an objection that waits for long gets a second decider."""
    seen = Redemption.objects.select_related("voucher").get(pk=redemption_id)
    Referral.objects.select_for_update(no_key=True).get(pk=seen.voucher.referral_id)
    line, moment = _locked(seen), now()
    if line.due_at is None or moment < line.due_at:
        return False
    line.due_at = None
    if line.state == RedemptionState.REDEEMED:
        line.state = step(line.state, RedemptionEvent.VALIDATE)
        record(
            actor=system_in(current_tenant_id()),
            action="voucher.validate",
            obj=line,
            facts={"voucher": line.voucher_id},
        )
    elif line.state == RedemptionState.DISPUTED:
        _pass_on(line, moment)
    line.save(update_fields=["state", "due_at"])
    return True


def _pass_on(line: Redemption, moment: datetime) -> None:
    """Another colleague of the deciding office goes on with it, by name, and the person is told; also that nobody else is there.

    Everybody of the office may still decide, whoever is first.
    """
    referral = line.voucher.referral
    office, page = KINDS[referral.kind].decider, f"disputes/{line.pk}/"
    second = second_decider(referral, line.disputed_at or moment)
    PassedOn.objects.create(redemption=line, member=second, at=moment)
    record(
        actor=system_in(current_tenant_id()),
        action="voucher.pass_on",
        obj=line,
        facts={"voucher": line.voucher_id, "has_second": second is not None},
    )
    if second is None:
        _tell_office(line, "late")
    else:
        tell_decider(referral, second, office, suffix=f"/{page}second", page=page)
    tell_person(referral, "voucher_passed_on" if second else "voucher_still_waits", suffix=f"/{line.pk}")


def _tell_office(line: Redemption, when: str) -> None:
    referral, page = line.voucher.referral, f"disputes/{line.pk}/"
    tell_deciders(referral, KINDS[referral.kind].decider, suffix=f"/{page}{when}", page=page)
