"""After the days a leaver's link still opens for answers: what took place, a missed mark, a use (books §3, ADR 0046)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Membership
from kernel.clock import as_of
from kernel.errors import NotFound, Refused
from notifications.drain import drain
from notifications.models import OutboxMessage
from referrals.due import run_due
from referrals.missed import day_over_at
from referrals.models import Booking, LeaverLink, Redemption, Voucher
from referrals.workflow.leaver_links import open_link, path_of, send_link_again
from referrals.workflow.redeeming import redeem, reverse
from referrals.workflow.unscanned import pass_time
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked, even, fresh, say, with_terms
from tests.workflow.test_leaver_links import admin_of, browser, token_in

pytestmark = pytest.mark.django_db
TERM = timedelta(hours=48)
SECOND = timedelta(seconds=1)


def last_day_is(journey: Journey, day: date) -> str:
    """Whoever asked leaves so that ``day`` is the last of what they booked; the path of their page."""
    left_on = day - timedelta(days=journey.tenant.settings.leaver_days)
    Membership.objects.filter(pk=journey.members["staff"].pk).update(left_on=left_on)
    member = Membership.objects.get(pk=journey.members["staff"].pk)
    return path_of(LeaverLink.objects.create(membership=member, left_on=left_on))


def on_the_last_day(journey: Journey) -> tuple[Booking, str, datetime]:
    """An appointment of somebody's last day, the path of their page, and when that day is over."""
    with_terms(journey)
    _referral, booking, _voucher = booked(journey)
    return (
        booking,
        last_day_is(journey, journey.tenant.day_of(booking.starts_at)),
        day_over_at(booking.ends_at, booking.zone),
    )


def status(client: Client, path: str, at: datetime) -> int:
    with as_of(at):
        return client.get(path).status_code


@pytest.mark.parametrize("sweeps", [True, False])
def test_a_missed_mark_of_the_last_day_is_objected_to(journey: Journey, sweeps: bool) -> None:
    booking, path, over = on_the_last_day(journey)
    client = browser(journey)
    claimed = over + TERM - timedelta(minutes=1)  # the agency takes its time to the last minute
    say(journey, journey.partner_counter, booking, "no_show", at=claimed)
    page = f"{path}bookings/{booking.pk}/took-place/"
    with as_of(claimed + TERM - SECOND):
        if sweeps:
            run_due()
        assert page in client.get(path).content.decode()
        assert client.get(page).status_code == 200
        done = client.post(page, {"says": "yes"})
        assert (done.status_code, done["Location"]) == (303, "/left/over/")
    assert fresh(booking) == ("disputed",)
    with as_of(claimed + TERM + SECOND):
        run_due()
        assert client.get(path).status_code == 404
    assert fresh(booking) == ("disputed",)
    assert even()


def test_the_term_is_over_and_so_is_the_link(journey: Journey) -> None:
    """The fee is final then: the page is gone, and nothing that was open in a browser changes it."""
    booking, path, over = on_the_last_day(journey)
    client = browser(journey)
    say(journey, journey.partner_counter, booking, "no_show", at=over + timedelta(minutes=5))
    page = f"{path}bookings/{booking.pk}/took-place/"
    end = over + timedelta(minutes=5) + TERM
    assert [status(client, path, at) for at in (end - SECOND, end)] == [200, 404], "no sweep has been"
    with as_of(end):
        assert client.post(page, {"says": "yes"}).status_code == 404
        pass_time(booking_id=booking.pk)
    booking.refresh_from_db()
    assert (booking.state, booking.missed_fee_fen) == ("no_show", 15_000)
    assert even()


@pytest.mark.parametrize("sweeps", [True, False])
def test_what_is_asked_on_the_last_days_is_answered(journey: Journey, sweeps: bool) -> None:
    """The dates decide: at 00:00 after the last day both are asked, until 48 h later, whether or not a sweep has been."""
    booking, path, over = on_the_last_day(journey)
    client = browser(journey)
    page = f"{path}bookings/{booking.pk}/took-place/"
    with as_of(over + timedelta(hours=7)):  # 07:00
        if sweeps:
            run_due()
        assert page in client.get(path).content.decode()
    assert [status(client, path, at) for at in (over - SECOND, over, over + TERM - SECOND, over + TERM)] == [
        200, 200, 200, 404,
    ]  # fmt: skip
    with as_of(over + TERM - SECOND):
        assert client.post(page, {"says": "yes"})["Location"] == path, "it may be changed until then"
    say(journey, journey.partner_counter, booking, "yes", at=over + TERM - SECOND)
    line = Redemption.objects.get()
    assert (line.service_date, fresh(booking)) == (journey.tenant.day_of(booking.starts_at), ("done",))
    with as_of(over + TERM - SECOND):
        assert client.get(path).status_code == 404, "nothing more is asked"
    assert even()


