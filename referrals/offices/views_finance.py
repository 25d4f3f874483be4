"""``/finance/``: pools, their grants, and the books: numbers and amounts, never a person or a service (rules §5)."""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now
from ledger.checked import last_checked
from ledger.selectors import AccountBalance, pools
from referrals.models import PoolOrder, SubsidyPolicy
from referrals.offices.forms import SCHEME_TEXTS
from referrals.offices.lists import Ledger, shown_movements
from referrals.offices.published import PublishedPool, published_pools
from referrals.offices.selectors import movements
from referrals.states import PolicyState, PoolOrderState
from referrals.subsidies import accounting
from ui.navigation import at_desk

_RECENT = 8
_WHY: Final = gettext_lazy(
    "Reserved and spent money is shown by whole weeks, and only when the requests of at least %(fewest)d people have changed it: so nobody's amount can be read from it. Finance keeps the exact books."
)


def pool_shown(pool: AccountBalance) -> dict[str, Any]:
    """A pool with its texts; ``tone`` warns when nine tenths are gone."""
    return {
        "name": SCHEME_TEXTS.get(pool.key.owner, pool.key.owner),
        "scheme": pool.key.owner,
        "year": pool.key.period,
        "balance": pool.balance,
        "used": pool.balance.reserved + pool.balance.spent,
        "used_bp": pool.used_bp,
        "tone": "wait" if pool.used_bp >= 9_000 else "",
    }


def _published(pool: PublishedPool) -> dict[str, Any]:
    """The same for a pool of whole weeks."""
    return {
        "name": SCHEME_TEXTS.get(pool.scheme, pool.scheme),
        "pool": pool,
        "tone": "wait" if pool.used_bp >= 9_000 else "",
    }


def _year(asked: str, usual: int) -> int:
    """The year in four digits, 2000–9999; else ``usual``. What is checked is what is used."""
    year = int(asked) if len(asked) == 4 and asked.isdecimal() else usual
    return year if 2000 <= year <= 9999 else usual


@require_safe
@role_required("ledger.read")
def home(request: ActingRequest) -> HttpResponse:
    """The year's pools, whether the books balance, what moved last, what waits.

    Who may not see single lines sees totals that never move by one person's amount (``disclosure.blocks``).
    """
    actor, today = request.actor, local_day(now())
    year = _year(request.GET.get("year", ""), today.year)
    exact, fewest = actor.may("ledger.lines"), request.tenant.settings.fewest_people
    context = at_desk(
        request,
        "finance",
        year=year,
        years=[today.year + 1, today.year, today.year - 1],
        pools=[pool_shown(pool) for pool in pools(year)] if exact else [],
        published=[] if exact else [_published(pool) for pool in published_pools(year, moment=now(), fewest=fewest)],
        fewest=fewest,
        why=_WHY % {"fewest": fewest},
        checked=last_checked(accounting.units_difference),
        recent=shown_movements(list(movements(book="pool")[:_RECENT])) if exact else [],
        drafts=SubsidyPolicy.objects.filter(state=PolicyState.DRAFT).count(),
        asked=PoolOrder.objects.filter(state=PoolOrderState.ASKED).count() if exact else 0,
        may_grant=actor.may("pool.grant"),
        may_read_policies=actor.may("policy.read"),
    )
    return render(request, "referrals/office/finance.html", context)


@require_safe
@role_required("ledger.lines")
def ledger(request: ActingRequest) -> HttpResponse:
    """Every movement, newest first; ``?q=&book=&scheme=&kind=&first=&last=&page=``."""
    return render(request, "referrals/office/ledger.html", at_desk(request, "finance", **Ledger(request).context()))


@require_safe
@role_required("ledger.lines")
def ledger_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file; amounts of money in yuan, of sessions as they are."""
    return Ledger(request).file()
