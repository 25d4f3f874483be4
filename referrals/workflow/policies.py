"""Writers of subsidy policies: one person drafts, another approves or gives it back; a change is a new version (rules §1)."""

import hashlib
import json
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.actor import Actor, require
from accounts.same_person import require_second
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.money import MAX_FEN, WHOLE_BP
from notifications.colleagues import tell_one, tell_who_may
from referrals.access import as_uuid
from referrals.models import SubsidyPolicy
from referrals.models.pools import MAX_REASON
from referrals.policy import Scheme
from referrals.states import PolicyEvent, PolicyState, step
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

_TERMS: Final = (
    "share_bp", "session_eligible_cap_fen", "session_subsidy_cap_fen", "quota_unit", "quota_amount", "valid_from",
    "valid_until",
)  # fmt: skip


def mark_of(policy: SubsidyPolicy) -> str:
    """A sign of what a version says: another one as soon as its draft is written anew, so that a yes is to what was read."""
    said = json.dumps([getattr(policy, name) for name in _TERMS], default=str)
    return hashlib.sha256(f"{policy.pk}|{said}".encode()).hexdigest()[:32]


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
    if scheme not in set(Scheme):
        raise Invalid("out_of_range", fields=(("scheme", "out_of_range", ""),))
    earlier = SubsidyPolicy.objects.filter(scheme=scheme, group=group).aggregate(last=Max("version"))["last"] or 0
    policy = SubsidyPolicy(scheme=scheme, group=group, version=earlier + 1, drafted_by_id=actor.user_id)
    _write_terms(
        policy,
        share_bp=share_bp,
        session_eligible_cap_fen=session_eligible_cap_fen,
        session_subsidy_cap_fen=session_subsidy_cap_fen,
        quota_unit=quota_unit,
        quota_amount=quota_amount,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    try:
        with transaction.atomic():
            policy.save(force_insert=True)
    except IntegrityError as error:  # somebody else drafted the same version at this very moment
        raise Conflict from error
    record(actor=actor, action="policy.draft", obj=policy, facts={"share_bp": share_bp, "version": policy.version})
    _tell_approvers(actor, policy, "drafted")
    return policy


@transaction.atomic
def edit_policy(
    *,
    actor: Actor,
    policy_id: UUID | str,
    share_bp: int,
    valid_from: date,
    valid_until: date | None = None,
    session_eligible_cap_fen: int | None = None,
    session_subsidy_cap_fen: int | None = None,
    quota_unit: str = "session",
    quota_amount: int | None = None,
) -> SubsidyPolicy:
    """Whoever drafted a version writes it anew while nobody has approved it; one that was returned waits again.

    Scheme and number stay. Raises NotFound, Forbidden ``not_yours`` for anybody else, IllegalMove once it is approved or
    withdrawn, Invalid with one row a fault.
    """
    require(actor, "policy.draft")
    policy = _locked(policy_id)
    if policy.drafted_by_id != actor.user_id:
        raise Forbidden("not_yours")
    was_returned = policy.state == PolicyState.RETURNED
    policy.state = step(policy.state, PolicyEvent.EDIT)
    policy.return_reason, policy.returned_by = "", None
    _write_terms(
        policy,
        share_bp=share_bp,
        session_eligible_cap_fen=session_eligible_cap_fen,
        session_subsidy_cap_fen=session_subsidy_cap_fen,
        quota_unit=quota_unit,
        quota_amount=quota_amount,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    policy.save()
    record(actor=actor, action="policy.edit", obj=policy, facts={"share_bp": share_bp, "version": policy.version})
    if was_returned:
        _tell_approvers(actor, policy, f"edited/{now():%Y%m%d%H%M%S}")
    return policy


@transaction.atomic
def return_policy(*, actor: Actor, policy_id: UUID | str, reason: str) -> SubsidyPolicy:
    """A second person gives a draft back, with a reason that whoever drafted it reads.

    Raises Forbidden ``same_person``, IllegalMove unless it is a draft, Invalid without a reason.
    """
    require(actor, "policy.approve")
    policy = _locked(policy_id)
    require_second(actor.user_id, policy.drafted_by_id)
    said = reason.strip()
    if not said or len(said) > MAX_REASON:
        raise Invalid("out_of_range", fields=(("reason", "required", ""),))
    policy.state = step(policy.state, PolicyEvent.RETURN)
    policy.return_reason, policy.returned_by_id = said, actor.user_id
    policy.save(update_fields=["state", "return_reason", "returned_by"])
    record(actor=actor, action="policy.return", obj=policy, facts={"version": policy.version})
    tell_one(
        policy.drafted_by_id,
        template="policy_returned",
        key=f"policy/{policy.pk}/returned/{now():%Y%m%d%H%M%S}",
        link=f"/finance/policies/{policy.pk}/",
    )
    return policy


@transaction.atomic
def withdraw_policy(*, actor: Actor, policy_id: UUID | str) -> SubsidyPolicy:
    """Whoever drafted a version takes it back before anybody approved it. Raises Forbidden ``not_yours``, IllegalMove."""
    require(actor, "policy.draft")
    policy = _locked(policy_id)
    if policy.drafted_by_id != actor.user_id:
        raise Forbidden("not_yours")
    policy.state = step(policy.state, PolicyEvent.WITHDRAW)
    policy.save(update_fields=["state"])
    record(actor=actor, action="policy.withdraw", obj=policy, facts={"version": policy.version})
    return policy


def _locked(policy_id: UUID | str) -> SubsidyPolicy:
    policy = SubsidyPolicy.objects.select_for_update(no_key=True).filter(pk=as_uuid(policy_id)).first()
    if policy is None:
        raise NotFound
    return policy


def _tell_approvers(actor: Actor, policy: SubsidyPolicy, why: str) -> None:
    tell_who_may(
        "policy.approve",
        template="policy_drafted",
        key=f"policy/{policy.pk}/{why}",
        link=f"/finance/policies/{policy.pk}/",
        apart_from=actor.user_id,
    )


def _write_terms(policy: SubsidyPolicy, **terms: Any) -> None:
    """Put the terms into the row. Raises Invalid with one row a fault."""
    if faults := _faults(**terms):
        raise Invalid("out_of_range", fields=tuple(faults))
    for name, value in terms.items():
        setattr(policy, name, value)


def _faults(
    *,
    share_bp: int,
    valid_from: date,
    valid_until: date | None,
    session_eligible_cap_fen: int | None,
    session_subsidy_cap_fen: int | None,
    quota_unit: str,
    quota_amount: int | None,
) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if not _whole(share_bp, WHOLE_BP):
        faults.append(("share_bp", "out_of_range", f"0–{WHOLE_BP}"))
    if valid_until is not None and valid_until <= valid_from:
        faults.append(("valid_until", "end_before_start", ""))
    for name, cap in (
        ("session_eligible_cap_fen", session_eligible_cap_fen),
        ("session_subsidy_cap_fen", session_subsidy_cap_fen),
    ):
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
def approve_policy(*, actor: Actor, policy_id: UUID | str, seen: str | None = None) -> SubsidyPolicy:
    """A second person approves. An open-ended earlier version ends the day this one begins.

    ``seen``: ``mark_of`` the draft that they have read; None asks nothing. That day is after today, except for the first
    version of its scheme and group: what has been priced stays priced (books §1). Raises Forbidden ``same_person`` for the
    drafter, Refused ``begins_too_early``, Conflict ``policy_changed`` when it was written anew since it was read,
    ``policy_overlaps`` when another version covers a day.
    """
    require(actor, "policy.approve")
    policy = _locked(policy_id)
    require_second(actor.user_id, policy.drafted_by_id)
    if seen is not None and policy.state == PolicyState.DRAFT and seen != mark_of(policy):
        raise Conflict("policy_changed")
    policy.state = step(policy.state, PolicyEvent.APPROVE)
    policy.approved_by_id, policy.approved_at = actor.user_id, now()
    before = SubsidyPolicy.objects.filter(scheme=policy.scheme, group=policy.group, state=PolicyState.APPROVED)
    if before.exists() and policy.valid_from <= Tenant.objects.get(pk=current_tenant_id()).today():
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
    policy = _locked(policy_id)
    if policy.state != PolicyState.APPROVED:
        raise NotFound
    if policy.valid_until is not None:
        raise Refused("end_already_set")
    if valid_until <= local_day(now(), zone) or valid_until <= policy.valid_from:
        raise Invalid("out_of_range", fields=(("valid_until", "in_the_past", ""),))
    policy.valid_until = valid_until
    policy.save(update_fields=["valid_until"])
    record(actor=actor, action="policy.end", obj=policy, facts={"valid_until": valid_until})
    return policy
