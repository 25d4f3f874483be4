"""A child's place passes to the other guardian who works at the school, with their yes and a new quote (books §4)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from families.models import Guardianship
from families.workflow import register_child
from kernel.clock import as_of
from kernel.errors import Conflict, NotFound, Refused
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import AgreementLine
from referrals.due import run_due
from referrals.models import Booking, ChildPlace, Referral, Unit, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.passing_on import decline_place, offered, take_over, until_of
from referrals.workflow.redeeming import redeem
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask, pool

pytestmark = pytest.mark.django_db
BORN = date(2019, 3, 4)


def leave(journey: Journey, on: date, who: str = "staff") -> None:
    Membership.objects.filter(pk=journey.members[who].pk).update(left_on=on)


def placed(journey: Journey, *, days: int = 20, units: int = 2) -> tuple[Referral, Booking]:
    """A child of two colleagues, with a place that one of them has booked."""
    child = register_child(actor=journey.staff, name="小满", born=BORN)
    register_child(actor=journey.staff2, name="小满", born=BORN)
    referral = ask(
        journey, service=journey.childcare, days=days, units=units, child_id=child.pk, consent=("referral", "childcare")
    )
    return referral, answer(journey, referral)


def asked(journey: Journey, **more: Any) -> tuple[Referral, Booking, ChildPlace]:
    referral, booking = placed(journey, **more)
    leave(journey, journey.tenant.today() - timedelta(days=1))
    run_due()
    run_due()
    return referral, booking, ChildPlace.objects.get()


def even() -> bool:
    return difference() == units_difference() == 0


def yes(journey: Journey, place: ChildPlace) -> Referral:
    offer = offered(journey.staff2, journey.tenant, place)
    assert offer is not None
    return take_over(actor=journey.staff2, tenant=journey.tenant, place_id=place.pk, token=offer.token)


def test_with_a_yes_place_time_and_price_are_the_others(journey: Journey) -> None:
    old, booking, place = asked(journey)
    offer = offered(journey.staff2, journey.tenant, place)
    assert offer is not None
    assert (offer.decision.fee_fen, offer.decision.subsidy_fen) == (old.fee_fen, old.subsidy_fen), (
        "what the leaver holds counts as free: the child has one yearly amount"
    )
    assert OutboxMessage.objects.filter(template="child_place_offered", to_user=journey.staff2.user_id).exists()
    new = yes(journey, place)
    old.refresh_from_db()
    booking.refresh_from_db()
    taken = Booking.objects.get(referral=new)
    assert (old.state, booking.state, new.state, taken.state) == ("cancelled", "cancelled", "confirmed", "confirmed")
    assert (taken.starts_at, taken.ends_at, taken.resource) == (booking.starts_at, booking.ends_at, booking.resource)
    assert (new.person_id, new.child_id) == (journey.members["staff2"].pk, old.child_id)
    assert not Unit.objects.filter(referral=old, state="held").exists()
    assert Unit.objects.filter(referral=new, state="held").count() == 2
    assert not Voucher.objects.filter(referral=old, state__in=["issued", "active"]).exists()
    assert OutboxMessage.objects.filter(template="child_place_passed", channel="email").exists()
    assert even()
    with as_of(taken.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=new).code)
    assert even()


def test_of_a_place_used_in_part_only_the_rest_passes(journey: Journey) -> None:
    """One month spent, two with appointments: both pass with their times, and the spent one stays the leaver's."""
    old, first = placed(journey, days=1, units=3)
    for days in (5, 6):
        enter_appointment(
            actor=journey.partner_office, tenant=journey.tenant, voucher_id=Voucher.objects.get(referral=old).pk,
            starts_at=first.starts_at + timedelta(days=days), ends_at=first.ends_at + timedelta(days=days),
        )  # fmt: skip
    with as_of(first.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=old).code)
    with as_of(first.starts_at + timedelta(days=2)):
        leave(journey, journey.tenant.day_of(first.starts_at))
        run_due()
        place = ChildPlace.objects.get()
        new = yes(journey, place)
        old.refresh_from_db()
        assert (old.state, new.units) == ("completed", 2)
        assert Unit.objects.filter(referral=old, state="spent").count() == 1
        taken = Booking.objects.filter(referral=new, state="confirmed").order_by("starts_at")
        assert [row.starts_at for row in taken] == [first.starts_at + timedelta(days=days) for days in (5, 6)]
        assert not Booking.objects.filter(referral=old, state="confirmed").exists()
        assert even()
    for booking in taken:
        with as_of(booking.starts_at):
            redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=new).code)
    assert Voucher.objects.get(referral=new).state == "used_up"
    assert even()


