"""A referral's part of the ledger: which accounts it draws on, how much, and what is left (rules §1 Quota and pools)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, system_in
from kernel.clock import school_year
from kernel.errors import Refused
from ledger.keys import AccountKey, Balance, Book, Kind, Unit
from ledger.selectors import balance
from ledger.workflow import Move, grant, lock_accounts, move, prepare_move
from referrals.models import Referral, SubsidyPolicy
from referrals.policy import PolicyTerms, choose_policy
from referrals.states import PolicyState, ReferralState
from tenancy.scope import current_tenant_id


@dataclass(frozen=True, slots=True)
class Accounts:
    """The pool that pays and, where the policy has one, the quota that is used. The quota's unit is the policy's."""

    pool: AccountKey
    quota: AccountKey | None


def terms_of(policy: SubsidyPolicy) -> PolicyTerms:
    """The row as pure terms."""
    return PolicyTerms(
        policy_id=str(policy.pk),
        version=policy.version,
        scheme=policy.scheme,
        group=policy.group,
        share_bp=policy.share_bp,
        session_eligible_cap_fen=policy.session_eligible_cap_fen,
        session_subsidy_cap_fen=policy.session_subsidy_cap_fen,
        quota_unit=policy.quota_unit,
        quota_amount=policy.quota_amount,
        valid_from=policy.valid_from,
        valid_until=policy.valid_until,
    )


def terms_on(scheme: str, day: date, group: str = "all") -> PolicyTerms:
    """The approved version for a service on ``day``. Refused ``no_policy`` when there is none."""
    approved = SubsidyPolicy.objects.filter(scheme=scheme, group=group, state=PolicyState.APPROVED)
    return choose_policy([terms_of(policy) for policy in approved], scheme=scheme, group=group, service_date=day)


def pool_of(terms: PolicyTerms, day: date) -> AccountKey:
    """What pays: the scheme's pool of the day's calendar year."""
    return AccountKey(Book.POOL, terms.scheme, day.year, Unit.FEN)


def accounts_for(terms: PolicyTerms, day: date, *, person_id: UUID, child_id: UUID | None) -> Accounts:
    """Pools follow the calendar year, quotas the school year; a child's quota is the child's, whoever asks."""
    owner = f"child:{child_id}" if child_id else f"person:{person_id}"
    quota = None
    if terms.quota_amount is not None:
        quota = AccountKey(Book.QUOTA, f"{owner}/{terms.scheme}", school_year(day), terms.quota_unit)
    return Accounts(pool_of(terms, day), quota)


def quota_left(terms: PolicyTerms, stands: Balance) -> int:
    """What is left of the quota, in its unit: the policy's amount less what is held or spent, never below zero."""
    assert terms.quota_amount is not None
    return max(terms.quota_amount - stands.reserved - stands.spent, 0)


def look(terms: PolicyTerms, accounts: Accounts) -> tuple[int | None, int]:
    """``(quota left, pool left in fen)`` without a lock, for a quote: it promises nothing and writes nothing."""
    left = quota_left(terms, balance(accounts.quota)) if accounts.quota else None
    return left, balance(accounts.pool).available


@transaction.atomic
def lock(terms: PolicyTerms, accounts: Accounts) -> tuple[int | None, int]:
    """The same under lock, until the transaction ends. Opens the person's quota on first use."""
    held = lock_accounts([accounts.pool, *([accounts.quota] if accounts.quota else [])])
    if accounts.quota is None:
        return None, held[accounts.pool].available
    left = quota_left(terms, held[accounts.quota])
    missing = left - held[accounts.quota].available
    if missing > 0:
        # The policy grants the quota, not a person: a school year opens with it, a more generous version tops it up.
        stands = held[accounts.quota]
        total = stands.available + stands.reserved + stands.spent
        reference = f"quota/{accounts.quota.owner}/{accounts.quota.period}/{accounts.quota.unit}/{total}"
        grant(
            actor=system_in(current_tenant_id()),
            account=accounts.quota,
            amount=missing,
            reference=reference,
            reason="policy",
        )
    return left, held[accounts.pool].available


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What some units of a referral draw: ``fen`` of the pool, and ``quota`` in the quota's unit."""

    fen: int
    quota: int


