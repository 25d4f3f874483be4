"""Writers of subsidy policies: one person drafts, another approves; a change is a new version (rules §1)."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.actor import Actor, require
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.money import MAX_FEN, WHOLE_BP
from ledger.keys import AccountKey, Book, Unit
from ledger.models import Transfer
from ledger.workflow import grant
from notifications.colleagues import tell_who_may
from referrals.access import as_uuid
from referrals.models import SubsidyPolicy
from referrals.policy import Scheme
from referrals.states import PolicyEvent, PolicyState, step
from tenancy.models import Tenant


@transaction.atomic
def draft_policy(
    *,
    actor: Actor,
    scheme: str,
    share_bp: int,
    valid_from: date,
    valid_until: date | None = None,
    group: str = "all",
    session_eligible_cap_fen: int | None = None,
    session_subsidy_cap_fen: int | None = None,
    quota_unit: str = "session",
    quota_amount: int | None = None,
) -> SubsidyPolicy:
    """Write down a new version. It pays nothing until somebody else approves it, who is told. Raises Invalid with one row a fault."""
    require(actor, "policy.draft")
    if actor.user_id is None:  # a policy is a person's decision, never the machine's
        raise Forbidden
    faults = _faults(
        scheme,
        share_bp,
        valid_from,
        valid_until,
        session_eligible_cap_fen,
        session_subsidy_cap_fen,
        quota_unit,
        quota_amount,
    )
    if faults:
        raise Invalid("out_of_range", fields=tuple(faults))
    earlier = SubsidyPolicy.objects.filter(scheme=scheme, group=group).aggregate(last=Max("version"))["last"] or 0
    policy = SubsidyPolicy(
        scheme=scheme,
        group=group,
        version=earlier + 1,
        share_bp=share_bp,
        session_eligible_cap_fen=session_eligible_cap_fen,
        session_subsidy_cap_fen=session_subsidy_cap_fen,
        quota_unit=quota_unit,
        quota_amount=quota_amount,
        valid_from=valid_from,
        valid_until=valid_until,
        drafted_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():
            policy.save(force_insert=True)
    except IntegrityError as error:  # somebody else drafted the same version at this very moment
        raise Conflict from error
    record(actor=actor, action="policy.draft", obj=policy, facts={"share_bp": share_bp, "version": policy.version})
    tell_who_may(
        "policy.approve",
        template="policy_drafted",
        key=f"policy/{policy.pk}/drafted",
        link=f"/finance/policies/{policy.pk}/",
        apart_from=actor.user_id,
    )
    return policy


def _faults(
    scheme: str,
    share_bp: int,
    valid_from: date,
    valid_until: date | None,
    eligible_cap: int | None,
    subsidy_cap: int | None,
    quota_unit: str,
    quota_amount: int | None,
) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if scheme not in set(Scheme):
        faults.append(("scheme", "out_of_range", ""))
    if not _whole(share_bp, WHOLE_BP):
        faults.append(("share_bp", "out_of_range", f"0–{WHOLE_BP}"))
    if valid_until is not None and valid_until <= valid_from:
        faults.append(("valid_until", "end_before_start", ""))
    for name, cap in (("session_eligible_cap_fen", eligible_cap), ("session_subsidy_cap_fen", subsidy_cap)):
        if cap is not None and not _whole(cap, MAX_FEN):
            faults.append((name, "out_of_range", f"0–{MAX_FEN}"))
    if quota_unit not in ("session", "fen"):
        faults.append(("quota_unit", "out_of_range", "session, fen"))
    elif quota_amount is not None and not _whole(quota_amount, 1000 if quota_unit == "session" else MAX_FEN):
        faults.append(("quota_amount", "out_of_range", ""))
    return faults


def _whole(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


@transaction.atomic
def approve_policy(*, actor: Actor, policy_id: UUID | str) -> SubsidyPolicy:
    """A second person approves. An open-ended earlier version ends the day this one begins.

    That day is after today, except for the first version of its scheme and group: what has been priced stays priced
    (books §1). Raises Forbidden ``same_person`` for the drafter, Refused ``begins_too_early``, Conflict ``policy_overlaps``
    when another version covers a day.
    """
    require(actor, "policy.approve")
    policy = SubsidyPolicy.objects.select_for_update(no_key=True).filter(pk=as_uuid(policy_id)).first()
    if policy is None:
        raise NotFound
    if policy.drafted_by_id == actor.user_id:
        raise Forbidden("same_person")
    policy.state = step(policy.state, PolicyEvent.APPROVE)
    policy.approved_by_id, policy.approved_at = actor.user_id, now()
    before = SubsidyPolicy.objects.filter(scheme=policy.scheme, group=policy.group, state=PolicyState.APPROVED)
    if before.exists() and policy.valid_from <= Tenant.objects.get(pk=policy.tenant_id).today():
        raise Refused("begins_too_early")
    before.filter(valid_until__isnull=True, valid_from__lt=policy.valid_from).update(valid_until=policy.valid_from)
    try:
        with transaction.atomic():
            policy.save(update_fields=["state", "approved_by", "approved_at"])
    except IntegrityError as error:
        raise Conflict("policy_overlaps") from error
    record(actor=actor, action="policy.approve", obj=policy, facts={"version": policy.version})
    return policy


@transaction.atomic
def end_policy(*, actor: Actor, policy_id: UUID | str, valid_until: date, zone: str) -> SubsidyPolicy:
    """Set the end of an approved version, once, to a future day. Prices already reserved are honoured (rules §1)."""
    require(actor, "policy.approve")
    policy = SubsidyPolicy.objects.select_for_update(no_key=True).filter(pk=as_uuid(policy_id)).first()
    if policy is None or policy.state != PolicyState.APPROVED:
        raise NotFound
    if policy.valid_until is not None:
        raise Refused("end_already_set")
    if valid_until <= local_day(now(), zone) or valid_until <= policy.valid_from:
        raise Invalid("out_of_range", fields=(("valid_until", "in_the_past", ""),))
    policy.valid_until = valid_until
    policy.save(update_fields=["valid_until"])
    record(actor=actor, action="policy.end", obj=policy, facts={"valid_until": valid_until})
    return policy


def grant_pool(*, actor: Actor, scheme: str, year: int, amount_fen: int, reference: str) -> Transfer:
    """Put money into a scheme's pool of one calendar year, fen. The same reference counts once."""
    if scheme not in set(Scheme):
        raise Invalid("out_of_range", fields=(("scheme", "out_of_range", ""),))
    return grant(
        actor=actor,
        account=AccountKey(Book.POOL, scheme, year, Unit.FEN),
        amount=amount_fen,
        reference=f"pool/{reference}",
    )
