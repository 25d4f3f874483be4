"""What the offices read: requests by who decides them, policies, and the books without a person or a service."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from accounts.models import Membership
from accounts.search import contains
from kernel.clock import end_of_day, local_day, start_of_day
from kernel.errors import NotFound
from kernel.fold import fold_text
from kernel.identifiers import first_uuid7_at
from ledger.keys import AGAINST, Book, Bucket, Kind, way_into
from ledger.models import Account, Entry, Transfer
from referrals.access import as_uuid
from referrals.kinds import KINDS
from referrals.models import Redemption, Referral, SubsidyPolicy, Voucher
from referrals.policy import Scheme
from referrals.states import PolicyState, ReferralState

if TYPE_CHECKING:
    pass

_NUMBERED: Final = 30
"""Requests, vouchers and redemptions whose number is looked for in the books."""
_FEW: Final = 1_000
"""Transfers that are still named by their keys."""


def kinds_of(office: str) -> list[str]:
    """The service kinds that ``centre`` or ``union`` decides (rules §2)."""
    return [kind for kind, facts in KINDS.items() if facts.decider == office]


def find_requests(office: str, *, state: str, kind: str = "", q: str = "") -> QuerySet[Referral]:
    """The office's requests: those that wait by their clock, oldest first; others newest first.

    Persons are read after the rows, and looked for before: a join to them would be planned as if it met one row.
    """
    rows = Referral.objects.prefetch_related("service", "partner", "person")
    rows = rows.filter(kind__in=kinds_of(office))
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    if q:
        named = Membership.objects.filter(contains(q, "name")).values_list("pk", flat=True)
        rows = rows.filter(contains(q, "number") | Q(person_id__in=list(named)))
    if state == ReferralState.SUBMITTED:
        return rows.order_by(F("deadline").asc(nulls_last=True), "id")
    return rows.order_by("-id")


def waiting_count(office: str) -> int:
    """How many requests wait for the office's decision."""
    return Referral.objects.filter(kind__in=kinds_of(office), state=ReferralState.SUBMITTED).count()


def names_of(*user_ids: UUID | None) -> dict[UUID, str]:
    """Colleagues' names by user, for the screens of four eyes."""
    wanted = [user_id for user_id in user_ids if user_id]
    return dict(Membership.objects.filter(user_id__in=wanted).values_list("user_id", "name"))


def voucher_numbers(rows: Sequence[Referral]) -> dict[UUID, list[str]]:
    """Request → the numbers of its vouchers, the oldest first. What has none is not in it."""
    found: dict[UUID, list[str]] = {}
    asked = Voucher.objects.filter(referral__in=[row.pk for row in rows]).order_by("pk")
    for referral_id, number in asked.values_list("referral_id", "number"):
        found.setdefault(referral_id, []).append(number)
    return found


def policies(*, scheme: str = "", when: str = "", q: str = "", day: date) -> QuerySet[SubsidyPolicy]:
    """Versions by scheme, newest first. ``when``: draft, returned, withdrawn, current, coming or past, seen from ``day``."""
    rows = SubsidyPolicy.objects.order_by("scheme", "group", "-version")
    if scheme:
        rows = rows.filter(scheme=scheme)
    if q:
        rows = rows.filter(contains(q, "group") | Q(scheme__in=_schemes_named(fold_text(q))))
    approved = Q(state=PolicyState.APPROVED)
    ended = Q(valid_until__lte=day)
    wanted = {
        "draft": Q(state=PolicyState.DRAFT),
        "current": approved & Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day)),
        "coming": approved & Q(valid_from__gt=day),
        "past": approved & ended,
        "returned": Q(state=PolicyState.RETURNED),
        "withdrawn": Q(state=PolicyState.WITHDRAWN),
    }
    return rows.filter(wanted[when]) if when in wanted else rows


def _schemes_named(q: str) -> list[str]:
    return [scheme.value for scheme in Scheme if q.lower() in scheme.value]


def phase_of(policy: SubsidyPolicy, day: date) -> str:
    """``draft``, ``returned``, ``withdrawn``, ``coming``, ``current`` or ``past``."""
    if policy.state != PolicyState.APPROVED:
        return policy.state
    if policy.valid_until is not None and policy.valid_until <= day:
        return "past"
    return "coming" if policy.valid_from > day else "current"


def access_policy(policy_id: UUID | str) -> SubsidyPolicy:
    """A version of the open school, or NotFound."""
    policy = SubsidyPolicy.objects.filter(pk=as_uuid(policy_id)).first()
    if policy is None:
        raise NotFound
    return policy


PERSONAL_KINDS: Final = frozenset(kind.value for kind in (Kind.RESERVE, Kind.CARRY, *AGAINST))
"""Transfers that follow from one person's request, whatever the service; each carry moves one reservation."""
BY_ORDER: Final = "pool/"
"""What the reference of a return begins with that two people asked for; every other one follows a refund into a closed year."""
_OF_THE_SCHOOL: Final = Q(kind=Kind.GRANT.value) | Q(kind=Kind.RETURN.value, reference__startswith=BY_ORDER)
"""What follows from nobody's request, by name: an index of kinds is asked for what is in it."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One movement of one account, in its unit.

    A movement that stands for one person's request has a month and no moment, scheme or reference: a minute and a scheme
    would name a colleague and a service. That holds for every kind of service, or the gap itself would name the kind.
    """

    at: datetime | None
    month: str
    kind: str
    book: str
    scheme: str
    period: int
    unit: str
    amount: int
    source: str
    target: str
    reference: str