@pytest.mark.parametrize("sweeps", [True, False])
def test_a_use_of_the_last_day_is_objected_to(journey: Journey, sweeps: bool) -> None:
    _booking, path, over = on_the_last_day(journey)
    used = over - timedelta(minutes=1)
    with as_of(used):
        [line] = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    client, page = browser(journey), f"{path}uses/{line.pk}/"
    with as_of(used + TERM - SECOND):
        if sweeps:
            run_due()
        assert page in client.get(path).content.decode()
        assert f"{page}dispute/" in client.get(page).content.decode()
        for address in (page, f"{page}dispute/"):
            client.get(address)
        assert client.post(f"{page}dispute/", {"reason": "mood"}).status_code == 422
        assert fresh(line) == ("redeemed",), "looking objects to nothing"
        done = client.post(f"{page}dispute/", {"reason": "not_received"})
        assert (done.status_code, done["Location"]) == (303, "/left/over/")
    assert fresh(line) == ("disputed",)
    line.refresh_from_db()
    assert line.dispute_reason == "not_received"
    with as_of(used + TERM):
        run_due()
        assert client.post(f"{page}withdraw/").status_code == client.get(path).status_code == 404
    assert fresh(line) == ("disputed",)
    assert even()


@pytest.mark.parametrize("act", ["dispute", "agree"])
def test_a_use_after_its_term_is_not_said_anything_about(journey: Journey, act: str) -> None:
    booking, path, _over = on_the_last_day(journey)
    with as_of(booking.starts_at):
        [line] = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    with as_of(booking.starts_at + TERM):
        said = browser(journey).post(f"{path}uses/{line.pk}/{act}/", {"reason": "not_received"})
    assert (said.status_code, fresh(line)) == (404, ("redeemed",))


def test_within_the_days_an_objection_is_taken_back(journey: Journey) -> None:
    """A use of a course: the rest runs, so the page is open; a use that is agreed to asks nothing more."""
    _referral, booking, voucher = booked(journey, units=2)
    path = last_day_is(journey, journey.tenant.day_of(booking.starts_at) + timedelta(days=9))
    client = browser(journey)
    with as_of(booking.starts_at):
        [line] = redeem(actor=journey.partner_counter, text=voucher.code)
        page = f"{path}uses/{line.pk}/"
        for act, state in (("dispute", "disputed"), ("withdraw", "validated"), ("agree", "validated")):
            assert client.post(f"{page}{act}/", {"reason": "other_day"})["Location"] == path
            assert fresh(line) == (state,)
            assert client.get(page).status_code == 200
        again = client.post(f"{page}dispute/", {"reason": "other_day"})
        assert (again.status_code, fresh(line)) == (422, ("validated",)), "agreed is agreed"


def test_only_ones_own_use(journey: Journey) -> None:
    _booking, path, _over = on_the_last_day(journey)
    _referral, other, voucher = booked(journey, who=journey.staff2, days=2)
    with as_of(other.starts_at):
        [line] = redeem(actor=journey.partner_counter, text=voucher.code)
        client = browser(journey)
        assert str(line.pk) not in client.get(path).content.decode()
        assert client.get(f"{path}uses/{line.pk}/").status_code == 404
        for act in ("agree", "dispute", "withdraw"):
            assert client.post(f"{path}uses/{line.pk}/{act}/", {"reason": "other_day"}).status_code == 404
    assert fresh(line) == ("redeemed",)


