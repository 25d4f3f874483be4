"""What the pages of hours and of a school's calendar have to show: a week with a lunch break, a closure, days of one's own."""

from datetime import timedelta

from accounts.models import Membership
from kernel.clock import local_day, now, start_of_day
from partners.calendars.workflow import close, save_hours
from tenancy.scope import use_tenant
from tests.conftest import actor_of
from tests.fixtures_journey import Journey
from workdays.workflow import add_change


def keep_hours(journey: Journey, admin: Membership) -> None:
    """After the requests of the town, which begin at any hour."""
    week = {weekday: [(540, 720), (840, 1200)] for weekday in range(5)} | {5: [(540, 1020)], 6: [(540, 720)]}
    today = local_day(now())
    with use_tenant(journey.platform.id):
        save_hours(actor=journey.partner_office, week=week)
        start = start_of_day(today + timedelta(days=5))
        close(actor=journey.partner_office, starts_at=start, ends_at=start + timedelta(days=1), reason="全员培训")
    with use_tenant(journey.tenant.id):
        first = today + timedelta(days=20)
        add_change(actor=actor_of(admin), first_day=first, last_day=first + timedelta(days=2), is_workday=False)
        add_change(
            actor=actor_of(admin), first_day=first + timedelta(9), last_day=first + timedelta(9), is_workday=True
        )
