"""What time itself does: lines move up, families are reminded, number plates and names go (books §6)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.actor import system_in
from audit import record
from content.models import ActivityIndexPage, ReportPage, SchoolSite
from content.opendays import seating
from content.opendays.checkins import families
from content.opendays.models import OpenDay, Party
from content.opendays.rules import PLATES_KEPT_TO_HOUR, may_remind, plates_end
from content.opendays.states import DayState
from content.opendays.workflow.days import free_slug
from content.opendays.workflow.notices import tell_all, tell_of_offers
from kernel.clock import local_day, now, start_of_day
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id


@transaction.atomic
def move_up(*, day: OpenDay) -> int:
    """Offers that ran out go on to the next in line; returns how many are asked. Late is harmless: the dates decide."""
    rooms = seating.lock_sessions(day.pk)
    day = OpenDay.objects.get(pk=day.pk)
    moment = now()
    if not day.is_to_come(moment):
        return 0
    offers = seating.settle(rooms.values(), day.starts_at, moment)
    tell_of_offers(offers)
    return len(offers)


@transaction.atomic
def remind(*, day: OpenDay) -> int:
    """Once, from three days before, by day. Nothing for a day that was called off or has begun.

    The member of the staff who invited is told, over the channels that they chose: a family has no channel of ours.
    """
    day = OpenDay.objects.select_for_update(no_key=True).get(pk=day.pk)
    moment = now()
    zone = ZoneInfo(Tenant.objects.get(pk=current_tenant_id()).time_zone)
    if (
        day.reminded_at is not None
        or not day.is_to_come(moment)
        or not may_remind(day.starts_at, moment.astimezone(zone))
    ):
        return 0
    day.reminded_at = moment
    day.save(update_fields=["reminded_at"])
    told = tell_all(day, "openday_reminder", str(day.sequence))
    record(actor=system_in(current_tenant_id()), action="openday.remind", obj=day, facts={"people": told})
    return told


@transaction.atomic
def wipe(*, day: OpenDay) -> int:
    """Plates at noon of the day after or at the next opening, forms of address on the day that families read. How many rows lost a word."""
    day = OpenDay.objects.select_for_update(no_key=True).get(pk=day.pk)
    school = Tenant.objects.get(pk=current_tenant_id())
    moment, wiped, changed = now(), 0, []
    parties = Party.objects.filter(open_day=day)
    if day.plates_wiped_at is None and moment >= plates_end_of(day, school):
        wiped += parties.exclude(plate_sealed=b"").update(plate_sealed=b"")
        day.plates_wiped_at = moment
        changed.append("plates_wiped_at")
    if day.names_wiped_at is None and moment >= day.names_end_at:
        wiped += parties.exclude(address_sealed=b"").update(address_sealed=b"")
        day.names_wiped_at = moment
        changed.append("names_wiped_at")
    if changed:
        day.save(update_fields=changed)
        record(actor=system_in(current_tenant_id()), action="openday.wipe", obj=day, facts={"rows": wiped})
    return wiped


@transaction.atomic
def begin_report(*, day: OpenDay) -> bool:
    """A draft of the report for the editors, once, when the day is over; False for a day that did not take place.

    A school without a list of activities has none: the figures stand on the organiser's page all the same.
    """
    day = OpenDay.objects.select_for_update(no_key=True).get(pk=day.pk)
    moment = now()
    if day.report_begun_at is not None or day.state != DayState.OPEN or moment < day.ends_at:
        return False
    day.report_begun_at = moment
    day.report = _report_page(day, Tenant.objects.get(pk=current_tenant_id()))
    day.save(update_fields=["report_begun_at", "report"])
    record(actor=system_in(current_tenant_id()), action="openday.report", obj=day)
    return True


def _report_page(day: OpenDay, school: Tenant) -> Page | None:
    found = SchoolSite.objects.select_related("site__root_page").filter(tenant=school).first()
    above = ActivityIndexPage.objects.child_of(found.site.root_page).first() if found else None
    if above is None:
        return None
    held_on = school.day_of(day.starts_at)
    page: Page = above.add_child(
        instance=ReportPage(
            title=_("Looking back: %(title)s") % {"title": day.title},
            slug=free_slug(above, f"open-day-{held_on:%Y-%m-%d}"),
            summary=day.summary or day.title,
            body=[],
            happened_on=held_on,
            took_part=families(day)[1].here or None,
            of_open_day=True,
            live=False,
            has_unpublished_changes=True,
        )
    )
    page.save_revision()
    return page


def plates_end_of(day: OpenDay, school: Tenant) -> datetime:
    """When the number plates of ``day`` go, in the school's zone."""
    after = local_day(day.starts_at, school.time_zone) + timedelta(days=1)
    noon = start_of_day(after, school.time_zone) + timedelta(hours=PLATES_KEPT_TO_HOUR)
    following = OpenDay.objects.filter(starts_at__gt=day.starts_at, state=DayState.OPEN).order_by("starts_at")
    return plates_end(day.starts_at, noon, following.values_list("starts_at", flat=True).first())
