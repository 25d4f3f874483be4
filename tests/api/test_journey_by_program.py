"""The main job from the service list to the redeemed and reversed voucher, by programs with tokens."""

import json
from typing import Any

import pytest

from audit.models import AuditEntry
from ledger.keys import AccountKey, Book, Unit
from ledger.selectors import balance
from referrals.models import Redemption, ScanLog
from tenancy.scope import use_tenant
from tests.api.journey_client import (
    API,
    Caller,
    at_the_appointment,
    confirmed,
    contents,
    counter_of,
    office_of,
    request_body,
    staff_of,
    window,
)
from tests.conftest import make_school
from tests.fixtures_journey import POOL_FEN, Journey, make_journey

pytestmark = pytest.mark.django_db


def pool_of(journey: Journey, day: str) -> Any:
    with use_tenant(journey.tenant.id):
        return balance(AccountKey(Book.POOL, "counselling", int(day[:4]), Unit.FEN))


def test_from_the_list_to_the_reversed_voucher(journey: Journey) -> None:
    staff, office, counter = staff_of(journey), office_of(journey), counter_of(journey)
    rows = staff.get(f"{API}services/?kind=counselling").json()["results"]
    assert [(row["id"], row["fee_fen"], row["subsidy_fen"], row["self_fen"]) for row in rows] == [
        (str(journey.counselling.pk), 30_000, 21_000, 9_000)
    ]
    assert (rows[0]["mode"], rows[0]["next_free"], rows[0]["partner"]["slug"]) == (
        "confirm",
        None,
        journey.institution.slug,
    )

    body = request_body(journey, wishes={"gender": "female", "access": ["sight", "step_free"]})
    day = body["windows"][0]["starts_at"][:10]
    quoted = staff.post(f"{API}quotes/", {"service": rows[0]["id"], "units": 1, "service_date": day})
    assert quoted.status_code == 200, quoted.content
    price = quoted.json()
    assert (price["fee_fen"], price["subsidy_fen"], price["self_fen"]) == (30_000, 21_000, 9_000)
    assert [(line["reason"], line["fen"], line["version"]) for line in price["lines"]] == [("own_share", 9_000, 1)]
    assert (price["quota"]["unit"], price["quota"]["left"]) == ("session", 8)

    asked = staff.post(f"{API}referrals/", {**body, "token": price["token"]}, key="ask-1")
    assert asked.status_code == 201, asked.content
    referral = asked.json()
    wished = {"gender": "female", "place": "", "access": ["step_free", "sight"]}
    assert (referral["state"], referral["quote"]["subsidy_fen"], referral["wishes"]) == ("offered", 21_000, wished)
    assert referral["deadline"]
    assert staff.post(f"{API}referrals/", {**body, "token": price["token"]}, key="ask-1").content == asked.content
    assert len(staff.get(f"{API}referrals/").json()["results"]) == 1
    assert pool_of(journey, day).reserved == 21_000

    answer = office.get(f"{API}partner/offers/")
    [offer] = answer.json()["results"]
    assert {"id", "service", "windows", "district", "age_band", "deadline", "subsidy_fen", "self_fen"} <= set(offer)
    assert offer["wishes"] == wished, "they go with the offer"
    for secret in (journey.members["staff"].name, journey.tenant.name, referral["number"], referral["id"]):
        assert secret not in json.dumps(answer.json(), ensure_ascii=False)

    taken = office.post(f"{API}partner/offers/{offer['id']}/confirm/", offer["windows"][0], key="c-1")
    assert taken.status_code == 200, taken.content
    assert taken.json()["card"].startswith("李")
    assert office.get(f"{API}partner/offers/").json()["results"] == []
    [booking] = office.get(f"{API}bookings/").json()["results"]
    assert (booking["state"], booking["card"]) == ("confirmed", taken.json()["card"])
    [own] = staff.get(f"{API}bookings/?state=confirmed").json()["results"]
    assert (own["id"], own["card"]) == (booking["id"], "")

    [voucher] = staff.get(f"{API}vouchers/").json()["results"]
    assert voucher == staff.get(f"{API}vouchers/{voucher['id']}/").json()
    assert (voucher["referral"], voucher["booking"]["id"]) == (referral["id"], booking["id"])
    assert (voucher["units_left"], voucher["self_fen"], len(voucher["code"])) == (1, 9_000, 12)
    assert voucher["valid_from"][10:] == "T00:00:00+08:00"
    assert voucher["valid_from"] < voucher["booking"]["starts_at"] < voucher["valid_until"]

    with at_the_appointment(journey):
        looked = counter.post(f"{API}partner/redemptions/prepare/", {"token": voucher["qr_url"]})
        assert looked.status_code == 200, looked.content
        assert (looked.json()["voucher"], looked.json()["self_fen"], looked.json()["subsidy_fen"]) == (
            voucher["id"],
            9_000,
            21_000,
        )
        spent = counter.post(f"{API}partner/redemptions/", {"code": voucher["code"]}, key="r-1")
        assert spent.status_code == 201, spent.content
        assert (spent.json()["voucher"], spent.json()["subsidy_fen"], spent.json()["self_fen"]) == (
            voucher["id"],
            21_000,
            9_000,
        )
        again = counter.post(f"{API}partner/redemptions/", {"code": voucher["code"]}, key="r-1")
        assert (again.status_code, again.content) == (201, spent.content)
        other_key = counter.post(f"{API}partner/redemptions/", {"code": voucher["code"]}, key="r-2")
        assert (other_key.status_code, other_key.json()["code"]) == (409, "already_redeemed")
        assert other_key.json()["params"]["when"]
    assert (pool_of(journey, day).reserved, pool_of(journey, day).spent) == (0, 21_000)
    assert staff.get(f"{API}vouchers/{voucher['id']}/").json()["state"] == "used_up"

    path = f"{API}partner/redemptions/{spent.json()['id']}/reverse/"
    assert counter.post(path, {"reason": "scanned_by_mistake"}).status_code == 403
    undone = office.post(path, {"reason": "scanned_by_mistake"}, key="u-1")
    assert (undone.status_code, undone.json()["state"]) == (200, "reversed"), undone.content
    assert (pool_of(journey, day).reserved, pool_of(journey, day).spent) == (21_000, 0)
    assert staff.get(f"{API}vouchers/{voucher['id']}/").json()["units_left"] == 1
    with use_tenant(journey.tenant.id):
        told = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    for act in (
        "referral.submit",
        "offer.open",
        "booking.confirm",
        "voucher.issue",
        "voucher.redeem",
        "voucher.reverse",
    ):
        assert act in told


