"""The counter's calls with real commits on real connections: no transaction of a test around them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from referrals.models import Redemption, ScanLog
from tenancy.scope import use_tenant
from tests.api.journey_client import API, at_the_appointment, confirmed, counter_of, office_of, staff_of
from tests.conftest import make_school
from tests.fixtures_journey import make_journey


def test_committed_on_real_connections(committed: None) -> None:
    """Deferred checks look at the books of two tenants in one transaction when it commits."""
    journey = make_journey(make_school())
    referral = confirmed(journey)
    code = staff_of(journey).get(f"{API}vouchers/{referral['voucher']}/").json()["code"]
    office = office_of(journey)
    with at_the_appointment(journey):
        spent = office.post(f"{API}partner/redemptions/", {"code": code}, key="k")
        assert spent.status_code == 201, spent.content
        assert office.post(f"{API}partner/redemptions/", {"code": code}, key="k").content == spent.content
        assert office.post(f"{API}partner/redemptions/", {"code": code}, key="l").status_code == 409
        undone = office.post(
            f"{API}partner/redemptions/{spent.json()['id']}/reverse/", {"reason": "wrong_person"}, key="m"
        )
        assert undone.status_code == 200, undone.content
    with use_tenant(journey.tenant.id):
        assert list(ScanLog.objects.order_by("id").values_list("outcome", flat=True)) == [
            "redeemed",
            "already_redeemed",
        ]


def test_two_counters_and_the_last_unit_at_once(committed: None) -> None:
    journey = make_journey(make_school())
    referral = confirmed(journey)
    body = {"code": staff_of(journey).get(f"{API}vouchers/{referral['voucher']}/").json()["code"]}
    counters, start = [counter_of(journey), office_of(journey)], Barrier(2)

    def spend(number: int) -> int:
        start.wait()
        try:
            return int(counters[number].post(f"{API}partner/redemptions/", body, key=f"try-{number}").status_code)
        finally:
            connections.close_all()

    with at_the_appointment(journey), ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(spend, range(2))) == [201, 409]
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.count() == 1
        assert sorted(ScanLog.objects.values_list("outcome", flat=True)) == ["already_redeemed", "redeemed"]
