"""Several agencies asked at once: a decision for each, the one that takes the most is reserved (books §2 Query mode)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from accounts.actor import Actor
from kernel.clock import local_day, now
from kernel.errors import Invalid, Refused
from partners.kinds import ServiceMode
from partners.models import AgreementLine, Service
from partners.selectors import note_agreed_lines
from referrals.access import as_uuid
from referrals.models import Candidate, Referral
from referrals.models.asking import MOST_ASKED
from referrals.policy import Decision, decide
from referrals.subsidies.quoting import price, signed
from tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Asked:
    """What one of the agencies would cost: its service, the child it is for, and the decision."""

    service: Service
    line: AgreementLine
    child_id: UUID | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class SeveralQuote:
    """Prices of all that are ticked. ``self_fen``: the most that the person may have to pay. ``token`` signs them together."""

    rows: tuple[Asked, ...]
    self_fen: int
    token: str


def price_several(
    actor: Actor,
    *,
    service_ids: Sequence[UUID | str],
    units: int,
    service_date: date,
    child_id: UUID | str | None,
    locked: bool = True,
    places: Collection[UUID] | None = None,
) -> list[Asked]:
    """A decision for each, the first one first. Whatever wins draws no more of pool and quota than what is reserved.

    One alone is priced as ever. Raises Invalid ``several_invalid`` for too many, one agency twice, another kind, or a service
    that is not asked this way; and what ``price`` raises.
    """
    if not 1 <= len(service_ids) <= MOST_ASKED:
        raise Invalid("several_invalid", fields=(("others", "too_many_asked", str(MOST_ASKED)),))
    if not locked:
        note_agreed_lines([as_uuid(service_id) for service_id in service_ids], service_date)
    asked = []
    for service_id in service_ids:
        line, child, decision, _left, _accounts = price(
            actor, service_id=service_id, units=units, service_date=service_date, child_id=child_id, locked=locked,
            places=places,
        )  # fmt: skip
        asked.append(Asked(line.service, line, child, decision))
    if len(asked) == 1:
        return asked
    kinds, agencies = {row.service.kind for row in asked}, {row.service.institution_id for row in asked}
    if len(kinds) > 1 or len(agencies) < len(asked):
        raise Invalid("several_invalid", fields=(("others", "not_alike", ""),))
    if any(row.service.mode != ServiceMode.QUERY for row in asked):
        raise Invalid("several_invalid", fields=(("others", "not_asked_so", ""),))
    largest = largest_of(asked)
    return [row if row is largest else _within(row, largest.decision) for row in asked]


def largest_of(asked: Sequence[Asked]) -> Asked:
    """The one that is reserved: it takes the most of the school's money; of equals the first."""
    return max(asked, key=lambda row: row.decision.subsidy_fen)


def _within(row: Asked, largest: Decision) -> Asked:
    """The same agency with no more of pool and quota than ``largest`` reserves, so that it can always be kept."""
    inputs = row.decision.inputs
    terms = inputs.terms
    drawn = None
    if terms.quota_amount is not None:
        subsidised = sum(1 for _fee, subsidy, _own in largest.units if subsidy)
        drawn = subsidised if terms.quota_unit == "session" else largest.subsidy_fen
    decision = decide(
        terms,
        list_fee_fen=inputs.list_fee_fen,
        tariff_fen=inputs.tariff_fen,
        units=inputs.units,
        quota_left=drawn,
        pool_left_fen=largest.subsidy_fen,
    )
    unchanged = decision.subsidy_fen == row.decision.subsidy_fen
    return row if unchanged else replace(row, decision=decision)


def candidate_of(referral: Referral, row: Asked) -> Candidate:
    """The row that keeps it beside the request."""
    return Candidate(
        referral=referral,
        service=row.service,
        decision=row.decision.to_json(),
        decision_hash=row.decision.decision_hash(),
        fee_fen=row.decision.fee_fen,
        subsidy_fen=row.decision.subsidy_fen,
        self_fen=row.decision.self_fen,
    )


def quote_several(
    *,
    actor: Actor,
    tenant: Tenant,
    service_ids: Sequence[UUID | str],
    units: int,
    service_date: date,
    child_id: UUID | str | None = None,
) -> SeveralQuote:
    """The prices of all that are ticked, for ``settings.quote_minutes``. Writes nothing. Refused, Invalid as above."""
    if service_date < local_day(now(), tenant.time_zone):
        raise Invalid("in_the_past", fields=(("service_date", "in_the_past", ""),))
    rows = price_several(
        actor, service_ids=service_ids, units=units, service_date=service_date, child_id=child_id, locked=False
    )
    if not rows:
        raise Refused("no_agreement")
    token = signed(
        actor,
        units=units,
        decisions={row.service.pk: row.decision for row in rows},
        expires_at=now() + timedelta(minutes=tenant.settings.quote_minutes),
    )
    return SeveralQuote(tuple(rows), max(row.decision.self_fen for row in rows), token)
