"""Prices and quotas of one person on one day, for many services at once: few queries, however many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.actor import Actor
from accounts.same_person import places_of_person
from families.access import children_of
from families.models import Child
from kernel.errors import NotFound, Refused
from ledger.keys import AccountKey, Balance
from ledger.selectors import balances
from partners.models import AgreementLine, Service
from partners.selectors import OpenService, ask_services_open_on, services_open_on
from referrals.kinds import CHILD_SCHEMES, KINDS
from referrals.models import HardshipFile
from referrals.policy import Decision, PolicyTerms, choose_policy, decide, quota_resets_on, scheme_for
from referrals.subsidies import accounting
from referrals.subsidies.hardship import ask_rules_of_person, files_among, is_of_file, known_terms, rules_of_person
from tenancy.messages import together


@dataclass(frozen=True, slots=True)
class Priced:
    """A service with the price of so many units on one day. ``decision`` None: the school has no rule for it yet.

    ``quota_left`` is in ``quota_unit`` (``session`` or ``fen``), None where there is no yearly limit. ``per_child``: the
    quota belongs to each child, so before one is chosen the full one is shown.
    """

    service: Service
    line: AgreementLine
    decision: Decision | None
    quota_unit: str | None
    quota_left: int | None
    per_child: bool
    resets_on: date


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A service as anybody may read it: the price of one unit on a day under the school's rule, of no person.

    ``is_short``: the school's money for this does not cover the whole share today, so the true split is seen only
    when somebody asks; the balance itself is nobody's to read here.
    """

    service: Service
    terms: PolicyTerms
    decision: Decision
    is_short: bool


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What is left of one quota. ``child`` None: the person's own."""

    scheme: str
    unit: str
    left: int
    amount: int
    child: Child | None
    resets_on: date


def terms_for(known: Sequence[PolicyTerms], scheme: str, day: date) -> PolicyTerms | None:
    """The version of ``scheme`` that counts on ``day``, or None."""
    try:
        return choose_policy(known, scheme=scheme, group="all", service_date=day)
    except Refused:
        return None


def price_services(
    actor: Actor,
    day: date,
    *,
    kind: str = "",
    q: str = "",
    terms: Sequence[PolicyTerms] | None = None,
    files: Iterable[HardshipFile] | None = None,
    units: int = 1,
) -> list[Priced]:
    """Every open service with its price for the actor on ``day``, ``units`` of each. Three queries.

    ``terms``, ``files`` (``hardship.files_on``): where the page has read them with something else.
    """
    person = person_of(actor)
    places = places_of_person(person)
    if terms is None or files is None:
        found, terms, files = _read(places, day, kind=kind or None, q=q)
    else:
        found = services_open_on(day, kind=kind or None, q=q)
    known, files = terms, files_among(files, day)
    rows = []
    keys: set[AccountKey] = set()
    for service, line in found:
        chosen = known_terms(known, files, service.kind, day)
        accounts = (
            accounting.accounts_for(chosen, day, person_id=person, child_id=None, places=places) if chosen else None
        )
        if accounts:
            own = (chosen and is_of_file(chosen)) or not KINDS[service.kind].for_child
            keys |= accounts.all if own else {accounts.pool}
        rows.append((service, line, chosen, accounts))
    stands = balances(keys)
    return [_priced(service, line, chosen, accounts, stands, day, units) for service, line, chosen, accounts in rows]


def _read(
    places: frozenset[UUID], day: date, *, kind: str | None, q: str
) -> tuple[list[OpenService], list[PolicyTerms], list[HardshipFile]]:
    """The services, the school's rules and the person's files, in one query; what the page knows already is not asked again."""
    if rules_of_person.is_known(places) or services_open_on.is_known(day, kind=kind, q=q):
        return services_open_on(day, kind=kind, q=q), *rules_of_person(places)
    services, rules = ask_services_open_on(day, kind=kind, q=q), ask_rules_of_person(places)
    together(*services.querysets, *rules.querysets)
    found, known = services.answer(), rules.answer()
    services_open_on.know(found, day, kind=kind, q=q)
    rules_of_person.know(known, places)
    return found, *known


