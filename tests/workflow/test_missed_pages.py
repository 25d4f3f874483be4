"""The pages of missed appointments: what cancelling late costs before the click, the question to both, the office's finding."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.clock import as_of
from kernel.errors import NotFound
from referrals.missed import day_over_at
from referrals.models import Booking, Redemption
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import DAY, booked, fresh, say, with_terms

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def school(journey: Journey, name: str = "staff") -> Client:
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members[name].user)  # type: ignore[arg-type]
    return client


def agency(journey: Journey, user: Any = None) -> Client:
    client = Client(headers={"host": journey.platform.host})
    client.force_login(user or journey.partner_user)
    return client


def asked(booking: Booking) -> str:
    return f"/my/referrals/{booking.referral_id}/appointments/{booking.pk}/took-place/"


def test_the_fee_and_who_pays_it_stand_before_the_click(journey: Journey) -> None:
    with_terms(journey)
    for days, told in ((1, "每学年第一次由学校承担"), (2, "由您和机构自行处理")):
        referral, booking, _voucher = booked(journey, days=days)
        client = school(journey)
        with as_of(booking.starts_at - HOUR):
            page = client.get(f"/my/referrals/{referral.pk}/cancel/").content.decode()
            assert "¥90" in page and told in page, "30 % of 300 yuan"
            assert not Redemption.objects.filter(booking=booking).exists(), "looking costs nothing"
            client.post(f"/my/referrals/{referral.pk}/cancel/")
            after = client.get(f"/my/referrals/{referral.pk}/").content.decode()
        assert fresh(booking) == ("cancelled_late",)
        assert "按协议收费" in after


def test_both_are_asked_on_their_pages_and_what_they_say_decides(journey: Journey) -> None:
    referral, booking, _voucher = booked(journey)
    over = day_over_at(booking.ends_at, booking.zone)
    with as_of(over + HOUR):  # no sweep has been
        mine, theirs = school(journey), agency(journey)
        assert f'href="{asked(booking)}"' in mine.get("/my/").content.decode()
        assert f'href="{asked(booking)}"' in mine.get(f"/my/referrals/{referral.pk}/").content.decode()
        assert "进行了" in mine.get(asked(booking)).content.decode()
        assert "/partner/unscanned/" in theirs.get("/partner/").content.decode()
        assert f"/partner/unscanned/{booking.pk}/" in theirs.get("/partner/unscanned/").content.decode()
        assert theirs.get(f"/partner/unscanned/{booking.pk}/").status_code == 200
        assert theirs.post(f"/partner/unscanned/{booking.pk}/", {}).status_code == 422
        assert mine.post(asked(booking), {"says": "yes"}).status_code == 302
        assert theirs.post(f"/partner/unscanned/{booking.pk}/", {"says": "yes"}).status_code == 302
        assert fresh(booking) == ("done",)
        assert mine.get(asked(booking)).status_code == 302
        assert theirs.get(f"/partner/unscanned/{booking.pk}/").status_code == 302


def test_a_quarrel_is_settled_by_the_office_and_both_read_it(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, _voucher = booked(journey)
    say(journey, journey.partner_counter, booking, "no_show", booking.ends_at)
    with as_of(booking.ends_at + HOUR):
        page = school(journey).get(asked(booking)).content.decode()
        assert "¥150" in page, "what not coming would cost stands before the objection"
        school(journey).post(asked(booking), {"says": "yes"})
        centre = school(journey, "centre")
        listed = centre.get("/centre/unscanned/").content.decode()
        assert f"/centre/unscanned/{booking.pk}/" in listed
        assert journey.members["staff"].name not in listed.split("<main")[1], "no name in the list"
        shown = centre.get(f"/centre/unscanned/{booking.pk}/").content.decode()
        assert "本人没有到" in shown and "¥150" in shown
        assert centre.post(f"/centre/unscanned/{booking.pk}/", {"decision": "both"}).status_code == 422
        assert centre.post(f"/centre/unscanned/{booking.pk}/", {"decision": "no_show"}).status_code == 302
        assert fresh(booking) == ("no_show",)
        assert booking.missed_paid_fen == 15_000
        assert "由学校承担" in school(journey).get(f"/my/referrals/{referral.pk}/").content.decode()
        assert "由学校承担" in agency(journey).get("/partner/unscanned/?state=no_show").content.decode()
        again = centre.post(f"/centre/unscanned/{booking.pk}/", {"decision": "neither"})
        assert again.status_code in (302, 409, 422)
        assert fresh(booking) == ("no_show",)


def test_strangers_find_nothing(journey: Journey) -> None:
    _referral, booking, _voucher = booked(journey)
    say(journey, journey.partner_counter, booking, "no_show", booking.ends_at)
    with as_of(booking.ends_at + HOUR):
        say(journey, journey.staff, booking, "yes", booking.ends_at + HOUR)
        other = school(journey, "staff2")
        assert other.get(asked(booking)).status_code == 404
        assert other.post(asked(booking), {"says": "yes"}).status_code == 404
        for name, path in (("union", "union"), ("finance", "centre"), ("staff", "centre"), ("centre", "union")):
            client = school(journey, name)
            assert client.get(f"/{path}/unscanned/{booking.pk}/").status_code == 404, (name, path)
            assert client.post(f"/{path}/unscanned/{booking.pk}/", {"decision": "neither"}).status_code == 404
    assert fresh(booking) == ("disputed",)


def test_each_page_asks_the_database_little(journey: Journey) -> None:
    for days in (1, 2, 3):
        _referral, booking, _voucher = booked(journey, days=days)
        say(journey, journey.partner_counter, booking, "no_show", booking.ends_at)
        say(journey, journey.staff, booking, "yes", booking.ends_at + HOUR)
    with as_of(booking.ends_at + HOUR):
        for client, path in (
            (school(journey, "centre"), "/centre/unscanned/"),
            (school(journey, "centre"), f"/centre/unscanned/{booking.pk}/"),
            (agency(journey), "/partner/unscanned/"),
            (school(journey), f"/my/referrals/{booking.referral_id}/"),
        ):
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as asked_of:
                assert client.get(path).status_code == 200
            # The savepoints of the sign-in and of the page are the same everywhere.
            assert len(asked_of) <= 24, (path, len(asked_of))


def test_an_appointment_to_come_is_not_asked_about(journey: Journey) -> None:
    _referral, booking, _voucher = booked(journey)
    with as_of(booking.ends_at + HOUR / 60):
        assert school(journey).get(asked(booking)).status_code == 302
        assert (
            "未到"
            not in agency(journey).get("/partner/unscanned/").content.decode().split("<main")[1].split("<form")[0]
        )
    with as_of(booking.starts_at), pytest.raises(NotFound):
        say(journey, journey.staff2, booking, "yes", booking.starts_at)
    assert DAY


def test_on_the_day_itself_the_agency_can_say_one_thing_and_is_asked_nothing_else(journey: Journey) -> None:
    _referral, booking, _voucher = booked(journey)
    with as_of(booking.ends_at + timedelta(minutes=1)):
        theirs = agency(journey)
        page = theirs.get(f"/partner/unscanned/{booking.pk}/").content.decode()
        assert 'type="radio"' not in page and "请在此前答复" not in page
        assert theirs.post(f"/partner/unscanned/{booking.pk}/", {"says": "yes"}).status_code == 422
        assert theirs.post(f"/partner/unscanned/{booking.pk}/", {"says": "no_show"}).status_code == 302
        booking.refresh_from_db()
        assert booking.agency_says == "no_show"


@pytest.mark.parametrize("page", ["cancel", "appointment/cancel", "stop"])
def test_every_page_that_lets_an_appointment_go_says_what_being_late_costs(journey: Journey, page: str) -> None:
    """Three ways out of a course of three; each charges the same when it is late, so each says it before the click."""
    with_terms(journey)
    referral, booking, _voucher = booked(journey, units=3)
    client, address = school(journey), f"/my/referrals/{referral.pk}/{page}/"
    early = client.get(address).content.decode()
    assert "¥90" not in early
    with as_of(booking.starts_at - HOUR):
        assert "¥90" in client.get(address).content.decode()
        client.post(address)
    assert fresh(booking) == ("cancelled_late",)
    assert Booking.objects.get(pk=booking.pk).missed_fee_fen == 9_000
