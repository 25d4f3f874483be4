"""The quote: one price, the cuts in their order, each explained (rules §1), stored so that it can be redone for ever."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Self

from kernel.money import checked_fen, share_of
from referrals.policy.terms import PolicyTerms, checked_quota

MAX_UNITS = 366
RULE = 1  # the order of the cuts; another order is another number, and recompute keeps the old one


class CutReason(StrEnum):
    """Why a part of the fee falls to the person; in the order in which it is taken."""

    ELIGIBLE_CAP = "eligible_cap"
    OWN_SHARE = "own_share"
    SUBSIDY_CAP = "subsidy_cap"
    QUOTA_USED_UP = "quota_used_up"
    POOL_USED_UP = "pool_used_up"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """``fen`` of the fee that the person pays, and why. ``params`` fill the sentence shown; they name no pool's balance."""

    reason: CutReason
    fen: int
    policy: str
    version: int
    params: Mapping[str, int | str]

    def to_json(self) -> dict[str, Any]:
        """As in the API's quote, and the parameters of the text."""
        return {
            "reason": self.reason.value,
            "fen": self.fen,
            "policy": self.policy,
            "version": self.version,
            "params": dict(self.params),
        }


class UnitSplit(NamedTuple):
    """One session, day or month: what it costs, what the school pays, what the partner collects; fen."""

    fee_fen: int
    subsidy_fen: int
    self_fen: int


class Correction(NamedTuple):
    """What a corrected unit changes, fen; each part may be below zero, together they make the fee's change."""

    fee_fen: int
    subsidy_fen: int
    self_fen: int


