"""The organiser plans a day, publishes it, changes it and calls it off; its page is made with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.actor import Actor, require
from audit import record
from content.models import SchoolSite
from content.opendays import seating
from content.opendays.access import organised, session_of
from content.opendays.models import OpenDay, OpenDayIndexPage, OpenDayPage, Session
from content.opendays.states import DayEvent, DayState, step
from content.opendays.workflow.checks import checked_span, checked_text, invalid
from content.opendays.workflow.notices import tell_all, tell_of_offers
from content.opendays.workflow.surveying import move_questions
from kernel.clock import local_day, now
from kernel.errors import Conflict, Refused
from tenancy.models import Tenant

INDEX_SLUG: Final = "open-days"
MOST_SEATS: Final = 5000


@dataclass(frozen=True, slots=True)
class Plan:
    """What the organiser says of a day. Moments are UTC; both ends of the day lie in one day of the school's zone."""

    title: str
    entrance: str
    starts_at: datetime
    ends_at: datetime
    answers_until: datetime
    capacity: int
    summary: str = ""
    way: str = ""
    answers_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What the organiser says of a session; without ``capacity`` nobody is counted."""

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    note: str = ""
    capacity: int | None = None


@transaction.atomic
def plan_day(*, actor: Actor, school: Tenant, plan: Plan) -> OpenDay:
    """A day that only the organiser sees, with its entry and a page that is not published yet.

    Invalid as ``checks``, ``day_in_past``, ``not_one_day``, ``answers_after_start``, ``capacity_wrong``.
    """
    require(actor, "openday.run")
    day = OpenDay(names_kept_days=school.settings.visitor_name_days)
    _write(day, plan, school)
    day.page = _page_for(day, school)
    day.save(force_insert=True)
    Session.objects.create(
        open_day=day,
        is_entry=True,
        title=_("Come in and sign in"),
        place=day.entrance,
        starts_at=day.starts_at,
        ends_at=day.ends_at,
        capacity=_seats(plan.capacity),
    )
    record(actor=actor, action="openday.plan", obj=day, facts={"people": plan.capacity})
    return day


@transaction.atomic
def change_day(*, actor: Actor, school: Tenant, open_day_id: UUID | str, plan: Plan) -> OpenDay:
    """Other hours, another place, more or fewer seats. Everybody who comes is told once it was published.

    Errors as ``plan_day``; Conflict ``seats_given`` for fewer seats than are held, ``openday_over`` when it has begun.
    """
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    _must_be_to_come(day)
    rooms = seating.lock_sessions(day.pk)
    before = (day.starts_at, day.ends_at, day.entrance, day.title)
    _write(day, plan, school)
    entry = next(room for room in rooms.values() if room.is_entry)
    _set_capacity(entry, _seats(plan.capacity))
    entry.starts_at, entry.ends_at, entry.place = day.starts_at, day.ends_at, day.entrance
    entry.save(update_fields=["starts_at", "ends_at", "place", "capacity"])
    _move_sessions(rooms.values(), local_day(day.starts_at, school.time_zone) - local_day(before[0], school.time_zone))
    if any(room.starts_at < day.starts_at or room.ends_at > day.ends_at for room in rooms.values()):
        raise Refused("session_outside")
    is_moved = before != (day.starts_at, day.ends_at, day.entrance, day.title)
    day.sequence += is_moved
    day.save()
    move_questions(day)
    offers = seating.settle(rooms.values(), day.starts_at, now())
    record(actor=actor, action="openday.change", obj=day, facts={"people": plan.capacity})
    tell_of_offers(offers)
    if is_moved and day.state == DayState.OPEN:
        tell_all(day, "openday_changed", str(day.sequence))
    return day


@transaction.atomic
def put_session(*, actor: Actor, open_day_id: UUID | str, item: Item, session_id: UUID | str | None = None) -> Session:
    """A session more, or another word about one. Conflict ``seats_given`` for fewer seats than are held; Refused
    ``session_outside`` for hours beyond the day's.
    """
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    _must_be_to_come(day)
    rooms = seating.lock_sessions(day.pk)
    session = Session(open_day=day) if session_id is None else rooms[session_of(day, session_id).pk]
    checked_span(item.starts_at, item.ends_at)
    if item.starts_at < day.starts_at or item.ends_at > day.ends_at:
        raise Refused("session_outside")
    session.title = checked_text("title", item.title, 40)
    session.note = checked_text("note", item.note, 120, needed=False)
    if not session.is_entry:
        session.place = checked_text("place", item.place, 40, needed=False)
        session.starts_at, session.ends_at = item.starts_at, item.ends_at
        _set_capacity(session, None if item.capacity is None else _seats(item.capacity))
    session.save()
    offers = seating.settle([session], day.starts_at, now())
    record(actor=actor, action="openday.session", obj=session)
    tell_of_offers(offers)
    return session


@transaction.atomic
def drop_session(*, actor: Actor, open_day_id: UUID | str, session_id: UUID | str) -> None:
    """Take a session off the programme. Conflict ``seats_given`` while somebody has or waits for seats there."""
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    _must_be_to_come(day)
    session = seating.lock_sessions(day.pk)[session_of(day, session_id).pk]
    if session.is_entry or session.claims.exists():
        raise Conflict("seats_given")
    session.delete()
    record(actor=actor, action="openday.session", obj=day)


@transaction.atomic
def publish_day(*, actor: Actor, open_day_id: UUID | str) -> OpenDay:
    """From now on it is read, and staff may invite. IllegalMove when it was called off; twice is once (AlreadyDone)."""
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    _must_be_to_come(day)
    day.state = step(DayState(day.state), DayEvent.PUBLISH)
    day.save(update_fields=["state"])
    if day.page_id is not None:
        page = OpenDayPage.objects.get(pk=day.page_id)
        page.save_revision().publish()
    record(actor=actor, action="openday.publish", obj=day)
    return day


@transaction.atomic
def call_off_day(*, actor: Actor, open_day_id: UUID | str) -> OpenDay:
    """It does not take place. Everybody who comes is told; the page says so; calendars take it out."""
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    _must_be_to_come(day)
    seating.lock_sessions(day.pk)
    day.state = step(DayState(day.state), DayEvent.CALL_OFF)
    day.sequence += 1
    day.save(update_fields=["state", "sequence"])
    record(actor=actor, action="openday.call_off", obj=day)
    tell_all(day, "openday_called_off", str(day.pk))
    return day


def _move_sessions(rooms: Iterable[Session], days: timedelta) -> None:
    """The programme goes along when the day becomes another date; the entry has its hours from the day."""
    for room in rooms:
        if days and not room.is_entry:
            room.starts_at, room.ends_at = room.starts_at + days, room.ends_at + days
            room.save(update_fields=["starts_at", "ends_at"])


def _write(day: OpenDay, plan: Plan, school: Tenant) -> None:
    moment = now()
    day.title = checked_text("title", plan.title, 40)
    day.summary = checked_text("summary", plan.summary, 160, needed=False)
    day.entrance = checked_text("entrance", plan.entrance, 60)
    day.way = checked_text("way", plan.way, 300, needed=False)
    checked_span(plan.starts_at, plan.ends_at)
    if plan.starts_at <= moment:
        raise invalid("day", "day_in_past")
    if local_day(plan.starts_at, school.time_zone) != local_day(plan.ends_at, school.time_zone):
        raise invalid("ends_at", "not_one_day")
    answers_from = plan.answers_from or day.answers_from
    if plan.answers_until > plan.starts_at or plan.answers_until <= answers_from:
        raise invalid("answers_until", "answers_after_start")
    day.starts_at, day.ends_at = plan.starts_at, plan.ends_at
    day.answers_from, day.answers_until = answers_from, plan.answers_until


def _seats(capacity: int) -> int:
    if not 1 <= capacity <= MOST_SEATS:
        raise invalid("capacity", "capacity_wrong")
    return capacity


def _set_capacity(session: Session, capacity: int | None) -> None:
    """Conflict ``seats_given`` below what is held or offered, or when seats that were given are not to be counted any more."""
    if session.pk and not session._state.adding and session.capacity is not None:
        given = session.capacity - seating.free_in(session, now())
        if given > (capacity or 0):
            raise Conflict("seats_given", seats=given)
    session.capacity = capacity


def _must_be_to_come(day: OpenDay) -> None:
    if now() >= day.starts_at:
        raise Conflict("openday_over")


def _page_for(day: OpenDay, school: Tenant) -> Page | None:
    """The day's page in the school's tree, a draft below the list of open days, which is made with the first.

    None for a school without pages: it is known by its invitations alone.
    """
    found = SchoolSite.objects.select_related("site__root_page").filter(tenant=school).first()
    if found is None:
        return None
    home = found.site.root_page
    index = OpenDayIndexPage.objects.child_of(home).first()
    if index is None:
        index = home.add_child(instance=OpenDayIndexPage(title=_("Open days"), slug=INDEX_SLUG))
    slug = free_slug(index, f"{local_day(day.starts_at, school.time_zone):%Y-%m-%d}")
    page: Page = index.add_child(
        instance=OpenDayPage(title=day.title, slug=slug, summary=day.summary, live=False, has_unpublished_changes=True)
    )
    return page


def free_slug(above: Page, slug: str) -> str:
    """``slug``, or with a number behind it where another page below ``above`` has it."""
    taken = set(Page.objects.child_of(above).values_list("slug", flat=True))
    return next(name for name in (slug, *(f"{slug}-{n}" for n in range(2, 1000))) if slugify(name) not in taken)
