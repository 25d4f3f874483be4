"""Waiting for a seat at a time that is full: strict order, an offer with a clock, accepted, left (books §4, §9)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from kernel.clock import as_of, now
from kernel.errors import Conflict, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from partners.calendars.offered import free_times
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Agreement, Resource, Service
from partners.workflow import resume_agreement, suspend_agreement
from referrals.due import run_due
from referrals.models import Referral, TimeHold, WaitingEntry
from referrals.workflow.drafting import keep_draft
from referrals.workflow.waiting_list import MOST_ENTRIES, accept_seat, ahead_of, join_waiting, leave_waiting
from seats import places
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.fixtures_journey import Journey, soon
from tests.workflow.test_free_time_pages import send

pytestmark = pytest.mark.django_db
SESSION = timedelta(minutes=50)


@pytest.fixture
def group(journey: Journey) -> Iterator[Resource]:
    """A group of two places, whose times are chosen."""
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name="减压小组", services=[journey.counselling.pk], capacity=2)
        made = add_resource(actor=journey.partner_office, kind="group", draft=draft)
    yield made


def start_in(days: int = 4) -> datetime:
    return soon(days=days)[0].replace(minute=0)


def fill(group: Resource, start: datetime | None = None, seats: int = 2) -> list[UUID]:
    begins = start or start_in()
    return [places.take(group.place, begins, begins + SESSION, capacity=2).slot for _ in range(seats)]


def join(journey: Journey, who: str = "staff", start: datetime | None = None) -> WaitingEntry:
    return join_waiting(
        actor=journey.actors[who], tenant=journey.tenant, service_id=journey.counselling.pk, starts_at=start or start_in()
    )  # fmt: skip


def states(*entries: WaitingEntry) -> list[str]:
    return [WaitingEntry.objects.get(pk=entry.pk).state for entry in entries]


def draft_of(journey: Journey, who: str = "staff") -> UUID:
    return keep_draft(
        actor=journey.actors[who], tenant=journey.tenant, draft_id=uuid4(), service=journey.counselling, answers={}
    ).pk


def test_seats_that_become_free_go_to_whoever_came_first(journey: Journey, group: Resource) -> None:
    slots = fill(group)
    first, second, third = join(journey), join(journey, "staff2"), join(journey, "union")
    run_due()
    assert states(first, second, third) == ["waiting"] * 3, "nobody is offered what is not there"
    assert ahead_of([second, third]) == {second.pk: 1, third.pk: 2}
    places.free(slots[0])
    run_due()
    run_due()
    assert states(first, second, third) == ["offered", "waiting", "waiting"]
    assert OutboxMessage.objects.filter(template="seat_offered").values("link").distinct().count() == 1
    places.free(slots[1])
    run_due()
    assert states(first, second, third) == ["offered", "offered", "waiting"]
    assert len(places.busy([group.place], start_in(), start_in() + SESSION)) == 2, "an offered seat is nobody else's"


def test_an_offer_lasts_a_quarter_of_the_time_left_and_then_goes_on(journey: Journey, group: Resource) -> None:
    slots, start = fill(group), start_in()
    first, second = join(journey), join(journey, "staff2")
    places.free(slots[0])
    run_due()
    first.refresh_from_db()
    assert first.until is not None
    assert abs((first.until - now()) - min(timedelta(hours=24), (start_in() - now()) / 4)) < timedelta(minutes=1)
    with as_of(first.until):
        with pytest.raises(Refused, match="too_late"):
            accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=first.pk, draft_id=draft_of(journey))
        run_due()
        assert states(first, second) == ["left", "offered"]
        again = join(journey, start=start)
        assert again.state == "waiting", "who let it pass may join again"


def test_an_accepted_seat_is_the_chosen_time_of_the_draft(journey: Journey, group: Resource) -> None:
    slots = fill(group)
    entry = join(journey)
    with pytest.raises(IllegalMove):
        accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft_of(journey))
    places.free(slots[0])
    run_due()
    with pytest.raises(NotFound):
        accept_seat(
            actor=journey.staff2, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft_of(journey, "staff2")
        )
    hold = accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft_of(journey))
    assert TimeHold.objects.get() == hold
    assert states(entry) == ["taken"]
    assert len(places.busy([group.place], start_in(), start_in() + SESSION)) == 2


def test_whoever_leaves_gives_the_offered_seat_to_the_next(journey: Journey, group: Resource) -> None:
    slots = fill(group)
    first, second = join(journey), join(journey, "staff2")
    places.free(slots[0])
    run_due()
    with pytest.raises(NotFound):
        leave_waiting(actor=journey.staff2, entry_id=first.pk)
    leave_waiting(actor=journey.staff, entry_id=first.pk)
    run_due()
    assert states(first, second) == ["left", "offered"]
    with pytest.raises(IllegalMove):
        leave_waiting(actor=journey.staff, entry_id=first.pk)


def test_when_the_time_begins_the_line_is_closed(journey: Journey, group: Resource) -> None:
    fill(group)
    entry = join(journey)
    with as_of(start_in()):
        run_due()
    assert states(entry) == ["closed"]


def test_the_order_is_that_of_joining_over_all_schools(journey: Journey, group: Resource, other_school: Any) -> None:
    """A school whose identity sorts first does not go first."""
    slots = fill(group)
    first = join(journey)
    with use_tenant(other_school.id):
        person = make_person(other_school, "staff")
        later = WaitingEntry.objects.create(
            person=person, service=journey.counselling, resource=group.place, starts_at=start_in(),
            ends_at=start_in() + SESSION, joined_at=first.joined_at - timedelta(hours=1),
        )  # fmt: skip
    places.free(slots[0])
    run_due()
    assert states(first) == ["waiting"]
    with use_tenant(other_school.id):
        assert states(later) == ["offered"]


def test_what_cannot_be_waited_for_is_refused(journey: Journey, group: Resource) -> None:
    with pytest.raises(Refused, match="not_full"):
        join(journey)
    fill(group)
    join(journey)
    with pytest.raises(Conflict, match="waiting_already"):
        join(journey)
    with pytest.raises(Refused, match="not_instant"):
        join_waiting(actor=journey.staff, tenant=journey.tenant, service_id=journey.childcare.pk, starts_at=start_in())
    with pytest.raises(NotFound):
        join_waiting(actor=journey.staff, tenant=journey.tenant, service_id=uuid4(), starts_at=start_in())
    for number in range(MOST_ENTRIES - 1):
        other = start_in(5 + number)
        fill(group, other)
        join(journey, start=other)
    fill(group, start_in(30))
    with pytest.raises(Refused, match="waiting_full"):
        join(journey, start=start_in(30))


def test_the_pages_from_the_full_time_to_the_request(journey: Journey, group: Resource) -> None:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    assert journey.members["staff"].user is not None
    client.force_login(journey.members["staff"].user)
    assert "You wait in no line" in client.get("/my/waiting/").content.decode()
    slots = fill(group)
    start = start_in()
    found = free_times([journey.counselling], now(), zone=journey.tenant.time_zone)[journey.counselling.pk]
    assert start in found.full
    assert start not in found.starts()
    url = str(client.get(f"/apply/{journey.counselling.pk}/")["Location"])
    assert "Full: wait for a place" in client.get(url).content.decode()
    asked = {"service": str(journey.counselling.pk), "start": start.isoformat()}
    assert "Join the line" in client.get("/my/waiting/join/", asked).content.decode()
    assert client.post("/my/waiting/join/", asked)["Location"] == "/my/waiting/"
    entry = WaitingEntry.objects.get()
    assert "You are number 1" in client.get("/my/waiting/").content.decode()
    places.free(slots[0])
    run_due()
    page = client.get("/my/waiting/").content.decode()
    assert "A place is kept for you until" in page
    assert client.get(f"/my/waiting/{entry.pk}/leave/").status_code == 200
    answer = client.post(f"/my/waiting/{entry.pk}/accept/")
    draft = UUID(answer["Location"].split("/")[2])
    assert "kept for you until" in client.get(answer["Location"]).content.decode()
    client.post(f"/apply/{draft}/consent/", {"consent": "on", "go": "consent"})
    send(client, draft, client.get(f"/apply/{draft}/check/").content.decode())
    assert Referral.objects.get().state == "confirmed"
    stranger = Client(headers={"host": journey.tenant.host})
    assert journey.members["staff2"].user is not None
    stranger.force_login(journey.members["staff2"].user)
    assert stranger.post(f"/my/waiting/{entry.pk}/accept/").status_code == 404
    assert stranger.get(f"/my/waiting/{entry.pk}/leave/").status_code == 404


def test_what_counts_as_a_line_is_ones_own_open_and_to_come(journey: Journey, group: Resource) -> None:
    """Ten lines of somebody else, one that was left and one whose time has begun leave room for ten of one's own."""
    starts = [start_in(5 + number) for number in range(MOST_ENTRIES)]
    begun = start_in(4)
    for start in (begun, *starts):
        fill(group, start)
    for start in starts:
        join(journey, "staff2", start)
    leave_waiting(actor=journey.staff, entry_id=join(journey, start=starts[0]).pk)
    join(journey, start=begun)
    with as_of(begun):
        assert [join(journey, start=start).state for start in starts] == ["waiting"] * MOST_ENTRIES


