"""The next open day beside the tips on a school's first page (``HOME_CARD``): content knows it by its card alone."""

from content.home_card import HomeCard
from content.opendays.selectors import next_day
from tenancy.models import Tenant


def home_card(tenant: Tenant) -> HomeCard | None:
    """The card of ``tenant``, the open school; None while no day with a page is ahead. One query."""
    day = next_day()
    return HomeCard("opendays/openday_card.html", day) if day else None
