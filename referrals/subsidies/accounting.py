"""A referral's part of the ledger: which accounts it draws on, how much, and what is left (rules §1 Quota and pools).

What moves in them, unit by unit, stands in ``referrals.workflow.units``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts.actor import system_in
from accounts.same_person import places_of_person
from kernel.clock import school_year
from kernel.errors import Refused
from ledger.keys import AccountKey, Balance, Book
from ledger.keys import Unit as CountedIn
from ledger.selectors import balances, reserved_rows
from ledger.workflow import grant, lock_accounts
from referrals.models import HardshipFile, OrderKind, PoolOrder, Referral, SubsidyPolicy, Unit
from referrals.policy import PolicyTerms, Scheme, UnitSplit
from referrals.states import PolicyState, PoolOrderState, UnitState
from tenancy.messages import together
from tenancy.page_memory import OnceAPage
from tenancy.scope import current_tenant_id

FILE: Final = "file:"
"""``group`` of terms whose limit is the ceiling of one file of the union: this, the file's key, ``@``, the school year in which
its days begin. The owner of the file's one account is what stands before the ``@``."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The pool that pays and, where the policy has one, the quota that is used. The quota's unit is the policy's.

    ``beside``: the same quota under the person's other places in the school; what was used there is used here too.
    """

    pool: AccountKey
    quota: AccountKey | None
    beside: frozenset[AccountKey] = frozenset()

    @property
    def quotas(self) -> frozenset[AccountKey]:
        """The quota and those beside it."""
        return self.beside | {self.quota} if self.quota else frozenset()

    @property
    def all(self) -> frozenset[AccountKey]:
        """The pool with them."""
        return self.quotas | {self.pool}

    def quota_left(self, terms: PolicyTerms, stands: Mapping[AccountKey, Balance]) -> int | None:
        """What is left of the quota, in its unit: the policy's amount less what is held or spent, never below zero. None
        without a quota."""
        if self.quota is None or terms.quota_amount is None:
            return None
        used = sum(stands[key].reserved + stands[key].spent for key in self.quotas)
        return max(terms.quota_amount - used, 0)


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


def approved_policies() -> QuerySet[SubsidyPolicy]:
    """Every approved version for everybody."""
    return SubsidyPolicy.objects.filter(state=PolicyState.APPROVED, group="all")


def pool_of(terms: PolicyTerms, day: date) -> AccountKey:
    """What pays: the scheme's pool of the day's calendar year."""
    return AccountKey(Book.POOL, terms.scheme, day.year, CountedIn.FEN)


def accounts_for(
    terms: PolicyTerms, day: date, *, person_id: UUID, child_id: UUID | None, places: Collection[UUID] = ()
) -> Accounts:
    """Pools follow the calendar year, quotas the school year; a child's quota is the child's, whoever asks.

    ``places``: those of the person in the school (``accounts.same_person.places_of_person``): their quota is counted over all of them.
    Not needed to name what a unit stands in.
    """
    quota, beside = None, frozenset[AccountKey]()
    if terms.quota_amount is not None and terms.group.startswith(FILE):
        quota = _ceiling(terms.group, terms.scheme, terms.quota_unit)
    elif terms.quota_amount is not None:
        owner = f"child:{child_id}" if child_id else f"person:{person_id}"
        quota = AccountKey(Book.QUOTA, f"{owner}/{terms.scheme}", school_year(day), terms.quota_unit)
        if not child_id:
            others = (f"person:{each}/{terms.scheme}" for each in places if each != person_id)
            beside = frozenset(replace(quota, owner=other) for other in others)
    return Accounts(pool_of(terms, day), quota, beside)


def group_of(file: HardshipFile) -> str:
    """The ``group`` of terms whose limit is the file's ceiling."""
    return f"{FILE}{file.pk.hex}@{school_year(file.first_day)}"


def ceiling_of(file: HardshipFile) -> AccountKey:
    """The one account of a file's ceiling, in fen."""
    return _ceiling(group_of(file), file.scheme, CountedIn.FEN)


def _ceiling(group: str, scheme: str, unit: str) -> AccountKey:
    """One for all that the file pays, on whichever side of 1 September."""
    owner, _at, began = group.partition("@")
    return AccountKey(Book.QUOTA, f"{owner}/{scheme}", int(began), unit)


def look(terms: PolicyTerms, accounts: Accounts) -> tuple[int | None, int]:
    """``(quota left, pool left in fen)`` without a lock, for a quote: it promises nothing and writes nothing."""
    stands = looked_at(accounts.all)
    return accounts.quota_left(terms, stands), stands[accounts.pool].available


@OnceAPage
def looked_at(accounts: frozenset[AccountKey]) -> dict[AccountKey, Balance]:
    """How accounts stand, without a lock. One query."""
    return balances(accounts)


@transaction.atomic
def lock(terms: PolicyTerms, accounts: Accounts) -> tuple[int | None, int]:
    """The same under lock, until the transaction ends. Opens the person's quota on first use."""
    held = lock_accounts(accounts.all)
    return open_quota(terms, accounts, held), held[accounts.pool].available