def test_no_answer_and_no_leave_the_leavers_days(journey: Journey) -> None:
    old, booking, place = asked(journey)
    decline_place(actor=journey.staff2, place_id=place.pk)
    with pytest.raises(Refused, match="place_over"):
        decline_place(actor=journey.staff2, place_id=place.pk)
    with pytest.raises(Refused, match="place_over"):
        take_over(actor=journey.staff2, tenant=journey.tenant, place_id=place.pk, token="x")
    run_due()
    assert ChildPlace.objects.count() == 1, "nobody is asked twice"
    assert Booking.objects.get(pk=booking.pk).state == "confirmed"
    assert Referral.objects.get(pk=old.pk).state == "confirmed"


def test_what_lies_beyond_the_days_waits_for_the_answer_and_not_longer(journey: Journey) -> None:
    """A sweep calls off nothing that may still pass to the other guardian; when the answer is late, it does."""
    old, booking, place = asked(journey, days=33)
    assert Booking.objects.get(pk=booking.pk).state == "confirmed"
    with as_of(place.until - timedelta(seconds=1)):
        run_due()
        assert Booking.objects.get(pk=booking.pk).state == "confirmed"
    with as_of(place.until):
        assert offered(journey.staff2, journey.tenant, place) is None
        with pytest.raises(Refused, match="place_over"):
            take_over(actor=journey.staff2, tenant=journey.tenant, place_id=place.pk, token="x")
        run_due()
        assert Booking.objects.get(pk=booking.pk).state == "cancelled"
        assert Referral.objects.get(pk=old.pk).decline_reason == "left_school"
    assert even()


def test_who_is_asked(journey: Journey) -> None:
    """Only another guardian who works here today; not before the day after the last one."""
    _old, _booking = placed(journey)
    leave(journey, journey.tenant.today())
    run_due()
    assert not ChildPlace.objects.exists(), "the last day itself counts"
    leave(journey, journey.tenant.today() - timedelta(days=1))
    leave(journey, journey.tenant.today() - timedelta(days=1), "staff2")
    run_due()
    assert not ChildPlace.objects.exists(), "the other has left as well"
    Membership.objects.filter(pk=journey.members["staff2"].pk).update(left_on=None)
    Guardianship.objects.filter(membership=journey.members["staff2"]).delete()
    run_due()
    assert not ChildPlace.objects.exists(), "no guardian"


def test_a_guardian_whose_last_day_is_planned_is_asked_like_any_other(journey: Journey) -> None:
    placed(journey)
    leave(journey, journey.tenant.today() + timedelta(days=90), "staff2")
    leave(journey, journey.tenant.today() - timedelta(days=1))
    run_due()
    assert [place.guardian_id for place in ChildPlace.objects.all()] == [journey.members["staff2"].pk]


def test_a_stranger_finds_nothing_and_a_former_guardian_neither(journey: Journey) -> None:
    _old, _booking, place = asked(journey)
    for stranger in (journey.union, journey.staff, journey.centre):
        with pytest.raises(NotFound):
            take_over(actor=stranger, tenant=journey.tenant, place_id=place.pk, token="x")
    Guardianship.objects.filter(membership=journey.members["staff2"]).delete()
    with pytest.raises(NotFound):
        decline_place(actor=journey.staff2, place_id=place.pk)