def test_a_quote_writes_nothing(journey: Journey) -> None:
    staff = staff_of(journey)
    staff.get(f"{API}services/")  # the key's day of use is noted
    before = contents(journey.tenant, journey.platform)
    body = {"service": str(journey.counselling.pk), "units": 2, "service_date": window()["starts_at"][:10]}
    assert staff.post(f"{API}quotes/", body).status_code == 200
    assert contents(journey.tenant, journey.platform) == before


def test_the_partner_proposes_and_the_person_takes_it(journey: Journey) -> None:
    staff, office = staff_of(journey), office_of(journey)
    referral = staff.post(f"{API}referrals/", request_body(journey)).json()
    [offer] = office.get(f"{API}partner/offers/").json()["results"]
    proposed = office.post(f"{API}partner/offers/{offer['id']}/propose/", {"windows": [window(days=2), window(days=3)]})
    assert (proposed.status_code, proposed.json()["state"]) == (200, "open"), proposed.content
    seen = staff.get(f"{API}referrals/{referral['id']}/").json()
    assert len(seen["proposals"]) == 2
    chosen = seen["proposals"][1]
    path = f"{API}referrals/{referral['id']}/proposals/{chosen['id']}/accept/"
    assert staff_of(journey, "staff2").post(path).status_code == 404
    booked = staff.post(path, key="p")
    assert (booked.status_code, booked.json()["starts_at"]) == (200, chosen["starts_at"]), booked.content
    seen = staff.get(f"{API}referrals/{referral['id']}/").json()
    assert (seen["state"], seen["booking"], seen["proposals"]) == ("confirmed", booked.json()["id"], [])