def subsidy_of_units(referral: Referral, subsidies: list[int]) -> Subsidy:
    """What units with these subsidies (fen each) draw. A unit that is not subsidised uses no quota."""
    in_fen = referral.decision["inputs"]["terms"]["quota_unit"] == "fen"
    fen = sum(subsidies)
    return Subsidy(fen, fen if in_fen else sum(1 for each in subsidies if each))


def accounts_of(referral: Referral) -> Accounts:
    """The accounts that a stored referral draws on: those of its service date and policy, whatever changed since."""
    terms = PolicyTerms.from_json(referral.decision["inputs"]["terms"])
    return accounts_for(terms, referral.service_date, person_id=referral.person_id, child_id=referral.child_id)


def post(*, actor: Actor, kind: Kind, referral: Referral, subsidy: Subsidy, reference: str) -> None:
    """Move the subsidy in all accounts of the referral at once. A subsidy of nothing moves nothing."""
    if amounts := _amounts(referral, subsidy):
        move(actor=actor, kind=kind, amounts=amounts, reference=reference)


def prepare_post(*, actor: Actor, kind: Kind, referral: Referral, subsidy: Subsidy, reference: str) -> Move | None:
    """What ``post`` would send, for an act that sends it with more; None where it would move nothing."""
    amounts = _amounts(referral, subsidy)
    return prepare_move(actor=actor, kind=kind, amounts=amounts, reference=reference) if amounts else None


def _amounts(referral: Referral, subsidy: Subsidy) -> dict[AccountKey, int]:
    accounts = accounts_of(referral)
    amounts = {accounts.pool: subsidy.fen}
    if accounts.quota:
        amounts[accounts.quota] = subsidy.quota
    return {account: amount for account, amount in amounts.items() if amount}


def lock_accounts_of(referral: Referral) -> None:
    """Lock the referral's accounts before the first audit row (docs/architecture.md, order of locks)."""
    accounts = accounts_of(referral)
    lock_accounts([accounts.pool, *([accounts.quota] if accounts.quota else [])])


def check_funded(referral: Referral, day: date) -> None:
    """Whether the lines of ``day`` cover what the request holds; asked before the click, without a lock. Writes nothing.

    Refused ``new_year_not_funded`` when another year's pool or quota would have to pay and has not enough, or when the
    request is a course that has begun: what is spent stays in its year.
    """
    found = _other_year(referral, day)
    if found is None:
        return
    terms, _old, new = found
    held = held_by(referral)
    left, pool = look(terms, new)
    _require_funded(referral, held, left, pool)


def follow_day(*, actor: Actor, referral: Referral, day: date, reference: str) -> None:
    """Pool and quota of the booked ``day`` pay: what the request holds leaves the old year's lines and enters the new ones.

    Nothing moves while the year is the same. Refused ``new_year_not_funded``; then nothing has moved (books §1).
    """
    found = _other_year(referral, day)
    if found is not None:
        terms, old, new = found
        held = held_by(referral)
        lock_accounts([account for each in (old, new) for account in (each.pool, each.quota) if account])
        left, pool = lock(terms, new)
        _require_funded(referral, held, left, pool)
        post(actor=actor, kind=Kind.RELEASE, referral=referral, subsidy=held, reference=f"{reference}/out")
        referral.service_date = day
        post(actor=actor, kind=Kind.RESERVE, referral=referral, subsidy=held, reference=f"{reference}/in")
    if referral.service_date != day:
        referral.service_date = day
    referral.save(update_fields=["service_date", "changed_at"])


def held_by(referral: Referral) -> Subsidy:
    """What the whole request reserved; nothing of it is spent."""
    return subsidy_of_units(referral, [unit[1] for unit in referral.decision["units"]])


def _other_year(referral: Referral, day: date) -> tuple[PolicyTerms, Accounts, Accounts] | None:
    """The terms, the lines that hold now and those of ``day``; None while they are the same."""
    terms = PolicyTerms.from_json(referral.decision["inputs"]["terms"])
    old = accounts_of(referral)
    new = accounts_for(terms, day, person_id=referral.person_id, child_id=referral.child_id)
    return None if old == new else (terms, old, new)


def _require_funded(referral: Referral, held: Subsidy, quota: int | None, pool: int) -> None:
    is_begun = referral.state not in (ReferralState.OFFERED, ReferralState.CONFIRMED)
    if is_begun or pool < held.fen or (quota is not None and quota < held.quota):
        raise Refused("new_year_not_funded")
