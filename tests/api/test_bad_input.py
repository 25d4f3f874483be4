"""Issue A §4: each gives a clear message in the person's language, changes nothing and leaves one audit row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from partners.workflow import end_agreement
from referrals.models import ScanLog
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.api.journey_client import (
    API,
    confirmed,
    contents,
    counter_of,
    office_of,
    request_body,
    staff_of,
    window,
)
from tests.conftest import make_school
from tests.fixtures_journey import Journey, by_daylight, make_journey, soon

pytestmark = pytest.mark.django_db
MISSING = "0190a0a0-0000-7000-8000-000000000000"
RECORDS = ("audit.AuditEntry", "audit.AuditHead", "referrals.ScanLog", "accounts.ApiToken")
"""What a refusal may write: its audit row, the scan that was refused, and the day on which a key was used."""


class Refused:
    """A call that must be refused, and all that must be true of the refusal."""

    def __init__(self, journey: Journey, place: Tenant) -> None:
        self.journey, self.place = journey, place

    def entries(self, **more: Any) -> int:
        with use_tenant(self.place.id):
            return AuditEntry.objects.filter(action__endswith=".refused", **more).count()

    def __call__(self, call: Callable[[], Any], status: int, code: str, field: str | None = None) -> dict[str, Any]:
        tenants = (self.journey.tenant, self.journey.platform)
        before = contents(*tenants, without=RECORDS)
        rows, same = self.entries(), self.entries(facts__code=code)
        answer = call()
        problem = dict(answer.json())
        assert (answer.status_code, problem["code"]) == (status, code), problem
        assert answer["content-type"] == "application/problem+json"
        assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["detail"]), problem
        if field is not None:
            assert field in [row["field"] for row in problem["errors"]], problem
        assert contents(*tenants, without=RECORDS) == before, "a refusal changed something"
        # One row of its own; the same refusal at once after another stands in the record already.
        assert self.entries() == rows + 1 or (same and self.entries() == rows)
        return problem


@pytest.fixture
def refused(journey: Journey) -> Refused:
    return Refused(journey, journey.tenant)


@pytest.fixture
def refused_there(journey: Journey) -> Refused:
    return Refused(journey, journey.platform)


@pytest.mark.parametrize("units", [0, 61, 1.5, True])
def test_units_out_of_range(journey: Journey, refused: Refused, units: Any) -> None:
    staff, day = staff_of(journey), window()["starts_at"][:10]
    refused(lambda: staff.post(f"{API}referrals/", request_body(journey, units=units)), 400, "invalid", "units")
    body = {"service": str(journey.counselling.pk), "units": units, "service_date": day}
    refused(lambda: staff.post(f"{API}quotes/", body), 400, "invalid", "units")


@pytest.mark.parametrize(
    ("field", "value"),
    [("share_bp", 10_001), ("share_bp", -1), ("share_bp", 70.5), ("session_subsidy_cap_fen", -1),
     ("session_eligible_cap_fen", 10**16), ("quota_amount", "8"), ("scheme", "party"), ("valid_from", "2026-09-31")],
)  # fmt: skip
def test_fee_and_share_out_of_range(journey: Journey, refused: Refused, field: str, value: Any) -> None:
    finance = staff_of(journey, "finance")
    body = {"scheme": "camp", "share_bp": 5_000, "valid_from": "2027-09-01", field: value}
    refused(lambda: finance.post(f"{API}policies/", body), 400, "invalid", field)


def test_a_tariff_out_of_range(journey: Journey, refused: Refused) -> None:
    union = staff_of(journey, "union")
    body = {
        "partner": str(journey.institution.pk),
        "valid_from": "2028-01-01",
        "valid_until": "2029-01-01",
        "data_part_valid_until": "2029-01-01",
        "lines": [{"service": str(journey.counselling.pk), "tariff_fen": -1}],
    }
    refused(lambda: union.post(f"{API}agreements/", body), 400, "invalid", "lines.0.tariff_fen")


def test_times_that_cannot_be(journey: Journey, refused: Refused) -> None:
    staff, good = staff_of(journey), window()

    def ask(**changed: str) -> Callable[[], Any]:
        return lambda: staff.post(f"{API}referrals/", request_body(journey, windows=[{**good, **changed}]))

    refused(ask(starts_at="2027-01-04T09:00:00"), 400, "invalid", "windows.0.starts_at")
    refused(ask(starts_at="soon"), 400, "invalid", "windows.0.starts_at")
    refused(ask(starts_at="2020-01-04T09:00:00+08:00"), 400, "windows_invalid", "windows.0.starts_at")
    refused(ask(ends_at=good["starts_at"]), 400, "windows_invalid", "windows.0.ends_at")
    refused(lambda: staff.post(f"{API}referrals/", request_body(journey, windows=[])), 400, "windows_invalid")
    past = (local_day(now()) - timedelta(1)).isoformat()
    body = {"service": str(journey.counselling.pk), "units": 1, "service_date": past}
    refused(lambda: staff.post(f"{API}quotes/", body), 400, "in_the_past", "service_date")


def test_the_partner_cannot_confirm_a_time_nobody_offered(journey: Journey, refused_there: Refused) -> None:
    staff_of(journey).post(f"{API}referrals/", request_body(journey))
    office = office_of(journey)
    [offer] = office.get(f"{API}partner/offers/").json()["results"]
    path = f"{API}partner/offers/{offer['id']}/confirm/"
    refused_there(lambda: office.post(path, window(days=3)), 400, "outside_windows", "starts_at")
    refused_there(
        lambda: office.post(path, {**window(), "starts_at": "2027-01-04T09:00:00"}), 400, "invalid", "starts_at"
    )
    decline = f"{API}partner/offers/{offer['id']}/decline/"
    refused_there(lambda: office.post(decline, {"reason": "do not like"}), 400, "invalid", "reason")


def test_a_service_without_a_valid_agreement_on_that_day(journey: Journey, refused: Refused) -> None:
    staff, tomorrow = staff_of(journey), local_day(now()) + timedelta(1)
    with use_tenant(journey.tenant.id):
        end_agreement(actor=journey.finance, agreement_id=journey.agreement.pk, on=tomorrow)
    body = {"service": str(journey.counselling.pk), "units": 1, "service_date": tomorrow.isoformat()}
    refused(lambda: staff.post(f"{API}quotes/", body), 422, "no_agreement")
    start, end = by_daylight(*soon(days=1))
    late = request_body(journey, windows=[{"starts_at": start.isoformat(), "ends_at": end.isoformat()}])
    refused(lambda: staff.post(f"{API}referrals/", late), 422, "no_agreement")
    refused(lambda: staff.post(f"{API}referrals/", {**late, "service": MISSING}), 422, "no_agreement")


def test_a_used_up_quota_and_pool_are_told_and_cost_the_full_price() -> None:
    no_quota = make_journey(make_school(), quota_sessions=0)
    empty = make_journey(make_school(), pool_fen=1)
    for journey, reason in ((no_quota, "quota_used_up"), (empty, "pool_used_up")):
        staff, body = staff_of(journey), request_body(journey)
        day = body["windows"][0]["starts_at"][:10]
        quoted = staff.post(f"{API}quotes/", {"service": body["service"], "units": 1, "service_date": day}).json()
        assert reason in [line["reason"] for line in quoted["lines"]]
        assert quoted["self_fen"] >= 29_999
        referral = staff.post(f"{API}referrals/", body).json()
        assert reason in [line["reason"] for line in referral["quote"]["lines"]]


def test_a_price_that_changed_is_not_charged(journey: Journey, refused: Refused) -> None:
    staff, body = staff_of(journey), request_body(journey)
    day = body["windows"][0]["starts_at"][:10]
    quoted = staff.post(f"{API}quotes/", {"service": body["service"], "units": 2, "service_date": day}).json()
    refused(lambda: staff.post(f"{API}referrals/", {**body, "token": quoted["token"]}), 422, "quote_expired")
    refused(lambda: staff.post(f"{API}referrals/", {**body, "token": "forged"}), 422, "quote_expired")


def test_consent_is_asked_for(journey: Journey, refused: Refused) -> None:
    staff = staff_of(journey)
    for consent, code in ((["tips"], "consent_missing"), ([], "consent_missing"), (["everything"], "invalid")):
        refused(
            lambda consent=consent: staff.post(f"{API}referrals/", request_body(journey, consent=consent)), 400, code
        )


def test_codes_that_open_nothing(journey: Journey, refused_there: Refused) -> None:
    counter = counter_of(journey)
    for body in ({"code": "123456789012"}, {"token": "A" * 30}, {"code": "，，"}, {"code": "<script>"}):
        for path in ("partner/redemptions/", "partner/redemptions/prepare/"):
            refused_there(lambda path=path, body=body: counter.post(API + path, body), 404, "unknown")
    for body in ({}, {"code": "1", "token": "2"}, {"code": 123456789012}, {"code": "1" * 2100}):
        refused_there(lambda body=body: counter.post(f"{API}partner/redemptions/", body), 400, "invalid", "code")
    with use_tenant(journey.platform.id):
        assert ScanLog.objects.filter(outcome="unknown", partner_id=journey.institution.pk).count() == 8


def test_foreign_expired_spent_and_void_codes(journey: Journey, refused_there: Refused) -> None:
    referral = confirmed(journey)
    staff, counter = staff_of(journey), counter_of(journey)
    voucher = staff.get(f"{API}vouchers/{referral['voucher']}/").json()
    body = {"code": voucher["code"]}
    foreign = Refused(journey, journey.platform)
    stranger = counter_of(make_journey(make_school()))
    foreign(lambda: stranger.post(f"{API}partner/redemptions/", body), 422, "wrong_partner")
    refused_there(lambda: counter.post(f"{API}partner/redemptions/", {**body, "units": 2}), 422, "over_quota")
    with as_of(now() + timedelta(2)):
        refused_there(lambda: counter.post(f"{API}partner/redemptions/", body), 422, "expired")
    with as_of(now() - timedelta(2)):
        refused_there(lambda: counter.post(f"{API}partner/redemptions/prepare/", body), 422, "not_yet")
    assert counter.post(f"{API}partner/redemptions/", body, key="k").status_code == 201
    refused_there(lambda: counter.post(f"{API}partner/redemptions/", body), 409, "already_redeemed")
    mismatch = {"code": "123456789012"}
    refused_there(lambda: counter.post(f"{API}partner/redemptions/", mismatch, key="k"), 422, "idempotency_mismatch")
    with use_tenant(journey.tenant.id):
        outcomes = list(ScanLog.objects.order_by("id").values_list("outcome", flat=True))
    assert outcomes == ["wrong_partner", "over_quota", "expired", "not_yet", "redeemed", "already_redeemed"]


def test_a_void_code_is_refused(journey: Journey, refused_there: Refused) -> None:
    staff = staff_of(journey)
    asked = staff.post(f"{API}referrals/", request_body(journey, windows=[window(minutes=60)])).json()
    office = office_of(journey)
    [offer] = office.get(f"{API}partner/offers/").json()["results"]
    office.post(f"{API}partner/offers/{offer['id']}/confirm/", offer["windows"][0])
    code = staff.get(f"{API}vouchers/").json()["results"][0]["code"]
    assert staff.post(f"{API}referrals/{asked['id']}/cancel/").json()["state"] == "cancelled"
    refused_there(lambda: office.post(f"{API}partner/redemptions/", {"code": code}), 422, "void")


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({"note": "希望是女老师"}, "nobody_reads_it", "note"),
        ({"wishes": {"place": "online"}}, "out_of_range", "wishes.place"),  # it is on site alone
        ({"wishes": {"gender": "any"}}, "invalid", "wishes.gender"),
        ({"wishes": {"access": ["step_free", "x"]}}, "invalid", "wishes.access.1"),
        ({"wishes": {"words": "请安排女老师"}}, "invalid", "wishes.words"),
        ({"wishes": "female"}, "invalid", "wishes"),
    ],
)
def test_a_wish_is_a_choice_and_a_note_has_a_reader(
    journey: Journey, refused: Refused, sent: dict[str, Any], code: str, field: str
) -> None:
    staff = staff_of(journey)
    refused(lambda: staff.post(f"{API}referrals/", request_body(journey, **sent)), 400, code, field)


def test_the_same_key_with_another_body(journey: Journey, refused: Refused) -> None:
    staff = staff_of(journey)
    assert staff.post(f"{API}referrals/", request_body(journey), key="k").status_code == 201
    other = request_body(journey, wishes={"gender": "male"})
    refused(lambda: staff.post(f"{API}referrals/", other, key="k"), 422, "idempotency_mismatch")
    refused(
        lambda: staff.post(f"{API}referrals/", other, key="钥匙".encode().decode("latin-1")), 400, "bad_idempotency_key"
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"units": NaN}', 400, "not_a_number"),
        (b'{"units": 1e999}', 400, "not_a_number"),
        (b'{"note": "\\u0000"}', 400, "nul_character"),
        (b'{"note": "\xff\xfe"}', 400, "bad_utf8"),
        (b'{"units": 1, "units": 2}', 400, "duplicate_key"),
        (b"[" * 100 + b"]" * 100, 400, "too_deep"),
        (b"[]", 400, "not_an_object"),
        (b"units=1", 400, "malformed"),
        (b'{"note": "' + b"x" * 10_000_000 + b'"}', 413, "too_large"),
    ],
    ids=["nan", "infinity", "nul", "utf8", "twice", "deep", "list", "form", "10MB"],
)
def test_bodies_that_cannot_be_read(journey: Journey, refused: Refused, body: bytes, status: int, code: str) -> None:
    refused(lambda: staff_of(journey).post(f"{API}referrals/", body), status, code)


def test_unknown_fields(journey: Journey, refused: Refused) -> None:
    staff = staff_of(journey)
    refused(lambda: staff.post(f"{API}referrals/", request_body(journey, fee_fen=1)), 400, "invalid", "fee_fen")
    nested = request_body(journey, windows=[{**window(), "zone": "x"}])
    refused(lambda: staff.post(f"{API}referrals/", nested), 400, "invalid", "windows.0.zone")
    referral = staff.post(f"{API}referrals/", request_body(journey)).json()
    path = f"{API}referrals/{referral['id']}/cancel/"
    refused(lambda: staff.post(path, {"why": "x"}), 400, "invalid", "why")


def test_a_foreign_id_is_a_missing_id(journey: Journey, refused: Refused) -> None:
    other = make_journey(make_school())
    foreign = staff_of(other).post(f"{API}referrals/", request_body(other)).json()["id"]
    staff = staff_of(journey)
    answers = [
        refused(lambda row=row: staff.post(f"{API}referrals/{row}/cancel/"), 404, "not_found")
        for row in (foreign, MISSING)
    ]
    assert answers[0] == answers[1]
    born = (local_day(now()) - timedelta(3000)).isoformat()
    child = staff_of(other).post(f"{API}children/", {"name": "豆豆", "born": born}).json()["id"]
    for row in (child, MISSING):
        body = request_body(journey, service=str(journey.childcare.pk), child=row)
        refused(lambda body=body: staff.post(f"{API}referrals/", body), 404, "not_found")