def correction(old: UnitSplit, new: UnitSplit) -> Correction:
    """New split − old split, part by part: never the split of the difference, which may be a fen off (books §2)."""
    return Correction(new.fee_fen - old.fee_fen, new.subsidy_fen - old.subsidy_fen, new.self_fen - old.self_fen)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a decision rests on. ``quota_left`` is in the policy's unit, None where the policy has no quota."""

    terms: PolicyTerms
    list_fee_fen: int
    tariff_fen: int | None
    units: int
    quota_left: int | None
    pool_left_fen: int

    def __post_init__(self) -> None:
        checked_fen(self.list_fee_fen, field="list_fee_fen")
        if self.tariff_fen is not None:
            checked_fen(self.tariff_fen, field="tariff_fen")
        if isinstance(self.units, bool) or not isinstance(self.units, int):
            raise TypeError("units must be whole")
        if not 1 <= self.units <= MAX_UNITS:
            raise ValueError(f"units must be between 1 and {MAX_UNITS}")
        checked_fen(self.fee_fen * self.units, field="fee_fen")
        checked_fen(self.pool_left_fen, field="pool_left_fen")
        if (self.quota_left is None) != (self.terms.quota_amount is None):
            raise ValueError("what is left of the quota must be given exactly when the policy has one")
        if self.quota_left is not None:
            checked_quota(self.quota_left, self.terms.quota_unit)

    @property
    def fee_fen(self) -> int:
        """The price actually asked for one unit: the lower of list price and agreed tariff."""
        return self.list_fee_fen if self.tariff_fen is None else min(self.list_fee_fen, self.tariff_fen)

    def to_json(self) -> dict[str, Any]:
        """What `recompute` needs."""
        return {
            "rule": RULE,
            "terms": self.terms.to_json(),
            "list_fee_fen": self.list_fee_fen,
            "tariff_fen": self.tariff_fen,
            "units": self.units,
            "quota_left": self.quota_left,
            "pool_left_fen": self.pool_left_fen,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The inputs that `to_json` wrote. ValueError for a rule this program does not know."""
        if stored["rule"] != RULE:
            raise ValueError("decided by a rule this program does not know")
        fields = {name: value for name, value in stored.items() if name != "rule"}
        return cls(**{**fields, "terms": PolicyTerms.from_json(stored["terms"])})


@dataclass(frozen=True, slots=True)
class Decision:
    """Totals in fen over all units; ``units`` holds each one. The lines' fen make up ``self_fen`` exactly.

    ``quota_used`` is in the policy's unit. A flag is set when quota or pool ran out and the person pays more for it.
    """

    inputs: Inputs
    fee_fen: int
    subsidy_fen: int
    self_fen: int
    units: tuple[UnitSplit, ...]
    quota_used: int
    lines: tuple[QuoteLine, ...]
    quota_used_up: bool
    pool_used_up: bool

    def to_json(self) -> dict[str, Any]:
        """JSON values only: integers, text, null. Kept with the referral; not for the person, it tells the pool's balance."""
        return {
            "inputs": self.inputs.to_json(),
            "fee_fen": self.fee_fen,
            "subsidy_fen": self.subsidy_fen,
            "self_fen": self.self_fen,
            "units": [list(unit) for unit in self.units],
            "quota_used": self.quota_used,
            "lines": [line.to_json() for line in self.lines],
            "quota_used_up": self.quota_used_up,
            "pool_used_up": self.pool_used_up,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The decision as it was stored; nothing is computed again (see `recompute`)."""
        return cls(
            **{
                **stored,
                "inputs": Inputs.from_json(stored["inputs"]),
                "units": tuple(UnitSplit(*unit) for unit in stored["units"]),
                "lines": tuple(QuoteLine(**{**line, "reason": CutReason(line["reason"])}) for line in stored["lines"]),
            }
        )

    def decision_hash(self) -> str:
        """See the function of that name."""
        return decision_hash(self.to_json())


def decision_hash(stored: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of a stored decision: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def recompute(stored_inputs: Mapping[str, Any]) -> Decision:
    """Decide again from ``decision.to_json()["inputs"]``: the same fen, however many years later."""
    return _decide(Inputs.from_json(stored_inputs))


def decide(
    terms: PolicyTerms,
    *,
    list_fee_fen: int,
    tariff_fen: int | None,
    units: int,
    quota_left: int | None,
    pool_left_fen: int,
) -> Decision:
    """Who pays what for ``units`` sessions at the prices, quota and pool of this moment. Writes and reserves nothing.

    TypeError and ValueError for anything that is not whole and in range. A used-up quota or pool is no error: the
    service is offered at full price, with a line and a flag that say so.
    """
    return _decide(Inputs(terms, list_fee_fen, tariff_fen, units, quota_left, pool_left_fen))


def _decide(inputs: Inputs) -> Decision:
    terms, fee = inputs.terms, inputs.fee_fen
    eligible = _at_most(fee, terms.session_eligible_cap_fen)
    shared = share_of(eligible, terms.share_bp)
    wanted = _at_most(shared, terms.session_subsidy_cap_fen)
    units, by_quota, by_pool, quota_used = _fill(wanted, inputs)
    subsidy = sum(unit.subsidy_fen for unit in units)
    count = inputs.units
    cuts: tuple[tuple[CutReason, int, Mapping[str, int | str]], ...] = (
        (CutReason.ELIGIBLE_CAP, (fee - eligible) * count, {"cap_fen": terms.session_eligible_cap_fen or 0}),
        (CutReason.OWN_SHARE, (eligible - shared) * count, {"share_bp": terms.share_bp}),
        (CutReason.SUBSIDY_CAP, (shared - wanted) * count, {"cap_fen": terms.session_subsidy_cap_fen or 0}),
        (CutReason.QUOTA_USED_UP, by_quota, {"unit": terms.quota_unit, "left": inputs.quota_left or 0}),
        (CutReason.POOL_USED_UP, by_pool, {}),
    )
    lines = tuple(
        QuoteLine(reason, fen, terms.policy_id, terms.version, params) for reason, fen, params in cuts if fen > 0
    )
    return Decision(
        inputs=inputs,
        fee_fen=fee * count,
        subsidy_fen=subsidy,
        self_fen=fee * count - subsidy,
        units=units,
        quota_used=quota_used,
        lines=lines,
        quota_used_up=by_quota > 0,
        pool_used_up=by_pool > 0,
    )


def _fill(wanted: int, inputs: Inputs) -> tuple[tuple[UnitSplit, ...], int, int, int]:
    """Serve the units one by one from quota, then pool, so that one unit at most is split at each edge.

    Gives the units, the fen cut by quota, the fen cut by pool, and the quota used. What the pool cannot pay uses no
    quota: the person keeps it.
    """
    fee, quota, pool = inputs.fee_fen, inputs.quota_left, inputs.pool_left_fen
    in_fen = inputs.terms.quota_unit == "fen"
    units: list[UnitSplit] = []
    by_quota = by_pool = quota_used = 0
    for _ in range(inputs.units):
        allowed = wanted
        if quota is not None:
            allowed = min(wanted, quota) if in_fen else wanted if quota else 0
        given = min(allowed, pool)
        by_quota += wanted - allowed
        by_pool += allowed - given
        pool -= given
        if quota is not None and given:
            used = given if in_fen else 1
            quota -= used
            quota_used += used
        units.append(UnitSplit(fee, given, fee - given))
    return tuple(units), by_quota, by_pool, quota_used


def _at_most(fen: int, cap: int | None) -> int:
    return fen if cap is None else min(fen, cap)
