"""What the offices read: requests by who decides them, policies, and the books without a person or a service."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import F, Model, OuterRef, Q, QuerySet, StringAgg, Subquery, Value

from accounts.models import Membership
from accounts.search import contains
from exports import MOST_ROWS
from kernel.clock import end_of_day, start_of_day
from kernel.errors import NotFound
from kernel.fold import fold_text
from ledger.keys import DIRECTIONS, Book, Bucket, Kind
from ledger.models import Entry
from referrals.access import as_uuid
from referrals.kinds import KINDS
from referrals.models import Redemption, Referral, SubsidyPolicy, Voucher
from referrals.policy import Scheme
from referrals.states import PolicyState, ReferralState

if TYPE_CHECKING:
    from referrals.offices.shown import ListedRequest

PAGE: Final = 30
MOST_IN_A_FILE: Final = MOST_ROWS + 1
"""One more than a file takes, so that the file can say that there are more."""


def kinds_of(office: str) -> list[str]:
    """The service kinds that ``centre`` or ``union`` decides (rules §2)."""
    return [kind for kind, facts in KINDS.items() if facts.decider == office]


def find_requests(office: str, *, state: str, kind: str = "", q: str = "") -> QuerySet[Referral]:
    """The office's requests: those that wait by their clock, oldest first; others newest first."""
    rows = Referral.objects.select_related("service", "partner", "person").filter(kind__in=kinds_of(office))
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    if q:
        rows = rows.filter(contains(q, "number", "person__name"))
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


def with_voucher_numbers(rows: QuerySet[Referral]) -> "QuerySet[ListedRequest]":
    """Each request with ``voucher_numbers``: the numbers of its vouchers, the oldest first, parted by blanks."""
    numbers = Voucher.objects.filter(referral=OuterRef("pk")).order_by().values("referral")
    numbered = rows.annotate(
        voucher_numbers=Subquery(numbers.annotate(all=StringAgg("number", Value(" "), order_by="pk")).values("all"))
    )
    return cast("QuerySet[ListedRequest]", numbered)


def policies(*, scheme: str = "", when: str = "", q: str = "", day: date) -> QuerySet[SubsidyPolicy]:
    """Versions by scheme, newest first. ``when``: draft, current, coming or past, seen from ``day``."""
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
    }
    return rows.filter(wanted[when]) if when in wanted else rows


def _schemes_named(q: str) -> list[str]:
    return [scheme.value for scheme in Scheme if q.lower() in scheme.value]


def phase_of(policy: SubsidyPolicy, day: date) -> str:
    """``draft``, ``coming``, ``current`` or ``past``."""
    if policy.state == PolicyState.DRAFT:
        return "draft"
    if policy.valid_until is not None and policy.valid_until <= day:
        return "past"
    return "coming" if policy.valid_from > day else "current"


def access_policy(policy_id: UUID | str) -> SubsidyPolicy:
    """A version of the open school, or NotFound."""
    policy = SubsidyPolicy.objects.filter(pk=as_uuid(policy_id)).first()
    if policy is None:
        raise NotFound
    return policy


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One movement of one account, in its unit. ``scheme`` is empty for a personal quota: it would name a service."""

    at: Any
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
    """The receiving side of every transfer, newest first: one row for each account that moved."""
    rows = (
        Entry.objects.select_related("transfer", "account")
        .filter(amount__gt=0)
        .order_by("-transfer__created_at", "-id")
    )
    if book:
        rows = rows.filter(account__book=book)
    if scheme:
        rows = rows.filter(account__book=Book.POOL.value, account__owner=scheme)
    if kind:
        rows = rows.filter(transfer__kind=kind)
    if first:
        rows = rows.filter(transfer__created_at__gte=start_of_day(first))
    if last:
        rows = rows.filter(transfer__created_at__lt=end_of_day(last))
    return rows.filter(_of_number(q)) if q else rows


def _of_number(q: str) -> Q:
    """References that contain ``q``, and those of requests and vouchers whose number does."""
    found = contains(q, "transfer__reference")
    for noun, ids in (
        ("referral", Referral.objects.filter(contains(q, "number")).values_list("pk", flat=True)[:PAGE]),
        ("redemption", Redemption.objects.filter(contains(q, "voucher_number")).values_list("pk", flat=True)[:PAGE]),
        ("voucher", Voucher.objects.filter(contains(q, "number")).values_list("pk", flat=True)[:PAGE]),
    ):
        for pk in ids:
            found |= Q(transfer__reference__startswith=f"{noun}/{pk}/")
    return found


def numbers_of(rows: Sequence[LedgerRow]) -> dict[str, str]:
    """Reference → the number of its request or voucher, as it stands on paper. What belongs to neither is not in it."""
    wanted: dict[str, set[str]] = {"referral": set(), "redemption": set(), "voucher": set()}
    for row in rows:
        noun, _slash, rest = row.reference.partition("/")
        if noun in wanted:
            wanted[noun].add(rest.partition("/")[0])
    found = {
        **_numbers("referral", Referral.objects.filter(pk__in=wanted["referral"]).values_list("pk", "number")),
        **_numbers(
            "redemption", Redemption.objects.filter(pk__in=wanted["redemption"]).values_list("pk", "voucher_number")
        ),
        **_numbers("voucher", Voucher.objects.filter(pk__in=wanted["voucher"]).values_list("pk", "number")),
    }
    keys = {row.reference: "/".join(row.reference.split("/")[:2]) for row in rows}
    return {reference: found[key] for reference, key in keys.items() if key in found}


def _numbers(noun: str, rows: Iterable[tuple[Any, str]]) -> dict[str, str]:
    return {f"{noun}/{pk}": number for pk, number in rows}


def ledger_row(entry: Entry) -> LedgerRow:
    """What finance may see of it: number and amount, never the person or the service (rules §5)."""
    account, transfer = entry.account, entry.transfer
    source, target = DIRECTIONS[Kind(transfer.kind)]
    pool = account.book == Book.POOL.value
    return LedgerRow(
        at=transfer.created_at,
        kind=transfer.kind,
        book=account.book,
        scheme=account.owner if pool else "",
        period=account.period,
        unit=account.unit,
        amount=entry.amount,
        source=Bucket(source).value,
        target=Bucket(target).value,
        reference=neutral(transfer.reference),
    )


def neutral(reference: str) -> str:
    """A reference that names no person: a quota's own account holds a person's key and is cut to its year."""
    if reference.startswith("quota/"):
        return "/".join(["quota", *reference.split("/")[4:]])
    return reference


def page_of[Row: Model](rows: QuerySet[Row], number: str | None) -> Page[Row]:
    """One page; a number that is none gives the first or the last."""
    return Paginator(rows, PAGE).get_page(number)
