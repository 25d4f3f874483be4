"""What a subsidy policy says, and which one counts on a day (rules §1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Self

from kernel.clock import school_year
from kernel.errors import Refused
from kernel.money import checked_bp, checked_fen
from referrals.kinds import KINDS, Scheme

QUOTA_UNITS = ("session", "fen")
QUOTA_PERIODS = ("school_year",)
MAX_QUOTA_SESSIONS = 1_000


@dataclass(frozen=True, slots=True)
class SchemeDefault:
    """What a new school starts with; finance sets caps and quotas when it has decided them."""

    share_bp: int
    quota_unit: str = "session"
    quota_amount: int | None = None
    session_eligible_cap_fen: int | None = None
    session_subsidy_cap_fen: int | None = None


DEFAULT_SCHEMES: Mapping[Scheme, SchemeDefault] = MappingProxyType(
    {
        Scheme.COUNSELLING: SchemeDefault(7_000),  # 16.7
        Scheme.CHILDCARE: SchemeDefault(5_000, quota_unit="fen"),  # 16.4
        Scheme.CAMP: SchemeDefault(5_000, quota_unit="fen"),
        Scheme.HOME_HELP: SchemeDefault(0),  # the agreement's discount only; vouchers still count
        Scheme.MEDIATION: SchemeDefault(10_000),
        Scheme.HARDSHIP: SchemeDefault(10_000),
        Scheme.CRISIS_RELIEF: SchemeDefault(10_000),  # 14.8, 16.12
        Scheme.CHARITY: SchemeDefault(10_000),  # 16.11: the person pays nothing
    }
)


def scheme_for(kind: str, *, hardship: bool = False, crisis: bool = False) -> Scheme:
    """The one scheme that pays for a service of ``kind``. Schemes replace each other, they never add up.

    Crisis relief comes from the union's pool and goes first, for the kinds it covers; then hardship. ValueError for
    a kind that is not in the contract's list.
    """
    facts = KINDS.get(kind)
    if facts is None:
        raise ValueError("no such kind of service")
    if crisis and facts.in_crisis:
        return Scheme.CRISIS_RELIEF
    return Scheme.HARDSHIP if hardship else facts.scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTerms:
    """One version of one subsidy policy. Valid ``[valid_from, valid_until)`` in the school's days; None is open.

    Caps are fen per session; a quota is sessions or fen of subsidy per person (or child) and school year.
    """

    policy_id: str
    version: int
    scheme: str
    group: str
    share_bp: int
    session_eligible_cap_fen: int | None = None
    session_subsidy_cap_fen: int | None = None
    quota_unit: str = "session"
    quota_amount: int | None = None
    quota_period: str = "school_year"
    valid_from: date
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.policy_id, str):
            raise TypeError("policy_id must be text")
        checked_bp(self.share_bp)
        for cap in (self.session_eligible_cap_fen, self.session_subsidy_cap_fen):
            if cap is not None:
                checked_fen(cap, field="cap")
        if self.quota_unit not in QUOTA_UNITS or self.quota_period not in QUOTA_PERIODS:
            raise ValueError("no such unit or period of quota")
        if self.quota_amount is not None:
            checked_quota(self.quota_amount, self.quota_unit)
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError("a policy must end after it begins")

    def covers(self, day: date) -> bool:
        """Whether a service on ``day`` is paid by this version."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def to_json(self) -> dict[str, Any]:
        """All fields as JSON values, dates in ISO 8601."""
        return {
            "policy_id": self.policy_id,
            "version": self.version,
            "scheme": str(self.scheme),
            "group": str(self.group),
            "share_bp": self.share_bp,
            "session_eligible_cap_fen": self.session_eligible_cap_fen,
            "session_subsidy_cap_fen": self.session_subsidy_cap_fen,
            "quota_unit": str(self.quota_unit),
            "quota_amount": self.quota_amount,
            "quota_period": str(self.quota_period),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The terms that `to_json` wrote."""
        until = stored["valid_until"]
        return cls(
            **{
                **stored,
                "valid_from": date.fromisoformat(stored["valid_from"]),
                "valid_until": date.fromisoformat(until) if until else None,
            }
        )


def choose_policy(policies: Iterable[PolicyTerms], *, scheme: str, group: str, service_date: date) -> PolicyTerms:
    """The one version that covers ``service_date``, a day in the school's zone. The day of asking plays no part.

    Raises Refused ``no_policy`` when there is none, or more than one: two prices are as bad as no price.
    """
    found = [p for p in policies if p.scheme == scheme and p.group == group and p.covers(service_date)]
    if len(found) != 1:
        raise Refused("no_policy", scheme=str(scheme), service_date=service_date.isoformat(), found=len(found))
    return found[0]


def quota_resets_on(service_date: date) -> date:
    """The day on which the quota that pays for ``service_date`` begins anew: the next 1 September."""
    return date(school_year(service_date) + 1, 9, 1)


def checked_quota(value: object, unit: str) -> int:
    """``value`` if it is a possible amount of quota in ``unit``. TypeError, ValueError otherwise."""
    amount = checked_fen(value, field="quota")
    if unit == "session" and amount > MAX_QUOTA_SESSIONS:
        raise ValueError("a quota must be at most 1000 sessions")
    return amount