def test_after_the_days_nothing_is_used_moved_or_cancelled(journey: Journey) -> None:
    """A term runs, and a sweep that lags has left a later appointment standing: it is not shown, and nothing is done to it."""
    _asked, path, over = on_the_last_day(journey)
    referral, later, voucher = booked(journey, days=4)
    client, acts = browser(journey), ("requests/{}/cancel/", "bookings/{}/move/check/")
    start = later.starts_at + timedelta(hours=1)
    with as_of(over + timedelta(hours=7)):
        text = client.get(path).content.decode()
        assert str(later.pk) not in text
        assert str(voucher.pk) not in text
        for address in (acts[0].format(referral.pk), acts[1].format(later.pk)):
            assert client.post(f"{path}{address}", {"start": start.isoformat()})["Location"] == path
        for address in (f"vouchers/{voucher.pk}/", f"vouchers/{voucher.pk}/pdf/", f"bookings/{later.pk}/move/"):
            assert client.get(f"{path}{address}")["Location"] == path
    assert fresh(later, referral, voucher) == ("confirmed", "confirmed", "issued")
    with as_of(over + timedelta(hours=8)):
        run_due()
    assert fresh(later) == ("cancelled",)
    assert even()


def test_over_the_new_year(journey: Journey) -> None:
    """The last day is 31 December: at 07:00 on the first it is still answered, and counts in the old year."""
    tenant, year = journey.tenant, journey.tenant.today().year
    with as_of(datetime(year, 12, 29, 23, 0, tzinfo=UTC)):  # 07:00 on the thirtieth in Shanghai
        _referral, booking, _voucher = booked(journey, days=1)
        assert tenant.day_of(booking.starts_at) == date(year, 12, 31)
        path = last_day_is(journey, date(year, 12, 31))
    with as_of(datetime(year, 12, 31, 23, 0, tzinfo=UTC)):  # 07:00 on 1 January
        run_due()
        said = browser(journey).post(f"{path}bookings/{booking.pk}/took-place/", {"says": "yes"})
        assert said.status_code == 303
    say(journey, journey.partner_counter, booking, "yes", at=datetime(year, 12, 31, 23, 5, tzinfo=UTC))
    assert Redemption.objects.get().service_date == date(year, 12, 31)
    assert even()


@pytest.mark.parametrize("what", ["use", "missed", "unscanned"])
def test_a_neutral_mail_with_the_link_tells_of_it(journey: Journey, what: str) -> None:
    booking, _path, over = on_the_last_day(journey)
    drain()
    mail.outbox.clear()
    with as_of(over - timedelta(hours=1)):
        if what == "use":
            redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    if what == "missed":
        say(journey, journey.partner_counter, booking, "no_show", at=over + timedelta(minutes=5))
    with as_of(over + timedelta(hours=7)):
        if what == "unscanned":
            run_due()
        sent = OutboxMessage.objects.filter(template="leaver_asked")
        assert set(sent.values_list("channel", "link")) == {("email", "")}, "no table holds the link"
        assert not OutboxMessage.objects.filter(
            template__in=("voucher_redeemed", "booking_no_show", "booking_unscanned"),
            to_user=journey.members["staff"].user,
        ).exists()
        sent.update(next_at=datetime.now(UTC) - timedelta(hours=1))  # the database's clock is the present's
        drain()
    letters = [letter for letter in mail.outbox if "/left/" in letter.body]
    assert len(letters) == sent.count() > 0
    with as_of(over + timedelta(hours=7)):
        [link] = re.findall(r"/left/[^\s]+", letters[-1].body)
        assert browser(journey).get(link).status_code == 200
    assert {tuple(letter.to) for letter in letters} == {(journey.members["staff"].user.email,)}
    for word in ("没有到", "未到", "咨询", "卡券", booking.partner.name):
        assert word not in letters[0].subject + letters[0].body.replace("心桥", "")


def test_who_comes_late_into_the_list_gets_the_first_link_for_the_term(journey: Journey) -> None:
    """A staff list that says it weeks later: the days are over, a term runs, and the link is sent once."""
    _booking, _path, over = on_the_last_day(journey)
    LeaverLink.objects.all().delete()
    with as_of(over + timedelta(hours=30)):
        run_due()
        run_due()
        assert OutboxMessage.objects.filter(template="leaver_link").count() == 1
        assert browser(journey).get(path_of(LeaverLink.objects.get())).status_code == 200
    with as_of(over + TERM):
        LeaverLink.objects.all().delete()
        run_due()
        assert not LeaverLink.objects.exists(), "nothing is asked any more"