def test_another_price_is_shown_first(journey: Journey) -> None:
    old, _booking, place = asked(journey)
    offer = offered(journey.staff2, journey.tenant, place)
    assert offer is not None
    with pytest.raises(Refused, match="quote_expired"):
        take_over(actor=journey.staff2, tenant=journey.tenant, place_id=place.pk, token="x")
    AgreementLine.objects.filter(service=journey.childcare).update(tariff_fen=110_000)
    with pytest.raises(Conflict, match="quote_changed"):
        take_over(actor=journey.staff2, tenant=journey.tenant, place_id=place.pk, token=offer.token)
    assert Referral.objects.get(pk=old.pk).state == "confirmed"
    assert Referral.objects.count() == 1
    assert even()


def test_the_page(journey: Journey) -> None:
    _old, _booking, place = asked(journey)
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members["staff2"].user)
    assert f"/my/places/{place.pk}/" in client.get("/my/").content.decode()
    page = f"/my/places/{place.pk}/"
    text = client.get(page).content.decode()
    assert "小满" in text
    assert journey.members["staff"].name not in text.split("<main")[1]
    token = text.split('name="quote" value="')[1].split('"')[0]
    done = client.post(page, {"quote": token})
    new = Referral.objects.get(person=journey.members["staff2"])
    assert done["Location"] == f"/my/referrals/{new.pk}/"
    assert client.get(page)["Location"] == done["Location"]
    assert f"/my/places/{place.pk}/" not in client.get("/my/").content.decode()


def test_over_the_new_year_the_answer_is_by_the_schools_midnight(journey: Journey) -> None:
    """Left on 28 December: a yes at 23:59 on 4 January counts, one at midnight does not; 07:00 on 1 January is open."""
    year = journey.tenant.today().year
    assert until_of(journey.tenant, date(year, 12, 28)) == datetime(year + 1, 1, 4, 16, tzinfo=UTC)
    with as_of(datetime(year, 12, 20, 2, tzinfo=UTC)):
        _old, booking = placed(journey, days=25)
        assert journey.tenant.day_of(booking.starts_at).year == year + 1
        leave(journey, date(year, 12, 28))
    with as_of(datetime(year, 12, 31, 23, tzinfo=UTC)):  # 07:00 on the first
        run_due()
        place = ChildPlace.objects.get()
        assert offered(journey.staff2, journey.tenant, place) is not None
    with as_of(place.until):
        assert offered(journey.staff2, journey.tenant, place) is None
    with as_of(place.until - timedelta(seconds=1)):
        new = yes(journey, place)
    assert Unit.objects.filter(referral=new, service_date__year=year + 1).count() == 2
    assert even()


def test_what_the_leaver_holds_counts_as_free_in_a_pool_that_is_nearly_empty(journey: Journey) -> None:
    """The last money of the pool is what the leaver's request holds: the price shown, and paid, is the one with it."""
    for days, name in ((2, "小禾"), (4, "小苗")):
        other = register_child(actor=journey.finance, name=name, born=BORN)
        ask(
            journey, who=journey.finance, service=journey.childcare, days=days, units=7, child_id=other.pk,
            consent=("referral", "childcare"),
        )  # fmt: skip
    old, _booking, place = asked(journey)
    left = pool(journey, "childcare").available
    assert left < old.subsidy_fen
    offer = offered(journey.staff2, journey.tenant, place)
    assert offer is not None
    assert offer.decision.subsidy_fen == old.subsidy_fen
    assert yes(journey, place).subsidy_fen == old.subsidy_fen
    assert pool(journey, "childcare").available == left
    assert even()


def test_the_childs_yearly_amount_is_the_childs(journey: Journey) -> None:
    """All of it is held by the one who leaves: for the other it is whole again, and is used once."""
    old, _booking, place = asked(journey, units=8)
    offer = offered(journey.staff2, journey.tenant, place)
    assert offer is not None
    assert offer.decision.subsidy_fen == old.subsidy_fen == 8 * 60_000
    assert yes(journey, place).subsidy_fen == old.subsidy_fen
    assert even()
