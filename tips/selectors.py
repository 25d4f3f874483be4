"""What editors see of tips: counts, never a name or an address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count

from content.models import TipPage
from families.models import Consent
from families.purposes import Purpose
from families.states import ConsentState
from kernel.clock import now
from tenancy.models import Tenant
from tips.models import Item, Letter, LetterKind, LetterState, Rhythm, Series, Subscription
from tips.pages import published, titled


@dataclass(frozen=True, slots=True)
class Reach:
    """How many families get tips: ``weekly`` and ``monthly`` by e-mail, None where fewer than the school's smallest
    number, ``letters`` those that went in the last 30 days.
    """

    agreed: int | None
    weekly: int | None
    monthly: int | None
    letters: int | None
    fewest: int


def reach(school: Tenant) -> Reach:
    """Counts below the school's smallest number are not told: who knows one family would know the rest (rules §5)."""
    fewest = school.settings.fewest_people
    given = Consent.objects.filter(purpose=Purpose.TIPS, state=ConsentState.GIVEN)
    on = Subscription.objects.filter(
        ended_at__isnull=True, confirmed_at__isnull=False, consent__state=ConsentState.GIVEN
    )
    by = dict(on.values_list("rhythm").annotate(Count("pk")).order_by())
    went = Letter.objects.filter(
        kind=LetterKind.TIPS, state=LetterState.SENT, taken_at__gt=now() - timedelta(days=30)
    ).count()

    def told(count: int) -> int | None:
        return count if count == 0 or count >= fewest else None

    weekly, monthly = told(by.get(Rhythm.WEEKLY, 0)), told(by.get(Rhythm.MONTHLY, 0))
    return Reach(told(given.count()), weekly, monthly, told(went), fewest)


@dataclass(frozen=True, slots=True)
class Row:
    """One tip of a series; ``page`` None when it is not published any more, so it is left out of letters."""

    item: Item
    page: TipPage | None


def rows_of(series: Series) -> list[Row]:
    """In order."""
    items = list(series.items.order_by("place"))
    there = titled(item.page for item in items)
    return [Row(item, there.get(item.page)) for item in items]


def choices(leave_out: Collection[int] = ()) -> list[tuple[int, str]]:
    """The school's published tips for a select."""
    return [(page.pk, page.title) for page in published() if page.pk not in leave_out]
