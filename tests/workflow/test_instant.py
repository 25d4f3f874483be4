"""A free time is chosen, held for five minutes, and confirmed as it is sent, or blocked while an office decides (books §4, §9)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel.clock import as_of, now
from kernel.errors import Conflict, IllegalMove, Invalid, NotFound, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Resource, Service
from referrals.due import run_due
from referrals.models import Booking, Offer, Referral, ReferralDraft, Reschedule, TimeHold, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.wishes import NO_WISHES
from referrals.workflow.cancelling import cancel_referral, cancelling_means
from referrals.workflow.drafting import Asked, keep_draft, send_draft, throw_away_draft
from referrals.workflow.holding import HOLD, Chosen, chosen_of, hold_time, let_hold_go, other_times
from referrals.workflow.redeeming import redeem
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.submitting import approve_referral, decline_referral, submit_referral
from seats import places
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, soon
from tests.workflow.journey_steps import pool

pytestmark = pytest.mark.django_db
SESSION = timedelta(minutes=50)


@pytest.fixture(autouse=True)
def instant(journey: Journey) -> Iterator[None]:
    """Counselling of this agency is chosen by its free times."""
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()
    yield


def start_in(days: int = 3) -> datetime:
    return soon(days=days)[0].replace(minute=0)


def draft_of(journey: Journey, who: Any = None, service: Service | None = None) -> UUID:
    kept = keep_draft(
        actor=who or journey.staff, tenant=journey.tenant, draft_id=uuid4(), service=service or journey.counselling, answers={}
    )  # fmt: skip
    return kept.pk


def hold(
    journey: Journey, draft: UUID, start: datetime, *, who: Any = None, counsellor: Resource | None = None
) -> TimeHold:
    return hold_time(
        actor=who or journey.staff,
        tenant=journey.tenant,
        draft_id=draft,
        starts_at=start,
        counsellor_id=counsellor.pk if counsellor else None,
    )


def send(journey: Journey, draft: UUID, *, who: Any = None, units: int = 1) -> Referral:
    row = ReferralDraft.objects.get(pk=draft)

    def read(locked: ReferralDraft) -> Asked:
        chosen = chosen_of(locked)
        assert chosen is not None
        times = [(chosen.starts_at, chosen.ends_at)]
        return Asked(units, times, None, ["referral"], "", NO_WISHES, chosen)

    return send_draft(
        actor=who or journey.staff, tenant=journey.tenant, draft_id=draft, version=row.version, quote_token="",
        review_seen=None, read=read,
    )  # fmt: skip


def counsellor(journey: Journey, name: str) -> Resource:
    with use_tenant(journey.platform.id):
        return add_resource(
            actor=journey.partner_office, kind="counsellor", draft=ResourceDraft(name=name, services=[journey.counselling.pk])
        )  # fmt: skip


def busy(journey: Journey, *more: UUID) -> list[datetime]:
    return [row.starts_at for row in places.busy([journey.institution.pk, *more], now(), now() + timedelta(days=60))]


def run_out(found: TimeHold) -> None:
    """The five minutes are over by the database's clock, which no test can turn: the hold is made as short as one can be."""
    assert found.slot and found.resource
    places.keep(found.slot, found.resource, found.starts_at, found.ends_at, hold=timedelta(microseconds=1))


@pytest.mark.usefixtures("real_clock")
def test_a_chosen_time_is_held_for_five_minutes_by_the_database_s_clock(journey: Journey) -> None:
    found = hold(journey, draft_of(journey), start_in())
    assert busy(journey) == [start_in()]
    assert HOLD - timedelta(seconds=30) < found.until - now() <= HOLD + timedelta(seconds=5)


def test_sent_it_is_confirmed_at_once_with_voucher_and_money(journey: Journey) -> None:
    before = pool(journey)
    draft = draft_of(journey)
    hold(journey, draft, start_in())
    sent = send(journey, draft)
    booking, voucher = Booking.objects.get(), Voucher.objects.get()
    assert (sent.state, booking.state, Offer.objects.get().state) == ("confirmed", "confirmed", "accepted")
    assert (booking.starts_at, booking.ends_at) == (start_in(), start_in() + SESSION)
    assert booking.card
    assert busy(journey) == [start_in()]
    after = pool(journey)
    assert (before.available - after.available, after.reserved - before.reserved) == (21_000, 21_000)
    assert not TimeHold.objects.exists()
    told = set(OutboxMessage.objects.values_list("template", flat=True))
    assert "booking_confirmed" in told
    assert not told & {"offer_new", "referral_submitted"}, "nobody is asked, and one message is enough"
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert difference() == 0
    assert units_difference() == 0