def test_nobody_waits_for_what_is_no_place_of_several_or_chosen_by_nobody(journey: Journey, group: Resource) -> None:
    start = start_in()
    fill(group, start)
    Service.objects.filter(pk=journey.counselling.pk).update(mode="confirm")
    with pytest.raises(Refused, match="not_instant"):
        join(journey)
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    Resource.objects.filter(pk=group.pk).update(kind="counsellor", capacity=1)
    with pytest.raises(Refused, match="not_instant"):
        join(journey)
    Resource.objects.filter(pk=group.pk).update(kind="group", capacity=2)
    assert join(journey).state == "waiting"


def test_nobody_waits_for_a_time_that_is_too_near_or_without_an_agreement(journey: Journey, group: Resource) -> None:
    start = start_in()
    fill(group, start)
    with as_of(start - timedelta(minutes=119)), pytest.raises(Invalid, match="windows_invalid"):
        join(journey, start=start)
    Agreement.objects.filter(pk=journey.agreement.pk).update(valid_until=journey.tenant.day_of(start))
    with pytest.raises(Refused, match="no_agreement"):
        join(journey)
    with as_of(start - timedelta(minutes=120)):
        Agreement.objects.filter(pk=journey.agreement.pk).update(
            valid_until=journey.tenant.day_of(start) + timedelta(1)
        )
        assert join(journey, start=start).state == "waiting"


def test_an_offer_of_an_agency_that_is_paused_since_is_not_accepted(journey: Journey, group: Resource) -> None:
    slots = fill(group)
    entry = join(journey)
    places.free(slots[0])
    run_due()
    suspend_agreement(actor=journey.union, agreement_id=journey.agreement.pk, reason="quality")
    with pytest.raises(Refused, match="suspended"):
        accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft_of(journey))
    assert states(entry) == ["offered"]
    resume_agreement(actor=journey.finance, agreement_id=journey.agreement.pk)
    accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft_of(journey))
    assert states(entry) == ["taken"]