def test_the_office_sends_it_as_long_as_a_term_can_run_and_learns_nothing(journey: Journey) -> None:
    """Four days more for everybody alike, whether or not anything is asked."""
    _booking, _path, over = on_the_last_day(journey)
    idle = journey.members["staff2"]
    left_on = Membership.objects.get(pk=journey.members["staff"].pk).left_on
    Membership.objects.filter(pk=idle.pk).update(left_on=left_on)
    admin = admin_of(journey)
    for at, may in ((over + 2 * TERM - SECOND, True), (over + 2 * TERM, False)):
        with as_of(at):
            for member in (idle, journey.members["staff"]):
                if may:
                    assert send_link_again(actor=admin, tenant=journey.tenant, membership_id=member.pk)
                else:
                    with pytest.raises(Refused, match="not_a_leaver"):
                        send_link_again(actor=admin, tenant=journey.tenant, membership_id=member.pk)


def test_an_open_voucher_is_asked_about_when_its_shortened_days_are_over(journey: Journey) -> None:
    """Its days were ninety; now they are the leaver's, and what was to be asked in three months is asked when they end."""
    booking, path, over = open_voucher(journey)
    with as_of(booking.ends_at + SECOND):
        run_due()
    booking.refresh_from_db()
    assert (booking.state, booking.due_at) == ("confirmed", over)
    assert [status(browser(journey), path, over + wait) for wait in (-SECOND, TERM - SECOND, TERM)] == [200, 200, 404]


def test_a_sweep_that_lags_takes_nobodys_term(journey: Journey) -> None:
    """It comes forty days late: both are asked from then on."""
    booking, path, over = open_voucher(journey)
    comes = over + timedelta(days=40)
    with as_of(comes):
        run_due()
    assert [status(browser(journey), path, comes + wait) for wait in (SECOND, TERM - SECOND, TERM)] == [200, 200, 404]
    say(journey, journey.staff, booking, "yes", at=comes + TERM - SECOND)
    assert fresh(booking) == ("unresolved",)


def open_voucher(journey: Journey) -> tuple[Booking, str, datetime]:
    """A voucher of ninety days, three of which are the leaver's; the path of their page, and when those three are over."""
    _referral, booking, _voucher = booked(journey)
    first = journey.tenant.day_of(booking.starts_at)
    Booking.objects.filter(pk=booking.pk).update(due_at=booking.starts_at + timedelta(days=90))
    Voucher.objects.update(valid_until=first + timedelta(days=90))
    path = last_day_is(journey, first + timedelta(days=3))
    return booking, path, day_over_at(booking.ends_at, booking.zone) + timedelta(days=3)


def test_the_agency_takes_the_use_back_while_the_page_is_open(journey: Journey) -> None:
    """The second actor: what was written in between is found, and the same refusal answers as on everybody's page."""
    _booking, path, over = on_the_last_day(journey)
    with as_of(over - timedelta(hours=1)):
        [line] = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        client, page = browser(journey), f"{path}uses/{line.pk}/dispute/"
        assert client.get(page).status_code == 200
        reverse(actor=journey.partner_office, redemption_id=line.pk, reason="scanned_by_mistake")
        said = client.post(page, {"reason": "not_received"})
        assert said.status_code in (409, 422)
    assert (fresh(line), line.dispute_reason) == (("reversed",), "")
    assert even()


def test_a_disabled_account_and_a_return_close_it_in_the_term_too(journey: Journey) -> None:
    _booking, path, over = on_the_last_day(journey)
    member = Membership.objects.select_related("user").get(pk=journey.members["staff"].pk)
    with as_of(over + timedelta(hours=1)):
        assert open_link(token_in(path), journey.tenant).is_over
        member.user.is_active = False
        member.user.save(update_fields=["is_active"])
        with pytest.raises(NotFound):
            open_link(token_in(path), journey.tenant)
        member.user.is_active = True
        member.user.save(update_fields=["is_active"])
        Membership.objects.filter(pk=member.pk).update(left_on=None)
        with pytest.raises(NotFound):
            open_link(token_in(path), journey.tenant)


def test_voucher_on_paper_and_in_the_calendar(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    path = last_day_is(journey, journey.tenant.day_of(booking.starts_at))
    client = browser(journey)
    face = client.get(f"{path}vouchers/{voucher.pk}/").content.decode()
    for name, kind in (("pdf/", "application/pdf"), ("calendar.ics", "text/calendar; charset=utf-8")):
        assert f"{path}vouchers/{voucher.pk}/{name}" in face
        given: Any = client.get(f"{path}vouchers/{voucher.pk}/{name}")
        assert (given.status_code, given["Content-Type"]) == (200, kind)
        assert given["X-Robots-Tag"] == "noindex, nofollow"
        assert not re.search(rb"/left/", given.content)