def listed_prices(day: date) -> list[ListedPrice]:
    """Every open service with a rule, priced on ``day`` for a person who has used nothing yet. Two queries."""
    policies, services = accounting.approved_policies(), ask_services_open_on(day)
    together(policies, *services.querysets)
    known = [accounting.terms_of(policy) for policy in policies]
    rows = [(service, line, terms_for(known, scheme_for(service.kind), day)) for service, line in services.answer()]
    pools = balances({accounting.pool_of(terms, day) for _service, _line, terms in rows if terms})
    return [_listed(service, line, terms, pools, day) for service, line, terms in rows if terms]


def _listed(
    service: Service, line: AgreementLine, terms: PolicyTerms, pools: dict[AccountKey, Balance], day: date
) -> ListedPrice:
    def priced(pool_left_fen: int) -> Decision:
        return decide(
            terms,
            list_fee_fen=service.list_fee_fen,
            tariff_fen=line.tariff_fen,
            units=1,
            quota_left=terms.quota_amount,
            pool_left_fen=pool_left_fen,
        )

    by_rule = priced(service.list_fee_fen)
    today = priced(pools[accounting.pool_of(terms, day)].available)
    return ListedPrice(service, terms, by_rule, is_short=today.subsidy_fen < by_rule.subsidy_fen)


def _priced(
    service: Service,
    line: AgreementLine,
    terms: PolicyTerms | None,
    accounts: accounting.Accounts | None,
    stands: dict[AccountKey, Balance],
    day: date,
    units: int,
) -> Priced:
    resets_on = quota_resets_on(day)
    per_child = KINDS[service.kind].for_child
    if terms is None or accounts is None:
        return Priced(service, line, None, None, None, per_child, resets_on)
    left, of_file = None, is_of_file(terms)
    if accounts.quota:
        known = not per_child or of_file
        left = accounts.quota_left(terms, stands) if known else terms.quota_amount
    decision = decide(
        terms,
        list_fee_fen=service.list_fee_fen,
        tariff_fen=line.tariff_fen,
        units=units,
        quota_left=left,
        pool_left_fen=stands[accounts.pool].available,
    )
    if of_file:  # its ceiling is no quota of a school year
        return Priced(service, line, decision, None, None, per_child, resets_on)
    return Priced(service, line, decision, terms.quota_unit if accounts.quota else None, left, per_child, resets_on)


def price_service(actor: Actor, service_id: UUID, day: date, *, units: int = 1) -> Priced:
    """One service as above. NotFound when the school cannot use it on ``day``."""
    for priced in price_services(actor, day, units=units):
        if priced.service.pk == service_id:
            return priced
    raise NotFound


def entitlements(
    actor: Actor, day: date, terms: Iterable[PolicyTerms], children: Iterable[Child] | None = None
) -> list[Entitlement]:
    """What the actor and their children may still use this school year; quotas only. Two queries, one with ``children``."""
    person, children = person_of(actor), list(children_of(actor) if children is None else children)
    places = places_of_person(person)
    rows: list[tuple[PolicyTerms, Child | None, accounting.Accounts]] = []
    for version in terms:
        if version.quota_amount is None or not version.covers(day):
            continue
        owners: list[Child | None] = list(children) if version.scheme in CHILD_SCHEMES else [None]
        for child in owners:
            owner = child.pk if child else None
            accounts = accounting.accounts_for(version, day, person_id=person, child_id=owner, places=places)
            rows.append((version, child, accounts))
    rows.sort(key=lambda row: row[1] is not None)  # what is the person's own stands first
    stands = balances({key for _version, _child, accounts in rows for key in accounts.quotas})
    return [
        Entitlement(
            version.scheme,
            version.quota_unit,
            accounts.quota_left(version, stands) or 0,
            version.quota_amount or 0,
            child,
            quota_resets_on(day),
        )
        for version, child, accounts in rows
    ]


def person_of(actor: Actor) -> UUID:
    """The actor's place in the school. NotFound for who has none."""
    if actor.membership_id is None:
        raise NotFound
    return actor.membership_id
