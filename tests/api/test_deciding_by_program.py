"""By a program: hardship's two persons, a suspended agency's three roads, and the person's word once it is over."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import as_of, now
from partners.states import InstitutionEvent
from partners.workflow import move_institution
from referrals.models import Outcome, PausedRequest, Rater, Redemption, Referral, Voucher
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.api.journey_client import API, contents, staff_of
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
FILES = f"{API}hardship/"
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


def file(journey: Journey, **changes: Any) -> dict[str, Any]:
    today = journey.tenant.today()
    said = {
        "person": str(journey.members["staff2"].pk), "scheme": "hardship", "number": "KN-7", "ceiling_fen": 50_000,
        "first_day": today.isoformat(), "last_day": (today + timedelta(days=60)).isoformat(),
    }  # fmt: skip
    return said | changes


def test_a_file_is_asked_by_the_union_granted_by_finance_and_ended(journey: Journey) -> None:
    union, finance = staff_of(journey, "union"), staff_of(journey, "finance")
    made = [union.post(FILES, file(journey), key="one") for _ in range(2)]
    assert [row.status_code for row in made] == [201, 201]
    one = f"{FILES}{made[0].json()['id']}/"
    assert union.post(f"{one}grant/", {}).status_code == 403
    assert finance.post(f"{one}end/", {}).status_code == 403
    [listed] = finance.get(FILES).json()["results"]
    assert str(journey.members["staff2"].pk) not in str(listed), "finance reads no person"
    assert finance.post(f"{one}grant/", {}).json()["state"] == "granted"
    assert finance.post(f"{one}decline/", {}).status_code == 409
    assert union.post(f"{one}end/", {}).json()["state"] == "ended"
    other = union.post(FILES, file(journey, number="KN-8")).json()["id"]
    assert finance.post(f"{FILES}{other}/decline/", {}).json()["state"] == "declined"


def test_bad_files_and_strangers_move_nothing(journey: Journey, other_school: object) -> None:
    union = staff_of(journey, "union")
    one = f"{FILES}{union.post(FILES, file(journey)).json()['id']}/"
    foreign = make_journey(other_school)  # type: ignore[arg-type]
    before = contents(journey.tenant, without=NOTED)
    for wrong in (
        {}, file(journey, scheme="gift"), file(journey, ceiling_fen=0), file(journey, ceiling_fen=-1),
        file(journey, number=" "), file(journey, last_day="2020-01-01"), file(journey, person=7), file(journey, more=1),
    ):  # fmt: skip
        assert union.post(FILES, wrong).status_code == 400, wrong
    assert union.post(FILES, file(journey, person=str(journey.members["union"].pk))).status_code == 404
    assert staff_of(journey, "staff").get(FILES).status_code == 403
    assert staff_of(foreign, "finance").post(f"{one}grant/", {}).status_code == 404
    assert contents(journey.tenant, without=NOTED) == before


@pytest.mark.parametrize(("choice", "state"), [("keep", "kept"), ("move", "moved"), ("cancel", "cancelled")])
def test_what_is_booked_at_a_suspended_agency_is_decided(journey: Journey, choice: str, state: str) -> None:
    with use_tenant(journey.tenant.id):
        referral = ask(journey, days=5)
        answer(journey, referral)
    page, centre = f"{API}referrals/{referral.pk}/paused/", staff_of(journey, "centre")
    assert centre.post(page, {"choice": choice}).status_code == 404, "it is not suspended"
    with use_tenant(journey.platform.id):
        move_institution(actor=journey.operator, institution_id=journey.institution.pk, event=InstitutionEvent.SUSPEND)
    assert centre.post(page, {"choice": "sell"}).status_code == 400
    for role in ("union", "staff", "finance"):
        assert staff_of(journey, role).post(page, {"choice": choice}).status_code in (403, 404)
    assert centre.post(page, {"choice": choice}).json()["state"] == state
    assert centre.post(page, {"choice": choice}).status_code in (404, 409)
    with use_tenant(journey.tenant.id):
        assert PausedRequest.objects.get().state == state


def test_the_person_says_whether_it_is_solved_and_how_it_was(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        referral = ask(journey)
        booking = answer(journey, referral)
        with as_of(booking.starts_at):
            redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        assert Redemption.objects.count() == 1
    staff, one = staff_of(journey), f"{API}referrals/{referral.pk}/"
    assert staff.post(f"{one}solved/", {"answer": "maybe"}).status_code == 400
    assert staff_of(journey, "staff2").post(f"{one}solved/", {"answer": "solved"}).status_code == 404
    assert staff.post(f"{one}solved/", {"answer": "solved"}).json()["answer"] == "solved"
    assert staff.post(f"{one}solved/", {"answer": "not_yet"}).json()["code"] == "answered_before"
    marks = {"on_time": "yes", "respected": "yes", "again": "partly"}
    assert staff.post(f"{one}rating/", {**marks, "again": "never"}).status_code == 400
    assert staff.post(f"{one}rating/", {"on_time": "yes"}).status_code == 400
    with as_of(booking.ends_at + timedelta(hours=1)):
        assert staff.post(f"{one}rating/", marks).status_code == 204
    with use_tenant(journey.tenant.id):
        assert Outcome.objects.get().answer == "solved"
        assert Rater.objects.count() == 1
        assert Referral.objects.get(pk=referral.pk).state == "closed"
    assert now() < booking.ends_at
