"""The partner's portal: answers, the scan, taking back; what it refuses and that a refusal moved nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from kernel.clock import as_of, now
from ledger.keys import AccountKey, Book, Unit
from ledger.selectors import balance
from referrals.models import Booking, Offer, Redemption, Referral, ScanLog, Voucher
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from ui.refusals import explain

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
MOST_QUERIES = 15


def browser(host: str, user: Any) -> Client:
    client = Client(headers={"host": host, "accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def office(journey: Journey) -> Client:
    return browser(journey.platform.host, journey.partner_user)


@pytest.fixture
def counter(journey: Journey) -> Client:
    return browser(journey.platform.host, journey.counter_user)


def ask(journey: Journey) -> Offer:
    """A request for tomorrow, laid before the partner."""
    start = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    with use_tenant(journey.tenant.id):
        referral = submit_referral(
            actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
            windows=[(start, start + timedelta(hours=3))], consent=["referral"],
        )  # fmt: skip
        return Offer.objects.get(referral=referral)


def booked(journey: Journey, client: Client) -> Voucher:
    """A voucher whose day is tomorrow."""
    offer = ask(journey)
    assert client.post(f"/partner/offers/{offer.pk}/", {"starts_at": offer.windows[0]["starts_at"]}).status_code == 302
    with use_tenant(journey.tenant.id):
        return Voucher.objects.get()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def looked(client: Client, voucher: Voucher) -> dict[str, str]:
    """What the preview would send."""
    page = client.post("/partner/scan/look/", {"code": voucher.code}, follow=True)
    assert page.status_code == 200, page.content.decode()
    text = page.content.decode()
    return {"text": hidden(text, "text"), "key": hidden(text, "key")}


def spent(journey: Journey) -> int:
    with use_tenant(journey.tenant.id):
        year = Referral.objects.get().service_date.year
        return balance(AccountKey(Book.POOL, "counselling", year, Unit.FEN)).spent


def test_the_first_page_shows_the_clock_and_the_money_and_no_name(journey: Journey, office: Client) -> None:
    offer = ask(journey)
    with CaptureQueriesContext(connection) as queries:
        page = office.get("/partner/").content.decode()
    assert len(queries) <= MOST_QUERIES
    assert f"/partner/offers/{offer.pk}/" in page
    assert "¥300.00" in page
    for client_page in (page, office.get(f"/partner/offers/{offer.pk}/").content.decode()):
        assert journey.members["staff"].name not in client_page
        assert "¥210.00" not in client_page, "how it is shared is said once it is accepted"
        assert "¥90.00" not in client_page


def test_one_tap_confirms_and_the_card_appears(journey: Journey, office: Client) -> None:
    offer = ask(journey)
    page = office.get(f"/partner/offers/{offer.pk}/").content.decode()
    answer = office.post(f"/partner/offers/{offer.pk}/", {"starts_at": hidden(page, "starts_at")})
    assert answer.status_code == 302
    with use_tenant(journey.tenant.id):
        booking = Booking.objects.get()
        assert Voucher.objects.get().booking_id == booking.pk
        assert booking.ends_at - booking.starts_at == timedelta(minutes=50)
    assert booking.card in office.get("/partner/bookings/").content.decode()
    assert booking.card not in office.get("/partner/bookings/export.csv").content.decode()
    assert office.post(f"/partner/offers/{offer.pk}/", {"starts_at": hidden(page, "starts_at")}).status_code == 409
    with use_tenant(journey.tenant.id):
        assert Booking.objects.count() == 1


def test_a_start_outside_the_windows_is_refused(journey: Journey, office: Client) -> None:
    offer = ask(journey)
    assert office.post(f"/partner/offers/{offer.pk}/", {"starts_at": "2026-01-01T00:00:00+00:00"}).status_code == 422
    with use_tenant(journey.tenant.id):
        assert not Booking.objects.exists()


def test_other_times_are_proposed_and_faults_shown_at_their_field(journey: Journey, office: Client) -> None:
    offer = ask(journey)
    url = f"/partner/offers/{offer.pk}/propose/"
    past = office.post(url, {"start": "2020-01-01T10:00:00+08:00"})
    assert past.status_code == 422
    assert "This time has passed" in past.content.decode()
    later = (now() + timedelta(days=3)).strftime("%Y-%m-%dT10:00:00+08:00")
    assert office.post(url, {"start": [later, later.replace("T10", "T14")]}).status_code == 302
    with use_tenant(journey.tenant.id):
        assert offer.proposals.count() == 2
    one = office.get(f"/partner/offers/{offer.pk}/").content.decode()
    assert "You proposed" in one
    assert "The person chooses by" in one
    assert "Answer by" not in one
    home = office.get("/partner/").content.decode()
    assert "Waiting for the person to choose" in home, "what the partner has answered is not its to do any more"
    assert "Waiting for your answer" not in home
    assert f"/partner/offers/{offer.pk}/" in home


def test_a_no_needs_a_reason_of_the_list(journey: Journey, counter: Client) -> None:
    offer = ask(journey)
    url = f"/partner/offers/{offer.pk}/decline/"
    assert counter.get(url).status_code == 200
    assert counter.post(url, {"reason": "i do not like it"}).status_code == 422
    with use_tenant(journey.tenant.id):
        assert Offer.objects.get().state == "open"
    assert counter.post(url, {"reason": "no_capacity"}).status_code == 302
    with use_tenant(journey.tenant.id):
        assert Offer.objects.get().state == "declined"


def test_a_look_spends_nothing_and_a_second_sending_redeems_once(journey: Journey, counter: Client) -> None:
    voucher = booked(journey, counter)
    with as_of(_day_of(journey)):
        sending = looked(counter, voucher)
        with use_tenant(journey.tenant.id):
            assert Voucher.objects.get().units_left == 1
        first = counter.post("/partner/scan/redeem/", sending)
        again = counter.post("/partner/scan/redeem/", sending)
        assert first.status_code == again.status_code == 302
        assert first["Location"] == again["Location"]
        done = counter.get(first["Location"]).content.decode()
        assert "Please collect" in done
        assert "¥90.00" in done
        assert "/reverse/" not in done, "the counter cannot take back"
        other = counter.post("/partner/scan/redeem/", {**sending, "key": "0198c0de-0000-7000-8000-000000000001"})
        assert other.status_code == 409
        assert "Already redeemed" in other.content.decode()
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.count() == 1
        assert ScanLog.objects.filter(outcome="already_redeemed").exists(), "a refused scan stays in the log"
    assert spent(journey) == 21_000


def _day_of(journey: Journey) -> Any:
    with use_tenant(journey.tenant.id):
        return Booking.objects.get().starts_at


def test_a_mistyped_digit_an_unknown_and_a_foreign_voucher_are_told_apart(journey: Journey, counter: Client) -> None:
    voucher = booked(journey, counter)
    wrong = f"{voucher.code[:-1]}{(int(voucher.code[-1]) + 1) % 10}"
    assert "mistyped" in counter.post("/partner/scan/look/", {"code": wrong}).content.decode()
    assert "twelve digits" in counter.post("/partner/scan/look/", {"code": "12"}).content.decode()
    typed = f"{wrong[:4]} {wrong[4:8]} {wrong[8:]}"
    assert f'value="{typed}"' in counter.post("/partner/scan/look/", {"code": typed}).content.decode()
    assert 'value="12"' in counter.post("/partner/scan/look/", {"code": '12">x'}).content.decode(), "digits only"
    assert counter.post("/partner/scan/look/", {"code": "000000000000"}).status_code == 404
    early = counter.post("/partner/scan/look/", {"code": voucher.code})
    assert early.status_code == 422
    assert "not valid yet" in early.content.decode()
    other = make_journey(make_school())
    stranger = browser(other.platform.host, other.counter_user)
    foreign = stranger.post("/partner/scan/look/", {"token": voucher.token})
    assert foreign.status_code == 422
    assert "This voucher is for another" in foreign.content.decode()
    assert spent(journey) == 0


def test_the_office_takes_back_and_the_counter_does_not(journey: Journey, office: Client, counter: Client) -> None:
    voucher = booked(journey, counter)
    with as_of(_day_of(journey)):
        counter.post("/partner/scan/redeem/", looked(counter, voucher))
        with use_tenant(journey.tenant.id):
            redemption = Redemption.objects.get()
        url = f"/partner/redemptions/{redemption.pk}/reverse/"
        assert counter.get(url).status_code == counter.post(url, {"reason": "wrong_person"}).status_code == 404
        assert spent(journey) == 21_000
        assert office.get(url).status_code == 200
        assert office.post(url, {}).status_code == 422
        assert spent(journey) == 21_000
        assert office.post(url, {"reason": "wrong_person"}).status_code == 302
        assert spent(journey) == 0
        for again in (office.post(url, {"reason": "other_reason"}, follow=True), office.get(url, follow=True)):
            assert again.redirect_chain == [("/partner/redemptions/", 302)]
            assert "was undone before" in again.content.decode()
        with use_tenant(journey.tenant.id):
            redemption.refresh_from_db()
            assert AuditEntry.objects.filter(action="voucher.reverse").count() == 1
        assert (redemption.state, redemption.reverse_reason, spent(journey)) == ("reversed", "wrong_person", 0)
        listed = office.get(f"/partner/redemptions/?q={redemption.voucher_number}&state=reversed").content.decode()
    assert redemption.voucher_number in listed
    assert "Another person" in listed
    export = office.get("/partner/redemptions/export.csv")
    assert "210.00" in export.content.decode()
    assert office.get("/partner/redemptions/?q=nothing&page=x&first=?").status_code == 200


def test_what_is_settled_is_not_taken_back(journey: Journey, office: Client, counter: Client) -> None:
    voucher = booked(journey, counter)
    with as_of(_day_of(journey)):
        counter.post("/partner/scan/redeem/", looked(counter, voucher))
        with use_tenant(journey.tenant.id):
            redemption = Redemption.objects.get()
            Redemption.objects.update(state="settled")
        url = f"/partner/redemptions/{redemption.pk}/reverse/"
        asked, sent = office.get(url), office.post(url, {"reason": "wrong_person"})
        assert asked.status_code == sent.status_code == 409
        assert str(explain("settlement_closed").title) in asked.content.decode()
    assert spent(journey) == 21_000
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.get().state == "settled"
        assert not AuditEntry.objects.filter(action="voucher.reverse").exists()


def test_all_requests_are_listed_narrowed_and_downloaded_without_a_name(journey: Journey, office: Client) -> None:
    booked(journey, office)
    waiting = ask(journey)
    page = office.get("/partner/offers/").content.decode()
    assert page.count('href="/partner/offers/0') == 2
    narrowed = office.get("/partner/offers/?state=open").content.decode()
    assert f"/partner/offers/{waiting.pk}/" in narrowed
    assert narrowed.count('href="/partner/offers/0') == 1
    assert "Nothing matches" in office.get(f"/partner/offers/?service={journey.childcare.pk}").content.decode()
    for nonsense in ("?state=no", "?service=x", "?service=%00", "?page=zz"):
        assert office.get(f"/partner/offers/{nonsense}").status_code in (200, 400)
    file = office.get("/partner/offers/export.csv?state=open").content.decode("utf-8-sig")
    assert len(file.strip().splitlines()) == 2
    assert '"300.00"' in file
    assert '"90.00"' not in file, "the split of an open one is nobody's yet"
    for text in (page, file):
        assert journey.members["staff"].name not in text
    other = make_journey(make_school())
    stranger = browser(other.platform.host, other.partner_user)
    assert 'href="/partner/offers/0' not in stranger.get("/partner/offers/").content.decode()
    assert len(stranger.get("/partner/offers/export.csv").content.decode().strip().splitlines()) == 1


def test_strangers_get_404_and_get_changes_nothing(journey: Journey, office: Client) -> None:
    offer = ask(journey)
    other = make_journey(make_school())
    stranger = browser(other.platform.host, other.partner_user)
    for url in ("", "propose/", "decline/"):
        assert stranger.get(f"/partner/offers/{offer.pk}/{url}").status_code == 404
    assert stranger.post(f"/partner/offers/{offer.pk}/decline/", {"reason": "no_capacity"}).status_code == 404
    staff = browser(journey.tenant.host, make_person(journey.tenant, "staff").user)
    for page in ("", "offers/", "bookings/", "scan/", "redemptions/"):
        assert staff.get(f"/partner/{page}").status_code == 404
        assert Client(headers={"host": journey.platform.host}).get(f"/partner/{page}").status_code == 302
        with CaptureQueriesContext(connection) as queries:
            assert office.get(f"/partner/{page}").status_code == 200
        assert len(queries) <= MOST_QUERIES
    for path in ("look/", "redeem/"):
        assert office.get(f"/partner/scan/{path}")["Location"] == "/partner/scan/", "never the browser's own page"
    with use_tenant(journey.tenant.id):
        assert Offer.objects.get().state == "open"
