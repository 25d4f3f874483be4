"""The right split of a unit that was spent with a wrong one: priced anew by the terms of its day (books §2). Writes nothing."""

from dataclasses import dataclass, replace
from typing import assert_never

from kernel.errors import Refused
from kernel.money import MAX_FEN
from ledger.selectors import balance, balances
from referrals.models import CorrectionCause, Referral, SubsidyPolicy, Unit
from referrals.policy import PolicyTerms, UnitSplit, choose_policy, decide
from referrals.subsidies import accounting
from referrals.subsidies.hardship import is_of_file


@dataclass(frozen=True, slots=True)
class Right:
    """What the unit should have been, and by which version where it is not that of the request."""

    split: UnitSplit
    version: SubsidyPolicy | None = None


def split_of(unit: Unit) -> UnitSplit:
    """What counts for a unit now, earlier corrections included."""
    return UnitSplit(unit.fee_fen, unit.subsidy_fen, unit.self_fen)


def right_split(referral: Referral, unit: Unit, cause: str, fee_fen: int) -> Right:
    """``fee_fen`` by the request's own terms, by those of the service's day, or nothing at all where it was not had.

    What the unit drew of quota and pool is its own again for this. Refused ``no_policy`` where none counts on that day,
    ``year_closed`` where a closed year would have to pay more: nothing is left in it.
    """
    own = accounting.terms_of_referral(referral)
    match CorrectionCause(cause):
        case CorrectionCause.NOT_HAD:
            return Right(UnitSplit(0, 0, 0))
        case CorrectionCause.PRICE:
            terms = own
        case CorrectionCause.POLICY:
            terms = _terms_of_day(own, unit)
        case unknown:
            assert_never(unknown)
    quota, pool = _left(referral, terms, unit)
    right = decide(terms, list_fee_fen=fee_fen, tariff_fen=None, units=1, quota_left=quota, pool_left_fen=pool)
    if accounting.is_closed(own.scheme, unit.budget_year):
        wanted = decide(terms, list_fee_fen=fee_fen, tariff_fen=None, units=1, quota_left=quota, pool_left_fen=MAX_FEN)
        if wanted.subsidy_fen > unit.subsidy_fen:
            raise Refused("year_closed")
    is_other = terms.policy_id != own.policy_id
    return Right(right.units[0], SubsidyPolicy.objects.get(pk=terms.policy_id) if is_other else None)


def _terms_of_day(own: PolicyTerms, unit: Unit) -> PolicyTerms:
    """The version that counts on the service's day, within the scheme of the request; a file keeps its ceiling."""
    known = [accounting.terms_of(policy) for policy in accounting.approved_policies().filter(scheme=own.scheme)]
    found = choose_policy(known, scheme=own.scheme, group="all", service_date=unit.service_date)
    if not is_of_file(own):
        return found
    return replace(found, group=own.group, quota_unit=own.quota_unit, quota_amount=own.quota_amount)


def _left(referral: Referral, terms: PolicyTerms, unit: Unit) -> tuple[int | None, int]:
    """What is left of quota and pool for this unit, its own share of both included; without a lock."""
    accounts = accounting.accounts_for(
        terms, unit.service_date, person_id=referral.person_id, child_id=referral.child_id,
        places=accounting.places_that_count(referral),
    )  # fmt: skip
    drawn = accounting.amounts_of(referral, unit)
    quota = accounts.quota_left(terms, balances(accounts.quotas))
    if quota is not None and accounts.quota is not None:
        quota += drawn.get(accounts.quota, 0)
    pool = replace(accounts.pool, period=unit.budget_year)
    return quota, balance(pool).available + drawn.get(pool, 0)
