"""What counts against an agency, and no figure of few people (books §3, §9)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from kernel.clock import as_of, now, school_year
from referrals.agency_counts import counts_of
from referrals.models import Booking, Redemption
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.objecting import decide_dispute, dispute
from referrals.workflow.redeeming import redeem, reverse
from referrals.workflow.rerouting import cancel_by_agency
from tenancy.hosts import forget
from tests.api.journey_client import API, staff_of
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked

pytestmark = pytest.mark.django_db
LATER = timedelta(days=62)


def people(journey: Journey, many: int) -> list[Any]:
    return [actor_of(make_person(journey.tenant, "staff", name="欧阳静")) for _ in range(many)]


def called_off(journey: Journey, who: Any, days: int) -> Booking:
    _referral, booking, _voucher = booked(journey, who=who, days=days)
    cancel_by_agency(actor=journey.partner_office, tenant=journey.tenant, booking_id=booking.pk, reason="ill")
    return booking


def taken_back(journey: Journey, who: Any, days: int) -> Redemption:
    _referral, booking, voucher = booked(journey, who=who, days=days)
    with as_of(booking.starts_at):
        (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
        dispute(actor=who, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
        decide_dispute(actor=journey.centre, redemption_id=line.pk, finding="reverse")
    return line


def figures(journey: Journey, moment: datetime | None = None) -> list[tuple[int, int | None, int | None]]:
    """Year, called off, taken back; of each agency and year."""
    found = counts_of(journey.tenant, moment or now() + LATER)
    return [(row.year, row.called_off.times, row.taken_back.times) for row in found]


def test_four_people_are_left_out_and_a_fifth_makes_a_figure(journey: Journey) -> None:
    assert figures(journey) == []
    *four, fifth = people(journey, 5)
    for days, who in enumerate(four, 1):
        booking = called_off(journey, who, days)
    year = school_year(journey.tenant.day_of(booking.starts_at))
    called_off(journey, four[0], 8)  # the same person once more is no other one
    assert figures(journey) == [(year, None, 0)]
    called_off(journey, fifth, 9)
    assert figures(journey) == [(year, 6, 0)]


def test_a_second_account_of_one_of_four_makes_no_fifth(journey: Journey) -> None:
    fifth, *four = people(journey, 5)
    Membership.objects.filter(pk=four[0].membership_id).update(staff_no="T-7")
    Membership.objects.filter(pk=fifth.membership_id).update(staff_no="t–7")
    for days, who in enumerate([fifth, *four], 1):
        booking = called_off(journey, who, days)
    year = school_year(journey.tenant.day_of(booking.starts_at))
    assert figures(journey) == [(year, None, 0)]
    Membership.objects.filter(pk=fifth.membership_id).update(staff_no="T-8")
    assert figures(journey) == [(year, 5, 0)]


def test_uses_that_an_office_took_back_count_and_those_of_the_agency_do_not(journey: Journey) -> None:
    for days, who in enumerate(people(journey, 5), 1):
        line = taken_back(journey, who, days)
    _referral, booking, voucher = booked(journey, days=8)
    with as_of(booking.starts_at):
        (own,) = redeem(actor=journey.partner_counter, text=voucher.code)
        reverse(actor=journey.partner_office, redemption_id=own.pk, reason="wrong_amount")
    assert figures(journey) == [(school_year(line.service_date), 0, 5)]


def test_what_the_person_cancels_counts_against_nobody(journey: Journey) -> None:
    for days, who in enumerate(people(journey, 5), 1):
        referral, _booking, _voucher = booked(journey, who=who, days=days + 2)
        cancel_referral(actor=who, tenant=journey.tenant, referral_id=referral.pk)
    assert figures(journey) == []


def test_the_running_month_is_not_in_yet(journey: Journey) -> None:
    """Else two looks, before and after one act, would tell whose it was."""
    for days, who in enumerate(people(journey, 5), 1):
        called_off(journey, who, days)
    assert figures(journey, now()) == []


def test_the_union_reads_it_and_nobody_else_and_the_page_names_no_person(journey: Journey) -> None:
    for days, who in enumerate(people(journey, 5), 1):
        called_off(journey, who, days)
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    with as_of(now() + LATER):
        client.force_login(journey.members["union"].user)  # type: ignore[arg-type]
        client.get("/union/agencies/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/union/agencies/")
        assert page.status_code == 200
        assert len(queries) <= 15
        text = page.content.decode()
        assert journey.institution.name in text and ">5<" in text
        assert "欧阳静" not in text
        for name in ("staff", "centre", "finance"):
            client.force_login(journey.members[name].user)  # type: ignore[arg-type]
            assert client.get("/union/agencies/").status_code == 404


def test_a_program_of_the_union_reads_the_same(journey: Journey) -> None:
    for days, who in enumerate(people(journey, 5), 1):
        called_off(journey, who, days)
    address = f"{API}union/agencies/"
    callers = {name: staff_of(journey, name) for name in ("union", "staff", "centre", "finance")}
    with as_of(now() + LATER):
        told = callers["union"].get(address).json()
        assert [callers[name].get(address).status_code for name in ("staff", "centre", "finance")] == [403] * 3
    [row] = told["results"]
    assert (row["partner"], row["called_off"], row["taken_back"]) == (str(journey.institution.pk), 5, 0)
    assert told["fewest_people"] == 5
    journey.tenant.rules = {"fewest_people": 6}
    journey.tenant.save()
    forget()
    with as_of(now() + LATER):
        assert callers["union"].get(address).json()["results"][0]["called_off"] is None