def movements(
    *,
    book: str = "",
    scheme: str = "",
    kind: str = "",
    first: date | None = None,
    last: date | None = None,
    q: str = "",
) -> QuerySet[Entry]:
    """The receiving side of every transfer, newest first: one row for each line that moved.

    ``scheme`` finds what the school itself put in or moved, never one person's lines: a filter must not tell what the
    line does not. An entry's key tells when it was booked, so order and days need the entries alone; transfers and
    accounts are looked for before the rows and read after them, never joined.
    """
    rows = Entry.objects.prefetch_related("transfer", "account").filter(amount__gt=0).order_by("-id")
    if first:
        rows = rows.filter(id__gte=first_uuid7_at(start_of_day(first)))
    if last:
        rows = rows.filter(id__lt=first_uuid7_at(end_of_day(last)))
    if book or scheme:
        rows = _of_book(rows, book, scheme)
    if scheme:
        rows = _of_transfers(rows, _OF_THE_SCHOOL)
    if kind:
        rows = _of_transfers(rows, Q(kind=kind))
    return _of_transfers(rows, _of_number(q)) if q else rows


def _of_book(rows: QuerySet[Entry], book: str, scheme: str) -> QuerySet[Entry]:
    """A school has some pools a year, and a quota for each person: what is no pool is a quota."""
    pools = Account.objects.filter(book=Book.POOL.value)
    of_scheme = list((pools.filter(owner=scheme) if scheme else pools).values_list("pk", flat=True))
    if scheme and book != Book.QUOTA.value:
        return rows.filter(account_id__in=of_scheme)
    if book == Book.POOL.value:
        # Nearly every movement touches a pool: found along the entries until the page is full. By the accounts' own index
        # the database would fetch all that ever moved and sort it; as text the account has none.
        of_pools = [str(pk) for pk in of_scheme]
        return rows.alias(line=Cast("account_id", TextField())).filter(line__in=of_pools)
    return rows.none() if scheme else rows.exclude(account_id__in=of_scheme)


def _of_transfers(rows: QuerySet[Entry], wanted: Q) -> QuerySet[Entry]:
    """Few transfers are named by their keys; many are asked one by one along the entries, until the page is full."""
    found = Transfer.objects.filter(wanted).order_by().values_list("pk", flat=True)
    keys = list(found[: _FEW + 1])
    if len(keys) <= _FEW:
        return rows.filter(transfer_id__in=keys)
    # A look-up of one value is asked row by row; EXISTS or IN would be planned as a join. "Is there one" counts as likely,
    # so the entries are walked in their order; "is it equal" counts as rare, and the whole school would be sorted.
    fits = Transfer.objects.filter(wanted, pk=OuterRef("transfer_id")).values("pk")[:1]
    return rows.alias(fits=Subquery(fits)).filter(fits__isnull=False)


def _of_number(q: str) -> Q:
    """Those of vouchers whose number contains ``q``. A request's number finds nothing: the person holds it, and others may."""
    found = Q(pk__in=[])
    for word, ids in (
        (
            "redemption",
            Redemption.objects.filter(contains(q, "voucher_number")).values_list("pk", flat=True)[:_NUMBERED],
        ),
        ("voucher", Voucher.objects.filter(contains(q, "number")).values_list("pk", flat=True)[:_NUMBERED]),
    ):
        for pk in ids:
            found |= Q(reference__startswith=f"{word}/{pk}/")
    return found


def numbers_of(references: Sequence[str]) -> dict[str, str]:
    """Reference → the number of its voucher, as it stands on paper. What belongs to none is not in it."""
    wanted: dict[str, set[str]] = {"redemption": set(), "voucher": set()}
    for reference in references:
        noun, _slash, rest = reference.partition("/")
        if noun in wanted:
            wanted[noun].add(rest.partition("/")[0])
    found = {
        **_numbers(
            "redemption", Redemption.objects.filter(pk__in=wanted["redemption"]).values_list("pk", "voucher_number")
        ),
        **_numbers("voucher", Voucher.objects.filter(pk__in=wanted["voucher"]).values_list("pk", "number")),
    }
    keys = {reference: "/".join(reference.split("/")[:2]) for reference in references}
    return {reference: found[key] for reference, key in keys.items() if key in found}


def _numbers(noun: str, rows: Iterable[tuple[Any, str]]) -> dict[str, str]:
    return {f"{noun}/{pk}": number for pk, number in rows}


def _follows_a_person(transfer: Transfer) -> bool:
    """Whether one person's request is behind it."""
    is_refund_out = transfer.kind == Kind.RETURN.value and not transfer.reference.startswith(BY_ORDER)
    return transfer.kind in PERSONAL_KINDS or is_refund_out


def ledger_row(entry: Entry) -> LedgerRow:
    """What finance may see of it: month, number and amount, never the person or the service (rules §5)."""
    account, transfer = entry.account, entry.transfer
    source, target = way_into(Kind(transfer.kind), Bucket(account.bucket))
    personal = _follows_a_person(transfer) or account.book != Book.POOL.value
    return LedgerRow(
        at=None if personal else transfer.created_at,
        month=f"{local_day(transfer.created_at):%Y-%m}",
        kind=transfer.kind,
        book=account.book,
        scheme="" if personal else account.owner,
        period=account.period,
        unit=account.unit,
        amount=entry.amount,
        source=Bucket(source).value,
        target=Bucket(target).value,
        reference="" if personal else transfer.reference,
    )