def test_sent_twice_it_is_one_request(journey: Journey) -> None:
    draft = draft_of(journey)
    hold(journey, draft, start_in())
    sent = send(journey, draft)
    again = send_draft(
        actor=journey.staff, tenant=journey.tenant, draft_id=draft, version=99, quote_token="", review_seen=None,
        read=lambda _locked: pytest.fail("it was sent already"),
    )  # fmt: skip
    assert again == sent
    assert Booking.objects.count() == 1
    with pytest.raises(Conflict, match="already_sent"):
        hold(journey, draft, start_in(4))


def test_a_person_holds_one_time_of_a_kind_and_the_former_is_free(journey: Journey) -> None:
    first, second = draft_of(journey), draft_of(journey)
    hold(journey, first, start_in(3))
    hold(journey, first, start_in(4))
    assert busy(journey) == [start_in(4)]
    hold(journey, second, start_in(5))
    assert busy(journey) == [start_in(5)], "of another draft too"
    hold(journey, draft_of(journey, journey.staff2), start_in(3), who=journey.staff2)
    assert busy(journey) == [start_in(3), start_in(5)]
    let_hold_go(actor=journey.staff, draft_id=second)
    let_hold_go(actor=journey.staff, draft_id=second)
    assert busy(journey) == [start_in(3)]


def test_a_refused_hold_leaves_the_former_one(journey: Journey) -> None:
    draft = draft_of(journey)
    hold(journey, draft, start_in(3))
    places.take(journey.institution.pk, start_in(4), start_in(4) + SESSION)  # somebody of another school
    with pytest.raises(Conflict, match="slot_taken"):
        hold(journey, draft, start_in(4))
    assert TimeHold.objects.get().starts_at == start_in(3)
    assert busy(journey) == [start_in(3), start_in(4)]


@pytest.mark.parametrize("taken", [False, True])
def test_whoever_sends_late_gets_the_time_if_it_is_still_free(journey: Journey, taken: bool) -> None:
    draft = draft_of(journey)
    run_out(hold(journey, draft, start_in()))
    assert busy(journey) == []
    if not taken:
        assert send(journey, draft).state == "confirmed"
        return
    places.take(journey.institution.pk, start_in(), start_in() + SESSION)
    before = pool(journey)
    with pytest.raises(Conflict, match="slot_taken"):
        send(journey, draft)
    assert not Referral.objects.exists()
    assert pool(journey) == before
    assert ReferralDraft.objects.get(pk=draft).referral_id is None, "the draft is kept"
    others = other_times(journey.tenant, journey.counselling, start_in())
    assert len(others) == 3
    assert start_in() not in others
    assert max(abs(other - start_in()) for other in others) <= timedelta(hours=3)


def test_whoever_chose_nobody_goes_on_to_another_counsellor(journey: Journey) -> None:
    first, second = counsellor(journey, "黄春燕"), counsellor(journey, "沈一帆")
    draft = draft_of(journey)
    run_out(hold(journey, draft, start_in()))
    places.take(first.place, start_in(), start_in() + SESSION)
    sent = send(journey, draft)
    assert Booking.objects.get(referral=sent).resource == second.place
    chose = draft_of(journey, journey.staff2)
    held = hold(journey, chose, start_in(4), who=journey.staff2, counsellor=first)
    assert held.resource == first.place
    run_out(held)
    places.take(first.place, start_in(4), start_in(4) + SESSION)
    with pytest.raises(Conflict, match="slot_taken"):
        send(journey, chose, who=journey.staff2)


def test_under_review_it_is_blocked_and_a_yes_confirms_it(journey: Journey) -> None:
    draft = draft_of(journey)
    hold(journey, draft, start_in(6))
    sent = send(journey, draft, units=4)  # beyond the free sessions: the centre looks first
    booking = Booking.objects.get()
    assert (sent.state, booking.state, booking.card) == ("submitted", "pending", "")
    assert not Offer.objects.exists()
    assert not Voucher.objects.exists()
    assert busy(journey) == [start_in(6)]
    assert sent.deadline is not None
    assert sent.deadline <= start_in(6) - timedelta(hours=2)
    approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=sent.pk)
    booking.refresh_from_db()
    assert (Referral.objects.get().state, booking.state) == ("confirmed", "confirmed")
    assert booking.card
    assert Voucher.objects.get().booking_id == booking.pk
    assert difference() == 0


