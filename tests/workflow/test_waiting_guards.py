"""What an offered seat is accepted into, and whose holds give way: each condition by itself (books §4)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.clock import as_of, now
from kernel.errors import Forbidden, IllegalMove, NotFound
from partners.models import Resource
from referrals.due import run_due
from referrals.models import ReferralDraft, TimeHold, WaitingEntry
from referrals.workflow.waiting_list import (
    accept_and_send,
    accept_seat,
    ahead_of,
    gather_seats,
    is_offered,
    join_waiting,
    leave_waiting,
    offer_seat,
)
from seats import places
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask, second_agency
from tests.workflow.test_instant import hold
from tests.workflow.test_waiting_list import SESSION, draft_of, fill, group, join, start_in, states

pytestmark = pytest.mark.django_db
__all__ = ["group"]


def offered(journey: Journey, group: Resource) -> WaitingEntry:
    slots = fill(group)
    entry = join(journey)
    places.free(slots[0])
    run_due()
    entry.refresh_from_db()
    return entry


def accept(journey: Journey, entry: WaitingEntry, draft: Any) -> TimeHold:
    return accept_seat(actor=journey.staff, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft)


@pytest.mark.parametrize("what", ["unknown", "another's", "sent", "over"])
def test_a_seat_goes_into_a_draft_of_ones_own_that_is_still_one(journey: Journey, group: Resource, what: str) -> None:
    entry, draft = offered(journey, group), draft_of(journey)
    mine = ReferralDraft.objects.filter(pk=draft)
    used = draft
    if what == "unknown":
        used = uuid4()
    elif what == "another's":
        used = draft_of(journey, "staff2")
    elif what == "sent":
        other = ask(journey, service=second_agency(journey), days=6)
        assert mine.update(referral=other) == 1
    else:
        assert mine.update(expires_at=now()) == 1
    with pytest.raises(NotFound):
        accept(journey, entry, used)
    assert (states(entry), TimeHold.objects.count()) == (["offered"], 0)


def test_ones_own_hold_of_the_kind_gives_way_and_no_other(journey: Journey, group: Resource) -> None:
    entry = offered(journey, group)
    former, stranger = draft_of(journey), draft_of(journey, "staff2")
    hold(journey, former, start_in(6))
    theirs = hold(journey, stranger, start_in(7), who=journey.staff2)
    other_kind = TimeHold.objects.create(
        person_id=journey.staff.membership_id, kind="camp", draft_id=draft_of(journey), service=journey.childcare,
        starts_at=start_in(8), ends_at=start_in(8) + SESSION, until=now() + SESSION,
    )  # fmt: skip
    made = accept(journey, entry, draft_of(journey))
    assert set(TimeHold.objects.values_list("pk", flat=True)) == {made.pk, theirs.pk, other_kind.pk}
    assert not places.busy([group.place], start_in(6), start_in(6) + SESSION), "what was held before is free again"
    assert places.busy([group.place], start_in(7), start_in(7) + SESSION)


def test_who_may_ask_for_nothing_stands_in_no_line(journey: Journey, group: Resource) -> None:
    """An agency's office has no place at the school; neither door of the list is theirs."""
    entry, office = offered(journey, group), journey.partner_office
    acts: list[Any] = [
        lambda: join_waiting(
            actor=office, tenant=journey.tenant, service_id=journey.counselling.pk, starts_at=start_in()
        ),
        lambda: leave_waiting(actor=office, entry_id=entry.pk),
        lambda: accept_seat(actor=office, tenant=journey.tenant, entry_id=entry.pk, draft_id=draft_of(journey)),
        lambda: accept_and_send(actor=office, tenant=journey.tenant, entry_id=entry.pk, consent=["referral"]),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()
    assert states(entry) == ["offered"]


def test_what_is_taken_or_has_begun_is_no_offer_whatever_until_says(journey: Journey, group: Resource) -> None:
    entry = offered(journey, group)
    assert entry.until is not None
    assert is_offered(entry, entry.until - timedelta(seconds=1))
    assert not is_offered(entry, entry.until)
    entry.until = entry.starts_at + SESSION
    assert is_offered(entry, entry.starts_at - timedelta(seconds=1))
    assert not is_offered(entry, entry.starts_at)
    entry.refresh_from_db()
    accept(journey, entry, draft_of(journey))
    entry.refresh_from_db()
    assert not is_offered(entry, now())
    with pytest.raises(IllegalMove):
        accept(journey, entry, draft_of(journey))


def test_who_stands_before_one_is_counted_in_ones_own_line(journey: Journey, group: Resource) -> None:
    """Not in a line of another hour, nor of another group, nor who has left."""
    starts = [start_in(4), start_in(5)]
    for start in starts:
        fill(group, start)
    gone, before, elsewhere = join(journey, "union"), join(journey, "staff2"), join(journey, "finance", starts[1])
    leave_waiting(actor=journey.actors["union"], entry_id=gone.pk)
    other = WaitingEntry.objects.create(
        person_id=journey.members["centre"].pk, service=journey.counselling, resource=uuid4(), starts_at=starts[0],
        ends_at=starts[0] + SESSION, joined_at=before.joined_at - timedelta(minutes=1),
    )  # fmt: skip
    mine, later = join(journey), join(journey, start=starts[1])
    assert ahead_of([mine, later]) == {mine.pk: 1, later.pk: 1}
    assert ahead_of([mine]) == {mine.pk: 1}
    assert ahead_of([before, elsewhere, other, mine]) == {before.pk: 0, elsewhere.pk: 0, other.pk: 0, mine.pk: 1}


def test_nothing_is_offered_to_or_gathered_for_who_waits_no_more(journey: Journey, group: Resource) -> None:
    slots = fill(group)
    entry = join(journey)
    places.free(slots[0])
    with as_of(entry.starts_at):
        assert not offer_seat(entry_id=entry.pk)
        assert not gather_seats(entry_id=entry.pk, seats=1)
    leave_waiting(actor=journey.staff, entry_id=entry.pk)
    assert not offer_seat(entry_id=entry.pk)
    assert not gather_seats(entry_id=entry.pk, seats=1)
    assert len(places.busy([group.place], start_in(), start_in() + SESSION)) == 1
