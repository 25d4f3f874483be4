"""Quotes a price: computed, explained and signed; nothing is written (rules §1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.core import signing

from accounts.actor import Actor, require
from accounts.same_person import places_of_person
from families.access import access_child, child_of
from families.models import Child
from kernel.clock import local_day, now
from kernel.errors import Conflict, Invalid, Refused
from partners.models import AgreementLine, Service
from partners.selectors import agreed_line
from referrals.access import as_uuid
from referrals.kinds import KINDS
from referrals.policy import Decision, decide, quota_resets_on
from referrals.subsidies import accounting
from referrals.subsidies.hardship import is_of_file, terms_of_person
from tenancy.models import Tenant

_SALT = "referrals.quote"


class Priced(Protocol):
    """What a person must have seen: a decision, or a request that holds one. Fen."""

    @property
    def fee_fen(self) -> int: ...
    @property
    def subsidy_fen(self) -> int: ...
    @property
    def self_fen(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for one person at one moment. ``token`` is a signed blob that expires at ``expires_at`` (UTC)."""

    service: Service
    units: int
    service_date: date
    child_id: UUID | None
    decision: Decision
    quota_unit: str | None
    quota_left: int | None
    resets_on: date
    expires_at: datetime
    token: str


def price(
    actor: Actor,
    *,
    service_id: UUID | str,
    units: int,
    service_date: date,
    child_id: UUID | str | None,
    locked: bool,
    for_person: UUID | None = None,
    in_crisis: bool = False,
    places: Collection[UUID] | None = None,
) -> tuple[AgreementLine, UUID | None, Decision, int | None, accounting.Accounts]:
    """What it would cost; with ``locked`` the ledger's accounts stay locked and the answer is final in this transaction.

    ``for_person``: whose it is instead of the actor's; ``in_crisis``: paid by crisis relief where that covers the kind. Else
    a hardship file of the person's pays in place of the kind's own scheme. Raises Refused ``no_agreement``, ``no_policy``; Invalid for units out of range or a missing child; NotFound for a child that is not the
    person's. ``places``: those of the person in the school, where the caller has them.
    """
    if isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= 60:
        raise Invalid("out_of_range", fields=(("units", "out_of_range", "1–60"),))
    line = agreed_line(as_uuid(service_id), service_date)
    service = line.service
    if KINDS[service.kind].for_child and not child_id:
        raise Invalid("child_missing", fields=(("child", "required", ""),))
    named = (
        _child(actor, for_person, child_id).pk if child_id else None
    )  # a stranger's is missing, whatever the service
    child = named if KINDS[service.kind].for_child else None
    assert actor.membership_id is not None
    person_id = for_person or actor.membership_id
    known = places_of_person(person_id) if places is None else frozenset(places)
    terms = terms_of_person(known, service.kind, service_date, in_crisis=in_crisis)
    accounts = accounting.accounts_for(terms, service_date, person_id=person_id, child_id=child, places=known)
    quota_left, pool_left = (accounting.lock if locked else accounting.look)(terms, accounts)
    decision = decide(
        terms,
        list_fee_fen=service.list_fee_fen,
        tariff_fen=line.tariff_fen,
        units=units,
        quota_left=quota_left,
        pool_left_fen=pool_left,
    )
    return line, child, decision, quota_left, accounts


def _child(actor: Actor, for_person: UUID | None, child_id: UUID | str) -> Child:
    return child_of(for_person, child_id) if for_person else access_child(actor, child_id)


def quote(
    *,
    actor: Actor,
    tenant: Tenant,
    service_id: UUID | str,
    units: int,
    service_date: date,
    child_id: UUID | str | None = None,
) -> Quote:
    """A price with its reasons, for ``settings.quote_minutes``. Writes nothing."""
    require(actor, "service.read")
    if service_date < local_day(now(), tenant.time_zone):
        raise Invalid("in_the_past", fields=(("service_date", "in_the_past", ""),))
    line, child, decision, quota_left, accounts = price(
        actor, service_id=service_id, units=units, service_date=service_date, child_id=child_id, locked=False
    )
    shows_quota = not is_of_file(decision.inputs.terms)  # a file's ceiling is no quota of a school year
    expires_at = now() + timedelta(minutes=tenant.settings.quote_minutes)
    return Quote(
        service=line.service,
        units=units,
        service_date=service_date,
        child_id=child,
        decision=decision,
        quota_unit=accounts.quota.unit if shows_quota and accounts.quota else None,
        quota_left=quota_left if shows_quota else None,
        resets_on=quota_resets_on(service_date),
        expires_at=expires_at,
        token=signed(actor, units=units, decisions={line.service_id: decision}, expires_at=expires_at),
    )


def signed(actor: Actor, *, units: int, decisions: Mapping[UUID, Priced], expires_at: datetime) -> str:
    """A blob that says what was shown to whom: the split of each service, until ``expires_at``."""
    blob = {
        "person": str(actor.membership_id),
        "units": units,
        "splits": _splits(decisions),
        "until": expires_at.timestamp(),
    }
    return signing.dumps(blob, salt=_SALT)


def _splits(decisions: Mapping[UUID, Priced]) -> dict[str, list[int]]:
    return {
        str(service_id): [row.fee_fen, row.subsidy_fen, row.self_fen]
        for service_id, row in sorted(decisions.items(), key=lambda pair: str(pair[0]))
    }


def honour(token: str, *, actor: Actor, units: int, decisions: Mapping[UUID, Priced]) -> None:
    """Refuse a submission whose price is no longer the quoted one, so that nobody is charged what they did not see.

    Raises Refused ``quote_expired`` for a late, altered or foreign blob, Conflict ``quote_changed`` for another price.
    """
    try:
        blob: dict[str, Any] = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise Refused("quote_expired") from error
    asked, seen = _splits(decisions), blob.get("splits", {})
    same = (blob["person"], sorted(seen), blob["units"]) == (str(actor.membership_id), sorted(asked), units)
    if not same or blob["until"] < now().timestamp():
        raise Refused("quote_expired")
    if seen != asked:
        raise Conflict("quote_changed", self_fen=max(row.self_fen for row in decisions.values()))
