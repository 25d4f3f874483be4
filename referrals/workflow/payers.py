"""Who pays a scheme: the school, or its trade union, a legal person of its own (books §1)."""

from collections.abc import Collection
from typing import Final

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Invalid, NotFound, Refused
from kernel.fold import fold_prose, fold_text
from ledger.keys import Book
from ledger.models import Entry
from referrals.kinds import Scheme
from referrals.models import Payer, PayerKind
from tenancy.models import Tenant

UNION_SCHEMES: Final = frozenset({Scheme.CHARITY, Scheme.CRISIS_RELIEF, Scheme.HARDSHIP, Scheme.HOME_HELP})
"""What the union pays unless the school says otherwise: charity, crisis relief, hardship and home help; the school pays the rest."""
_LONGEST: Final = {"name": 120, "tax_code": 20, "bank": 120, "account": 40}


def payers(tenant: Tenant) -> dict[str, Payer]:
    """Both payers by kind, as the school has written them down, else as they are by default. Writes nothing."""
    found = {row.kind: row for row in Payer.objects.all()}
    for kind in PayerKind.values:
        if kind not in found:
            schemes = [each.value for each in Scheme if (each in UNION_SCHEMES) == (kind == PayerKind.UNION)]
            found[kind] = Payer(kind=kind, name=tenant.name if kind == PayerKind.SCHOOL else "", schemes=schemes)
    spoken_for = {scheme for row in found.values() for scheme in row.schemes}
    for scheme in Scheme:
        if scheme not in spoken_for:  # younger than what the school wrote down
            found[PayerKind.UNION if scheme in UNION_SCHEMES else PayerKind.SCHOOL].schemes.append(scheme.value)
    return {kind: found[kind] for kind in PayerKind.values}


def payer_of(tenant: Tenant, scheme: str) -> Payer:
    """The one who pays for ``scheme``; KeyError for an unknown one."""
    for payer in payers(tenant).values():
        if scheme in payer.schemes:
            return payer
    raise KeyError(scheme)


@transaction.atomic
def change_payer(
    *,
    actor: Actor,
    tenant: Tenant,
    kind: str,
    name: str,
    tax_code: str = "",
    bank: str = "",
    account: str = "",
    schemes: Collection[str],
) -> Payer:
    """Write down who a payer is and what it pays; the other one pays the rest. Needs ``pool.grant``.

    Raises NotFound for an unknown kind, Invalid with one row a fault, Refused ``pool_has_moved`` when a scheme would change
    hands whose pool of the running year has a movement.
    """
    require(actor, "pool.grant")
    if kind not in PayerKind.values:
        raise NotFound
    words = {
        "name": fold_prose(name),
        "tax_code": fold_text(tax_code),
        "bank": fold_prose(bank),
        "account": fold_text(account),
    }
    faults = [(field, "out_of_range", str(most)) for field, most in _LONGEST.items() if len(words[field]) > most]
    if not words["name"]:
        faults.append(("name", "required", ""))
    if set(schemes) - set(Scheme):
        faults.append(("schemes", "out_of_range", ""))
    if faults:
        raise Invalid("out_of_range", fields=tuple(faults))
    list(Tenant.objects.select_for_update(no_key=True).filter(pk=tenant.pk))  # one change at a time
    stand = payers(tenant)
    payer = stand.pop(kind)
    (other,) = stand.values()
    for scheme in set(schemes) ^ set(payer.schemes):
        if _has_moved(scheme, tenant.today().year):
            raise Refused("pool_has_moved")
    for field, value in words.items():
        setattr(payer, field, value)
    payer.schemes = [each.value for each in Scheme if each in set(schemes)]
    other.schemes = [each.value for each in Scheme if each not in set(schemes)]
    payer.save()
    other.save()
    record(actor=actor, action="payer.change", obj=payer, facts={"kind": kind, "count": len(payer.schemes)})
    return payer


def _has_moved(scheme: str, year: int) -> bool:
    return Entry.objects.filter(account__book=Book.POOL.value, account__owner=scheme, account__period=year).exists()
