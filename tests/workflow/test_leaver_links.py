"""``/left/<token>/``: what still runs for somebody who has left, by a link of their own (books §4, ADR 0046)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.actor import Actor
from accounts.models import Membership, User
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Forbidden, NotFound, Refused, TooMany
from ledger.selectors import difference
from notifications.drain import drain
from notifications.models import OutboxMessage
from referrals.due import run_due
from referrals.models import Booking, LeaverLink, Referral, Reschedule, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow.leaver_links import open_link, path_of, send_link_again
from referrals.workflow.redeeming import redeem
from referrals.workflow.rescheduling import accept_reschedule, ask_reschedule
from referrals.workflow.unscanned import pass_time
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def leave(journey: Journey, on: date, who: str = "staff") -> Membership:
    Membership.objects.filter(pk=journey.members[who].pk).update(left_on=on)
    return Membership.objects.select_related("user").get(pk=journey.members[who].pk)


def admin_of(journey: Journey) -> Actor:
    return actor_of(make_person(journey.tenant, "admin"))


def yesterday(journey: Journey) -> date:
    return journey.tenant.today() - timedelta(days=1)


def booked(journey: Journey, **more: Any) -> tuple[Referral, Booking]:
    referral = ask(journey, **{"days": 5, **more})
    return referral, answer(journey, referral)


def link_of(journey: Journey) -> str:
    """The address that the person gets, as the sweep sends it."""
    run_due()
    return path_of(LeaverLink.objects.get())


def browser(journey: Journey) -> Client:
    return Client(headers={"host": journey.tenant.host})


def token_in(path: str) -> str:
    return path.split("/")[2]


def test_the_link_comes_by_mail_once_and_stands_in_no_table(journey: Journey) -> None:
    booked(journey)
    leave(journey, yesterday(journey))
    run_due()
    run_due()
    assert OutboxMessage.objects.filter(template="leaver_link").values_list("channel", "link").get() == ("email", "")
    drain()
    [letter] = [one for one in mail.outbox if "/left/" in one.body]
    [path] = re.findall(r"/left/[^\s]+", letter.body)
    assert letter.to == [journey.members["staff"].user.email]
    assert browser(journey).get(path).status_code == 200
    for table in (LeaverLink, OutboxMessage, AuditEntry):
        assert token_in(path) not in str(list(table.objects.values())), table


def test_the_page_shows_what_runs_and_nothing_of_the_school(journey: Journey) -> None:
    referral, booking = booked(journey)
    other, _booking = booked(journey, who=journey.staff2, days=6)
    leave(journey, yesterday(journey))
    path = link_of(journey)
    before = AuditEntry.objects.count()
    page = browser(journey).get(path)
    text = page.content.decode()
    assert "no-store" in page["Cache-Control"] or "no-cache" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert named_in(text, booking)
    assert other.number not in text
    assert not re.findall(r'href="/(my|apply|vouchers|union|centre)/', text.split("<main")[1].split("</main")[0])
    voucher = Voucher.objects.get(referral=referral)
    face = browser(journey).get(f"{path}vouchers/{voucher.pk}/").content.decode()
    assert voucher.code[:4] in face
    stranger = Voucher.objects.get(referral=other)
    assert browser(journey).get(f"{path}vouchers/{stranger.pk}/").status_code == 404
    assert browser(journey).get(f"{path}requests/{other.pk}/cancel/").status_code == 404
    assert browser(journey).post(f"{path}requests/{other.pk}/cancel/").status_code == 404
    assert AuditEntry.objects.filter(action__startswith="referral").count() <= before
    assert Referral.objects.get(pk=other.pk).state == "confirmed"


def named_in(text: str, booking: Booking) -> bool:
    return f"/bookings/{booking.pk}/move/" in text and booking.partner.phone in text


@pytest.mark.parametrize("query", ["", "?answer=cancel"])
def test_get_cancels_nothing_and_post_cancels_free(journey: Journey, query: str) -> None:
    referral, _booking = booked(journey)
    leave(journey, yesterday(journey))
    page = f"{link_of(journey)}requests/{referral.pk}/cancel/"
    client = browser(journey)
    for look in (client.get, client.head):
        look(page + query)
    assert Referral.objects.get(pk=referral.pk).state == "confirmed"
    done = client.post(page)
    assert (done.status_code, done["Location"]) == (303, "/left/over/"), "nothing runs any more, so the link is over"
    assert client.get(done["Location"]).status_code == 200
    assert Referral.objects.get(pk=referral.pk).state == "cancelled"
    assert difference() == units_difference() == 0
    assert client.get(page).status_code == 404


def test_one_of_a_course_is_let_go_and_the_rest_runs(journey: Journey) -> None:
    """Partial use: one session spent, one let go; the third still runs and keeps the link open."""
    referral, booking = booked(journey, units=3, days=3)
    leave(journey, yesterday(journey))
    path = link_of(journey)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=referral).code)
        assert browser(journey).get(path).status_code == 200
        client = browser(journey)
        rows = Booking.objects.filter(referral=referral, state="confirmed").order_by("starts_at")
        first = rows.first()
        if first is not None:
            page = f"{path}requests/{referral.pk}/cancel/?booking={first.pk}"
            assert client.get(page).status_code == 200
            client.post(page)
            assert Booking.objects.get(pk=first.pk).state.startswith("cancelled")
        stop = client.post(f"{path}requests/{referral.pk}/cancel/")
    assert stop["Location"] == path, "the use of today may be objected to"
    assert Referral.objects.get(pk=referral.pk).state == "completed"
    for later, status in ((timedelta(hours=48, seconds=-1), 200), (timedelta(hours=48), 404)):
        with as_of(booking.starts_at + later):
            assert client.get(path).status_code == status, later
    assert difference() == units_difference() == 0


def test_another_time_by_the_same_rules_but_no_later_than_the_days(journey: Journey) -> None:
    _referral, booking = booked(journey, days=5)
    left_on = journey.tenant.day_of(booking.starts_at) - timedelta(days=28)
    leave(journey, left_on)
    last = left_on + timedelta(days=30)
    path, client = link_of(journey), browser(journey)
    assert client.get(f"{path}bookings/{booking.pk}/move/").status_code == 200
    for days, accepted in ((3, False), (2, True)):
        start = booking.starts_at + timedelta(days=days)
        said = client.post(f"{path}bookings/{booking.pk}/move/check/", {"start": start.isoformat()})
        assert (said.status_code == 303) is accepted, f"{journey.tenant.day_of(start)} against {last}"
    asked = Reschedule.objects.get()
    assert asked.asked_by == "person"
    accept_reschedule(actor=journey.partner_office, tenant=journey.tenant, reschedule_id=asked.pk)
    booking.refresh_from_db()
    assert journey.tenant.day_of(booking.starts_at) == last
    assert Voucher.objects.get().valid_until == last
    with pytest.raises(Refused, match="after_leaving"):  # the agency is held to the same day
        ask_reschedule(
            actor=journey.partner_office, tenant=journey.tenant, booking_id=booking.pk,
            starts_at=booking.starts_at + timedelta(days=1), ends_at=booking.ends_at + timedelta(days=1),
        )  # fmt: skip


def test_the_agency_asks_and_the_person_answers_through_the_link(journey: Journey) -> None:
    _referral, booking = booked(journey)
    leave(journey, yesterday(journey))
    path, client = link_of(journey), browser(journey)
    for act, moved in (("decline", False), ("accept", True)):
        asked = ask_reschedule(
            actor=journey.partner_office, tenant=journey.tenant, booking_id=booking.pk,
            starts_at=booking.starts_at + timedelta(days=1), ends_at=booking.ends_at + timedelta(days=1),
        )  # fmt: skip
        assert OutboxMessage.objects.filter(template="leaver_news", channel="email", link="").exists(), (
            "who has left reads no messages inside the school"
        )
        assert str(asked.pk) in client.get(path).content.decode()
        assert client.get(f"{path}wishes/{asked.pk}/").status_code == 200
        client.get(f"{path}wishes/{asked.pk}/{act}/")
        assert Reschedule.objects.get(pk=asked.pk).state == "open", "looking answers nothing"
        assert client.post(f"{path}wishes/{asked.pk}/{act}/").status_code == 303
        now_at = Booking.objects.get(pk=booking.pk).starts_at
        assert (now_at != booking.starts_at) is moved


def test_whether_it_took_place_is_answered_there(journey: Journey) -> None:
    _referral, booking = booked(journey)
    leave(journey, yesterday(journey))
    path, client = link_of(journey), browser(journey)
    with as_of(booking.ends_at + timedelta(days=1, hours=6)):
        assert f"{booking.pk}/took-place/" in client.get(path).content.decode(), "the dates decide, no sweep has been"
        pass_time(booking_id=booking.pk)
        assert f"{booking.pk}/took-place/" in client.get(path).content.decode(), "nor does a sweep change it"
        page = f"{path}bookings/{booking.pk}/took-place/"
        assert client.get(page).status_code == 200
        assert client.post(page, {"says": "yes"}).status_code == 303
        assert Booking.objects.get(pk=booking.pk).person_says == "yes"


@pytest.mark.parametrize("zone_hours", [0, 16, 23])
def test_dates_decide_whatever_the_sweep_has_done(journey: Journey, zone_hours: int) -> None:
    """Closed on the last day itself; open from the next day, 00:00 in Shanghai; closed after ``leaver_days``."""
    _referral, booking = booked(journey, days=20)
    member = leave(journey, journey.tenant.today())
    link = LeaverLink.objects.create(membership=member, left_on=member.left_on)
    path, client = path_of(link), browser(journey)
    assert client.get(path).status_code == 404
    assert member.left_on is not None
    first = datetime(*(member.left_on + timedelta(days=1)).timetuple()[:3], tzinfo=UTC) - timedelta(hours=8)
    for moment, status in (
        (first - timedelta(seconds=1), 404),
        (first + timedelta(hours=zone_hours), 200),
        (booking.starts_at, 200),
    ):
        with as_of(moment):
            assert client.get(path).status_code == status, moment
    Booking.objects.update(
        starts_at=first + timedelta(days=29), ends_at=first + timedelta(days=29, hours=1), due_at=None
    )
    Voucher.objects.update(valid_until=member.left_on + timedelta(days=60))  # a sweep that has not shortened it
    for moment, status in (
        (first + timedelta(days=30) - timedelta(seconds=1), 200),
        (first + timedelta(days=30), 404),
    ):
        with as_of(moment):
            assert client.get(path).status_code == status, moment


def test_over_the_new_year(journey: Journey) -> None:
    """Left on 10 December: what is booked on 2 January stands at 07:00 on the first, by a link that is still good."""
    tenant = journey.tenant
    year = tenant.today().year
    with as_of(datetime(year, 12, 9, 23, 0, tzinfo=UTC)):  # 07:00 in Shanghai on the tenth
        referral, booking = booked(journey, days=23)
        assert tenant.day_of(booking.starts_at).year == year + 1
        leave(journey, tenant.today())
    with as_of(datetime(year, 12, 31, 23, 0, tzinfo=UTC)):  # 07:00 on 1 January
        path = link_of(journey)
        assert Referral.objects.get(pk=referral.pk).state == "confirmed"
        assert open_link(token_in(path), tenant).last == date(year + 1, 1, 9)
        page = f"{path}requests/{referral.pk}/cancel/"
        assert browser(journey).post(page)["Location"] == "/left/over/"
        assert difference() == units_difference() == 0


def test_all_that_opens_nothing_looks_the_same(journey: Journey, settings: Any) -> None:
    referral, _booking = booked(journey)
    member = leave(journey, yesterday(journey))
    path, client = link_of(journey), browser(journey)

    def closed() -> str:
        found = client.get(path)
        assert found.status_code == 404
        return re.sub(r"(nonce|value|csrf)[^>]*", "", found.content.decode())

    broken = client.get(path[:-3] + "x/")
    assert broken.status_code == 404
    shut = re.sub(r"(nonce|value|csrf)[^>]*", "", broken.content.decode())
    other = make_school()
    assert Client(headers={"host": other.host}).get(path).status_code == 404
    with as_of(now() + timedelta(hours=2)):
        newer = path_of(send_link_again(actor=admin_of(journey), tenant=journey.tenant, membership_id=member.pk))
        assert closed() == shut, "a newer link ends it"
    path = newer
    assert client.get(path).status_code == 200
    User.objects.filter(pk=member.user_id).update(is_active=False)
    assert closed() == shut
    User.objects.filter(pk=member.user_id).update(is_active=True)
    leave(journey, journey.tenant.today() + timedelta(days=1))
    assert closed() == shut, "taken back into the school"
    leave(journey, yesterday(journey) - timedelta(days=1))
    assert closed() == shut, "another last day has another link"
    leave(journey, yesterday(journey))
    assert client.get(path).status_code == 200
    Voucher.objects.filter(referral=referral).update(state="void")
    Booking.objects.filter(referral=referral).update(state="cancelled")
    assert closed() == shut, "nothing runs"


def test_a_leavers_link_gives_no_office_back(journey: Journey) -> None:
    booked(journey)
    member = leave(journey, yesterday(journey))
    Membership.objects.filter(pk=member.pk).update(roles=["staff", "union", "finance"])
    found = open_link(token_in(link_of(journey)), journey.tenant)
    assert found.actor.may("referral.own")
    assert not any(found.actor.may(word) for word in ("referral.decide.union", "referral.read.union", "policy.approve"))


def test_the_office_sends_one_and_learns_nothing(journey: Journey) -> None:
    """Somebody with an appointment and somebody without look alike to the office; only the first gets a letter."""
    booked(journey)
    member = leave(journey, yesterday(journey))
    idle = leave(journey, yesterday(journey), "staff2")
    admin = Client(headers={"host": journey.tenant.host})
    admin.force_login(make_person(journey.tenant, "admin").user)
    listed = admin.get("/school/left/").content.decode()
    pages = []
    for one in (member, idle):
        assert one.name in listed
        asked = admin.get(f"/school/left/{one.pk}/")
        assert asked.status_code == 200
        pages.append(asked.content.decode().replace(one.name, "").replace(str(one.pk), ""))
        assert admin.post(f"/school/left/{one.pk}/").status_code == 302
        admin.get("/school/left/")  # it says so there, in the same words for both
    assert re.sub(r"(nonce|value)=\S+", "", pages[0]) == re.sub(r"(nonce|value)=\S+", "", pages[1])
    drain()
    assert OutboxMessage.objects.filter(template="leaver_link", to_user=idle.user_id).get().last_error == "not_needed"
    assert [letter.to for letter in mail.outbox if "/left/" in letter.body] == [[member.user.email]]
    with as_of(now() + timedelta(minutes=59)), pytest.raises(TooMany, match="leaver_link_too_soon"):
        send_link_again(actor=admin_of(journey), tenant=journey.tenant, membership_id=member.pk)
    with as_of(now() + timedelta(minutes=61)):
        send_link_again(actor=admin_of(journey), tenant=journey.tenant, membership_id=member.pk)


def test_a_link_goes_to_nobody_else(journey: Journey) -> None:
    booked(journey)
    member = journey.members["staff"]
    with pytest.raises(Refused, match="not_a_leaver"):
        send_link_again(actor=admin_of(journey), tenant=journey.tenant, membership_id=member.pk)
    leave(journey, yesterday(journey))
    for stranger in (journey.union, journey.finance, journey.staff2):
        with pytest.raises(Forbidden):
            send_link_again(actor=stranger, tenant=journey.tenant, membership_id=member.pk)
    assert not LeaverLink.objects.exists()


@pytest.mark.parametrize("account", [{"email": None}, {"is_active": False}])
def test_the_office_learns_nothing_of_the_account(journey: Journey, account: dict[str, Any]) -> None:
    """Without a proved address, or disabled: the act is the same, and no letter leaves."""
    booked(journey)
    member = leave(journey, yesterday(journey))
    User.objects.filter(pk=member.user_id).update(**account)
    send_link_again(actor=admin_of(journey), tenant=journey.tenant, membership_id=member.pk)
    drain()
    assert not [letter for letter in mail.outbox if "/left/" in letter.body]


def test_who_signs_in_with_the_account_of_the_place_is_led_there(journey: Journey) -> None:
    booked(journey)
    member = leave(journey, yesterday(journey))
    client = browser(journey)
    assert client.get("/left/").status_code == 404
    client.force_login(member.user)
    assert client.get("/left/").status_code == 200
    assert not LeaverLink.objects.exists(), "looking makes no link"
    opened = client.post("/left/")
    assert (opened.status_code, client.get(opened["Location"]).status_code) == (303, 200)
    stays = make_person(journey.tenant)
    other = browser(journey)
    other.force_login(stays.user)
    assert other.get("/left/").status_code == other.post("/left/").status_code == 404


def test_nobody_gets_a_link_for_whom_nothing_runs(journey: Journey) -> None:
    leave(journey, yesterday(journey))
    run_due()
    assert not LeaverLink.objects.exists()
    with pytest.raises(NotFound):
        open_link("x", journey.tenant)
    assert actor_of(journey.members["staff"]).membership_id