@pytest.mark.parametrize("end", ["declined", "cancelled", "deadline"])
def test_a_no_or_the_deadline_frees_the_time_and_the_money(journey: Journey, end: str) -> None:
    before = pool(journey)
    draft = draft_of(journey)
    hold(journey, draft, start_in(6))
    sent = send(journey, draft, units=4)
    # The agency asks for another time meanwhile: that time is held beside the first one.
    asked = ask_reschedule(
        actor=journey.partner_office,
        tenant=journey.tenant,
        booking_id=Booking.objects.get().pk,
        starts_at=start_in(7),
        ends_at=start_in(7) + timedelta(minutes=50),
    )
    assert len(busy(journey)) == 2
    if end == "declined":
        decline_referral(actor=journey.centre, referral_id=sent.pk, reason="other_help_fits")
    elif end == "cancelled":
        assert cancelling_means(sent, journey.tenant).meaning == "free"
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=sent.pk)
        assert not OutboxMessage.objects.filter(template="booking_cancelled").exists(), "the agency knew of nothing"
    else:
        assert sent.deadline is not None
        with as_of(sent.deadline):
            with pytest.raises(Refused, match="too_late"):
                approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=sent.pk)
            run_due()
            run_due()
        assert OutboxMessage.objects.filter(template="referral_undecided").count() == 1
        with pytest.raises(IllegalMove):
            approve_referral(actor=journey.centre, tenant=journey.tenant, referral_id=sent.pk)
    state = {"declined": "declined", "cancelled": "cancelled", "deadline": "expired"}[end]
    assert (Referral.objects.get().state, Booking.objects.get().state) == (state, "cancelled")
    assert Reschedule.objects.get(pk=asked.pk).state == "withdrawn"
    assert busy(journey) == []
    assert pool(journey) == before
    assert difference() == 0


def test_the_office_has_until_two_hours_before_it_begins(journey: Journey) -> None:
    start = (now() + timedelta(hours=3)).replace(second=0, microsecond=0)
    draft = draft_of(journey)
    hold(journey, draft, start)
    sent = send(journey, draft, units=4)
    assert sent.deadline == start - timedelta(hours=2)


def test_one_request_of_a_kind_waits_with_a_time(journey: Journey) -> None:
    draft = draft_of(journey)
    hold(journey, draft, start_in(6))
    first = send(journey, draft, units=4)
    second = draft_of(journey)
    hold(journey, second, start_in(7))
    with pytest.raises(Refused, match="pending_open"):
        send(journey, second, units=1)
    assert busy(journey) == [start_in(6), start_in(7)]
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=first.pk)
    assert send(journey, second).state == "confirmed"


@pytest.mark.parametrize(
    ("facts", "error", "code"),
    [
        ({"start": timedelta(minutes=119)}, Invalid, "too_soon"),
        ({"start": timedelta(hours=-1)}, Invalid, "in_the_past"),
        ({"start": timedelta(days=91)}, Invalid, "too_far_ahead"),
        ({"service": "childcare"}, Refused, "not_instant"),
    ],
)
def test_a_time_that_cannot_be_is_not_held(journey: Journey, facts: dict[str, Any], error: Any, code: str) -> None:
    service = journey.childcare if facts.get("service") else journey.counselling
    draft = draft_of(journey, service=service)
    start = now() + facts.get("start", timedelta(days=3))
    with pytest.raises(error) as refused:
        hold(journey, draft, start)
    assert code in (refused.value.reason, *(fault[1] for fault in refused.value.fields))
    assert busy(journey) == []


def test_a_stranger_s_draft_is_not_there(journey: Journey) -> None:
    draft = draft_of(journey)
    for act in (
        lambda: hold(journey, draft, start_in(), who=journey.staff2),
        lambda: let_hold_go(actor=journey.staff2, draft_id=draft),
        lambda: hold(journey, uuid4(), start_in()),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_draft_that_is_thrown_away_gives_its_time_back(journey: Journey) -> None:
    draft = draft_of(journey)
    hold(journey, draft, start_in())
    throw_away_draft(actor=journey.staff, draft_id=draft)
    assert busy(journey) == []
    assert not TimeHold.objects.exists()


def test_a_program_takes_a_free_time_without_a_hold(journey: Journey) -> None:
    times = (start_in(), start_in() + SESSION)
    sent = submit_referral(
        actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1, windows=[times],
        consent=["referral"], chosen=Chosen(*times),
    )  # fmt: skip
    assert sent.state == "confirmed"
    with pytest.raises(Conflict, match="slot_taken"):
        submit_referral(
            actor=journey.staff2, tenant=journey.tenant, service_id=journey.counselling.pk, units=1, windows=[times],
            consent=["referral"], chosen=Chosen(*times),
        )  # fmt: skip