def open_quota(terms: PolicyTerms, accounts: Accounts, held: Mapping[AccountKey, Balance]) -> int | None:
    """What is left of a quota whose accounts are locked as ``held``; None without one. The policy grants it, not a person: a
    school year opens with it, and a more generous version tops it up."""
    left, quota = accounts.quota_left(terms, held), accounts.quota
    if left is None or quota is None:
        return None
    stands = held[quota]
    missing = left - stands.available
    if missing > 0:
        total = stands.available + stands.reserved + stands.spent
        reference = f"quota/{quota.owner}/{quota.period}/{quota.unit}/{total}"
        grant(actor=system_in(current_tenant_id()), account=quota, amount=missing, reference=reference, reason="policy")
    return left


def terms_of_referral(referral: Referral) -> PolicyTerms:
    """The terms its price was decided by, whatever changed since."""
    return PolicyTerms.from_json(referral.decision["inputs"]["terms"])


def in_crisis(referral: Referral) -> bool:
    """Whether crisis relief pays for it."""
    return terms_of_referral(referral).scheme == Scheme.CRISIS_RELIEF


def accounts_of(referral: Referral, day: date, places: Collection[UUID] = ()) -> Accounts:
    """The accounts that a unit of a stored referral draws on when its service is on ``day``; ``places`` as ``accounts_for``."""
    return accounts_for(
        terms_of_referral(referral), day, person_id=referral.person_id, child_id=referral.child_id, places=places
    )


def places_that_count(referral: Referral) -> frozenset[UUID]:
    """The places of its person, where what it draws is counted by person: none for a child, for a file, or without a quota."""
    terms = terms_of_referral(referral)
    if terms.quota_amount is None or referral.child_id or terms.group.startswith(FILE):
        return frozenset()
    return places_of_person(referral.person_id)


def drawn(terms: PolicyTerms, subsidy_fen: int) -> int:
    """What a unit draws of the quota, in its unit. One that is not subsidised uses none."""
    if terms.quota_amount is None or not subsidy_fen:
        return 0
    return subsidy_fen if terms.quota_unit == CountedIn.FEN else 1


SPLIT: Final = ("fee_fen", "subsidy_fen", "self_fen", "quota")
"""What a price sets of a unit."""


def set_split(referral: Referral, unit: Unit, split: UnitSplit) -> None:
    """Give the unit another price, and what that draws of the quota. Saved by the caller (``SPLIT``)."""
    unit.fee_fen, unit.subsidy_fen, unit.self_fen = split
    unit.quota = drawn(terms_of_referral(referral), split.subsidy_fen)


def amounts_of(referral: Referral, unit: Unit, day: date | None = None) -> dict[AccountKey, int]:
    """What a unit moves, and where: in its own lines, or in those it would have on ``day``."""
    accounts = accounts_of(referral, day or unit.service_date)
    pool = accounts.pool if day else replace(accounts.pool, period=unit.budget_year)
    amounts = {pool: unit.subsidy_fen}
    if accounts.quota:
        amounts[accounts.quota] = unit.quota
    return {account: amount for account, amount in amounts.items() if amount}


def check_quota(referral: Referral, units: Iterable[Unit], *, holding: int = 0) -> None:
    """Refused ``quota_used_up`` where ``units`` draw more than the person's places together leave, beside the ``holding`` that they
    have of it. Accounts locked by the caller, who ``draws``; the ledger itself sees one place at a time.
    """
    places, terms, wanted = places_that_count(referral), terms_of_referral(referral), dict[Accounts, int]()
    if len(places) < 2:
        return
    for unit in units:
        accounts = accounts_of(referral, unit.service_date, places)
        wanted[accounts] = wanted.get(accounts, 0) + unit.quota
    for accounts, quota in wanted.items():
        left = accounts.quota_left(terms, balances(accounts.quotas)) or 0
        if quota > left + holding:
            raise Refused("quota_used_up", left=left + holding, unit=terms.quota_unit)


def is_closed(scheme: str, year: int) -> bool:
    """Whether the year of a scheme's pool was closed by two people."""
    return PoolOrder.objects.filter(
        kind=OrderKind.CLOSE_YEAR, scheme=scheme, year=year, state=PoolOrderState.APPROVED
    ).exists()


def units_of_pool(scheme: str, year: int) -> list[Unit]:
    """Subsidised units that the pool of that year holds, in the order of their requests: what closing it carries."""
    own = Q(carried_to=year) | Q(carried_to=None, service_date__year=year)
    rows = Unit.objects.filter(own, state=UnitState.HELD, subsidy_fen__gt=0).order_by("referral", "index")
    return list(rows.filter(referral__decision__inputs__terms__scheme=scheme))


def units_difference() -> int:
    """How far the units and the books are apart (M6): Σ over all lines of |Σ of held units − reserved|; 0 or something is wrong."""
    held = (
        Unit.objects.filter(state=UnitState.HELD, subsidy_fen__gt=0)
        .order_by()
        .values_list(
            "referral__person_id",
            "referral__child_id",
            "referral__decision__inputs__terms",
            "service_date",
            "carried_to",
        )
        .annotate(Sum("subsidy_fen"), Sum("quota"))
    )
    lines = reserved_rows()
    together(held, lines)
    apart = {AccountKey(*key): -balance for *key, balance in lines}
    for person_id, child_id, terms, day, carried_to, fen, quota in held:
        accounts = accounts_for(PolicyTerms.from_json(terms), day, person_id=person_id, child_id=child_id)
        pool = replace(accounts.pool, period=carried_to or accounts.pool.period)
        for account, amount in ((pool, fen), (accounts.quota, quota)):
            if account:
                apart[account] = apart.get(account, 0) + amount
    return sum(map(abs, apart.values()))