def test_the_centre_decides_and_its_look_is_kept(journey: Journey) -> None:
    staff, centre, union = staff_of(journey), staff_of(journey, "centre"), staff_of(journey, "union")
    referral = staff.post(f"{API}referrals/", request_body(journey, units=4)).json()
    assert (referral["state"], referral["needs_person"]) == ("submitted", True)
    one = f"{API}referrals/{referral['id']}/"
    assert union.get(one).status_code == 404
    assert centre.get(one).status_code == 200
    assert union.post(f"{one}approve/").status_code == 404
    assert staff.post(f"{one}approve/").status_code == 403
    agreed = centre.post(f"{one}approve/", key="a")
    assert (agreed.status_code, agreed.json()["state"]) == (200, "offered"), agreed.content
    with use_tenant(journey.tenant.id):
        assert AuditEntry.objects.filter(action="referral.read", actor_id=journey.centre.user_id).exists()


def test_declined_and_cancelled_requests_hold_nothing(journey: Journey) -> None:
    staff, centre = staff_of(journey), staff_of(journey, "centre")
    first = staff.post(f"{API}referrals/", request_body(journey, units=4)).json()
    declined = centre.post(f"{API}referrals/{first['id']}/decline/", {"reason": "talk_first"})
    assert declined.json()["state"] == "declined"
    second = staff.post(f"{API}referrals/", request_body(journey)).json()
    cancelled = staff.post(f"{API}referrals/{second['id']}/cancel/", key="x")
    assert cancelled.json()["state"] == "cancelled"
    third = staff.post(f"{API}referrals/", request_body(journey)).json()
    office = office_of(journey)
    [offer] = office.get(f"{API}partner/offers/").json()["results"]
    refused = office.post(f"{API}partner/offers/{offer['id']}/decline/", {"reason": "no_capacity"})
    assert refused.json()["state"] == "declined"
    assert staff.get(f"{API}referrals/{third['id']}/").json()["state"] == "expired"
    left = pool_of(journey, third["service_date"])
    assert (left.available, left.reserved, left.spent) == (POOL_FEN, 0, 0)


def test_another_school_and_another_partner_see_nothing(journey: Journey) -> None:
    referral = confirmed(journey)
    other = make_journey(make_school())
    stranger, foreign_office = staff_of(other), office_of(other)
    missing = "0190a0a0-0000-7000-8000-000000000000"
    for path in ("referrals/{}/", "vouchers/{}/", "vouchers/{}/pdf/", "children/{}/", "jobs/{}/"):
        found = referral["voucher"] if "voucher" in path else referral["id"]
        foreign = stranger.get(API + path.format(found))
        nothing = stranger.get(API + path.format(missing))
        assert (foreign.status_code, foreign.content) == (404, nothing.content), path
    assert stranger.post(f"{API}referrals/{referral['id']}/cancel/").status_code == 404
    assert foreign_office.get(f"{API}bookings/").json()["results"] == []
    assert foreign_office.get(f"{API}partner/offers/?state=accepted").json()["results"] == []
    staff = staff_of(journey)
    code = staff.get(f"{API}vouchers/{referral['voucher']}/").json()["code"]
    with at_the_appointment(journey):
        refused = foreign_office.post(f"{API}partner/redemptions/", {"code": code})
        spent = office_of(journey).post(f"{API}partner/redemptions/", {"code": code}).json()
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_partner")
    for program, path in (
        (foreign_office, f"{API}partner/redemptions/%s/reverse/"),
        (Caller(other.platform, other.partner_office), f"{API}partner/redemptions/%s/reverse/"),
    ):
        answers = [program.post(path % row, {"reason": "wrong_person"}) for row in (spent["id"], missing)]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
    with use_tenant(journey.tenant.id):
        assert ScanLog.objects.filter(outcome="wrong_partner").count() == 1
        assert Redemption.objects.get().state == "redeemed"


def test_the_voucher_on_paper(journey: Journey) -> None:
    referral = confirmed(journey)
    staff = staff_of(journey)
    for accept in ("*/*", "application/pdf"):
        paper = staff.get(f"{API}vouchers/{referral['voucher']}/pdf/", accept=accept)
        assert (paper.status_code, paper["content-type"]) == (200, "application/pdf")
        assert paper.content[:5] == b"%PDF-"
    refused = staff_of(journey, "staff2").get(f"{API}vouchers/{referral['voucher']}/pdf/", accept="application/pdf")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
